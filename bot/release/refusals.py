"""Acts that GitHub refuses for good: which are not asked again by themselves, and how each is called. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from bot.release.actions import (
    Action,
    CancelRun,
    ClosePullRequest,
    CreateRelease,
    DeleteRelease,
    DeleteTags,
    DraftRelease,
    FollowBase,
    OpenPullRequest,
    PushTags,
    RerunFailedJobs,
    RerunJob,
    StartByRelease,
    StartWorkflow,
)
from bot.release.answers import Answer, Detail, Finding
from bot.release.model import Phase, Release
from bot.release.records import Refusal, Refused

Refusable: TypeAlias = (
    OpenPullRequest
    | FollowBase
    | ClosePullRequest
    | PushTags
    | CreateRelease
    | StartByRelease
    | DraftRelease
    | StartWorkflow
    | RerunFailedJobs
    | RerunJob
    | CancelRun
    | DeleteTags
    | DeleteRelease
)
"""Acts without which a release cannot go on. Nothing waits for any other."""


def on_a_retry(release: Release) -> Release:
    """The release as a retry would find it."""
    return replace(release, asked=replace(release.asked, retry_by=release.asked.retry_by or release.request.by))


def told(refused: Refusal, phase: Phase) -> Finding:
    """What a release is found to wait for; the act, and why in GitHub's words."""
    tags = refused.of is Refused.WORKFLOWS and phase is Phase.GREEN  # where there is a newer commit to go to
    answer = Answer.WORKFLOWS_DIFFER if tags else Answer.ACT_REFUSED
    return answer, (Detail(refused.act), *(Detail(why) for why in refused.why))


def natural_keys(actions: Iterable[Action]) -> set[str]:
    """Of those that can be refused."""
    return {natural_key(action) for action in actions if isinstance(action, Refusable)}


def natural_key(action: Refusable) -> str:
    """What makes an act the same act at another look; a pull request's plan may have changed meanwhile."""
    match action:
        case PushTags():
            parts: tuple[object, ...] = (*action.tags, action.commit)
        case CreateRelease():
            parts = (action.tag,)
        case StartByRelease() | DraftRelease():
            parts = (action.page.tag,)
        case StartWorkflow():
            parts = (action.workflow, action.tag)
        case RerunFailedJobs():
            parts = (action.run, action.attempt)
        case RerunJob():
            parts = (action.job,)
        case CancelRun():
            parts = (action.run,)
        case DeleteTags():
            parts = tuple(tag.name for tag in action.tags)
        case DeleteRelease():
            parts = (action.id,)
        case OpenPullRequest() | FollowBase() | ClosePullRequest():
            parts = ()
    return " ".join(map(str, (type(action).__name__, *parts)))


def in_words(action: Refusable, release: Release) -> str:
    """The act as a person would name it, as it follows "GitHub refuses to"."""
    match action:
        case OpenPullRequest():
            return f"create the branch {release.review.branch} and its pull request"
        case FollowBase():
            return f"move the branch {release.review.branch} to the newest {release.plan.base}"
        case ClosePullRequest():
            return f"close #{release.review.pull_request}"
        case PushTags():
            return f"create the tags {', '.join(action.tags)}"
        case CreateRelease():
            return f"publish the GitHub Release of {action.tag}"
        case StartWorkflow():
            return f"start {action.workflow} on {action.ref}"
        case DraftRelease():
            return f"make the draft of the GitHub Release of {action.page.tag}"
        case StartByRelease():
            return f"publish the GitHub Release of {action.page.tag}, which starts its publish workflow"
        case RerunFailedJobs():
            return f"run the failed jobs of run {action.run} again"
        case RerunJob():
            return f"run job {action.job} again"
        case CancelRun():
            return f"cancel run {action.run}"
        case DeleteTags():
            return f"delete the tags {', '.join(tag.name for tag in action.tags)}"
        case DeleteRelease():
            return f"delete the draft of the GitHub Release of {action.tag}"
