"""Answers that no other test is about: what a look is told, and what follows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.comments.reasons import remedy
from bot.github.facts import Branch, CommitChecks, Permission
from bot.packaging.registry import Registry
from bot.plan.model import Plan
from bot.release.actions import CancelRun, CreateRelease, OpenPullRequest, PostComment, PushTags, RerunJob, Yank
from bot.release.answers import Answer
from bot.release.facts import Preflight
from bot.release.found import Unreachable
from bot.release.model import Phase
from bot.release.records import Refusal, Refused
from bot.release.refusals import natural_key
from bot.release.rollback.model import Rollback
from bot.release.table import Decision, decide
from tests.release.builders import (
    LONG_AGO,
    MERGE,
    NOW,
    TIMEOUTS,
    checks,
    crate,
    facts,
    github_release,
    job,
    package,
    publish_run,
    pushed,
    release,
    run,
    tag,
)

PLAN = Plan((), (), (), "release: tidewater v0.5.0", "release: tidewater v0.5.0", "shipmate/v0.5.0")
SILENT = CommitChecks(MERGE, NOW - timedelta(hours=1), (), ())
"""No check ever ran, for longer than CI takes to appear."""


def requested(found: CommitChecks) -> Decision:
    """What follows from CI on the branch to release from."""
    asked = release(Phase.REQUESTED, review_pull_request=None, merge_commit=None)
    return decide(asked, facts(preflight=Preflight(PLAN, (), "main", MERGE, checks=found, pushed=pushed())), TIMEOUTS)


def rolling_back(found, *, role=Permission.MAINTAIN, asked=LONG_AGO, **known) -> Decision:
    """What follows in a rollback of the crate, of which its registry has `found`."""
    rollback = Rollback("robin", 200, asked, ("crates.io:tidewater",), begun=True)
    back = release(Phase.ROLLING_BACK, publishing_pushed=("v0.5.0",), rollback=rollback, publishing_tagged_at=LONG_AGO)
    look = {"tags": (tag(),), "checks": checks(), "authority": role, "registries": {"crates.io:tidewater": found}}
    return decide(back, facts(**(look | known)), TIMEOUTS)


def test_head_red_refuses_the_request_and_names_the_job():
    decision = requested(checks(run(conclusion="failure"), jobs={1: (job("Rustfmt", "failure"),)}))
    assert (decision.answer, decision.release.phase) == (Answer.HEAD_RED, Phase.REFUSED)
    assert "Rustfmt" in decision.details[0].text


def test_head_silent_refuses_the_request():
    decision = requested(SILENT)
    assert (decision.answer, decision.release.phase) == (Answer.HEAD_SILENT, Phase.REFUSED)


def test_ready_opens_the_pull_request_of_the_plan():
    decision = requested(checks(run()))
    assert (decision.answer, decision.release.phase) == (Answer.READY, Phase.PROPOSED)
    assert OpenPullRequest(PLAN, MERGE) in decision.actions


def test_opened_by_a_look_that_ended_there_is_said_and_not_opened_again():
    decision = decide(release(Phase.REQUESTED, merge_commit=None), facts(), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.OPENED, Phase.PROPOSED)
    assert not any(isinstance(action, OpenPullRequest) for action in decision.actions)
    assert any(isinstance(action, PostComment) for action in decision.actions)


def test_ci_silent_on_the_merge_commit_blocks_the_release():
    decision = decide(release(Phase.MERGED), facts(checks=SILENT), TIMEOUTS)
    assert decision.answer is Answer.CI_SILENT
    assert decision.release.blocked is not None


@pytest.mark.parametrize("phase", [Phase.MERGED, Phase.GREEN])
def test_off_base_is_no_commit_to_tag_however_green(phase):
    look = facts(checks=checks(run()), base_holds=False, authority=Permission.ADMIN)
    decision = decide(release(phase), look, TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.OFF_BASE, Phase.MERGED)


@pytest.mark.parametrize("conclusion", ["failure", "success"])
def test_jobs_left_are_run_again_by_a_retry_where_a_job_that_may_fail_had_failed(conclusion):
    jobs = {9: (job("Wheel", conclusion),)}
    look = facts(
        tags=(tag(),), checks=checks(publish_run(), jobs=jobs), registries={"crates.io:tidewater": crate(yanked=True)}
    )
    decision = decide(release(Phase.PUBLISHED, asked_retry_by="morgan"), look, TIMEOUTS)
    left = conclusion == "failure"
    assert decision.answer is (Answer.JOBS_LEFT if left else Answer.INCOMPLETE)
    assert any(isinstance(action, RerunJob) for action in decision.actions) is left


def test_with_releases_the_release_ends_and_no_page_is_made():
    decision = decide(release(Phase.VERIFIED), facts(tags=(tag(),), releases=(github_release(),)), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.WITH_RELEASES, Phase.RELEASED)
    assert not any(isinstance(action, CreateRelease) for action in decision.actions)


def test_rollback_unreachable_is_asked_again_and_nothing_is_undone():
    decision = rolling_back(Unreachable("crates.io", "asleep"))
    assert (decision.answer, decision.actions) == (Answer.ROLLBACK_UNREACHABLE, ())
    assert decision.look_at == NOW + timedelta(seconds=TIMEOUTS.look_again)


@pytest.mark.parametrize("role", [Permission.WRITE, None])
def test_rollback_unauthorised_yanks_nothing(role):
    decision = rolling_back(crate(), role=role, can_yank=frozenset({Registry.CRATES_IO}))
    assert decision.answer is Answer.ROLLBACK_UNAUTHORISED
    assert not any(isinstance(action, Yank) for action in decision.actions)


def test_runs_go_on_are_cancelled_and_runs_hang_when_that_takes_too_long():
    runs = checks(publish_run(status="in_progress", conclusion=None))
    first = rolling_back(crate(), asked=NOW, checks=runs)
    assert (first.answer, first.release.blocked) == (Answer.RUNS_GO_ON, None)
    assert CancelRun(9) in first.actions
    late = rolling_back(crate(), asked=NOW - timedelta(seconds=TIMEOUTS.run_appears), checks=runs)
    assert late.answer is Answer.RUNS_HANG
    assert late.release.blocked is not None


def test_to_yank_is_what_is_published_where_the_operator_lets_crates_be_yanked_and_else_yank_awaited():
    decision = rolling_back(crate(), can_yank=frozenset({Registry.CRATES_IO}))
    assert decision.answer is Answer.TO_YANK
    assert [(a.name, a.version) for a in decision.actions if isinstance(a, Yank)] == [("tidewater", "0.5.0")]
    assert rolling_back(crate()).answer is Answer.YANK_AWAITED


def test_undone_ends_the_rollback_when_the_crate_is_yanked():
    decision = rolling_back(crate(yanked=True))
    assert (decision.answer, decision.release.phase) == (Answer.UNDONE, Phase.ROLLED_BACK)


def test_publishing_goes_on_until_published():
    running = replace(publish_run(), status="in_progress", conclusion=None)
    for found, answer in ((running, Answer.PUBLISHING), (publish_run(), Answer.PUBLISHED)):
        assert decide(release(Phase.TAGGED), facts(tags=(tag(),), checks=checks(found)), TIMEOUTS).answer is answer


def refused(why: Refusal, *, newest: str = MERGE, **known) -> Decision:
    """What follows on a green merge commit whose tags GitHub refused."""
    green = release(Phase.GREEN, publishing_tagged_at=None, **known)
    look = {"checks": checks(run()), "authority": Permission.MAINTAIN, "base": Branch("main", newest)}
    return decide(replace(green, refused=why), facts(**look), TIMEOUTS)


THE_PUSH = natural_key(PushTags(("v0.5.0",), MERGE))
BY_A_RULE = Refusal(THE_PUSH, "create refs/tags/v0.5.0", ("Creations are restricted",), Refused.RULE)
FOR_WORKFLOWS = replace(BY_A_RULE, why=("refusing to allow",), of=Refused.WORKFLOWS)


def test_act_refused_names_act_and_rule_and_pushes_nothing_until_a_retry():
    decision = refused(BY_A_RULE)
    assert (decision.answer, decision.release.phase) == (Answer.ACT_REFUSED, Phase.GREEN)
    assert [detail.text for detail in decision.details] == ["create refs/tags/v0.5.0", "Creations are restricted"]
    assert not any(isinstance(action, PushTags) for action in decision.actions)
    again = refused(BY_A_RULE, asked_retry_by="robin")
    assert any(isinstance(action, PushTags) for action in again.actions)


def test_act_refused_is_said_once_more_when_a_retry_was_in_vain():
    first, second = (refused(replace(BY_A_RULE, again=again)).actions[-1] for again in (0, 1))
    assert isinstance(first, PostComment) and isinstance(second, PostComment)
    assert first.key != second.key


def test_workflows_differ_moves_on_to_the_newest_commit_only_after_a_retry_in_vain():
    newer, again = "e" * 40, replace(FOR_WORKFLOWS, again=1)
    assert refused(FOR_WORKFLOWS, newest=newer).answer is Answer.WORKFLOWS_DIFFER
    assert refused(again).answer is Answer.WORKFLOWS_DIFFER
    moved = refused(again, newest=newer)
    assert (moved.answer, moved.release.phase) == (Answer.MOVED_ON, Phase.MERGED)
    assert (moved.release.merge.commit, moved.release.refused) == (newer, None)


def test_workflows_differ_keeps_a_release_of_which_a_stage_is_tagged_on_its_commit():
    later = replace(FOR_WORKFLOWS, key=natural_key(PushTags(("ebb-v0.5.0",), MERGE)), again=1)
    packages = (package(), package("ebb", tag="ebb-v0.5.0", after=("tidewater",)))
    decision = refused(later, newest="e" * 40, packages=packages, publishing_stage=1)
    assert decision.answer is Answer.WORKFLOWS_DIFFER
    assert "make a branch on that commit" in remedy(decision.answer, decision.release)
