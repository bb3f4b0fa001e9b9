"""Every state has a next step or is an end, and no transition breaks a promise: walked exhaustively.

The expectations are stated over the labels of the world, not over the code's own verdicts.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.comments.milestones import MILESTONES
from bot.comments.reasons import remedy, sentence
from bot.comments.status import status_comment
from bot.github.facts import Permission
from bot.release.actions import (
    CancelRun,
    ClosePullRequest,
    CreateRelease,
    DeleteBranch,
    DeleteRelease,
    DeleteTags,
    FollowBase,
    Milestone,
    OpenPullRequest,
    PostComment,
    PushTags,
    RerunFailedJobs,
    RerunJob,
    Yank,
)
from bot.release.answers import Answer
from bot.release.model import Phase
from bot.release.records import Refused
from bot.release.refusals import natural_keys
from bot.release.table import TABLE, Decision, decide
from tests.release.builders import MERGE, NOW, TIMEOUTS, changed
from tests.release.every_state import State, every_refusal, every_state

ROWS = {(row.phase, row.answer): row for row in TABLE}


@pytest.fixture(scope="module")
def walked() -> list[tuple[State, Decision]]:
    states = list(every_state())
    return [(state, decide(state.release, state.facts, TIMEOUTS)) for state in (*states, *every_refusal(states))]


def acting(walked, *kinds) -> Iterator[tuple[State, Decision, Any]]:
    """Each action of these kinds with the state that led to it; there must be some."""
    found = [(s, d, a) for s, d in walked for a in d.actions if isinstance(a, kinds)]
    assert found
    yield from found


def test_the_walk_meets_every_row_of_the_table(walked):
    assert {(state.release.phase, decision.answer) for state, decision in walked} == ROWS.keys()


def test_no_silence_every_state_has_a_next_look_or_is_an_end(walked):
    for _, decision in walked:
        if decision.release.phase.is_end:
            assert decision.look_at is None
        else:
            assert NOW <= decision.look_at <= NOW + timedelta(seconds=TIMEOUTS.idle)


def test_no_silence_every_end_and_every_block_is_said_with_a_way_out(walked):
    for state, decision in walked:
        said = [action.milestone for action in decision.actions if isinstance(action, PostComment)]
        if decision.release.phase.is_end:
            ends = {Milestone.RELEASED, Milestone.CANCELLED, Milestone.REFUSED, Milestone.UNDONE}
            assert ends & set(said), state.labels
        if decision.release.blocked is not None:
            assert {Milestone.BLOCKED, Milestone.VERIFICATION, Milestone.YANK_WANTED} & set(said), state.labels
            assert remedy(decision.answer, decision.release)


def test_no_comment_has_a_gap(walked):
    seen: Counter[tuple[object, ...]] = Counter()
    for state, decision in walked:
        kind = (state.release.phase, decision.answer, state.release.review.pull_request is None)
        seen[kind] += 1
        if seen[kind] > 20:  # the words depend on little else
            continue
        problems = state.facts.preflight.problems if state.facts.preflight else ()
        after = (
            decision.release
            if decision.answer is not Answer.READY
            else changed(decision.release, review_pull_request=8)
        )
        texts = [
            MILESTONES[a.milestone](after, decision, problems) for a in decision.actions if isinstance(a, PostComment)
        ]
        texts += [status_comment(after, decision.answer), sentence(decision.answer, after)]
        for text in texts:
            assert "None" not in text, (kind, text)
            assert "{" not in text, (kind, text)


def test_green_before_tag_nothing_but_green_on_that_very_commit_is_tagged(walked):
    for state, _, push in acting(walked, PushTags):
        assert (state.labels["ci"], push.commit) == ("green", MERGE), state.labels


def test_tree_says_so_only_a_commit_whose_files_agree_is_tagged(walked):
    for state, _, _ in acting(walked, PushTags):
        assert (state.labels["tree"], state.labels["read"]) == ("agrees", "yes"), state.labels


def test_tree_says_so_only_a_commit_that_the_base_branch_holds_is_called_green_and_tagged(walked):
    for state, _, _ in acting(walked, PushTags):
        assert state.labels["holds"] == "yes", state.labels
    for state, decision in walked:
        if state.release.phase is Phase.MERGED and decision.release.phase is Phase.GREEN:
            assert (state.labels["holds"], state.labels["base"] != "gone") == ("yes", True), state.labels


def test_a_pull_request_on_a_commit_that_was_taken_off_its_base_is_never_called_ready(walked):
    for state, decision in walked:
        at_hand = state.labels.get("replan") in ("same", "other") and state.labels["branch"] != "gone"
        if at_hand and state.labels["holds"] == "no":
            assert decision.answer is not Answer.IN_REVIEW or state.labels["pull"] in (
                "none",
                "merged, commit unknown",
            ), state.labels


def test_tags_never_move_no_tag_that_stands_is_pushed_and_none_beside_one_that_stands_elsewhere(walked):
    for state, _, push in acting(walked, PushTags):
        existing = {tag.name: tag.commit for tag in state.facts.snapshot.tags}
        assert not existing.keys() & set(push.tags), state.labels
        assert all(existing.get(package.tag, MERGE) == MERGE for package in state.release.current), state.labels


def test_all_or_none_a_push_leaves_no_tag_of_its_stage_missing(walked):
    for state, _, push in acting(walked, PushTags):
        existing = {tag.name for tag in state.facts.snapshot.tags}
        assert {package.tag for package in state.release.current} <= existing | set(push.tags), state.labels


def test_what_github_refused_for_good_is_pushed_again_only_on_a_retry(walked):
    refused = [
        (state, decision)
        for state, decision in walked
        if state.release.phase is Phase.GREEN and state.release.refused is not None
    ]
    pushed = {state.labels["retry"] for state, decision in refused if decision.answer is Answer.UNTAGGED}
    assert pushed == {"yes"}
    for state, decision in refused:
        if decision.answer is Answer.MOVED_ON:
            assert (state.labels["refused"], state.labels["base"]) == ("for workflows, again", "newer"), state.labels
            assert "right" not in (state.labels["first"], state.labels["second"]), state.labels
            assert decision.release.refused is None


def test_act_refused_blocks_in_every_phase_and_what_was_refused_is_not_done_until_a_retry(walked):
    refused = [(state, decision) for state, decision in walked if state.release.refused is not None]
    assert {state.release.phase for state, _ in refused} == {row.phase for row in TABLE}
    for state, decision in refused:
        if state.release.asked.retry_by or state.release.refused.of is not Refused.PERMISSION:
            continue
        assert decision.answer is Answer.ACT_REFUSED, state.labels
        assert decision.release.blocked is not None
        assert state.release.refused.key not in natural_keys(decision.actions)
        retried = changed(state.release, asked_retry_by="morgan")
        assert state.release.refused.key in natural_keys(decide(retried, state.facts, TIMEOUTS).actions)


def test_authorised_now_only_who_may_release_at_this_look_gets_tags(walked):
    for state, _, _ in acting(walked, PushTags):
        assert state.labels["role"] in (Permission.MAINTAIN, Permission.ADMIN), state.labels


def test_authorised_now_nothing_is_proposed_for_who_may_not_release_or_from_what_is_not_green(walked):
    for state, _, _ in acting(walked, OpenPullRequest):
        assert (state.labels["role"], state.labels["preflight"]) == ("enough", "green"), state.labels


def test_a_release_is_never_cancelled_behind_its_tags(walked):
    for state, decision in walked:
        if decision.release.phase is Phase.CANCELLED and state.release.phase in (Phase.GREEN, Phase.TAGGED):
            assert not any(tag.commit == MERGE for tag in state.facts.snapshot.tags), state.labels


def test_once_a_persons_commit_is_neither_replaced_nor_deleted(walked):
    for state, _, follow in acting(walked, FollowBase, DeleteBranch):
        assert state.labels.get("branch", "ours") == "ours", state.labels
        replaced = {getattr(follow, "instead_of", None), getattr(follow, "head", None)}
        assert replaced & {*state.release.review.ours}, state.labels


def test_a_pull_request_follows_only_while_it_is_open_and_only_to_another_plan_or_off_what_was_taken_off(walked):
    for state, _, _ in acting(walked, FollowBase):
        assert (state.labels["pull"], state.labels["cancel"]) == ("open", "no")
        assert state.labels["replan"] == "other" or state.labels["holds"] == "no"


def test_a_merged_pull_request_is_never_closed(walked):
    for state, _, _ in acting(walked, ClosePullRequest):
        assert state.labels.get("pull") not in ("merged", "merged elsewhere"), state.labels


def test_tags_never_move_a_github_release_is_made_only_for_tags_that_all_stand(walked):
    for state, _, made in acting(walked, CreateRelease):
        existing = {tag.name: tag.commit for tag in state.facts.snapshot.tags}
        assert {existing.get(package.tag) for package in state.release.packages} == {MERGE}, state.labels
        assert made.tag not in {page.tag for page in state.facts.releases}


def test_once_a_draft_that_is_ours_is_published_instead_of_made_again(walked):
    for state, _, made in acting(walked, CreateRelease):
        assert (made.draft is not None) == (state.labels["drafted"] == "yes"), state.labels


def test_a_fix_of_an_older_line_never_becomes_the_latest_release(walked):
    for state, _, made in acting(walked, CreateRelease):
        assert made.latest == (made.tag == "v0.5.0" and state.labels["newer"] == "no"), state.labels


def test_jobs_run_again_only_when_somebody_asks_or_a_newer_push_cancelled_ci(walked):
    for state, decision, _ in acting(walked, RerunFailedJobs, RerunJob):
        by_itself = decision.answer is Answer.CI_CANCELLED and state.labels["ci"] == "cancelled"
        assert by_itself or state.labels["retry"] == "yes", state.labels


def test_a_job_that_may_fail_runs_again_only_where_something_is_missing(walked):
    for state, decision, _ in acting(walked, RerunJob):
        names = [("first", "second")[release.name == "ebb"] for release in state.release.current]
        assert state.labels["job"] == "tolerated"
        assert {state.labels[name] for name in names} != {"complete"}, state.labels
        assert decision.release.phase is Phase.TAGGED


def test_released_is_only_what_was_verified_and_verified_only_what_is_complete(walked):
    for state, decision in walked:
        if decision.release.phase is Phase.RELEASED:
            assert state.release.phase is Phase.VERIFIED
        onward = decision.release.phase not in (Phase.PUBLISHED, Phase.TAGGED)
        if state.release.phase is Phase.PUBLISHED and onward:
            names = [("first", "second")[release.name == "ebb"] for release in state.release.current]
            assert {state.labels[name] for name in names} == {"complete"}, state.labels


def test_landed_is_only_what_the_registry_has_whole_and_landing_is_not_said_for_long(walked):
    for state, decision in walked:
        if decision.answer not in (Answer.LANDED, Answer.LANDING):
            continue
        runs = {state.labels["run_one"], state.labels["run_two"]}
        assert "there already" in runs, state.labels
        assert not runs & {"failed", "cancelled", "rejected", "waiting"}, state.labels
        expected = {Answer.LANDED: {"complete"}, Answer.LANDING: {"unreachable", "lagging"}}[decision.answer]
        assert state.labels["registry"] in expected, state.labels
        assert decision.answer is Answer.LANDED or state.labels["age"] == "now", state.labels


def test_published_keeps_its_tag_nothing_is_deleted_of_which_a_registry_has_something_or_does_not_answer(walked):
    for state, _, delete in acting(walked, DeleteTags, DeleteRelease):
        tags = [tag.name for tag in delete.tags] if isinstance(delete, DeleteTags) else [delete.tag]
        names = [("first", "second")[p.name == "ebb"] for p in state.release.packages if p.tag in tags]
        assert {state.labels[name] for name in names} == {"absent"}, state.labels


def test_published_keeps_its_tag_only_tags_of_this_release_where_it_put_them_are_deleted(walked):
    for state, _, delete in acting(walked, DeleteTags):
        assert (state.labels["tag"], state.labels["pushed"]) == ("right", "by us"), state.labels
        assert {tag.commit for tag in delete.tags} == {MERGE}, state.labels
        assert state.labels["page"] != "published", state.labels


def test_published_keeps_its_tag_nothing_is_deleted_before_every_run_has_ended_and_shown_what_it_published(walked):
    for state, _, _ in acting(walked, DeleteTags):
        assert state.labels["run"] not in ("queued", "waiting", "running"), state.labels
        if state.labels.get("ended") == "now":
            assert state.labels["run"] in ("none", "elsewhere"), state.labels


def test_a_persons_draft_is_never_deleted(walked):
    for state, _, _ in acting(walked, DeleteRelease):
        assert state.labels["page"] == "draft"


def test_authorised_now_nothing_is_undone_for_who_may_not_release_at_this_look(walked):
    for state, _, _ in acting(walked, DeleteTags, DeleteRelease, CancelRun, Yank):
        assert state.labels["role"] == "enough", state.labels


def test_only_what_is_published_and_not_yanked_is_yanked_and_only_with_a_token_that_is_not_refused(walked):
    for state, _, yank in acting(walked, Yank):
        name = ("first", "second")[yank.name == "ebb"]
        assert state.labels[name] in ("complete", "lagging"), state.labels
        assert state.labels["yank"] == "with token"


def test_a_rollback_is_told_before_anything_is_undone(walked):
    for state, decision in walked:
        if state.release.rollback is not None and not state.release.rollback.begun:
            assert isinstance(decision.actions[0], PostComment)
            assert decision.actions[0].milestone is Milestone.ROLLBACK


def test_rolled_back_is_only_what_is_not_published_any_more_or_was_watched_for_a_week(walked):
    for state, decision in walked:
        if decision.release.phase is Phase.ROLLED_BACK:
            names = [("first", "second")[key.endswith("ebb")] for key in state.release.rollback.packages]
            left = {state.labels[name] for name in names} - {"absent", "yanked"}
            assert not left or state.labels.get("asked") == "long ago", state.labels
