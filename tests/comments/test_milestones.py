"""Every comment as a person reads it: rendered, snapshot-tested, and with nothing left to fill in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.comments.milestones import MILESTONES
from bot.comments.reasons import REASONS, remedy, sentence
from bot.comments.status import status_comment
from bot.comments.timeline import timeline
from bot.plan.model import Problem
from bot.release.actions import Milestone
from bot.release.answers import Answer
from bot.release.decide import TABLE, Wait, decide
from bot.release.facts import Preflight
from bot.release.model import Detail, Phase
from tests.release.builders import (
    LONG_AGO,
    NOW,
    OTHER,
    PATIENCE,
    checks,
    crate,
    facts,
    github_release,
    job,
    package,
    publish_run,
    release,
    run,
    tag,
)


def say(milestone, decision, problems=()):
    return MILESTONES[milestone](decision.release, decision, problems)


def test_every_milestone_has_its_comment():
    assert set(MILESTONES) == set(Milestone)


def test_every_answer_that_leaves_a_release_standing_has_a_sentence():
    standing = {row.answer for row in TABLE if row.then is row.phase and row.wait is not Wait.NOT}
    assert standing <= set(REASONS)


def test_every_block_says_what_a_person_can_do():
    assert all(REASONS[row.answer].remedy for row in TABLE if row.blocks)


@pytest.mark.parametrize("answer", list(REASONS))
def test_no_sentence_has_a_gap(answer):
    said = sentence(answer, release()) + remedy(answer, release())
    assert "{" not in said
    assert "None" not in said


def test_a_red_merge_commit_is_named_with_its_job():
    red = checks(run(conclusion="failure"), jobs={1: (job("Rustfmt", "failure", "cargo fmt"),)})
    decision = decide(release(Phase.MERGED), facts(checks=red), PATIENCE)
    assert say(Milestone.BLOCKED, decision) == snapshot("""\
🛑 **CI failed on the merge commit aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, so nothing is tagged.**

- [CI / Rustfmt: failure in “cargo fmt”](https://github.example/job)

If the failure was a fluke, comment `/release retry` here: the failed jobs run again. If it is real, fix it on `main` and do the same: the release moves to the newest commit. No version number is burnt yet.\
""")


def test_a_refusal_lists_each_problem_with_its_way_out():
    problem = Problem("crates.io:tidewater", "0.3.0 is not newer than 0.4.0", "Ask for 0.4.1 or later.")
    preflight = Preflight(None, (problem,), "main", OTHER)
    decision = decide(release(Phase.REQUESTED), facts(preflight=preflight), PATIENCE)
    assert say(Milestone.REFUSED, decision, [problem]) == snapshot("""\
❌ `/release 0.5.0` cannot be released. Nothing was changed.

- **crates.io:tidewater**: 0.3.0 is not newer than 0.4.0
  → Ask for 0.4.1 or later.\
""")


def test_the_verification_shows_each_line_with_its_evidence():
    decision = decide(release(Phase.PUBLISHED), facts(registries={"crates.io:tidewater": crate()}), PATIENCE)
    assert say(Milestone.VERIFICATION, decision) == snapshot("""\
🔎 **Verified: the registries have exactly what was promised.**

**tidewater v0.5.0** on crates.io
- ✅ [crates.io has 0.5.0](https://crates.example)
- ✅ the sparse index, which cargo reads, has 0.5.0
- ✅ checksum is the same in API and index (cccccccccccc…)
- ✅ not yanked
- ✅ README is rendered\
""")


def test_the_last_comment_is_the_timeline():
    phases = list(Phase)[:7]
    timeline = tuple((phase, LONG_AGO + timedelta(minutes=9 * n)) for n, phase in enumerate(phases))
    known = {"published_by": (Detail("Publish for v0.5.0", "https://github.example/o/r/actions/runs/9"),)}
    verified = release(Phase.VERIFIED, timeline=timeline, verified_in=555, **known)
    decision = decide(verified, facts(tags=(tag(),)), PATIENCE)
    assert say(Milestone.RELEASED, decision) == snapshot("""\
🎉 **Released [tidewater v0.5.0](https://github.example/o/r/releases/tag/v0.5.0).**

| Step | Where | At (UTC) | Took |
| --- | --- | --- | --- |
| Requested | [comment](https://github.example/o/r/issues/7#issuecomment-100) by `morgan` | 2026-04-04 10:00:00 |  |
| Pull request | [#8](https://github.example/o/r/pull/8) | 10:09:00 | 9 min 00 s |
| Merged | [`aaaaaaa`](https://github.example/o/r/commit/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) | 10:18:00 | 9 min 00 s |
| CI green on the merge commit | [checks](https://github.example/o/r/commit/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/checks) | 10:27:00 | 9 min 00 s |
| Tags pushed | [`v0.5.0`](https://github.example/o/r/tree/v0.5.0) | 10:36:00 | 9 min 00 s |
| Publish workflows | [Publish for v0.5.0](https://github.example/o/r/actions/runs/9) | 10:45:00 | 9 min 00 s |
| Registries verified | [evidence](https://github.example/o/r/issues/7#issuecomment-555) | 10:54:00 | 9 min 00 s |
| GitHub Releases | [tidewater v0.5.0](https://github.example/o/r/releases/tag/v0.5.0) | 12:00:00 | 1 h 06 min |
| **Altogether** |  |  | **2 h 00 min** |\
""")


def test_a_drafted_changelog_is_said_to_be_a_draft():
    drafted = release(Phase.PROPOSED, packages=(package(drafted=True),))
    decision = replace(decide(drafted, facts(), PATIENCE), answer=Answer.READY)
    assert say(Milestone.PULL_REQUEST_OPENED, decision) == snapshot("""\
📦 **#8 proposes tidewater v0.5.0.** It was planned from bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb. Review it and merge it when you are ready: the tags follow once CI is green on the merge commit.

✏️ The changelog had nothing under *Unreleased* for `tidewater`, so I drafted that section from what was merged. Edit it in the pull request: what you merge is what is released.\
""")


def test_the_tags_comment_names_the_commit_and_the_workflows():
    green = facts(checks=checks(run()), authority=release().request.role)
    assert say(Milestone.TAGS_PUSHED, decide(release(Phase.GREEN), green, PATIENCE)) == snapshot("""\
🏷️ **Tag pushed** on aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, where CI is green.

| Tag | Package | Publish workflow |
| --- | --- | --- |
| [`v0.5.0`](https://github.example/o/r/tree/v0.5.0) | tidewater v0.5.0 | `publish.yml` |

I watch the publish workflows and then check the registries file by file.\
""")


def test_the_status_card_shows_what_is_done_and_why_it_waits():
    timeline = tuple((phase, LONG_AGO) for phase in list(Phase)[:5])
    failed = checks(publish_run(conclusion="failure"), jobs={9: (job("cargo publish", "failure"),)})
    look = facts(tags=(tag(),), checks=failed)
    decision = decide(release(Phase.TAGGED, timeline=timeline), look, PATIENCE)
    assert status_comment(decision.release, decision.answer) == snapshot("""\
### 🛑 Blocked: tidewater 0.5.0

| Package | Version | Tag | Registry |
| --- | --- | --- | --- |
| **tidewater** | 0.4.0 → **0.5.0** | `v0.5.0` | crates.io |

- ✅ Requested by `morgan` <sub>2026-04-04 10:00:00 UTC</sub>
- ✅ Pull request #8 <sub>2026-04-04 10:00:00 UTC</sub>
- ✅ Merged as aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa <sub>2026-04-04 10:00:00 UTC</sub>
- ✅ CI green on the merge commit <sub>2026-04-04 10:00:00 UTC</sub>
- ✅ Tags pushed <sub>2026-04-04 10:00:00 UTC</sub>
- 🛑 Publish workflows
- ▫️ Registries verified
- ▫️ GitHub Releases

**A publish workflow failed. The tags stay where they are.**

- [Publish / cargo publish: failure](https://github.example/job)

Look at the job; when its cause is gone, comment `/release retry` here to run the failed jobs again. Otherwise ask for the next patch version on another issue.\
""")


def test_the_status_card_of_a_calm_wait_is_calm():
    timeline = tuple((phase, NOW) for phase in list(Phase)[:2])
    waiting = release(Phase.PROPOSED, timeline=timeline, merge_commit=None)
    assert status_comment(waiting, Answer.IN_REVIEW) == snapshot("""\
### 🚢 Releasing tidewater 0.5.0

| Package | Version | Tag | Registry |
| --- | --- | --- | --- |
| **tidewater** | 0.4.0 → **0.5.0** | `v0.5.0` | crates.io |

- ✅ Requested by `morgan` <sub>2026-04-04 12:00:00 UTC</sub>
- ✅ Pull request #8 <sub>2026-04-04 12:00:00 UTC</sub>
- ⏳ Merged
- ▫️ CI green on the merge commit
- ▫️ Tags pushed
- ▫️ Publish workflows
- ▫️ Registries verified
- ▫️ GitHub Releases

Waiting for the pull request #8 to be reviewed and merged.\
""")


def test_a_timeline_over_midnight_says_the_day_again():
    days = (
        (Phase.REQUESTED, NOW),
        (Phase.PROPOSED, NOW + timedelta(seconds=4)),
        (Phase.MERGED, NOW + timedelta(days=1)),
    )
    rows = timeline(release(Phase.MERGED, timeline=days)).splitlines()[2:]
    assert [row.split(" | ")[2] for row in rows] == ["2026-04-04 12:00:00", "12:00:04", "2026-04-05 12:00:00"]
    assert [row.split(" | ")[3].strip(" |") for row in rows] == ["", "4.0 s", "23 h 59 min"]


def test_a_draft_that_is_left_to_its_author_is_named_in_the_last_comment():
    page = replace(github_release(), draft=True, author="robin")
    decision = decide(release(Phase.VERIFIED), facts(tags=(tag(),), releases=(page,)), PATIENCE)
    assert say(Milestone.RELEASED, decision).partition("| Step")[0] == snapshot("""\
🎉 **Released [tidewater v0.5.0](https://github.example/o/r/releases/tag/v0.5.0).**

⚠️ **Not every tag has a published GitHub Release yet.**

- [the GitHub Release of v0.5.0 is a draft by robin](https://github.example/release)

A draft that I did not make is not mine to publish: its author may still want to add files or words. Publish it when it is ready; where GitHub takes no Release for a tag, the changelog has the notes.

""")
