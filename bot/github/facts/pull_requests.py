"""Pull requests."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PullRequestState(StrEnum):
    """GitHub's three states of a pull request."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it is now."""

    number: int
    node_id: str
    url: str
    state: PullRequestState
    head: str
    """Newest commit of its branch."""
    base: str
    """Name of the branch it goes to."""
    merge_commit: str | None
    merged_by: str | None
    merged_at: datetime | None
    queued: bool = False
    """Whether it is in its base branch's merge queue, which goes by the head that it had when it was put there."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """An open pull request of ours, and the commit of ours that its branch ends in."""

    pull_request: PullRequest
    commit: str | None
    """None when the branch ends in somebody else's commit."""


@dataclass(frozen=True, slots=True)
class OwnPullRequest:
    """A pull request of ours, with what tells which release it proposes."""

    pull_request: PullRequest
    title: str
    body: str
    branch: str
    changed_files: int
    opened_at: datetime
    changed_at: datetime
