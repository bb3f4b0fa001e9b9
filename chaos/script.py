"""What will go wrong in one run: plain data made from a seed, so that a part of it can be left out.

Mishaps are tied to what they meet (the third comment that is posted, the second snapshot that is read), not to the
clock: so most of them still meet the same thing when others are left out.
"""

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, TypeAlias

HOUR = 3600.0


class Fault(StrEnum):
    """What becomes of a request to GitHub or to a registry."""

    REFUSED = "is cut off before anything was done"
    ERROR_BEFORE = "is answered 500, nothing was done"
    ERROR_AFTER = "is answered 502, but it was done"
    SILENCE_BEFORE = "is never answered, nothing was done"
    SILENCE_AFTER = "is never answered, but it was done"
    LIMITED = "meets a secondary rate limit"
    TOO_MANY = "is answered 429"
    UNKNOWN_TOKEN = "comes before its token is known"  # noqa: S105 - a sentence
    STALE = "is answered by a replica that lags"
    PARTIAL = "is answered in part"
    SLOW = "is answered late"
    GARBLED = "is answered with a page that is no JSON"


class Fate(StrEnum):
    """What becomes of a webhook."""

    DROPPED = "is not delivered"
    DOUBLED = "is delivered twice"
    LATE = "is late"


class Moment(StrEnum):
    """What a person waits for."""

    START = "the beginning"
    ASKED = "the release was asked for"
    OPENED = "its pull request was opened"
    MERGED = "its pull request was merged"
    TAGGED = "its tags were pushed"


class Deed(StrEnum):
    """What somebody does beside asking for the release, merging its pull request and mending what is said to fail."""

    STATUS = "asks for the status"
    HELP = "asks for help"
    NONSENSE = "makes a mistake in a command"
    OUTSIDER = "commands a release without being allowed to"
    AGAIN = "asks for the same release again"
    OTHER_THREAD = "asks for the same release in another issue"
    FORGED_MARKER = "copies the hidden marks of the bot into a comment and a pull request"
    PUSH_CONFIG = "changes the configuration on a branch of their own"
    RETRY = "says retry"
    CANCEL = "says cancel"
    ONE_PACKAGE = "asks for one of the packages in another issue"
    PUSH_CODE = "pushes code to the base branch"
    PUSH_ENTRY = "merges a changelog entry into the base branch"
    PUSH_RED = "pushes code to the base branch that makes CI red"
    FORBID = "forbids tags by a ruleset"
    REWIND = "takes the last commit off the base branch"
    PUSH_BRANCH = "pushes to the release branch"
    EDIT_VERSION = "changes the version on the release branch"
    TAG_FIRST = "pushes a tag by hand, on the head of the base branch"
    TAG_ELSEWHERE = "pushes a tag by hand, on an old commit"
    TAG_GONE = "deletes a tag of the release"
    BRANCH_GONE = "deletes the release branch"
    CLOSE = "closes the pull request"
    REVOKE = "takes the permission to release from who asked for it"
    COMMENT_GONE = "deletes the status comment"
    LOCK = "locks the issue, for a while"
    DELETE_ISSUE = "deletes the issue"
    ROLLBACK = "takes the release back"
    RENAME = "renames the repository"
    SUSPEND = "suspends the App, for a while"


HARMLESS = frozenset(
    {
        Deed.STATUS,
        Deed.HELP,
        Deed.NONSENSE,
        Deed.OUTSIDER,
        Deed.AGAIN,
        Deed.OTHER_THREAD,
        Deed.FORGED_MARKER,
        Deed.PUSH_CONFIG,
        Deed.COMMENT_GONE,
    }
)
"""Deeds that change nothing of how the release ends."""


@dataclass(frozen=True, slots=True)
class Request:
    """The `at`th request of a kind (`*`: of any) meets a fault."""

    kind: str
    at: int
    fault: Fault

    def __str__(self) -> str:
        return f"request {self.kind} #{self.at} {self.fault}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """The `at`th webhook of an event (`*`: of any) meets its fate."""

    event: str
    at: int
    fate: Fate
    seconds: float

    def __str__(self) -> str:
        return f"webhook {self.event} #{self.at} {self.fate} ({self.seconds:g} s)"


@dataclass(frozen=True, slots=True)
class Kill:
    """The process that crosses a border to the outside for the `at`th time dies there, and is back after `down` s."""

    border: str
    """`before` or `after` a kind of request, a `commit`, or a `commit TABLE`; `*` is any border."""
    at: int
    down: float
    fresh: bool
    """Whether the database is lost with it, and all other processes die too."""

    def __str__(self) -> str:
        lost = ", the database is lost" if self.fresh else ""
        return f"kill at border {self.border} #{self.at}, down for {self.down:g} s{lost}"


@dataclass(frozen=True, slots=True)
class Stall:
    """What the process does that has crossed a border for the `at`th time stands still for so many seconds there."""

    border: str
    """As of a kill, but only `after commit`."""
    at: int
    seconds: float

    def __str__(self) -> str:
        return f"stand still at border {self.border} #{self.at} for {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something, so many seconds after a moment."""

    deed: Deed
    moment: Moment
    after: float

    def __str__(self) -> str:
        return f"{self.after:.0f} s after {self.moment} somebody {self.deed}"


@dataclass(frozen=True, slots=True)
class Outage:
    """GitHub, or the registries, answer nothing but 503 for so many seconds, beginning some time after a moment."""

    of: str
    """`github` or `registries`."""
    moment: Moment
    after: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.after:.0f} s after {self.moment} {self.of} cannot be reached for {self.seconds:.0f} s"


Mishap: TypeAlias = Request | Webhook | Kill | Stall | Act | Outage


LATE_WORKFLOW = ".github/workflows/python-ci.yml"
"""Which of the two that test appears late, if one does."""
MISHAPS = ("requests", "webhooks", "kills", "stalls", "acts", "outages")
"""Where a script keeps them."""


@dataclass(frozen=True, slots=True)
class Script:
    """One run."""

    seed: int
    processes: int = 1
    failing: tuple[str, ...] = ()
    """Failures of CI and publishing, in the sandbox's words; somebody mends them when the bot complains."""
    merge_after: float = 300.0
    """Seconds from the pull request's opening to its merge."""
    merge_method: str = "merge"
    requests: tuple[Request, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    kills: tuple[Kill, ...] = ()
    stalls: tuple[Stall, ...] = ()
    acts: tuple[Act, ...] = ()
    outages: tuple[Outage, ...] = ()
    late: float = 0.0
    """Seconds after a push to a branch at which the run of LATE_WORKFLOW appears."""

    never: bool = False
    """Whether the merge of the release starts no run of LATE_WORKFLOW at all."""
    grouped: bool = False
    """Whether CI's runs are in a concurrency group, in which a newer push cancels an older one's."""
    old: bool = False
    """Whether GitHub runs nothing again, as it does with what is a month old."""

    @property
    def mishaps(self) -> tuple[Mishap, ...]:
        """All that goes wrong."""
        return (*self.requests, *self.webhooks, *self.kills, *self.stalls, *self.acts, *self.outages)

    @property
    def ends_calmly(self) -> bool:
        """Whether the release must end as if nothing had happened."""
        return all(act.deed in HARMLESS for act in self.acts)

    def only(self, mishaps: frozenset[Mishap]) -> "Script":
        """The same run with these of its mishaps."""
        kept: dict[str, Any] = {}
        for name in (field.name for field in fields(self)):
            if name in MISHAPS:
                kept[name] = tuple(one for one in getattr(self, name) if one in mishaps)
        return replace(self, **kept)

    def __str__(self) -> str:
        first = f"{self.processes} process{'es' if self.processes > 1 else ''}, {self.merge_method} after "
        first += f"{self.merge_after:.0f} s" + (f", failing: {', '.join(self.failing)}" if self.failing else "")
        first += f", Python CI appears after {self.late:g} s" if self.late else ""
        first += ", Python CI never appears on the merge commit" if self.never else ""
        first += ", CI cancels older runs" if self.grouped else ""
        first += ", nothing is run again" if self.old else ""
        return "\n".join([first, *(f"- {mishap}" for mishap in self.mishaps)])
