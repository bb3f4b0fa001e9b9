"""Issues, pull requests and discussions, and what is said in them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.sandbox.model.apps import User


@dataclass
class Reaction:
    """A reaction to a comment."""

    id: int
    user: User
    content: str


@dataclass
class Comment:
    """An issue comment; `app_id` is set when an App wrote it."""

    id: int
    issue: int
    user: User
    body: str
    created_at: datetime
    updated_at: datetime
    app_id: int | None = None
    edited_at: datetime | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class PullRequest:
    """The pull request side of an issue."""

    id: int
    number: int
    head: str
    """Branch name."""
    base: str
    head_sha: str
    base_sha: str
    merged: bool = False
    merge_commit_sha: str | None = None
    merged_by: User | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass
class QueueEntry:
    """A pull request in a merge queue; what the queue made of it is empty until it is built."""

    number: int
    by: User
    head_sha: str
    """The pull request's when it was put there; what is pushed afterwards is not merged:
    https://github.com/kgateway-dev/kgateway/issues/10802
    """
    parent: str = ""
    commit: str = ""
    """What the base branch is to get."""
    ref: str = ""
    """The branch on which that is tested."""
    since: datetime | None = None


@dataclass
class Issue:
    """An issue or, with `pull_request` set, the issue side of a pull request."""

    id: int
    number: int
    title: str
    body: str
    user: User
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    app_id: int | None = None
    pull_request: "PullRequest | None" = None


@dataclass
class Discussion:
    """A discussion in a category."""

    id: int
    number: int
    category: str
    title: str
    body: str
    user: User
