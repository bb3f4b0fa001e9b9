"""The words of a verdict: marks, lines with their evidence, and what a package's lines amount to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.release.model import ReleasePackage


class Mark(Enum):
    """How one line of the evidence stands."""

    OK = auto()
    FAILED = auto()
    WAITING = auto()
    NOTE = auto()
    """Worth knowing, holds nothing up."""


class State(Enum):
    """The verdict on one package."""

    COMPLETE = auto()
    PROPAGATING = auto()
    INCOMPLETE = auto()
    UNREACHABLE = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence, as plain text, with where to look and what to do next."""

    mark: Mark
    text: str
    link: str | None = None
    then: str = ""
    """A whole sentence; commands stand in backticks."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one package on its registry."""

    package: ReleasePackage
    lines: tuple[Line, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the release should come from; what is not known is not compared."""

    repositories: tuple[str, ...] = ()
    """`owner/name` on GitHub; several when it was renamed meanwhile."""
    commit: str | None = None
    """The commit that the tag stands on."""
    runs: tuple[tuple[str, str], ...] = ()
    """(run id, event) of the publish runs of the tag."""
    seen_before: bool = False
    """Whether an earlier look saw the version on its registry."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When it is judged."""

    now: datetime
    is_late: bool
    """Whether caches have had their time."""
    may_still_come: bool
    """Whether files may still be on their way: only while it is not known that the publish run has ended."""
    origin: Origin = Origin()

    @property
    def awaited(self) -> Mark:
        """How something stands that a cache may still hide."""
        return Mark.FAILED if self.is_late else Mark.WAITING

    @property
    def missing(self) -> Mark:
        """How a file stands that is nowhere."""
        return Mark.WAITING if self.may_still_come else Mark.FAILED


def state_of(lines: Iterable[Line]) -> State:
    """The worst line counts."""
    marks = {line.mark for line in lines}
    if Mark.FAILED in marks:
        return State.INCOMPLETE
    return State.PROPAGATING if Mark.WAITING in marks else State.COMPLETE


def short(commit: str) -> str:
    """A commit or hash as people name it."""
    return commit[:12]


def some_of(names: Sequence[str]) -> str:
    """A list that stays readable: the first three of many, and how many more there are."""
    most = 3
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def spoken(span: timedelta) -> str:
    """A length of time in its two largest units: `16 min 5 s`, `3 days 2 h`."""
    seconds = int(span.total_seconds())
    units = (("days", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount} {'day' if name == 'days' and amount == 1 else name}")
    return " ".join(parts[:2]) or "0 s"


def megabytes(size: float) -> str:
    """Bytes as people name them: `10.5 MB`."""
    return f"{size / 1e6:.1f} MB"
