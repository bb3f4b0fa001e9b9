"""The heart: what one look at a release leads to. A table that can be read aloud.

Each row reads: in this phase, when the look answers so, stand in that phase, look again then, do this, remember that,
and say so: `Blocks` waits for a person, `Ends` is the last word. `docs` and the README's diagram are made from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.ledger import Undone, Word
from bot.release.actions import Action, PostComment, React, RerunFailedJobs, RerunJob
from bot.release.answers import Answer, Blocked, Detail, Finding
from bot.release.ci.of_release import head_ci, merge_commit_ci
from bot.release.facts import Facts, Timeouts
from bot.release.model import Phase, Release
from bot.release.plan_check import plan_shown
from bot.release.publishing.failures import Excerpt, excerpts, failed
from bot.release.publishing.packages import publish_runs, verdicts_of
from bot.release.questions import QUESTIONS
from bot.release.refusals import natural_keys, on_a_retry, told
from bot.release.rollback.actions import begin_rollback, cancel_runs, delete_tags, mark_yanked, yank
from bot.release.rows.act import (
    conclude,
    create_releases,
    follow,
    nothing,
    propose,
    publish_anew,
    push_tags,
    rerun_cancelled,
    rerun_ci,
    rerun_publishing,
    rerun_what_may_fail,
    say_landed,
    say_proposed,
    say_tagged,
    verified,
    withdraw,
)
from bot.release.rows.learn import (
    nothing_new,
    the_assets,
    the_deletion,
    the_fates,
    the_merge,
    the_newer_commit,
    the_newer_plan,
    the_plan,
    the_publishing,
    the_pull_request,
    the_push,
    the_refusal,
    the_registries,
    the_rollback,
    the_same_plan,
    the_silence,
    the_stage,
    the_tags,
    the_tree,
    who_took_over,
)
from bot.release.rows.row import Blocks, Ends, Row, Wait
from bot.release.rows.say import each_attempt, each_refusal, its_reason, what_is_missing, what_is_to_yank
from bot.release.verification.judge import Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """What one look leads to: first the actions, then the release as it stands after them."""

    answer: Answer
    actions: tuple[Action, ...]
    release: Release
    look_at: datetime | None
    """When to look again; None when the release has ended."""
    details: tuple[Detail, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    """What the failed steps of publish workflows printed last; too much to be kept."""


P, A, W = Phase, Answer, Wait

BLOCKED, BLOCKED_ANEW, REFUSED_ANEW = Blocks(its_reason), Blocks(each_attempt), Blocks(each_refusal)
INCOMPLETE, YANK_WANTED = Blocks(what_is_missing), Blocks(what_is_to_yank)
SAYS_REFUSED, SAYS_CANCELLED = Ends(Word.REFUSED, "confused"), Ends(Word.CANCELLED)
SAYS_RELEASED, SAYS_UNDONE = Ends(Word.RELEASED, "rocket"), Ends(Undone)

TABLE: tuple[Row, ...] = (
    Row(P.REQUESTED, A.UNPLANNABLE, P.REFUSED, W.END, nothing, the_plan, SAYS_REFUSED),
    Row(P.REQUESTED, A.UNAUTHORISED, P.REFUSED, W.END, nothing, the_plan, SAYS_REFUSED),
    Row(P.REQUESTED, A.HEAD_RED, P.REFUSED, W.END, nothing, the_plan, SAYS_REFUSED),
    Row(P.REQUESTED, A.HEAD_SILENT, P.REFUSED, W.END, nothing, the_plan, SAYS_REFUSED),
    Row(P.REQUESTED, A.HEAD_UNTRIGGERED, P.REFUSED, W.END, nothing, the_plan, SAYS_REFUSED),
    Row(P.REQUESTED, A.HEAD_RUNNING, P.REQUESTED, W.CI, nothing, the_plan, None),
    Row(P.REQUESTED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw, nothing_new, SAYS_CANCELLED),
    Row(P.REQUESTED, A.READY, P.PROPOSED, W.PERSON, propose, the_plan, None),
    Row(P.REQUESTED, A.ACT_REFUSED, P.REQUESTED, W.PERSON, nothing, nothing_new, REFUSED_ANEW),
    Row(P.REQUESTED, A.OPENED, P.PROPOSED, W.NOT, say_proposed, the_pull_request, None),
    #
    Row(P.PROPOSED, A.IN_REVIEW, P.PROPOSED, W.PERSON, nothing, the_same_plan, None),
    Row(P.PROPOSED, A.BASE_MOVED, P.PROPOSED, W.PERSON, follow, the_newer_plan, None),
    Row(P.PROPOSED, A.EDITED, P.PROPOSED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.PROPOSED, A.PLAN_STALE, P.PROPOSED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.PROPOSED, A.RETARGETED, P.PROPOSED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.PROPOSED, A.BASE_GONE, P.PROPOSED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.PROPOSED, A.TAG_ELSEWHERE, P.PROPOSED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.PROPOSED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw, nothing_new, SAYS_CANCELLED),
    Row(P.PROPOSED, A.CLOSED, P.CANCELLED, W.END, withdraw, nothing_new, SAYS_CANCELLED),
    Row(P.PROPOSED, A.PULL_GONE, P.CANCELLED, W.END, nothing, nothing_new, SAYS_CANCELLED),
    Row(P.PROPOSED, A.MERGED_ELSEWHERE, P.CANCELLED, W.END, nothing, nothing_new, SAYS_CANCELLED),
    Row(P.PROPOSED, A.ACT_REFUSED, P.PROPOSED, W.PERSON, nothing, nothing_new, REFUSED_ANEW),
    Row(P.PROPOSED, A.MERGED, P.MERGED, W.NOT, nothing, the_merge, None),
    #
    Row(P.MERGED, A.CI_RUNNING, P.MERGED, W.CI, nothing, the_tree, None),
    Row(P.MERGED, A.OFF_BASE, P.MERGED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.MERGED, A.BASE_GONE, P.MERGED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.MERGED, A.TREE_DISAGREES, P.MERGED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.MERGED, A.CI_RED, P.MERGED, W.PERSON, rerun_ci, the_tree, BLOCKED_ANEW),
    Row(P.MERGED, A.CI_CANCELLED, P.MERGED, W.MOVING, rerun_cancelled, the_tree, None),
    Row(P.MERGED, A.CI_SILENT, P.MERGED, W.PERSON, nothing, the_tree, BLOCKED),
    Row(P.MERGED, A.CI_UNTRIGGERED, P.MERGED, W.PERSON, nothing, the_tree, BLOCKED),
    Row(P.MERGED, A.CI_UNREPORTED, P.MERGED, W.PERSON, nothing, the_tree, BLOCKED),
    Row(P.MERGED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw, nothing_new, SAYS_CANCELLED),
    Row(P.MERGED, A.MOVED_ON, P.MERGED, W.NOT, nothing, the_newer_commit, None),
    Row(P.MERGED, A.ACT_REFUSED, P.MERGED, W.PERSON, nothing, nothing_new, REFUSED_ANEW),
    Row(P.MERGED, A.CI_GREEN, P.GREEN, W.NOT, nothing, the_tree, None),
    #
    Row(P.GREEN, A.NO_LONGER_GREEN, P.MERGED, W.NOT, nothing, who_took_over, None),
    Row(P.GREEN, A.OFF_BASE, P.MERGED, W.NOT, nothing, who_took_over, None),
    Row(P.GREEN, A.UNAUTHORISED, P.GREEN, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.GREEN, A.TAG_ELSEWHERE, P.GREEN, W.PERSON, nothing, who_took_over, BLOCKED),
    Row(P.GREEN, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw, who_took_over, SAYS_CANCELLED),
    Row(P.GREEN, A.ACT_REFUSED, P.GREEN, W.PERSON, nothing, who_took_over, REFUSED_ANEW),
    Row(P.GREEN, A.WORKFLOWS_DIFFER, P.GREEN, W.PERSON, nothing, who_took_over, REFUSED_ANEW),
    Row(P.GREEN, A.MOVED_ON, P.MERGED, W.NOT, nothing, the_newer_commit, None),
    Row(P.GREEN, A.UNTAGGED, P.TAGGED, W.MOVING, push_tags, the_push, None),
    Row(P.GREEN, A.TAGGED, P.TAGGED, W.NOT, say_tagged, the_tags, None),
    #
    Row(P.TAGGED, A.TAG_ELSEWHERE, P.TAGGED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.TAGGED, A.TAG_GONE, P.GREEN, W.NOT, nothing, nothing_new, None),
    Row(P.TAGGED, A.RUN_AWAITED, P.TAGGED, W.MOVING, nothing, nothing_new, None),
    Row(P.TAGGED, A.RUN_LOST, P.TAGGED, W.PERSON, publish_anew, nothing_new, BLOCKED),
    Row(P.TAGGED, A.UPLOAD_AWAITED, P.TAGGED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.TAGGED, A.START_AWAITED, P.TAGGED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.TAGGED, A.PUBLISHING, P.TAGGED, W.MOVING, nothing, nothing_new, None),
    Row(P.TAGGED, A.APPROVAL_AWAITED, P.TAGGED, W.PERSON, nothing, nothing_new, BLOCKED_ANEW),
    Row(P.TAGGED, A.APPROVAL_REJECTED, P.TAGGED, W.PERSON, rerun_publishing, nothing_new, BLOCKED_ANEW),
    Row(P.TAGGED, A.PUBLISH_FAILED, P.TAGGED, W.PERSON, rerun_publishing, nothing_new, BLOCKED_ANEW),
    Row(P.TAGGED, A.LANDING, P.TAGGED, W.MOVING, nothing, nothing_new, None),
    Row(P.TAGGED, A.LANDED, P.PUBLISHED, W.NOT, say_landed, the_publishing, None),
    Row(P.TAGGED, A.ACT_REFUSED, P.TAGGED, W.PERSON, nothing, nothing_new, REFUSED_ANEW),
    Row(P.TAGGED, A.PUBLISHED, P.PUBLISHED, W.NOT, nothing, the_publishing, None),
    #
    Row(P.PUBLISHED, A.UNREACHABLE, P.PUBLISHED, W.MOVING, nothing, the_silence, None),
    Row(P.PUBLISHED, A.REGISTRY_SILENT, P.PUBLISHED, W.PERSON, nothing, the_silence, BLOCKED),
    Row(P.PUBLISHED, A.PROPAGATING, P.PUBLISHED, W.MOVING, nothing, the_registries, None),
    Row(P.PUBLISHED, A.JOBS_LEFT, P.TAGGED, W.MOVING, rerun_what_may_fail, the_registries, None),
    Row(P.PUBLISHED, A.INCOMPLETE, P.PUBLISHED, W.PERSON, rerun_what_may_fail, the_registries, INCOMPLETE),
    Row(P.PUBLISHED, A.STAGE_COMPLETE, P.GREEN, W.NOT, verified, the_stage, None),
    Row(P.PUBLISHED, A.ACT_REFUSED, P.PUBLISHED, W.PERSON, nothing, nothing_new, REFUSED_ANEW),
    Row(P.PUBLISHED, A.COMPLETE, P.VERIFIED, W.NOT, verified, the_registries, None),
    #
    Row(P.VERIFIED, A.TAG_LOST, P.VERIFIED, W.PERSON, nothing, nothing_new, BLOCKED),
    Row(P.VERIFIED, A.WITHOUT_RELEASES, P.RELEASED, W.END, create_releases, the_assets, SAYS_RELEASED),
    Row(P.VERIFIED, A.ACT_REFUSED, P.VERIFIED, W.PERSON, nothing, nothing_new, REFUSED_ANEW),
    Row(P.VERIFIED, A.WITH_RELEASES, P.RELEASED, W.END, conclude, the_assets, SAYS_RELEASED),
    #
    Row(P.ROLLING_BACK, A.ROLLBACK_UNREACHABLE, P.ROLLING_BACK, W.MOVING, begin_rollback, the_rollback, None),
    Row(P.ROLLING_BACK, A.ROLLBACK_UNAUTHORISED, P.ROLLING_BACK, W.PERSON, begin_rollback, the_refusal, BLOCKED),
    Row(P.ROLLING_BACK, A.RUNS_GO_ON, P.ROLLING_BACK, W.MOVING, cancel_runs, the_fates, None),
    Row(P.ROLLING_BACK, A.RUNS_HANG, P.ROLLING_BACK, W.PERSON, cancel_runs, the_fates, BLOCKED),
    Row(P.ROLLING_BACK, A.TO_YANK, P.ROLLING_BACK, W.MOVING, yank, the_fates, None),
    Row(P.ROLLING_BACK, A.MAY_STILL_PUBLISH, P.ROLLING_BACK, W.MOVING, begin_rollback, the_fates, None),
    Row(P.ROLLING_BACK, A.TO_DELETE, P.ROLLING_BACK, W.MOVING, delete_tags, the_deletion, None),
    Row(P.ROLLING_BACK, A.YANK_AWAITED, P.ROLLING_BACK, W.PERSON, begin_rollback, the_fates, YANK_WANTED),
    Row(P.ROLLING_BACK, A.ACT_REFUSED, P.ROLLING_BACK, W.PERSON, begin_rollback, the_fates, REFUSED_ANEW),
    Row(P.ROLLING_BACK, A.UNDONE, P.ROLLED_BACK, W.END, mark_yanked, the_fates, SAYS_UNDONE),
)

_ROWS = {(row.phase, row.answer): row for row in TABLE}


def ends_of(phase: Phase) -> tuple[tuple[Phase, Ends], ...]:
    """The ends that a look at `phase` can say, with where the release then stands."""
    rows = (row for row in TABLE if row.phase is phase)
    return tuple(dict.fromkeys((row.then, row.says) for row in rows if isinstance(row.says, Ends)))


def decide(release: Release, facts: Facts, timeouts: Timeouts) -> Decision:
    """What this look leads to. Pure; raises KeyError only if a question gives an answer that its phase has no row for
    (a test proves that none does). An ended release is not asked about.
    """
    answer, details = _found(release, facts, timeouts)
    row = _ROWS[release.phase, answer]
    blocked = Blocked(answer, details) if row.blocks else None
    said = _said(row, release, facts, timeouts, details)
    acts = row.act(release, facts, timeouts)
    actions = (*acts, *said, *(plan_shown(release, facts, acts) if row.then is Phase.PROPOSED else ()))
    owed_to = _owed_to(release, said) if row.blocks else None
    look_at = facts.now if owed_to else _look_at(row.wait, release, facts, timeouts)
    reruns = any(isinstance(action, RerunFailedJobs | RerunJob) for action in actions)
    learnt = row.learn(release, facts)
    retry_owed = None if blocked else release.asked.retry_owed
    after = replace(
        learnt,
        blocked=blocked,
        review=replace(learnt.review, theirs=facts.theirs) if facts.theirs else learnt.review,
        publishing=replace(learnt.publishing, rerun_at=facts.now) if reruns else learnt.publishing,
        asked=replace(learnt.asked, retry_by=owed_to, retry_owed=retry_owed),
        look_at=look_at,
    )
    return Decision(
        answer,
        actions,
        after.moved_to(row.then, facts.now),
        look_at,
        details,
        verdicts_of(release, facts, timeouts) if release.phase is Phase.PUBLISHED else (),
        _excerpts(release, answer, facts),
    )


def _found(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """The answer to the phase's question; that its act was refused, where nobody has retried since.

    What only a retry does counts as well (running something again): who retried in vain is told why.
    """
    answer, details = QUESTIONS[release.phase](release, facts, timeouts)
    if release.refused is None or not release.refused.final or release.asked.retry_by:
        return answer, details
    row = _ROWS[release.phase, answer]
    if release.refused.key not in natural_keys(row.act(on_a_retry(release), facts, timeouts)):
        return answer, details
    why, named = told(release.refused, release.phase)
    return why, (*named, *(details if row.blocks else ()))


def _said(
    row: Row, release: Release, facts: Facts, timeouts: Timeouts, details: tuple[Detail, ...]
) -> tuple[Action, ...]:
    """The comments of a row's block or end, and its reaction."""
    match row.says:
        case Blocks(keys):
            return tuple(PostComment(key) for key in keys(release, facts, timeouts, Blocked(row.answer, details)))
        case Ends(reaction=reaction) as end:
            return (end.comment(release), React(reaction)) if reaction else (end.comment(release),)
        case None:
            return ()


def _owed_to(release: Release, said: Iterable[Action]) -> str | None:
    """Who was promised a retry of the very block in which the release is found again."""
    if release.asked.retry_owed is None or release.asked.retry_by:
        return None
    told = {action.key.text for action in said if isinstance(action, PostComment)}
    return release.asked.retry_owed.by if told & {*release.asked.retry_owed.blocks} else None


def _excerpts(release: Release, answer: Answer, facts: Facts) -> tuple[Excerpt, ...]:
    if answer is not Answer.PUBLISH_FAILED:
        return ()
    runs = dict.fromkeys(run for package in release.current for run in publish_runs(package, release, facts))
    return excerpts([run for run in runs if failed(run)], facts)


def _look_at(wait: Wait, release: Release, facts: Facts, timeouts: Timeouts) -> datetime | None:
    soon = facts.now + timedelta(seconds=timeouts.look_again)
    match wait:
        case Wait.NOT:
            return facts.now
        case Wait.MOVING:
            return soon
        case Wait.CI:
            before = release.phase is Phase.REQUESTED
            ci = head_ci(facts, timeouts) if before else merge_commit_ci(release, facts, timeouts)
            return ci.settles_at or soon
        case Wait.PERSON:
            return facts.now + timedelta(seconds=timeouts.idle)
        case Wait.END:
            return None
