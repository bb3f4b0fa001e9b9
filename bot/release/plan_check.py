"""Does the release's pull request still say what was planned? A check run on it tells; nothing hangs on it. Pure."""

from collections.abc import Sequence

from bot.github.facts import PullRequestState
from bot.release.actions import Action, FollowBase, OpenPullRequest, ShowPlan
from bot.release.facts import Facts
from bot.release.model import Release
from bot.release.records import PlanVerdict

NAME = "Shipmate: release plan"
"""The check run's."""


def plan_shown(release: Release, facts: Facts, acts: Sequence[Action]) -> tuple[ShowPlan, ...]:
    """What is to be said of the pull request's head, as it is after `acts`, unless it was said or may not be."""
    pull, shown = facts.snapshot.pull_request, release.review.shown
    if shown is not None and shown.lacks:
        return ()
    if any(isinstance(act, OpenPullRequest | FollowBase) for act in acts):
        return (ShowPlan(None, PlanVerdict.AS_PLANNED),)
    if pull is None or pull.state is not PullRequestState.OPEN:
        return ()
    verdict = _verdict(release, facts, pull.head)
    if shown is not None and (shown.head, shown.verdict) == (pull.head, verdict):
        return ()
    return (ShowPlan(pull.head, verdict),)


def _verdict(release: Release, facts: Facts, head: str) -> PlanVerdict:
    """Of a release that was taken up with a person's commit on it nobody knows more than that."""
    if head in release.review.ours:
        return PlanVerdict.AS_PLANNED
    theirs = facts.theirs or release.review.theirs
    if theirs is not None and theirs.head == head and theirs.wrong:
        return PlanVerdict.CONTRADICTED
    return PlanVerdict.ADDED_TO
