"""Every comment as a person reads it: rendered, snapshot-tested, and with nothing left to fill in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.comments.causes import in_words
from bot.comments.milestones import MILESTONES
from bot.comments.reasons import REASONS, remedy, sentence
from bot.comments.status import status_comment
from bot.comments.timeline import timeline
from bot.github.facts import PendingApproval, Review
from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.release.actions import Milestone
from bot.release.answers import Answer, Detail
from bot.release.facts import Preflight
from bot.release.model import Phase
from bot.release.publishing.causes import Cause, Kind
from bot.release.rows.row import Wait
from bot.release.table import TABLE, decide
from tests.release.builders import (
    LONG_AGO,
    NOW,
    OTHER,
    TIMEOUTS,
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
    decision = decide(release(Phase.MERGED), facts(checks=red), TIMEOUTS)
    assert say(Milestone.BLOCKED, decision) == snapshot("""\
🛑 **CI failed on the merge commit aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, so nothing is tagged.**

- [CI / Rustfmt: failure in “cargo fmt”](https://github.example/job)

If the failure was a fluke, comment `/release retry` here: the failed jobs run again. If it is real, fix it on `main` and do the same: the release moves to the newest commit. No version number is burnt yet.\
""")


def test_a_refusal_lists_each_problem_with_its_way_out():
    problem = Problem("crates.io:tidewater", "0.3.0 is not newer than 0.4.0", "Ask for 0.4.1 or later.")
    preflight = Preflight(None, (problem,), "main", OTHER)
    decision = decide(release(Phase.REQUESTED), facts(preflight=preflight), TIMEOUTS)
    assert say(Milestone.REFUSED, decision, [problem]) == snapshot("""\
❌ `/release 0.5.0` cannot be released. Nothing was changed.

- **crates.io:tidewater**: 0.3.0 is not newer than 0.4.0
  → Ask for 0.4.1 or later.\
""")


def test_a_refusal_shows_what_stands_between_backticks_as_code_and_calls_nobody():
    problem = Problem(
        ".github/release.toml", "`branch` is `@ann`, and *nobody* (@ann) knows it", 'Write `branch = "main"` there.'
    )
    preflight = Preflight(None, (problem,), "main", OTHER)
    decision = decide(release(Phase.REQUESTED), facts(preflight=preflight), TIMEOUTS)
    said = say(Milestone.REFUSED, decision, [problem])
    assert "`branch` is `@ann`, and \\*nobody\\* (@\u200bann) knows it" in said
    assert '→ Write `branch = "main"` there.' in said


def test_the_verification_shows_each_line_with_its_evidence():
    decision = decide(release(Phase.PUBLISHED), facts(registries={"crates.io:tidewater": crate()}), TIMEOUTS)
    assert say(Milestone.VERIFICATION, decision) == snapshot("""\
🔎 **Verified: the registries have exactly what was promised.**

**tidewater v0.5.0** on crates.io
- ✅ [crates.io has 0.5.0](https://crates.example)
- ✅ the sparse index, which cargo reads, has 0.5.0
- ✅ checksum is the same in API and index (cccccccccccc…)
- 📝 [the .crate could not be downloaded: what is in it, and from which commit, is unknown](https://crates.example)
- ✅ not yanked
- ✅ README is rendered\
""")


def test_the_verification_says_what_to_do_about_what_is_wrong():
    yanked = crate(yanked=True, yank_message="breaks *ARM*", in_index=False, index_checksum=None, readme=None)
    decision = decide(release(Phase.PUBLISHED), facts(registries={"crates.io:tidewater": yanked}), TIMEOUTS)
    assert say(Milestone.VERIFICATION, decision) == snapshot("""\
🔎 **Not complete on the registries.** This release is not done.

**tidewater v0.5.0** on crates.io
- ✅ [crates.io has 0.5.0](https://crates.example)
- ⏳ the sparse index, which cargo reads, does not have 0.5.0
  → cargo cannot resolve it yet. If the publish job failed only because it waited for the index, do not publish again: the version is taken.
- ❌ [0.5.0 is yanked: breaks \\*ARM\\*](https://crates.example)
  → Nobody gets it but those who pinned it. If that was a mistake: `cargo yank --undo tidewater@0.5.0`; else publish a fixed version.

What is missing can still be published: repair the publish job and comment `/release retry` here (PyPI takes further files for a version for 14 days). What is there cannot be changed: `/release rollback tidewater 0.5.0` takes it back, and the next patch version, asked for on another issue, replaces it.\
""")


def test_the_last_comment_is_the_timeline():
    phases = list(Phase)[:7]
    timeline = tuple((phase, LONG_AGO + timedelta(minutes=9 * n)) for n, phase in enumerate(phases))
    known = {"publishing_run_links": (Detail("Publish for v0.5.0", "https://github.example/o/r/actions/runs/9"),)}
    verified = release(Phase.VERIFIED, timeline=timeline, publishing_verified_in=555, **known)
    decision = decide(verified, facts(tags=(tag(),)), TIMEOUTS)
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
    decision = replace(decide(drafted, facts(), TIMEOUTS), answer=Answer.READY)
    assert say(Milestone.PULL_REQUEST_OPENED, decision) == snapshot("""\
📦 **#8 proposes tidewater v0.5.0.** It was planned from bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb. Review it and merge it when you are ready: the tags follow once CI is green on the merge commit.

✏️ The changelog had nothing under *Unreleased* for `tidewater`, so I drafted that section from what was merged. Edit it in the pull request: what you merge is what is released.\
""")


def test_the_tags_comment_names_the_commit_and_the_workflows():
    green = facts(checks=checks(run()), authority=release().request.role)
    assert say(Milestone.TAGS_PUSHED, decide(release(Phase.GREEN), green, TIMEOUTS)) == snapshot("""\
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
    decision = decide(release(Phase.TAGGED, timeline=timeline), look, TIMEOUTS)
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

When the cause is gone, comment `/release retry` here to run the failed jobs again. Otherwise `/release rollback tidewater 0.5.0` takes back what can be taken back (the tags, as long as nothing is published), and the next patch version is asked for on another issue.\
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


TAGGED = release(Phase.TAGGED)


def publishing(*runs, **known):
    """A look at the publish workflow of the tag."""
    return decide(TAGGED, facts(tags=(tag(),), checks=checks(*runs, **known)), TIMEOUTS)


def test_an_awaited_approval_names_the_environment_and_who_may_approve():
    pending = (
        PendingApproval("crates-io", ("ann", "octo/releasers")),
        PendingApproval("pause", (), NOW + timedelta(minutes=30)),
        PendingApproval("gate", ()),
    )
    decision = publishing(publish_run(status="waiting", conclusion=None), approvals={9: pending})
    assert say(Milestone.BLOCKED, decision) == snapshot("""\
✋ **A publish workflow waits for a person's approval of its environment.**

- [Publish for v0.5.0: the environment crates-io waits for the approval of ann or octo/releasers](https://github.example/o/r/actions/runs/1)
- [Publish for v0.5.0: the environment pause waits until 2026-04-04 12:30 UTC](https://github.example/o/r/actions/runs/1)
- [Publish for v0.5.0: the environment gate waits for its protection rules](https://github.example/o/r/actions/runs/1)

Open the run and approve (or reject) the deployment; the release goes on by itself.\
""")


def test_a_rejection_has_a_sentence_of_its_own():
    kept_out = replace(job("Upload", "failure"), began=False)
    said = Review("ann", False, ("crates-io",), "Not on a *Friday*,\n@octo")
    decision = publishing(publish_run(conclusion="failure"), jobs={9: (kept_out,)}, reviews={9: (said,)})
    assert say(Milestone.BLOCKED, decision) == snapshot("""\
🛑 **The deployment of a publish workflow was rejected, so nothing is published from it.**

- [Publish: ann rejected the deployment to crates-io: “Not on a \\*Friday\\*, @\u200bocto”](https://github.example/o/r/actions/runs/1)

If it shall be published after all, comment `/release retry` here: the job asks for its approval again. Otherwise leave it; what is tagged stays tagged, and the next version is asked for on another issue.\
""")


CLAIMS = """\
Error: Trusted publishing exchange failure:
* `invalid-publisher`: valid token, but no corresponding publisher
* `repository`: `octo/demo`
* `workflow_ref`: `octo/demo/.github/workflows/publish.yml@refs/tags/v0.5.0`
* `environment`: `MISSING`"""


def test_a_failed_publish_job_shows_its_cause_and_the_end_of_its_log():
    known = {"jobs": {9: (job("Upload", "failure", "cargo publish"),)}, "logs": {3: CLAIMS}}
    decision = publishing(publish_run(conclusion="failure"), **known)
    assert say(Milestone.BLOCKED, decision) == snapshot("""\
🛑 **A publish workflow failed. The tags stay where they are.**

- [Publish / Upload: failure in “cargo publish”](https://github.example/job)
  → **`invalid-publisher`: the registry has no trusted publisher that matches this job.** Configure one with owner `octo`, repository `demo`, workflow `publish.yml` and no environment (on PyPI: *Manage → Publishing*).

The output of “cargo publish” in Publish / Upload:

```text
Error: Trusted publishing exchange failure:
* `invalid-publisher`: valid token, but no corresponding publisher
* `repository`: `octo/demo`
* `workflow_ref`: `octo/demo/.github/workflows/publish.yml@refs/tags/v0.5.0`
* `environment`: `MISSING`
```

When the cause is gone, comment `/release retry` here to run the failed jobs again. Otherwise `/release rollback tidewater 0.5.0` takes back what can be taken back (the tags, as long as nothing is published), and the next patch version is asked for on another issue.\
""")


def test_a_failure_that_is_none_says_so():
    log = "crate version `0.5.0` is already uploaded"
    failed = checks(
        publish_run(conclusion="failure"), jobs={9: (job("Upload", "failure", "cargo publish"),)}, logs={3: log}
    )
    look = facts(tags=(tag(),), checks=failed, registries={"crates.io:tidewater": crate()})
    assert say(Milestone.LANDED, decide(TAGGED, look, TIMEOUTS)) == snapshot("""\
☑️ **A publish job says that it failed, but its upload is on the registry**, so this is no failure and the release goes on.

- [Publish / Upload: failure in “cargo publish”](https://github.example/job)
  → **`0.5.0` is on the registry already.** It is uploaded once and for all, so an upload that is tried again stops there.\
""")


def test_the_status_card_shows_the_runs_while_they_publish():
    decision = publishing(publish_run(status="in_progress", conclusion=None))
    card = status_comment(decision.release, decision.answer, decision.details)
    assert card.partition("▫️ GitHub Releases\n\n")[2] == snapshot("""\
Publishing is under way.

- [Publish for v0.5.0](https://github.example/o/r/actions/runs/1)\
""")


EVERYTHING = (
    ("version", "0.5.0"),
    ("package", "tide-core"),
    ("owner", "octo"),
    ("repository", "demo"),
    ("workflow", "publish.yml"),
    ("environment", "crates-io"),
    ("until", "Sun, 14 Jun 2026 14:59:56 GMT"),
    ("ref", "v0.5.0"),
    ("ids", "RUSTSEC-2026-0042"),
    ("crate", "time"),
    ("solution", "Upgrade to >=0.2.23"),
    ("tag", "linux_x86_64"),
    ("limit", "10485760"),
    ("fields", "description, license"),
    ("field", "readme"),
    ("file", "READMEE.md"),
    ("status", "503"),
)
ROOM = [Cause(kind, named) for kind in Kind for named in ((), EVERYTHING)]


@pytest.mark.parametrize("cause", ROOM, ids=lambda cause: f"{cause.kind}-{len(cause.named)}")
def test_every_cause_has_whole_words_with_and_without_names(cause):
    said = in_words(cause)
    assert said.startswith("**")
    assert said.endswith((".", ")."))
    assert not any(gap in said for gap in ("None", "{", "}", "``", "  ", " .", " :"))


def test_the_words_of_each_cause():
    assert "\n".join(in_words(Cause(kind, EVERYTHING)) for kind in Kind) == snapshot("""\
**`0.5.0` is on the registry already.** It is uploaded once and for all, so an upload that is tried again stops there.
**The registry has `READMEE.md` with other bytes.** A file is never replaced; what was built anew goes into the next patch version.
**PyPI had a file of this name before, and it was deleted.** The name can never be used again: the next patch version is the way out.
**`tide-core` was uploaded, and the index did not show it in time.** It may land late: I look at the registry before I call this a failure.
**The job may not ask GitHub for an OIDC token.** Give it `permissions: id-token: write`; permissions at the workflow's top do not add to those of a job that has its own.
**`invalid-publisher`: the registry has no trusted publisher that matches this job.** Configure one with owner `octo`, repository `demo`, workflow `publish.yml`, environment `crates-io` (on PyPI: *Manage → Publishing*).
**The job had no token to publish with.** Look whether the secret exists for this repository and environment, and whether the workflow hands it to this step; or use trusted publishing, which needs none.
**The registry does not let this token publish `tide-core`.** The token may have ended or be for another package, its account may be no owner, or PyPI has put the project in quarantine.
**The crate takes new versions from a trusted publisher only, and this job has a token.** Get one with `rust-lang/crates-io-auth-action` and `id-token: write`, or change that in the crate's settings on crates.io.
**A trusted publisher cannot publish a name for the first time.** Publish its first version by hand, with a token of your own, and name this workflow in its settings; where it is there already, look whether the names agree.
**PyPI takes no uploads for now.** Its status page says for how long; nothing is wrong with the package.
**PyPI has no room left for `tide-core` (10485760 GB).** Delete old files there or ask for a higher limit (https://docs.pypi.org/project-management/storage-limits); then the job can run again.
**PyPI takes no more files for a version that is older than 14 days.** What is missing goes into the next patch version.
**PyPI does not accept the attestations.** They have to be of the trusted publisher that uploads: no reusable workflow, no token. `attestations: false` of gh-action-pypi-publish uploads without.
**The metadata of what was built is of a version (`0.5.0`) that the upload does not know.** Take a newer twine or gh-action-pypi-publish, or a build backend that writes an older `Metadata-Version`.
**The registry takes no more uploads for now (429).** Try again after `Sun, 14 Jun 2026 14:59:56 GMT`.
**The audit found `RUSTSEC-2026-0042` in `time`.** Its solution: `Upgrade to >=0.2.23`. A tag does not move, so the repair goes into the next patch version; an advisory that does not concern this package can be ignored in the audit's configuration.
**PyPI refuses the wheel `READMEE.md`: `linux_x86_64` is no platform that it takes.** Build it for manylinux or musllinux (`manylinux: auto` of maturin-action; auditwheel repairs one).
**The package is larger than the registry takes (10 MiB).** Leave out what is not needed (`exclude` or `include` in the manifest), or ask the registry for a higher limit.
**The manifest lacks what the registry asks for: `description, license`.** Adding it is a new commit, and so the next patch version.
**The manifest names a readme that is not there: `READMEE.md`.** The file has to lie inside the package; the repair goes into the next patch version.
**A step before changed files, so the working directory is not what was tagged.** Let it write outside of the checkout; `--allow-dirty` would publish what nobody reviewed.
**`Cargo.lock` does not fit the manifests at this commit.** It is repaired on the branch, and goes into the next patch version.
**The registry does not have `tide-core` in the version that is needed.** It has to be published first (`after` in `.github/release.toml` sees to the order).
**The package does not build from what was packaged.** Something that it needs is outside of it or excluded; `cargo package` shows the same on your machine.
**The runner's disk is full.** A new runner may have more room; else free some in a step before.
**The registry was out of order (503).** Nothing is wrong with the package.
**The environment `crates-io` does not let `v0.5.0` deploy.** Allow it in the repository's settings (*Environments → Deployment branches and tags*); then `/release retry` runs the job again.\
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
    decision = decide(release(Phase.VERIFIED), facts(tags=(tag(),), releases=(page,)), TIMEOUTS)
    assert say(Milestone.RELEASED, decision).partition("| Step")[0] == snapshot("""\
🎉 **Released [tidewater v0.5.0](https://github.example/o/r/releases/tag/v0.5.0).**

⚠️ **Not every tag has a published GitHub Release yet.**

- [the GitHub Release of v0.5.0 is a draft by robin](https://github.example/release)

A draft that I did not make is not mine to publish: its author may still want to add files or words. Publish it when it is ready; where GitHub takes no Release for a tag, the changelog has the notes.

""")


def test_the_way_back_tells_two_packages_of_one_name_apart():
    both = (package("tide"), package("tide", registry=Registry.PYPI, tag="py-v0.5.0"))
    said = remedy(Answer.PUBLISH_FAILED, release(Phase.TAGGED, packages=both))
    assert "`/release rollback crates.io:tide 0.5.0 pypi:tide 0.5.0`" in said
