"""Publishing that no tag starts: a GitHub Release or a workflow that Shipmate starts, or a person's own hands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.comments import milestones
from bot.github.facts import GitHubRelease, Permission
from bot.plan.model import Dispatch
from bot.registries.pypi.facts import ReleaseFile
from bot.registries.pypi.found import PyPIRelease
from bot.release.actions import (
    CreateRelease,
    DraftRelease,
    MakeLatest,
    PostComment,
    PushTags,
    StartByRelease,
    StartWorkflow,
)
from bot.release.answers import Answer
from bot.release.model import Phase
from bot.release.table import decide
from bot.workflows.releasing import Start
from tests.release.builders import (
    LONG_AGO,
    NOW,
    TIMEOUTS,
    checks,
    crate,
    facts,
    package,
    publish_run,
    release,
    run,
    tag,
)

BY_RELEASE = package(start=Start.RELEASE)
STARTED = package(start=Start.HAND, asks=("tag",), dispatch=Dispatch(True, (("tag", "v0.5.0"),)))
NOBODY = package(workflow=None)


def green(one, **policy):
    at = release(Phase.GREEN, packages=(one,), publishing_tagged_at=None)
    return replace(at, plan=replace(at.plan, policy=replace(at.plan.policy, **policy)))


def pushing(one, *runs, **seen):
    found = facts(checks=checks(run(), *runs), authority=Permission.MAINTAIN, **seen)
    return decide(green(one), found, TIMEOUTS)


def kinds(decision):
    return [type(action) for action in decision.actions]


def page(**changes):
    there = GitHubRelease("v0.5.0", "https://github.example/r", False, False, "", id=7, by_a_bot=True, author="bot")
    return replace(there, **changes)


def test_the_release_that_starts_publishing_comes_right_after_its_tag_and_not_as_the_latest():
    decision = pushing(BY_RELEASE)
    assert kinds(decision) == [PushTags, PostComment, StartByRelease]
    assert decision.actions[-1].page.latest is False


def test_a_crash_after_the_tag_still_publishes_its_release_and_does_so_once():
    assert StartByRelease in kinds(pushing(BY_RELEASE, tags=(tag(),)))
    assert StartByRelease not in kinds(pushing(BY_RELEASE, tags=(tag(),), releases=(page(),)))


def test_a_draft_that_workflows_fill_is_made_with_the_tag_and_published_after_verification():
    at = green(package(), draft_first=True)
    found = facts(checks=checks(run()), authority=Permission.MAINTAIN)
    assert kinds(decide(at, found, TIMEOUTS)) == [PushTags, PostComment, DraftRelease]
    verified = replace(at, phase=Phase.VERIFIED)
    ours = facts(tags=(tag(),), drafts=(page(draft=True),), all_tags=("v0.5.0",))
    published = [action for action in decide(verified, ours, TIMEOUTS).actions if isinstance(action, CreateRelease)]
    assert [(action.draft.id, action.latest) for action in published] == [(7, True)]


def test_an_early_release_becomes_the_latest_when_everything_is_verified():
    at = release(Phase.VERIFIED, packages=(BY_RELEASE,))
    found = facts(tags=(tag(),), releases=(page(),), all_tags=("v0.5.0",))
    decision = decide(at, found, TIMEOUTS)
    assert MakeLatest(7, "v0.5.0") in decision.actions
    assert decision.answer is Answer.WITHOUT_RELEASES
    theirs = replace(found, releases=(page(by_a_bot=False),))
    assert MakeLatest not in kinds(decide(at, theirs, TIMEOUTS))
    newer = replace(found, all_tags=("v0.5.0", "v0.6.0"))
    assert MakeLatest not in kinds(decide(at, newer, TIMEOUTS))


def test_a_run_that_the_release_started_counts_for_its_tag():
    at = release(Phase.TAGGED, packages=(BY_RELEASE,), publishing_tagged_at=LONG_AGO)
    found = facts(tags=(tag(),), checks=checks(publish_run(event="release")))
    assert decide(at, found, TIMEOUTS).answer is Answer.PUBLISHED


def test_start_awaited_names_the_draft_that_somebody_prepared():
    at = release(Phase.TAGGED, packages=(BY_RELEASE,), publishing_tagged_at=NOW)
    theirs = facts(tags=(tag(),), checks=checks(), releases=(page(draft=True, by_a_bot=False),))
    decision = decide(at, theirs, TIMEOUTS)
    assert decision.answer is Answer.START_AWAITED
    assert "publish the GitHub Release of v0.5.0" in decision.details[0].text


def test_a_lost_release_is_published_again_on_a_retry():
    at = release(Phase.TAGGED, packages=(BY_RELEASE,), publishing_tagged_at=LONG_AGO, asked_retry_by="robin")
    decision = decide(at, facts(tags=(tag(),), checks=checks()), TIMEOUTS)
    assert decision.answer is Answer.RUN_LOST
    assert StartByRelease in kinds(decision)


def test_shipmate_starts_a_workflow_whose_inputs_are_known_once():
    decision = pushing(STARTED)
    start = StartWorkflow("publish.yml", "v0.5.0", "v0.5.0", (("tag", "v0.5.0"),))
    assert start in decision.actions
    by_hand = publish_run(event="workflow_dispatch")
    assert StartWorkflow not in kinds(pushing(STARTED, by_hand, tags=(tag(),)))


@pytest.mark.parametrize(("at", "answer"), [(NOW, Answer.RUN_AWAITED), (LONG_AGO, Answer.START_AWAITED)])
def test_a_workflow_that_was_started_and_does_not_run_is_a_person_s_in_the_end(at, answer):
    tagged = release(Phase.TAGGED, packages=(STARTED,), publishing_tagged_at=at)
    assert decide(tagged, facts(tags=(tag(),), checks=checks()), TIMEOUTS).answer is answer


def test_upload_awaited_when_nothing_is_seen_to_publish_and_what_is_there_is_there():
    soon = release(Phase.TAGGED, packages=(NOBODY,), publishing_tagged_at=NOW - timedelta(seconds=5))
    late = replace(soon, publishing=replace(soon.publishing, tagged_at=LONG_AGO))
    nothing = facts(tags=(tag(),), checks=checks())
    assert decide(soon, nothing, TIMEOUTS).answer is Answer.RUN_AWAITED
    decision = decide(late, nothing, TIMEOUTS)
    assert decision.answer is Answer.UPLOAD_AWAITED
    there = replace(nothing, registries={NOBODY.key: crate()})
    assert decide(late, there, TIMEOUTS).answer is Answer.PUBLISHED


def test_before_a_run_is_called_lost_its_registry_is_asked():
    at = release(Phase.TAGGED, packages=(package(),), publishing_tagged_at=LONG_AGO)
    lost = facts(tags=(tag(),), checks=checks())
    assert decide(at, lost, TIMEOUTS).answer is Answer.RUN_LOST
    there = replace(lost, registries={package().key: crate()})
    assert decide(at, there, TIMEOUTS).answer is Answer.PUBLISHED


def pypi(name, sha256):
    files = (ReleaseFile(name, sha256, 1, NOW, None, False),)
    return PyPIRelease(
        "tidewater",
        "0.5.0",
        in_json=True,
        files=files,
        index_files=(),
        yanked=False,
        has_description=True,
        requires_python=None,
        url="https://p.x",
    )


def test_a_file_of_a_release_that_is_not_the_registry_s_is_named():
    wheel, other = "tidewater-0.5.0.tar.gz", "notes.pdf"
    attached = page(assets=((wheel, "a" * 64), (other, "b" * 64)))
    at = release(Phase.VERIFIED)
    known = facts(
        tags=(tag(),), releases=(attached,), all_tags=("v0.5.0",), registries={"pypi:t": pypi(wheel, "c" * 64)}
    )
    decision = decide(at, known, TIMEOUTS)
    assert decision.release.aftercare.assets_astray == (wheel,)
    assert f"`{wheel}` differ" in milestones.released(decision.release, decision, ())
    same = replace(known, registries={"pypi:t": pypi(wheel, "a" * 64)})
    assert decide(at, same, TIMEOUTS).release.aftercare.assets_astray == ()


def test_a_run_that_followed_another_one_counts_and_one_that_failed_only_alone():
    follows = package(start=Start.RUN)
    at = release(Phase.TAGGED, packages=(follows,), publishing_tagged_at=LONG_AGO)
    later: dict[str, object] = {"event": "workflow_run", "head_branch": "main", "head_sha": "f" * 40}
    later["created_at"] = LONG_AGO + timedelta(minutes=1)
    well, unwell = publish_run(id=20, **later), publish_run(id=21, conclusion="failure", **later)

    def answer(*runs):
        return decide(at, facts(tags=(tag(),), checks=checks(*runs)), TIMEOUTS).answer

    assert answer(well) is Answer.PUBLISHED
    assert answer(unwell, well) is Answer.PUBLISHED
    assert answer(unwell) is Answer.PUBLISH_FAILED
    assert answer(replace(well, created_at=LONG_AGO - timedelta(minutes=1))) is Answer.RUN_LOST


def test_what_the_merge_published_counts():
    merged = package(start=Start.BRANCH)
    at = release(Phase.TAGGED, packages=(merged,), publishing_tagged_at=LONG_AGO)
    found = facts(tags=(tag(),), checks=checks(publish_run(head_branch="main")))
    assert decide(at, found, TIMEOUTS).answer is Answer.PUBLISHED


def test_upload_awaited_where_nobody_knows_what_starts_the_workflow():
    unknown = package(start=Start.UNKNOWN)
    at = release(Phase.TAGGED, packages=(unknown,), publishing_tagged_at=LONG_AGO)
    assert decide(at, facts(tags=(tag(),), checks=checks()), TIMEOUTS).answer is Answer.UPLOAD_AWAITED
