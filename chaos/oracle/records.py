"""What a witness keeps: what was so, and since when; what moved, what was said and what was asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.sandbox.model import Comment

K = TypeVar("K")
V = TypeVar("V")
MARKER = re.compile(r"<!-- shipmate (?:v1 )?(\S+) (.+?) -->")
"""Read without `bot.ledger`, on purpose: an oracle that shares the reader it judges would share its mistakes."""
BASE = "main"
TESTS = frozenset(f".github/workflows/{name}" for name in ("ci.yml", "python-ci.yml"))
"""What each push to the base branch starts."""
PASSING = ("success", "skipped", "neutral")


class History(Generic[K, V]):
    """What something was, and since when."""

    def __init__(self) -> None:
        self._changes: dict[K, list[tuple[float, V]]] = {}

    def note(self, at: float, key: K, value: V) -> None:
        """It is this from now on."""
        self._changes.setdefault(key, []).append((at, value))

    def __iter__(self) -> Iterator[K]:
        return iter(self._changes)

    def between(self, key: K, since: float, until: float) -> list[V]:
        """All that it was at any time of a span."""
        changes = self._changes.get(key, [])
        before = [value for at, value in changes if at <= since]
        return before[-1:] + [value for at, value in changes if since < at <= until]

    def at(self, key: K, when: float) -> V | None:
        """What it was then."""
        found = self.between(key, when, when)
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class RunState:
    """A workflow run as it was at one moment."""

    id: int
    path: str
    event: str
    branch: str
    status: str
    conclusion: str | None
    attempt: int

    @property
    def passed(self) -> bool:
        """Whether it ended well."""
        return self.status == "completed" and self.conclusion in PASSING

    @property
    def failed(self) -> bool:
        """Whether it ended badly."""
        return self.status == "completed" and self.conclusion not in PASSING


@dataclass(frozen=True, slots=True)
class RefsMoved:
    """Refs that moved together, with what was so in that moment."""

    at: float
    by: str
    changes: tuple[tuple[str, str, str], ...]
    tags_before: Mapping[str, str]
    runs: Mapping[str, tuple[RunState, ...]]
    """Workflow runs by commit."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment of the bot, or an edit of one."""

    at: float
    issue: int
    comment: int
    body: str
    edited: bool

    @property
    def subject(self) -> str:
        """Of its hidden mark: the release or the comment that it speaks of."""
        return found[1] if (found := MARKER.search(self.body)) else ""

    @property
    def key(self) -> str:
        """Of its hidden mark: the milestone."""
        return found[2] if (found := MARKER.search(self.body)) else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A comment of a person."""

    at: float
    issue: int
    comment: Comment
    by: str
    body: str
    guid: str
    """Of the delivery that tells of it; empty when none was sent."""
