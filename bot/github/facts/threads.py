"""What people read: comments and discussions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment on an issue; `by_us` is true when our own App wrote it."""

    id: int
    node_id: str
    body: str
    author: str
    by_us: bool
    url: str
    created_at: datetime
    edited: bool = False
    """Whether its text may not be what was written first."""
    issue: int = 0
    """Number of the issue or pull request that it stands on."""
    by_a_person: bool = False
    """Whether a person wrote it by hand."""


@dataclass(frozen=True, slots=True)
class RecentComment:
    """A comment as REST lists it, with what tells whether a person wrote it by hand."""

    id: int
    node_id: str
    issue: int
    """The number, of an issue or a pull request."""
    body: str
    author: str
    author_id: int | None
    author_type: str
    via_app_id: int | None
    by_us: bool
    """Whether our own App wrote it."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CommentState:
    """What became of a comment: whether it was edited, and how our own App reacted to it."""

    edited: bool
    reactions: frozenset[str]
    """In REST's words: `+1`, `confused`, …"""


@dataclass(frozen=True, slots=True)
class Board:
    """A repository's discussions."""

    categories: Mapping[str, str]
    """Node id by name."""
    ours: tuple[tuple[str, str], ...]
    """Address and text of the newest that our own App started."""
