"""The heart: what one look at a release leads to. A table that can be read aloud.

Each row reads: in this phase, when the look answers so, do these things and stand in that phase; whoever has to
wait waits so long; a row marked `blocks` waits for a person. `docs` and the README's diagram are made from it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.plan.versions import is_prerelease
from bot.release.actions import (
    Action,
    Announce,
    ClosePullRequest,
    CreateRelease,
    Milestone,
    OpenPullRequest,
    PushTags,
    React,
    RerunFailedJobs,
)
from bot.release.adopt import adopt, with_notes
from bot.release.answers import Answer
from bot.release.checks import PASSING
from bot.release.facts import Facts, Patience
from bot.release.model import Blocked, Detail, Phase, Release, ReleasePackage
from bot.release.questions import (
    QUESTIONS,
    merge_commit_ci,
    missing_releases,
    publish_runs,
    verdicts_of,
)
from bot.release.verify import Verdict

Act = Callable[[Release, Facts, Patience], tuple[Action, ...]]


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
    act: Act = lambda release, facts, patience: ()
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


def propose(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """Open the pull request of the plan and say so."""
    if facts.preflight is None or facts.preflight.plan is None:
        return ()
    opening = OpenPullRequest(facts.preflight.plan, facts.preflight.base_commit)
    return (opening, *say_proposed(release, facts, patience))


def say_proposed(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """The pull request is there."""
    return (Announce(Milestone.PULL_REQUEST_OPENED), React("+1"))


def refuse(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """Say why not; nothing has been changed."""
    return (Announce(Milestone.REFUSED), React("confused"))


def withdraw(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """Close what is open and say so."""
    closing: tuple[Action, ...] = (ClosePullRequest(),) if release.pull_request and not release.merge_commit else ()
    return (*closing, Announce(Milestone.CANCELLED))


def push_tags(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """All tags of the stage that do not stand yet, together."""
    standing = {tag.name for tag in facts.tags}
    tags = tuple(dict.fromkeys(package.tag for package in release.current if package.tag not in standing))
    return (PushTags(tags, release.merge_commit or ""), announce_tags(release))


def say_tagged(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """The tags stand already (a crash after pushing, or a person's hand)."""
    return (announce_tags(release),)


def announce_tags(release: Release) -> Announce:
    """One comment a publish stage."""
    return Announce(Milestone.TAGS_PUSHED, str(release.stage))


def verified(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """Post the verification's result."""
    return (Announce(Milestone.VERIFICATION, f"{release.stage}-complete"),)


def found_incomplete(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """Post what is missing."""
    return (Announce(Milestone.VERIFICATION, f"{release.stage}-incomplete"),)


def create_releases(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """A GitHub Release for each tag that has none; only the primary package becomes the latest."""
    by_tag: dict[str, list[ReleasePackage]] = {}
    for package in missing_releases(release, facts):
        by_tag.setdefault(package.tag, []).append(package)
    created = tuple(_create_release(tag, packages, release) for tag, packages in by_tag.items())
    return (*created, *conclude(release, facts, patience))


def _create_release(tag: str, packages: Sequence[ReleasePackage], release: Release) -> CreateRelease:
    """The GitHub Release of a tag; packages that share a version share the tag, and mostly the notes too."""
    notes = {package.notes: package.title for package in packages}
    prerelease = any(is_prerelease(package.new) for package in packages)
    return CreateRelease(
        tag=tag,
        title=" + ".join(package.title for package in packages),
        body="\n\n".join(notes) if len(notes) == 1 else "\n\n".join(f"## {t}\n\n{n}" for n, t in notes.items()),
        prerelease=prerelease,
        latest=not prerelease and any(package.key == release.primary for package in packages),
    )


def conclude(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """The last comment: the timeline."""
    return (Announce(Milestone.RELEASED), React("rocket"))


def rerun_ci(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """On `/release retry`: CI's failed jobs once more."""
    if not release.retry_asked_by:
        return ()
    failed = merge_commit_ci(release, facts, patience).failed_runs
    return tuple(RerunFailedJobs(run.id, run.attempt) for run in failed)


def rerun_publishing(release: Release, facts: Facts, patience: Patience) -> tuple[Action, ...]:
    """On `/release retry`: the publish workflows' failed jobs once more."""
    if not release.retry_asked_by:
        return ()
    runs = [run for package in release.current for run in publish_runs(package, release, facts)]
    return tuple(
        RerunFailedJobs(run.id, run.attempt)
        for run in runs
        if run.status == "completed" and run.conclusion not in PASSING
    )


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
    Row(P.PROPOSED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw),
    Row(P.PROPOSED, A.CLOSED, P.CANCELLED, W.END, withdraw),
    Row(P.PROPOSED, A.MERGED, P.MERGED, W.NOT),
    #
    Row(P.MERGED, A.CI_RUNNING, P.MERGED, W.MOVING),
    Row(P.MERGED, A.TREE_DISAGREES, P.MERGED, W.PERSON, blocks=True),
    Row(P.MERGED, A.CI_RED, P.MERGED, W.PERSON, rerun_ci, blocks=True),
    Row(P.MERGED, A.CI_SILENT, P.MERGED, W.PERSON, blocks=True),
    Row(P.MERGED, A.CANCEL_ASKED, P.CANCELLED, W.END, withdraw),
    Row(P.MERGED, A.MOVED_ON, P.MERGED, W.NOT),
    Row(P.MERGED, A.CI_GREEN, P.GREEN, W.NOT),
    #
    Row(P.GREEN, A.NO_LONGER_GREEN, P.MERGED, W.NOT),
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
    Row(P.TAGGED, A.PUBLISH_FAILED, P.TAGGED, W.PERSON, rerun_publishing, blocks=True),
    Row(P.TAGGED, A.PUBLISHED, P.PUBLISHED, W.NOT),
    #
    Row(P.PUBLISHED, A.UNREACHABLE, P.PUBLISHED, W.MOVING),
    Row(P.PUBLISHED, A.PROPAGATING, P.PUBLISHED, W.MOVING),
    Row(P.PUBLISHED, A.INCOMPLETE, P.PUBLISHED, W.PERSON, found_incomplete, blocks=True),
    Row(P.PUBLISHED, A.STAGE_COMPLETE, P.GREEN, W.NOT, verified),
    Row(P.PUBLISHED, A.COMPLETE, P.VERIFIED, W.NOT, verified),
    #
    Row(P.VERIFIED, A.WITHOUT_RELEASES, P.RELEASED, W.END, create_releases),
    Row(P.VERIFIED, A.WITH_RELEASES, P.RELEASED, W.END, conclude),
)

_ROWS = {(row.phase, row.answer): row for row in TABLE}


def decide(release: Release, facts: Facts, patience: Patience) -> Decision:
    """What this look leads to. Pure; raises KeyError only if a question gives an answer that its phase has no row for
    (a test proves that none does). An ended release is not asked about.
    """
    answer, details = QUESTIONS[release.phase](release, facts, patience)
    row = _ROWS[release.phase, answer]
    actions = row.act(release, facts, patience)
    blocked = Blocked(answer, details) if row.blocks else None
    if blocked is not None and answer is not Answer.INCOMPLETE:
        actions = (*actions, Announce(Milestone.BLOCKED, _variant(blocked, release, facts)))
    look_at = _look_at(row.wait, facts.now, patience)
    after = replace(_learnt(release, answer, facts), blocked=blocked, retry_asked_by=None, look_at=look_at)
    return Decision(
        answer,
        actions,
        after.moved_to(row.then, facts.now),
        look_at,
        details,
        verdicts_of(release, facts, patience) if release.phase is Phase.PUBLISHED else (),
    )


def _learnt(release: Release, answer: Answer, facts: Facts) -> Release:
    """What the release remembers of this look."""
    if facts.preflight is not None:
        return adopt(release, facts.preflight)
    pull = facts.pull_request
    if answer is Answer.MERGED and pull is not None:
        return replace(release, merge_commit=pull.merge_commit, merged_by=pull.merged_by)
    if answer is Answer.MOVED_ON and facts.base is not None:
        # The fix of a red merge commit; its files and its CI are judged as if it were the merge commit.
        return replace(release, merge_commit=facts.base.head, tree_agrees=False)
    if answer in (Answer.UNTAGGED, Answer.TAGGED):
        return replace(release, tagged_at=facts.now)
    if answer is Answer.PUBLISHED:
        return replace(release, published_at=facts.now)
    if answer is Answer.STAGE_COMPLETE:
        return replace(release, stage=release.stage + 1, tagged_at=None, published_at=None)
    if answer in (Answer.CI_GREEN, Answer.CI_RUNNING, Answer.CI_RED, Answer.CI_SILENT):
        return replace(with_notes(release, facts.notes), tree_agrees=True)
    return release


def _variant(blocked: Blocked, release: Release, facts: Facts) -> str:
    """One comment a reason: the same failure seen again says nothing, a new attempt's failure does."""
    attempts = sum(run.attempt for run in facts.checks.runs) if facts.checks else 0
    named = hashlib.sha256(repr(blocked.details).encode()).hexdigest()[:8]
    return f"{blocked.why.name.lower()}-{release.stage}-{attempts}-{named}"


def _look_at(wait: Wait, now: datetime, patience: Patience) -> datetime | None:
    seconds = {Wait.NOT: 0.0, Wait.MOVING: patience.look_again, Wait.PERSON: patience.idle}
    return None if wait is Wait.END else now + timedelta(seconds=seconds[wait])
