from dataclasses import MISSING, fields, replace
from datetime import timedelta

import pytest

from bot.comments.milestones import cancelled
from bot.github.facts import Branch, CommitChecks, PendingApproval, Permission, PullRequestState, Review
from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.model import Downstream, FileEdit, Plan
from bot.plan.policy import Policy
from bot.registries.pypi.facts import ReleaseFile
from bot.registries.pypi.found import PyPIRelease
from bot.release.actions import (
    ClosePullRequest,
    CreateRelease,
    DeleteBranch,
    FollowBase,
    Milestone,
    PostComment,
    PushTags,
    RerunFailedJobs,
    ShowPlan,
)
from bot.release.answers import Answer, Blocked
from bot.release.facts import Preflight, Timeouts
from bot.release.found import Unreachable
from bot.release.model import Phase
from bot.release.publishing.causes import Cause, Kind
from bot.release.questions import QUESTIONS
from bot.release.records import PlanVerdict, RetryOwed
from bot.release.rollback.model import Rollback
from bot.release.rows.row import Ends, Row, Wait
from bot.release.table import TABLE, decide
from bot.release.with_plan import digest_of
from tests.release.builders import (
    LONG_AGO,
    MERGE,
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
    pull_request,
    pushed,
    release,
    run,
    tag,
)


def test_every_phase_that_is_no_end_asks_a_question_and_has_rows():
    open_phases = {phase for phase in Phase if not phase.is_end}
    assert set(QUESTIONS) == open_phases == {row.phase for row in TABLE}


def test_no_row_stands_twice_and_every_answer_has_one():
    keys = [(row.phase, row.answer) for row in TABLE]
    assert len(keys) == len(set(keys))
    assert {row.answer for row in TABLE} == set(Answer)


def test_from_every_phase_the_end_can_be_reached():
    onward = {(row.phase, row.then) for row in TABLE}
    reached = {Phase.RELEASED, Phase.ROLLED_BACK}
    while more := {source for source, target in onward if target in reached} - reached:
        reached |= more
    assert reached >= set(QUESTIONS)


def test_a_blocked_release_never_leaves_its_phase_by_itself():
    assert all(row.then is row.phase for row in TABLE if row.blocks)


def test_every_row_into_an_end_says_it_and_no_other_row_says_one():
    assert all(row.then.is_end == (row.wait is Wait.END) == isinstance(row.says, Ends) for row in TABLE)
    assert all(len({row.says for row in TABLE if row.then is end}) == 1 for end in Phase if end.is_end)


def test_a_person_who_is_awaited_is_told_but_where_the_pull_request_says_it():
    quiet = {row.answer for row in TABLE if row.wait is Wait.PERSON and not row.blocks}
    assert quiet == {Answer.READY, Answer.IN_REVIEW, Answer.BASE_MOVED}
    assert all(row.wait is Wait.PERSON for row in TABLE if row.blocks)


def test_no_column_of_a_row_has_a_default():
    assert all(each.default is each.default_factory is MISSING for each in fields(Row))


def test_untagged_is_the_only_answer_to_which_tags_are_pushed():
    green = facts(checks=checks(run()), authority=Permission.MAINTAIN)
    whole = release(rollback=Rollback("robin", 200, NOW, ()))
    pushing = [row for row in TABLE if any(isinstance(a, PushTags) for a in row.act(whole, green, TIMEOUTS))]
    assert [(row.phase, row.answer) for row in pushing] == [(Phase.GREEN, Answer.UNTAGGED)]


def test_a_merged_pull_request_is_remembered_with_its_commit():
    decision = decide(
        release(Phase.PROPOSED, merge_commit=None),
        facts(pull_request=pull_request(PullRequestState.MERGED)),
        TIMEOUTS,
    )
    assert (decision.answer, decision.release.phase) == (Answer.MERGED, Phase.MERGED)
    assert decision.release.merge.commit == MERGE


def test_a_closed_pull_request_cancels_the_release():
    decision = decide(release(Phase.PROPOSED), facts(pull_request=pull_request(PullRequestState.CLOSED)), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.CLOSED, Phase.CANCELLED)
    assert decision.look_at is None


def test_merged_wins_over_a_cancel_that_came_too_late():
    asked = release(Phase.PROPOSED, asked_cancel_by="morgan")
    decision = decide(asked, facts(pull_request=pull_request(PullRequestState.MERGED)), TIMEOUTS)
    assert decision.answer is Answer.MERGED


def test_cancel_asked_closes_the_pull_request():
    asked = release(Phase.PROPOSED, asked_cancel_by="morgan", merge_commit=None)
    decision = decide(asked, facts(pull_request=pull_request(PullRequestState.OPEN)), TIMEOUTS)
    assert decision.answer is Answer.CANCEL_ASKED
    assert ClosePullRequest() in decision.actions


def test_green_before_tag_a_merge_commit_with_ci_red_is_never_tagged():
    red = checks(run(conclusion="failure"), jobs={1: (job("Rustfmt", "failure"),)})
    for phase in (Phase.MERGED, Phase.GREEN):
        decision = decide(release(phase), facts(checks=red, authority=Permission.ADMIN), TIMEOUTS)
        assert not any(isinstance(action, PushTags) for action in decision.actions)
    blocked = decide(release(Phase.MERGED), facts(checks=red), TIMEOUTS).release.blocked
    assert blocked is not None
    assert blocked.why is Answer.CI_RED
    assert "Rustfmt" in blocked.details[0].text


def test_moved_on_takes_the_newest_commit_which_is_judged_anew():
    red = checks(run(conclusion="failure"))
    look = facts(checks=red, base=Branch("main", OTHER))
    decision = decide(release(Phase.MERGED, asked_retry_by="morgan", merge_tree_agrees=True), look, TIMEOUTS)
    assert decision.answer is Answer.MOVED_ON
    moved = decision.release
    assert (moved.phase, moved.merge.commit, moved.merge.tree_agrees) == (Phase.MERGED, OTHER, False)


def ci_tells(phase, found):
    """What a look tells that asks for CI in that phase."""
    if phase is Phase.MERGED:
        return facts(checks=found)
    plan = Plan((), (), (), "release: tidewater v0.5.0", "release: tidewater v0.5.0", "shipmate/v0.5.0")
    return facts(preflight=Preflight(plan, (), "main", MERGE, checks=found, pushed=pushed()))


@pytest.mark.parametrize(("phase", "answer"), [(Phase.REQUESTED, Answer.READY), (Phase.MERGED, Answer.CI_GREEN)])
def test_ready_and_ci_green_are_found_exactly_when_green_has_settled(phase, answer):
    waiting, look = release(phase, review_pull_request=None), ci_tells(phase, checks(run(updated_at=NOW)))
    counts = NOW + timedelta(seconds=TIMEOUTS.settle)
    for seconds in (0, 5, TIMEOUTS.settle - 0.001):
        later = replace(look, now=NOW + timedelta(seconds=seconds))
        decision = decide(waiting, later, TIMEOUTS)
        assert (decision.release.phase, decision.look_at) == (phase, counts)
    assert decide(waiting, replace(look, now=counts), TIMEOUTS).answer is answer


@pytest.mark.parametrize(
    ("phase", "answer"), [(Phase.REQUESTED, Answer.HEAD_RUNNING), (Phase.MERGED, Answer.CI_RUNNING)]
)
def test_head_running_and_ci_running_are_looked_at_again_soon(phase, answer):
    look = ci_tells(phase, checks(run(status="in_progress", conclusion=None)))
    decision = decide(release(phase, review_pull_request=None), look, TIMEOUTS)
    assert (decision.answer, decision.look_at) == (answer, NOW + timedelta(seconds=TIMEOUTS.look_again))


def test_green_before_tag_a_commit_with_only_the_checks_of_another_is_no_longer_green():
    elsewhere = CommitChecks(OTHER, NOW - timedelta(hours=2), (run(head_sha=OTHER),), ())
    decision = decide(release(Phase.GREEN), facts(checks=elsewhere, authority=Permission.ADMIN), TIMEOUTS)
    assert decision.answer is Answer.NO_LONGER_GREEN


def test_tree_says_so_a_merge_commit_whose_tree_disagrees_is_not_tagged():
    wrong = (Problem("Cargo.lock", "says 0.4.0", ""),)
    for phase in (Phase.MERGED, Phase.GREEN):
        look = facts(checks=checks(run()), disagreements=wrong, authority=Permission.ADMIN)
        decision = decide(release(phase), look, TIMEOUTS)
        assert decision.answer is (Answer.TREE_DISAGREES if phase is Phase.MERGED else Answer.NO_LONGER_GREEN)
        assert not any(isinstance(action, PushTags) for action in decision.actions)


def test_tags_never_move_a_tag_elsewhere_stops_the_release():
    look = facts(tags=(tag(OTHER),), checks=checks(run()), authority=Permission.ADMIN)
    decision = decide(release(Phase.GREEN), look, TIMEOUTS)
    assert decision.answer is Answer.TAG_ELSEWHERE
    assert decision.release.blocked is not None
    assert OTHER in decision.release.blocked.details[0].text
    assert MERGE in decision.release.blocked.details[0].text


@pytest.mark.parametrize("role", [Permission.NONE, Permission.READ, Permission.TRIAGE, Permission.WRITE, None])
def test_authorised_now_who_lost_the_role_is_unauthorised(role):
    decision = decide(release(Phase.GREEN), facts(checks=checks(run()), authority=role), TIMEOUTS)
    assert decision.answer is Answer.UNAUTHORISED


def test_all_or_none_every_missing_tag_of_the_stage_is_pushed_together():
    two = release(Phase.GREEN, packages=(package(), package("tidewater-py", tag="py-v0.4.0")))
    decision = decide(two, facts(checks=checks(run()), authority=Permission.MAINTAIN), TIMEOUTS)
    assert PushTags(("v0.5.0", "py-v0.4.0"), MERGE) in decision.actions
    assert decision.release.phase is Phase.TAGGED


def test_tagged_already_is_not_pushed_again():
    decision = decide(release(Phase.GREEN), facts(tags=(tag(),)), TIMEOUTS)
    assert decision.answer is Answer.TAGGED
    assert not any(isinstance(action, PushTags) for action in decision.actions)


def test_a_package_that_comes_after_another_is_tagged_in_a_later_stage():
    later = package("tidewater-py", tag="py-v0.4.0", after=("tidewater",))
    two = release(Phase.GREEN, packages=(package(), later))
    decision = decide(two, facts(checks=checks(run()), authority=Permission.MAINTAIN), TIMEOUTS)
    assert PushTags(("v0.5.0",), MERGE) in decision.actions


def test_stage_complete_leads_back_to_tagging_the_next():
    later = package("tidewater-py", tag="py-v0.4.0", after=("tidewater",))
    two = release(Phase.PUBLISHED, packages=(package(), later))
    decision = decide(two, facts(registries={"crates.io:tidewater": crate()}), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.STAGE_COMPLETE, Phase.GREEN)
    assert decision.release.publishing.stage == 1


def test_run_awaited_for_long_is_called_run_lost():
    look = facts(tags=(tag(),), checks=checks())
    assert decide(release(Phase.TAGGED, publishing_tagged_at=NOW), look, TIMEOUTS).answer is Answer.RUN_AWAITED
    assert decide(release(Phase.TAGGED), look, TIMEOUTS).answer is Answer.RUN_LOST


def test_publish_failed_blocks_and_names_the_job():
    failed = checks(publish_run(conclusion="failure"), jobs={9: (job("cargo publish", "failure"),)})
    decision = decide(release(Phase.TAGGED), facts(tags=(tag(),), checks=failed), TIMEOUTS)
    assert decision.release.blocked is not None
    assert decision.release.blocked.why is Answer.PUBLISH_FAILED
    assert "cargo publish" in decision.release.blocked.details[0].text


def test_retry_runs_the_failed_jobs_again_once():
    failed = checks(publish_run(conclusion="failure"))
    look = facts(tags=(tag(),), checks=failed)
    decision = decide(release(Phase.TAGGED, asked_retry_by="morgan"), look, TIMEOUTS)
    assert RerunFailedJobs(9, 1) in decision.actions
    assert decision.release.asked.retry_by is None


@pytest.mark.parametrize("conclusion", ["failure", "cancelled"])
def test_a_retry_that_is_owed_is_asked_for_at_once_in_the_block_that_it_was_meant_for_and_in_no_other(conclusion):
    failed = facts(tags=(tag(),), checks=checks(publish_run(conclusion="failure")))
    (told,) = [
        a.key.text for a in decide(release(Phase.TAGGED), failed, TIMEOUTS).actions if isinstance(a, PostComment)
    ]
    is_the_same = conclusion == "failure"
    found = facts(tags=(tag(),), checks=checks(publish_run(conclusion=conclusion, attempt=1 if is_the_same else 2)))
    again = decide(release(Phase.TAGGED, asked_retry_owed=RetryOwed("robin", (told,))), found, TIMEOUTS)
    assert again.release.blocked is not None
    assert (again.release.asked.retry_by, again.release.asked.retry_owed) == ("robin" if is_the_same else None, None)
    assert (again.look_at == NOW) is is_the_same


def test_no_silence_unreachable_for_long_becomes_registry_silent_and_is_told():
    asked = facts(registries={"crates.io:tidewater": Unreachable("crates.io", "asleep")})
    first = decide(release(Phase.PUBLISHED, publishing_ended_at=LONG_AGO), asked, TIMEOUTS)
    assert (first.answer, first.release.publishing.silent_since, first.actions) == (Answer.UNREACHABLE, NOW, ())
    later = replace(asked, now=NOW + timedelta(seconds=TIMEOUTS.propagation))
    told = decide(first.release, later, TIMEOUTS)
    assert told.release.blocked is not None
    assert told.answer is Answer.REGISTRY_SILENT
    assert told.release.blocked.details[0].text == f"crates.io has not answered since {NOW:%Y-%m-%d %H:%M} UTC"
    awake = decide(told.release, replace(later, registries={"crates.io:tidewater": crate()}), TIMEOUTS)
    assert (awake.answer, awake.release.publishing.silent_since) == (Answer.COMPLETE, None)


def test_who_asks_for_a_retry_now_needs_none_that_is_owed():
    failed = facts(tags=(tag(),), checks=checks(publish_run(conclusion="failure")))
    (told,) = [
        a.key.text for a in decide(release(Phase.TAGGED), failed, TIMEOUTS).actions if isinstance(a, PostComment)
    ]
    asked = release(Phase.TAGGED, asked_retry_owed=RetryOwed("robin", (told,)), asked_retry_by="ann")
    after = decide(asked, failed, TIMEOUTS).release
    assert (after.asked.retry_by, after.asked.retry_owed) == (None, None)


def test_a_retry_that_is_owed_waits_for_the_block():
    owed = RetryOwed("robin", ("blocked-x",))
    running = facts(tags=(tag(),), checks=checks(publish_run(status="in_progress", conclusion=None)))
    assert decide(release(Phase.TAGGED, asked_retry_owed=owed), running, TIMEOUTS).release.asked.retry_owed == owed


def test_approval_awaited_names_its_run():
    waiting = checks(publish_run(status="waiting", conclusion=None))
    decision = decide(release(Phase.TAGGED), facts(tags=(tag(),), checks=waiting), TIMEOUTS)
    assert decision.answer is Answer.APPROVAL_AWAITED
    assert [detail.text for detail in decision.details] == ["Publish for v0.5.0"]


def test_publishing_goes_on_by_itself_where_only_a_wait_timer_runs():
    timer = PendingApproval("pause", (), NOW + timedelta(minutes=30))
    waiting = checks(publish_run(status="waiting", conclusion=None), approvals={9: (timer,)})
    decision = decide(release(Phase.TAGGED), facts(tags=(tag(),), checks=waiting), TIMEOUTS)
    assert decision.answer is Answer.PUBLISHING
    assert "pause waits until" in decision.details[0].text


def failed_with(log, *, began=True, **known):
    """A look at a publish run whose only job failed and printed this."""
    failed = replace(job("Upload", "failure", "cargo publish"), began=began)
    just_ended = publish_run(conclusion="failure", updated_at=NOW)
    runs = checks(just_ended, jobs={9: (failed,)}, logs={3: log}, **known)
    return facts(tags=(tag(),), checks=runs)


TWICE = "error: crate tidewater@0.5.0 already exists on crates.io index"


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (crate(), Answer.LANDED),
        (crate(in_index=False, index_checksum=None), Answer.LANDING),
        (Unreachable("crates.io", "asleep"), Answer.LANDING),
        (crate(yanked=True), Answer.PUBLISH_FAILED),
        (None, Answer.PUBLISH_FAILED),
    ],
)
def test_landed_landing_or_publish_failed_is_what_the_registry_says(found, answer):
    look = replace(failed_with(TWICE), registries={"crates.io:tidewater": found} if found else {})
    assert decide(release(Phase.TAGGED), look, TIMEOUTS).answer is answer


def test_no_silence_landing_for_so_long_is_told_as_publish_failed():
    for found, passed, answer in (
        (crate(), TIMEOUTS.propagation, Answer.LANDED),
        (Unreachable("crates.io", "asleep"), TIMEOUTS.propagation - 1, Answer.LANDING),
        (Unreachable("crates.io", "asleep"), TIMEOUTS.propagation, Answer.PUBLISH_FAILED),
        (Unreachable("crates.io", "503"), TIMEOUTS.propagation, Answer.PUBLISH_FAILED),
    ):
        look = failed_with(TWICE)
        ended_at = look.checks.runs[0].updated_at
        look = replace(look, now=ended_at + timedelta(seconds=passed), registries={"crates.io:tidewater": found})
        decision = decide(release(Phase.TAGGED), look, TIMEOUTS)
        assert decision.answer is answer
    assert [detail.text for detail in decision.details] == [
        "Publish / Upload: failure in “cargo publish”",
        "crates.io could not be asked whether it has everything all the same",
    ]
    assert decision.release.blocked


def test_publish_failed_by_another_cause_stays_so_whatever_the_registry_has():
    look = replace(failed_with("error: no token found"), registries={"crates.io:tidewater": crate()})
    decision = decide(release(Phase.TAGGED), look, TIMEOUTS)
    assert decision.answer is Answer.PUBLISH_FAILED
    assert decision.details[0].cause == Cause(Kind.TOKEN_MISSING)


def test_approval_rejected_is_not_said_of_a_job_that_began_for_a_review_of_an_earlier_attempt():
    said = {9: (Review("ann", False, ("crates-io",), ""),)}
    assert decide(release(Phase.TAGGED), failed_with("", reviews=said), TIMEOUTS).answer is Answer.PUBLISH_FAILED
    kept_out = failed_with("", began=False, reviews=said)
    assert decide(release(Phase.TAGGED), kept_out, TIMEOUTS).answer is Answer.APPROVAL_REJECTED


def test_a_log_that_comes_late_says_nothing_twice():
    said = [
        next(a for a in decide(release(Phase.TAGGED), failed_with(log), TIMEOUTS).actions if isinstance(a, PostComment))
        for log in ("", "error: no token found")
    ]
    assert said[0].key == said[1].key


def test_propagating_registries_are_given_time_and_then_called_incomplete():
    lagging = facts(registries={"crates.io:tidewater": crate(in_index=False, index_checksum=None)})
    assert decide(release(Phase.PUBLISHED), lagging, TIMEOUTS).answer is Answer.PROPAGATING
    assert decide(release(Phase.PUBLISHED), lagging, Timeouts(propagation=1.0)).answer is Answer.INCOMPLETE


def test_a_complete_registry_verifies_the_release():
    decision = decide(release(Phase.PUBLISHED), facts(registries={"crates.io:tidewater": crate()}), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.COMPLETE, Phase.VERIFIED)
    assert any(isinstance(a, PostComment) and a.milestone is Milestone.VERIFICATION for a in decision.actions)


def test_without_releases_only_the_missing_are_created_and_only_the_primary_is_latest():
    two = release(Phase.VERIFIED, packages=(package("tidewater-py", tag="py-v0.4.0"), package()))
    tags = (tag(), tag(name="py-v0.4.0"))
    created = [a for a in decide(two, facts(tags=tags), TIMEOUTS).actions if isinstance(a, CreateRelease)]
    assert [(a.tag, a.latest) for a in created] == [("py-v0.4.0", False), ("v0.5.0", True)]
    decision = decide(two, facts(tags=tags, releases=(github_release(),)), TIMEOUTS)
    assert decision.answer is Answer.WITHOUT_RELEASES
    assert [a.tag for a in decision.actions if isinstance(a, CreateRelease)] == ["py-v0.4.0"]


def test_packages_that_share_a_tag_share_its_github_release():
    wheel = package(registry=Registry.PYPI, notes="### Fixed\n\n- Ebb.")
    look = facts(registries={"crates.io:tidewater": crate(), "pypi:tidewater": Unreachable("PyPI", "asleep")})
    assert decide(release(Phase.PUBLISHED, packages=(package(), wheel)), look, TIMEOUTS).answer is Answer.UNREACHABLE
    decision = decide(release(Phase.VERIFIED, packages=(package(), wheel)), facts(tags=(tag(),)), TIMEOUTS)
    created = [action for action in decision.actions if isinstance(action, CreateRelease)]
    assert [action.tag for action in created] == ["v0.5.0"]
    assert "Tides" in created[0].body
    assert "Ebb" in created[0].body


def test_unplannable_is_refused():
    preflight = Preflight(None, (Problem("tidewater", "0.3.0 is older", ""),), "main", OTHER)
    decision = decide(release(Phase.REQUESTED), facts(preflight=preflight), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.UNPLANNABLE, Phase.REFUSED)
    assert decision.look_at is None


def test_no_silence_every_decision_that_is_no_end_says_when_to_look_again():
    decision = decide(release(Phase.PROPOSED), facts(pull_request=pull_request(PullRequestState.OPEN)), TIMEOUTS)
    assert decision.look_at == NOW + timedelta(seconds=TIMEOUTS.idle)


def test_tag_gone_is_pushed_again_by_a_retry():
    asked = release(Phase.TAGGED, asked_retry_by="morgan")
    decision = decide(asked, facts(checks=checks(publish_run())), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.TAG_GONE, Phase.GREEN)


def test_a_retry_moves_no_tag_that_stands_on_another_commit():
    asked = release(Phase.TAGGED, asked_retry_by="morgan")
    decision = decide(asked, facts(tags=(tag(OTHER),), checks=checks(publish_run())), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.TAG_ELSEWHERE, Phase.TAGGED)


def test_a_tag_that_is_gone_stops_the_release_until_somebody_asks_for_it_again():
    decision = decide(release(Phase.TAGGED), facts(checks=checks(publish_run())), TIMEOUTS)
    assert decision.answer is Answer.TAG_ELSEWHERE
    assert decision.details[0].text == "v0.5.0 is gone"


def test_published_may_be_by_a_workflow_started_by_hand_on_the_tag():
    by_hand = facts(tags=(tag(),), checks=checks(publish_run(event="workflow_dispatch")))
    assert decide(release(Phase.TAGGED), by_hand, TIMEOUTS).answer is Answer.PUBLISHED


@pytest.mark.parametrize(
    "known",
    [{"publishing_stage": 1}, {"publishing_tagged_at": NOW}, {}],
    ids=["an earlier stage's", "one that was deleted", "this one's"],
)
def test_tags_never_move_a_retry_never_moves_a_release_away_from_a_tag(known):
    asked = release(Phase.MERGED, asked_retry_by="morgan", **known)
    existing = () if known else (tag(MERGE),)
    found = facts(base=Branch("main", OTHER), tags=existing, checks=checks(run(conclusion="failure")))
    assert decide(asked, found, TIMEOUTS).release.merge.commit == MERGE


def test_tree_says_so_a_commit_whose_files_were_not_read_is_no_longer_green():
    unread = release(Phase.GREEN, merge_tree_agrees=False)
    decision = decide(unread, facts(checks=checks(run()), authority=Permission.MAINTAIN), TIMEOUTS)
    assert decision.answer is Answer.NO_LONGER_GREEN


@pytest.mark.parametrize("existing", [(), (tag(OTHER),)], ids=["gone", "moved"])
def test_tags_never_move_tag_lost_gets_no_github_release(existing):
    decision = decide(release(Phase.VERIFIED), facts(tags=existing), TIMEOUTS)
    assert decision.answer is Answer.TAG_LOST
    assert not any(isinstance(action, CreateRelease) for action in decision.actions)


def test_run_awaited_is_all_that_is_said_of_a_tag_just_pushed_that_is_not_seen_yet():
    decision = decide(release(Phase.TAGGED, publishing_tagged_at=NOW), facts(checks=checks()), TIMEOUTS)
    assert decision.answer is Answer.RUN_AWAITED


def replanned(before: bytes = b"0.4.0", commit: str = MERGE) -> Preflight:
    edit = FileEdit("Cargo.toml", before, b"0.5.0", "version")
    plan = Plan(
        bumps=(),
        edits=(edit,),
        sections=(),
        title="Release v0.5.0",
        headline="release: tidewater v0.5.0",
        branch="shipmate/v0.5.0",
    )
    return Preflight(plan, (), "main", commit)


def proposed(**changes):
    plan = replanned().plan
    assert plan is not None
    return release(Phase.PROPOSED, merge_commit=None, plan_digest=digest_of(plan), plan_compared_with=OTHER, **changes)


def in_review(replan=None, head=OTHER, **changes):
    pull = pull_request(PullRequestState.OPEN)
    known = {"pull_request": pull, "base": Branch("main", MERGE), "branch": Branch("shipmate/v0.5.0", head)}
    return facts(replan=replan, **(known | changes))


def undone(decision):
    """What is to be done beside the check run that says whether the branch is the plan."""
    return tuple(action for action in decision.actions if not isinstance(action, ShowPlan))


def test_a_base_that_moved_without_touching_the_plan_is_only_remembered():
    decision = decide(proposed(), in_review(replanned()), TIMEOUTS)
    assert (decision.answer, undone(decision)) == (Answer.IN_REVIEW, ())
    assert decision.release.plan.compared_with == MERGE


def test_base_moved_and_the_plan_with_it_has_the_pull_request_follow():
    anew = replanned(b"0.4.1")
    decision = decide(proposed(), in_review(anew), TIMEOUTS)
    assert anew.plan is not None
    assert decision.answer is Answer.BASE_MOVED
    assert decision.actions == (
        FollowBase(anew.plan, MERGE, OTHER),
        ShowPlan(None, PlanVerdict.AS_PLANNED),
    )
    assert (decision.release.plan.base_commit, decision.release.plan.compared_with) == (MERGE, MERGE)


def test_a_release_branch_that_holds_the_base_is_in_review_whoever_put_it_there():
    moved = in_review(replanned(b"0.4.1"), head="c" * 40)
    follows = replace(moved.snapshot, branch_follows=True)
    assert decide(proposed(), replace(moved, snapshot=follows), TIMEOUTS).answer is Answer.IN_REVIEW
    off = replace(follows, base_holds=False)
    assert decide(proposed(), replace(moved, snapshot=off), TIMEOUTS).answer is Answer.EDITED


def test_once_an_edited_release_branch_is_never_replaced():
    decision = decide(proposed(), in_review(replanned(b"0.4.1"), head="c" * 40), TIMEOUTS)
    assert (decision.answer, decision.release.blocked is not None) == (Answer.EDITED, True)
    assert not any(isinstance(action, FollowBase) for action in decision.actions)


def test_plan_stale_says_why_the_release_can_no_longer_be_planned():
    stale = Preflight(None, (Problem("Cargo.toml", "says 0.6.0", ""),), "main", MERGE)
    decision = decide(proposed(), in_review(stale), TIMEOUTS)
    assert (decision.answer, decision.details[0].text) == (Answer.PLAN_STALE, "Cargo.toml: says 0.6.0")


def going_to_another(state):
    return in_review(pull_request=replace(pull_request(state), base="dev"))


def test_retargeted_blocks_the_release_and_merged_elsewhere_ends_it():
    retargeted = decide(proposed(), going_to_another(PullRequestState.OPEN), TIMEOUTS)
    assert (retargeted.answer, retargeted.details[0].text) == (Answer.RETARGETED, "#8 goes to dev")
    elsewhere = decide(proposed(), going_to_another(PullRequestState.MERGED), TIMEOUTS)
    assert (elsewhere.answer, elsewhere.release.phase) == (Answer.MERGED_ELSEWHERE, Phase.CANCELLED)


def test_base_gone_names_the_branch_that_a_renamed_base_took_the_pull_request_to():
    moved = replace(pull_request(PullRequestState.OPEN), base="trunk")
    decision = decide(proposed(), in_review(pull_request=moved, base=None), TIMEOUTS)
    assert (decision.answer, decision.details[0].text) == (Answer.BASE_GONE, "#8 goes to trunk")


@pytest.mark.parametrize(
    ("look", "answer"),
    [
        pytest.param(in_review(base=None), Answer.BASE_GONE, id="base_gone"),
        pytest.param(in_review(tags=(tag(OTHER),)), Answer.TAG_ELSEWHERE, id="tag_elsewhere"),
    ],
)
def test_what_an_open_pull_request_cannot_get_over_blocks_the_release(look, answer):
    decision = decide(proposed(), look, TIMEOUTS)
    assert (decision.answer, decision.release.blocked is not None) == (answer, True)


def test_in_review_is_all_that_is_said_of_a_pull_request_that_is_not_seen_for_a_moment():
    assert decide(proposed(), in_review(pull_request=None, branch=None), TIMEOUTS).answer is Answer.IN_REVIEW


def test_pull_gone_for_good_ends_the_release():
    long_proposed = proposed(timeline=((Phase.PROPOSED, NOW - timedelta(minutes=5)),))
    decision = decide(long_proposed, in_review(pull_request=None, branch=None), TIMEOUTS)
    assert (decision.answer, decision.release.phase) == (Answer.PULL_GONE, Phase.CANCELLED)


@pytest.mark.parametrize(("head", "deleted"), [(OTHER, [DeleteBranch(OTHER)]), ("c" * 40, [])])
def test_cancelling_deletes_only_a_branch_that_ends_in_our_commit(head, deleted):
    decision = decide(proposed(asked_cancel_by="morgan"), in_review(head=head), TIMEOUTS)
    assert [action for action in decision.actions if isinstance(action, DeleteBranch)] == deleted


def test_a_branch_that_is_not_seen_for_a_moment_has_its_pull_request_follow_later():
    decision = decide(proposed(), in_review(replanned(b"0.4.1"), branch=None), TIMEOUTS)
    assert (decision.answer, decision.release.plan.compared_with) == (Answer.IN_REVIEW, OTHER)


def test_config_from_base_rules_that_changed_while_in_review_count():
    replan = replanned()
    assert replan.plan is not None
    stricter = replace(replan, plan=replace(replan.plan, policy=Policy(required=("audit",), permission="admin")))
    decision = decide(proposed(), in_review(stricter), TIMEOUTS)
    assert decision.answer is Answer.IN_REVIEW
    assert (decision.release.plan.policy.required, decision.release.plan.policy.permission) == (("audit",), "admin")
    assert decision.release.plan.base_commit == proposed().plan.base_commit


@pytest.mark.parametrize(
    ("branch", "said"),
    [(None, "is gone"), (Branch("shipmate/v0.5.0", OTHER), "is deleted"), (Branch("b", MERGE), "is left alone")],
)
def test_what_became_of_the_branch_of_a_closed_pull_request_is_said_as_it_is(branch, said):
    closed = facts(pull_request=pull_request(PullRequestState.CLOSED), branch=branch)
    decision = decide(proposed(), closed, TIMEOUTS)
    assert said in cancelled(decision.release, decision, ())


def test_authorised_now_who_took_a_release_over_keeps_it_while_ci_runs_again():
    blocked = Blocked(Answer.UNAUTHORISED)
    running = checks(run(status="in_progress", conclusion=None))
    asked = release(Phase.GREEN, blocked=blocked, asked_retry_by="robin", publishing_tagged_at=None)
    waiting = decide(asked, facts(checks=running, authority=Permission.MAINTAIN), TIMEOUTS).release
    assert (waiting.phase, waiting.on_behalf_of) == (Phase.MERGED, "robin")


def test_authorised_now_who_may_not_release_takes_nothing_over():
    asked = release(
        Phase.GREEN, blocked=Blocked(Answer.UNAUTHORISED), asked_retry_by="robin", publishing_tagged_at=None
    )
    refused = decide(asked, facts(checks=checks(run()), authority=Permission.WRITE), TIMEOUTS).release
    assert refused.on_behalf_of == "morgan"


def test_all_or_none_a_tag_of_a_later_stage_on_another_commit_stops_the_first():
    later = package("ebb", tag="ebb-v0.5.0", after=("tidewater",))
    staged = release(Phase.GREEN, packages=(package(), later), publishing_tagged_at=None)
    look = facts(checks=checks(run()), authority=Permission.MAINTAIN, tags=(tag(OTHER, "ebb-v0.5.0"),))
    assert decide(staged, look, TIMEOUTS).answer is Answer.TAG_ELSEWHERE


def test_a_release_whose_tag_was_pushed_by_hand_is_not_called_cancelled():
    asked = release(Phase.MERGED, asked_cancel_by="robin", publishing_tagged_at=None)
    decision = decide(asked, facts(checks=checks(run(conclusion="failure")), tags=(tag(),)), TIMEOUTS)
    assert decision.answer is Answer.CI_RED


def test_once_a_block_is_not_said_again_because_a_run_that_passed_was_started_twice():
    def said(attempt):
        look = facts(checks=checks(run(attempt=attempt)), authority=Permission.READ)
        return decide(release(Phase.GREEN), look, TIMEOUTS).actions[-1]

    assert said(1).milestone is Milestone.BLOCKED
    assert said(1) == said(2)


def test_a_release_is_passed_on_and_announced_after_its_pages_and_before_the_last_word():
    others = {"plan_downstream": (Downstream("o/boat", "tidewater"),), "plan_policy": Policy(announce="News")}
    decision = decide(release(Phase.VERIFIED, **others), facts(tags=(tag(),)), TIMEOUTS)
    kinds = [type(action).__name__ for action in decision.actions]
    assert kinds == ["CreateRelease", "DeleteBranch", "PassOn", "StartDiscussion", "PostComment", "React"]


def test_a_prerelease_is_for_nobody_to_follow():
    candidate = package(new="0.5.0-rc.1", tag="v0.5.0-rc.1")
    others = {"plan_downstream": (Downstream("o/boat", "crates.io:tidewater"),), "packages": (candidate,)}
    decision = decide(release(Phase.VERIFIED, **others), facts(tags=(tag(name="v0.5.0-rc.1"),)), TIMEOUTS)
    assert "PassOn" not in [type(action).__name__ for action in decision.actions]


def test_the_title_of_a_github_release_has_the_section_s_summary():
    summed = release(Phase.VERIFIED, packages=(package(notes="Tides, *at last*.\n\n- Ebb."),))
    (created, *_) = decide(summed, facts(tags=(tag(),)), TIMEOUTS).actions
    assert created.title == "tidewater v0.5.0: Tides, at last"


@pytest.mark.parametrize(
    ("tags", "since"),
    [
        ((), None),
        (("v0.4.0", "v0.3.0", "v0.5.0-rc.1", "v0.6.0", "py-v0.4.9"), "v0.4.0"),
        (("v0.9", "vx", "0.4.0"), None),
    ],
)
def test_generated_notes_begin_at_the_package_s_last_release(tags, since):
    wanted = release(Phase.VERIFIED, plan_policy=Policy(generated_notes=True))
    (created, *_) = decide(wanted, facts(tags=(tag(),), all_tags=tags), TIMEOUTS).actions
    assert (created.generated, created.since) == (True, since)


def test_what_is_missing_on_pypi_is_told_again_on_the_last_day_on_which_it_takes_files():
    wheels = package("ebb", registry=Registry.PYPI, files=("sdist", "linux-x86_64"))
    sdist = ReleaseFile("ebb-0.5.0.tar.gz", "a" * 64, 1, LONG_AGO, None, False)
    found = PyPIRelease(
        "ebb", "0.5.0", True, (sdist,), (sdist.filename,), False, True, None, "https://pypi.example/ebb"
    )

    def told(after):
        look = replace(facts(registries={wheels.key: found}), now=LONG_AGO + after)
        incomplete = decide(release(Phase.PUBLISHED, packages=(wheels,), publishing_ended_at=LONG_AGO), look, TIMEOUTS)
        assert incomplete.answer is Answer.INCOMPLETE
        return [
            action.key.text.partition("incomplete")[2]
            for action in incomplete.actions
            if isinstance(action, PostComment)
        ]

    (first,) = told(timedelta(hours=1))
    assert told(timedelta(days=12)) == [first]
    assert told(timedelta(days=13, hours=1)) == [first, "-closing"]
    assert told(timedelta(days=14)) == [first]
