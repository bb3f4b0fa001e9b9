"""The heart: what one look at a release leads to. A table that can be read aloud.

Each row reads: in this phase, when the look answers so, do these things and stand in that phase; whoever has to
wait waits so long; a row marked `blocks` waits for a person. `docs` and the README's diagram are made from it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.github.facts import PASSING
from bot.ledger import Block
from bot.release.actions import Action, PostComment, RerunFailedJobs, RerunJob
from bot.release.answers import LEDGER_REASONS, Answer
from bot.release.facts import Facts, Timeouts
from bot.release.model import Blocked, Detail, Phase, PublishRun, Release
from bot.release.packages import publish_runs, verdicts_of
from bot.release.publishing.failures import Excerpt, excerpts, failed
from bot.release.questions import QUESTIONS
from bot.release.rollback.actions import ask_for_yank, begin_rollback, cancel_runs, delete_tags, say_undone, yank
from bot.release.rollback.ladder import with_rollback
from bot.release.row_actions import (
    Act,
    conclude,
    create_releases,
    follow,
    found_incomplete,
    nothing,
    propose,
    push_tags,
    refuse,
    rerun_ci,
    rerun_publishing,
    rerun_what_may_fail,
    say_cancelled,
    say_landed,
    say_proposed,
    say_tagged,
    verified,
    with_pushed,
    withdraw,
)
from bot.release.verification.judge import Verdict
from bot.release.with_plan import is_same_plan, with_notes, with_plan


class Wait(Enum):
    """When to look again."""

    NOT = auto()
    """At once: the next phase may be through already."""
    MOVING = auto()
    """Soon: a machine is at work."""
    PERSON = auto()
    """Late: a person is awaited, and a webhook will tell."""
    END = auto()
    """Never."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    phase: Phase
    answer: Answer
    then: Phase
    wait: Wait
    act: Act = nothing
    blocks: bool = False


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

TABLE: tuple[Row, ...] = (
    Row(P.REQUESTED, A.UNPLANNABLE, P.REFUSED, W.END, refuse),
    Row(P.REQUESTED, A.UNAUTHORISED, P.REFUSED, W.END, refuse),
    Row(P.REQUESTED, A.HEAD_RED, P.REFUSED, W.END, refuse),
    Row(P.REQUESTED, A.HEAD_SILENT, P.REFUSED, W.END, refuse),
    Row(P.REQUESTED, A.HEAD_RUNNING, P.REQUESTED, W.MOVING),
    Row(P.REQUESTED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw),
    Row(P.REQUESTED, A.READY, P.PROPOSED, W.PERSON, propose),
    Row(P.REQUESTED, A.OPENED, P.PROPOSED, W.NOT, say_proposed),
    #
    Row(P.PROPOSED, A.IN_REVIEW, P.PROPOSED, W.PERSON),
    Row(P.PROPOSED, A.BASE_MOVED, P.PROPOSED, W.PERSON, follow),
    Row(P.PROPOSED, A.EDITED, P.PROPOSED, W.PERSON, blocks=True),
    Row(P.PROPOSED, A.PLAN_STALE, P.PROPOSED, W.PERSON, blocks=True),
    Row(P.PROPOSED, A.RETARGETED, P.PROPOSED, W.PERSON, blocks=True),
    Row(P.PROPOSED, A.BASE_GONE, P.PROPOSED, W.PERSON, blocks=True),
    Row(P.PROPOSED, A.TAG_ELSEWHERE, P.PROPOSED, W.PERSON, blocks=True),
    Row(P.PROPOSED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw),
    Row(P.PROPOSED, A.CLOSED, P.CANCELLED, W.END, withdraw),
    Row(P.PROPOSED, A.PULL_GONE, P.CANCELLED, W.END, say_cancelled),
    Row(P.PROPOSED, A.MERGED_ELSEWHERE, P.CANCELLED, W.END, say_cancelled),
    Row(P.PROPOSED, A.MERGED, P.MERGED, W.NOT),
    #
    Row(P.MERGED, A.CI_RUNNING, P.MERGED, W.MOVING),
    Row(P.MERGED, A.OFF_BASE, P.MERGED, W.PERSON, blocks=True),
    Row(P.MERGED, A.BASE_GONE, P.MERGED, W.PERSON, blocks=True),
    Row(P.MERGED, A.TREE_DISAGREES, P.MERGED, W.PERSON, blocks=True),
    Row(P.MERGED, A.CI_RED, P.MERGED, W.PERSON, rerun_ci, blocks=True),
    Row(P.MERGED, A.CI_SILENT, P.MERGED, W.PERSON, blocks=True),
    Row(P.MERGED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw),
    Row(P.MERGED, A.MOVED_ON, P.MERGED, W.NOT),
    Row(P.MERGED, A.CI_GREEN, P.GREEN, W.NOT),
    #
    Row(P.GREEN, A.NO_LONGER_GREEN, P.MERGED, W.NOT),
    Row(P.GREEN, A.OFF_BASE, P.MERGED, W.NOT),
    Row(P.GREEN, A.UNAUTHORISED, P.GREEN, W.PERSON, blocks=True),
    Row(P.GREEN, A.TAG_ELSEWHERE, P.GREEN, W.PERSON, blocks=True),
    Row(P.GREEN, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw),
    Row(P.GREEN, A.UNTAGGED, P.TAGGED, W.MOVING, push_tags),
    Row(P.GREEN, A.TAGGED, P.TAGGED, W.NOT, say_tagged),
    #
    Row(P.TAGGED, A.TAG_ELSEWHERE, P.TAGGED, W.PERSON, blocks=True),
    Row(P.TAGGED, A.TAG_GONE, P.GREEN, W.NOT),
    Row(P.TAGGED, A.RUN_AWAITED, P.TAGGED, W.MOVING),
    Row(P.TAGGED, A.RUN_LOST, P.TAGGED, W.PERSON, blocks=True),
    Row(P.TAGGED, A.PUBLISHING, P.TAGGED, W.MOVING),
    Row(P.TAGGED, A.APPROVAL_AWAITED, P.TAGGED, W.PERSON, blocks=True),
    Row(P.TAGGED, A.APPROVAL_REJECTED, P.TAGGED, W.PERSON, rerun_publishing, blocks=True),
    Row(P.TAGGED, A.PUBLISH_FAILED, P.TAGGED, W.PERSON, rerun_publishing, blocks=True),
    Row(P.TAGGED, A.LANDING, P.TAGGED, W.MOVING),
    Row(P.TAGGED, A.LANDED, P.PUBLISHED, W.NOT, say_landed),
    Row(P.TAGGED, A.PUBLISHED, P.PUBLISHED, W.NOT),
    #
    Row(P.PUBLISHED, A.UNREACHABLE, P.PUBLISHED, W.MOVING),
    Row(P.PUBLISHED, A.REGISTRY_SILENT, P.PUBLISHED, W.PERSON, blocks=True),
    Row(P.PUBLISHED, A.PROPAGATING, P.PUBLISHED, W.MOVING),
    Row(P.PUBLISHED, A.JOBS_LEFT, P.TAGGED, W.MOVING, rerun_what_may_fail),
    Row(P.PUBLISHED, A.INCOMPLETE, P.PUBLISHED, W.PERSON, found_incomplete, blocks=True),
    Row(P.PUBLISHED, A.STAGE_COMPLETE, P.GREEN, W.NOT, verified),
    Row(P.PUBLISHED, A.COMPLETE, P.VERIFIED, W.NOT, verified),
    #
    Row(P.VERIFIED, A.TAG_LOST, P.VERIFIED, W.PERSON, blocks=True),
    Row(P.VERIFIED, A.WITHOUT_RELEASES, P.RELEASED, W.END, create_releases),
    Row(P.VERIFIED, A.WITH_RELEASES, P.RELEASED, W.END, conclude),
    #
    Row(P.ROLLING_BACK, A.ROLLBACK_UNREACHABLE, P.ROLLING_BACK, W.MOVING, begin_rollback),
    Row(P.ROLLING_BACK, A.ROLLBACK_UNAUTHORISED, P.ROLLING_BACK, W.PERSON, begin_rollback, blocks=True),
    Row(P.ROLLING_BACK, A.RUNS_GO_ON, P.ROLLING_BACK, W.MOVING, cancel_runs),
    Row(P.ROLLING_BACK, A.RUNS_HANG, P.ROLLING_BACK, W.PERSON, cancel_runs, blocks=True),
    Row(P.ROLLING_BACK, A.TO_YANK, P.ROLLING_BACK, W.MOVING, yank),
    Row(P.ROLLING_BACK, A.MAY_STILL_PUBLISH, P.ROLLING_BACK, W.MOVING, begin_rollback),
    Row(P.ROLLING_BACK, A.TO_DELETE, P.ROLLING_BACK, W.MOVING, delete_tags),
    Row(P.ROLLING_BACK, A.YANK_AWAITED, P.ROLLING_BACK, W.PERSON, ask_for_yank, blocks=True),
    Row(P.ROLLING_BACK, A.UNDONE, P.ROLLED_BACK, W.END, say_undone),
)

OF_RUNS = frozenset({A.CI_RED, A.PUBLISH_FAILED, A.APPROVAL_AWAITED, A.APPROVAL_REJECTED})
"""Reasons that every new attempt of a workflow run gives anew."""
SAID_BY_ITS_ROW = frozenset({Answer.INCOMPLETE, Answer.YANK_AWAITED})
"""Blocks that have a comment of their own."""

_ROWS = {(row.phase, row.answer): row for row in TABLE}


def decide(release: Release, facts: Facts, timeouts: Timeouts) -> Decision:
    """What this look leads to. Pure; raises KeyError only if a question gives an answer that its phase has no row for
    (a test proves that none does). An ended release is not asked about.
    """
    answer, details = QUESTIONS[release.phase](release, facts, timeouts)
    row = _ROWS[release.phase, answer]
    actions = row.act(release, facts, timeouts)
    blocked = Blocked(answer, details) if row.blocks else None
    if blocked is not None and answer not in SAID_BY_ITS_ROW:
        actions = (*actions, PostComment(_block_key(blocked, release, facts)))
    owed_to = _owed_to(release, blocked, actions)
    look_at = facts.now if owed_to else _look_at(row.wait, facts.now, timeouts)
    reruns = any(isinstance(action, RerunFailedJobs | RerunJob) for action in actions)
    after = replace(
        _learnt(release, answer, facts),
        blocked=blocked,
        rerun_at=facts.now if reruns else release.rerun_at,
        retry_asked_by=owed_to,
        retry_owed=None if blocked else release.retry_owed,
        taken_over_by=_responsible(release, answer),
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


def _owed_to(release: Release, blocked: Blocked | None, actions: tuple[Action, ...]) -> str | None:
    """Who was promised a retry of the very block in which the release is found again."""
    if blocked is None or release.retry_owed is None or release.retry_asked_by:
        return None
    told = {action.key.text for action in actions if isinstance(action, PostComment)}
    return release.retry_owed.by if told & {*release.retry_owed.blocks} else None


def _excerpts(release: Release, answer: Answer, facts: Facts) -> tuple[Excerpt, ...]:
    if answer is not Answer.PUBLISH_FAILED:
        return ()
    runs = dict.fromkeys(run for package in release.current for run in publish_runs(package, release, facts))
    return excerpts([run for run in runs if failed(run)], facts)


def _learnt(release: Release, answer: Answer, facts: Facts) -> Release:
    """What the release remembers of this look."""
    if facts.preflight is not None:
        return with_plan(release, facts.preflight)
    pull = facts.pull_request
    if answer is Answer.OPENED and pull is not None:
        # A plan that was made since is not the one that stands there: then the pull request must follow its base.
        digest = release.digest if facts.opened_from == release.base_commit else ""
        ours = (facts.branch.head,) if facts.branch else release.ours
        opened = replace(release, pull_request=pull.number, pull_request_url=pull.url, ours=ours, digest=digest)
        at = facts.opened_from or ""
        return replace(opened, base_commit=at or release.base_commit, compared_with=at)
    if answer is Answer.MERGED and pull is not None:
        merged = replace(release, merge_commit=pull.merge_commit, merged_by=pull.merged_by)
        return replace(merged, merge_commit_since=facts.now)
    if answer is Answer.BASE_MOVED and facts.replan is not None:
        return with_plan(release, facts.replan)
    if answer is Answer.IN_REVIEW and facts.replan is not None and is_same_plan(release, facts.replan):
        # The files stay as they are; the rules and the workflows that the base has now count.
        return replace(with_plan(release, facts.replan), base_commit=release.base_commit)
    if answer is Answer.MOVED_ON and facts.base is not None:
        # The fix of a red merge commit; its files and its CI are judged as if it were the merge commit.
        return replace(release, merge_commit=facts.base.head, merge_commit_since=facts.now, tree_agrees=False)
    if release.phase is Phase.ROLLING_BACK:
        return with_rollback(release, answer, facts)
    if answer is Answer.UNTAGGED:
        release = with_pushed(release, facts)
    if answer in (Answer.UNTAGGED, Answer.TAGGED):
        return replace(release, tagged_at=facts.now)
    if answer in (Answer.PUBLISHED, Answer.LANDED):
        runs = (run for package in release.current for run in publish_runs(package, release, facts))
        named = (Detail(f"{run.name} for {run.head_branch}", run.url) for run in runs)
        pages = tuple(dict.fromkeys((*release.publish_pages, *named)))
        published = replace(release, published_at=facts.now, published_by=_publishers(release, facts))
        return replace(published, publish_pages=pages)
    if release.phase is Phase.PUBLISHED:
        silent = answer in (Answer.UNREACHABLE, Answer.REGISTRY_SILENT)
        release = replace(release, silent_since=(release.silent_since or facts.now) if silent else None)
    if answer is Answer.STAGE_COMPLETE:
        return replace(release, stage=release.stage + 1, tagged_at=None, published_at=None, published_by=())
    if answer in (Answer.CI_GREEN, Answer.CI_RUNNING, Answer.CI_RED, Answer.CI_SILENT):
        return replace(with_notes(release, facts.notes), tree_agrees=True)
    return release


def _publishers(release: Release, facts: Facts) -> tuple[PublishRun, ...]:
    """The runs by which each package of the stage was published."""
    runs = {package.key: publish_runs(package, release, facts) for package in release.current}
    return tuple(PublishRun(key, run.id, run.event, run.attempt) for key, found in runs.items() for run in found)


def _responsible(release: Release, answer: Answer) -> str | None:
    """Who has taken over by now: CI may have to be awaited, and further stages follow, before this is asked again."""
    stood = release.blocked is not None and release.blocked.why is Answer.UNAUTHORISED
    if stood and release.retry_asked_by and answer is not Answer.UNAUTHORISED:
        return release.retry_asked_by
    return release.taken_over_by


def _block_key(blocked: Blocked, release: Release, facts: Facts) -> Block:
    """One comment a reason: the same failure seen again says nothing, that of a new attempt or rollback does."""
    runs = facts.checks.runs if facts.checks and blocked.why in OF_RUNS else ()
    attempts = sum(run.attempt for run in runs if run.status == "waiting" or run.conclusion not in (None, *PASSING))
    details = [(detail.text, detail.url) for detail in blocked.details]
    named = hashlib.sha256(repr(details).encode()).hexdigest()[:8]
    again = release.rollback.comment if release.rollback else None
    return Block(LEDGER_REASONS[blocked.why], release.stage, attempts, named, again)


def _look_at(wait: Wait, now: datetime, timeouts: Timeouts) -> datetime | None:
    seconds = {Wait.NOT: 0.0, Wait.MOVING: timeouts.look_again, Wait.PERSON: timeouts.idle}
    return None if wait is Wait.END else now + timedelta(seconds=seconds[wait])
