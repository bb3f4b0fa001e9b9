"""What will go wrong in one run: plain data made from a seed, so that a part of it can be left out.

Mishaps are tied to what they meet (the third comment that is posted, the second snapshot that is read), not to the
clock: so most of them still meet the same thing when others are left out.
"""

import random
from collections.abc import Iterator
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

DEEDS = tuple(Deed)
"""Those that seeds draw from; what the bot cannot cope with yet would be left out here."""
LOST_DATABASES = True
"""Whether a kill may take the database with it."""
REDELIVERY = True
"""Whether the bot fetches deliveries again that it did not get."""


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
        return "\n".join([first, *(f"- {mishap}" for mishap in self.mishaps)])


KINDS = (
    "mint",
    "query Base",
    "query Changes",
    "query Commit",
    "query Files",
    "query BeforeOpening",
    "query BeforeFollowing",
    "query Checks",
    "query Snapshot",
    "query Ledger",
    "query Standings",
    "mutation Open",
    "mutation MoveRefs",
    "mutation PushTags",
    "GET permission",
    "GET trees",
    "GET runs",
    "GET jobs",
    "GET rules",
    "GET comment",
    "GET comments",
    "GET recent comments",
    "GET releases",
    "GET log",
    "GET installation",
    "GET installations",
    "GET repositories",
    "GET deliveries",
    "POST comment",
    "PATCH comment",
    "POST reactions",
    "POST releases",
    "PATCH release",
    "DELETE release",
    "POST rerun",
    "POST cancel",
    "POST attempts",
    "PATCH pull",
    "crates.io",
    "PyPI",
)
"""The kinds of requests (see `network.kind_of`)."""
CHANGING = tuple(kind for kind in KINDS if kind.startswith(("mutation", "POST", "PATCH", "DELETE")))
EVENTS = ("issue_comment", "pull_request", "workflow_run", "push", "check_suite", "create")
TABLES = ("deliveries", "effects", "releases", "repositories")
FAILURES = ("ci", "publish", "wheel=linux-aarch64")
OFTEN = ("mutation Open", "mutation MoveRefs", "mutation PushTags", "POST comment", "POST releases", "PATCH release")
"""What must not be done twice, nor by halves."""
LOOKS = (
    "mint",
    "query Snapshot",
    "query Checks",
    "query BeforeOpening",
    "query BeforeFollowing",
    "query Base",
    "GET comments",
    "GET permission",
    "GET runs",
    "GET releases",
)
"""What decisions rest on."""
_CHANGED = (Fault.ERROR_AFTER, Fault.SILENCE_AFTER)
_SEEN = (Fault.STALE, Fault.PARTIAL, Fault.UNKNOWN_TOKEN)
_ANY = tuple(fault for fault in Fault if fault not in (*_CHANGED, *_SEEN))
TIMES = (2.0, 20.0, 90.0, 300.0, 900.0)


def script(seed: int) -> Script:
    """The run of a seed."""
    dice = random.Random(seed)  # noqa: S311 - a simulation's
    wild = dice.choice((0.0, 0.2, 0.5, 1.0))
    return Script(
        seed,
        processes=dice.choice((1, 1, 2, 3)),
        failing=(dice.choice(FAILURES),) if dice.random() < 0.25 else (),
        merge_after=dice.choice((5.0, 120.0, 400.0, 1.5 * HOUR)),
        merge_method=dice.choice(("merge", "squash", "rebase")),
        requests=tuple({(r.kind, r.at): r for r in _requests(dice, round(wild * dice.uniform(0, 40)))}.values()),
        webhooks=tuple({(w.event, w.at): w for w in _webhooks(dice, round(wild * dice.uniform(0, 30)))}.values()),
        kills=tuple({(k.border, k.at): k for k in _kills(dice, dice.choice((0, 1, 1, 2, 3, 6)))}.values()),
        stalls=tuple({(s.border, s.at): s for s in _stalls(dice, dice.choice((0, 0, 0, 1, 3)))}.values()),
        acts=tuple(_acts(dice)),
        outages=tuple(_outages(dice)),
    )


def _requests(dice: random.Random, count: int) -> Iterator[Request]:
    for _ in range(count):
        which = dice.random()
        kind = _changing(dice) if which < 0.4 else dice.choice(LOOKS if which < 0.7 else KINDS)
        yield Request(kind, _early(dice, 6), dice.choice(faults_of(kind)))


def faults_of(kind: str) -> tuple[Fault, ...]:
    """What can happen to a request of a kind, the likelier the more often."""
    if kind in CHANGING:
        return (*_ANY, *_CHANGED, *_CHANGED, Fault.UNKNOWN_TOKEN)
    if kind == "mint":
        return (*_ANY, *_CHANGED, *(Fault.UNKNOWN_TOKEN,) * 8)
    if kind in ("crates.io", "PyPI"):
        return (*_ANY, Fault.STALE)
    partial = (Fault.PARTIAL,) * 3 if kind.startswith("query") else ()
    return (*_ANY, *(Fault.STALE,) * 4, *partial, Fault.UNKNOWN_TOKEN)


def _changing(dice: random.Random) -> str:
    return dice.choice(OFTEN if dice.random() < 0.4 else CHANGING)


def _webhooks(dice: random.Random, count: int) -> Iterator[Webhook]:
    for _ in range(count):
        seconds = dice.choice((0.5, 3.0, 20.0, 120.0, 900.0))
        yield Webhook(dice.choice(EVENTS), _early(dice, 12), dice.choice(list(Fate)), seconds)


def _kills(dice: random.Random, count: int) -> Iterator[Kill]:
    for _ in range(count):
        side = dice.choice(("before", "after"))
        which = dice.random()
        if which < 0.4:
            border, most = dice.choice(((f"{side} commit", 150), (f"{side} commit {dice.choice(TABLES)}", 12)))
        elif which < 0.8:
            border, most = f"{side} {_changing(dice)}", 4
        else:
            border, most = f"{side} {dice.choice(KINDS)}", 8
        fresh = LOST_DATABASES and dice.random() < 0.2
        yield Kill(border, dice.randrange(most), dice.choice((0.1, 5.0, 60.0, 600.0)), fresh)


def _stalls(dice: random.Random, count: int) -> Iterator[Stall]:
    for _ in range(count):
        border, most = dice.choice((("after commit", 150), (f"after commit {dice.choice(TABLES)}", 12)))
        yield Stall(border, dice.randrange(most), dice.choice((2.0, 30.0, 90.0, 200.0)))


def _acts(dice: random.Random) -> Iterator[Act]:
    deeds = dice.sample(DEEDS, dice.choice((0, 0, 1, 1, 2, 3)))
    if dice.random() < 0.4:
        deeds = [deed for deed in deeds if deed in HARMLESS]
    for deed in deeds:
        yield Act(deed, dice.choice(list(Moment)), dice.choice(TIMES) * dice.uniform(0.1, 1.2))


def _outages(dice: random.Random) -> Iterator[Outage]:
    if dice.random() < 0.2:
        of, moment = dice.choice(("github", "registries")), dice.choice(list(Moment))
        yield Outage(of, moment, dice.choice(TIMES) * dice.uniform(0, 1), dice.uniform(10, 1500))


def _early(dice: random.Random, most: int) -> int:
    """The first of a kind are the likeliest to be met."""
    return min(dice.randrange(most), dice.randrange(most))
