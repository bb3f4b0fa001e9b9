"""What will go wrong in one run: plain data made from a seed, so that a part of it can be left out."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, TypeAlias

HOUR = 3600.0


class Fault(StrEnum):
    """What becomes of a request to GitHub or to a registry."""

    REFUSED = "is cut off before anything was done"
    ERROR_BEFORE = "is answered 502, nothing was done"
    ERROR_AFTER = "is answered 502, but it was done"
    SILENCE_BEFORE = "is never answered, nothing was done"
    SILENCE_AFTER = "is never answered, but it was done"
    LIMITED = "meets a secondary rate limit"
    UNKNOWN_TOKEN = "meets a server that does not know the token yet"  # noqa: S105 - a sentence
    STALE = "is answered from a replica that lags behind"
    PARTIAL = "is answered in part"
    SLOW = "is answered late"


class Fate(StrEnum):
    """What becomes of a webhook."""

    DROPPED = "is not delivered"
    DOUBLED = "is delivered twice"
    LATE = "is late"


class Deed(StrEnum):
    """What somebody does beside asking for the release and merging its pull request."""

    STATUS = "asks for the status"
    HELP = "asks for help"
    NONSENSE = "makes a mistake in a command"
    OUTSIDER = "commands a release without being allowed to"
    RETRY = "says retry"
    CANCEL = "says cancel"
    AGAIN = "asks for the same release again"
    OTHER_THREAD = "asks for the same release in another issue"
    ONE_PACKAGE = "asks for one of the packages in another issue"
    PUSH_CODE = "pushes code to the base branch"
    PUSH_ENTRY = "merges a changelog entry into the base branch"
    PUSH_BRANCH = "pushes to the release branch"
    EDIT_VERSION = "changes the version on the release branch"
    PUSH_CONFIG = "changes the configuration on a branch of their own"
    TAG_FIRST = "pushes the tag by hand"
    TAG_GONE = "deletes a tag of the release"
    CLOSE = "closes the pull request"
    REVOKE = "loses the permission to release, for a while"


HARMLESS = frozenset(
    {Deed.STATUS, Deed.HELP, Deed.NONSENSE, Deed.OUTSIDER, Deed.AGAIN, Deed.OTHER_THREAD, Deed.PUSH_CONFIG}
)
"""Deeds that change nothing of how the release ends."""


@dataclass(frozen=True, slots=True)
class Request:
    """The `at`th request meets a fault."""

    at: int
    fault: Fault

    def __str__(self) -> str:
        return f"request {self.at} {self.fault}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """The `at`th webhook meets its fate."""

    at: int
    fate: Fate
    seconds: float

    def __str__(self) -> str:
        return f"webhook {self.at} {self.fate} ({self.seconds:.0f} s)"


@dataclass(frozen=True, slots=True)
class Kill:
    """The process that crosses the `at`th border to the outside dies there, and is back after `down` seconds."""

    at: int
    down: float
    fresh: bool
    """Whether the database is lost with it, and all other processes die too."""

    def __str__(self) -> str:
        return f"kill at border {self.at}, down for {self.down:.0f} s{', database lost' if self.fresh else ''}"


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something, `after` seconds from the beginning."""

    deed: Deed
    after: float

    def __str__(self) -> str:
        return f"after {self.after:.0f} s somebody {self.deed}"


@dataclass(frozen=True, slots=True)
class Outage:
    """GitHub answers nothing but 502 from `after` on for `seconds`."""

    after: float
    seconds: float

    def __str__(self) -> str:
        return f"GitHub is out of order after {self.after:.0f} s for {self.seconds:.0f} s"


Mishap: TypeAlias = Request | Webhook | Kill | Act | Outage


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
    acts: tuple[Act, ...] = ()
    outages: tuple[Outage, ...] = ()

    @property
    def mishaps(self) -> tuple[Mishap, ...]:
        """All that goes wrong."""
        return (*self.requests, *self.webhooks, *self.kills, *self.acts, *self.outages)

    @property
    def ends_calmly(self) -> bool:
        """Whether the release must end as if nothing had happened."""
        return all(act.deed in HARMLESS for act in self.acts)

    def without(self, mishap: Mishap) -> "Script":
        """The same run with one mishap less."""
        kept: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple) and mishap in value:
                kept[field.name] = tuple(one for one in value if one is not mishap)
        return replace(self, **kept)

    def __str__(self) -> str:
        first = f"{self.processes} process{'es' if self.processes > 1 else ''}, {self.merge_method} after "
        first += f"{self.merge_after:.0f} s" + (f", failing: {', '.join(self.failing)}" if self.failing else "")
        return "\n".join([first, *(f"- {mishap}" for mishap in self.mishaps)])


REQUESTS, WEBHOOKS, BORDERS = 90, 110, 450
"""About as many as a calm run has: beyond them, mishaps would meet nothing."""
FAILURES = ("ci", "publish", "wheel=linux-aarch64")


def script(seed: int) -> Script:
    """The run of a seed."""
    dice = random.Random(seed)  # noqa: S311 - a simulation's
    wild = dice.random()
    return Script(
        seed,
        processes=dice.choice((1, 1, 2, 3)),
        failing=(dice.choice(FAILURES),) if dice.random() < 0.25 else (),
        merge_after=dice.choice((5.0, 120.0, 400.0, 1.5 * HOUR)),
        merge_method=dice.choice(("merge", "squash", "rebase")),
        requests=tuple(_requests(dice, wild)),
        webhooks=tuple(_webhooks(dice, wild)),
        kills=tuple(_kills(dice)),
        acts=tuple(_acts(dice)),
        outages=(Outage(dice.uniform(0, 1200), dice.uniform(10, 900)),) if dice.random() < 0.15 else (),
    )


def _requests(dice: random.Random, wild: float) -> Iterator[Request]:
    for at in sorted(dice.sample(range(REQUESTS), round(wild * dice.uniform(0, 25)))):
        yield Request(at, dice.choice(list(Fault)))


def _webhooks(dice: random.Random, wild: float) -> Iterator[Webhook]:
    for at in sorted(dice.sample(range(WEBHOOKS), round(wild * dice.uniform(0, 40)))):
        yield Webhook(at, dice.choice(list(Fate)), dice.choice((0.5, 3.0, 20.0, 120.0, 900.0)))


def _kills(dice: random.Random) -> Iterator[Kill]:
    for at in sorted(dice.sample(range(BORDERS), dice.choice((0, 1, 1, 2, 3, 6)))):
        yield Kill(at, dice.choice((0.1, 5.0, 60.0, 600.0)), fresh=dice.random() < 0.15)


def _acts(dice: random.Random) -> Iterator[Act]:
    deeds = dice.sample(list(Deed), dice.choice((0, 0, 1, 2, 3)))
    if dice.random() < 0.5:
        deeds = [deed for deed in deeds if deed in HARMLESS]
    for deed in deeds:
        yield Act(deed, dice.choice((5.0, 60.0, 400.0, 800.0, 1500.0)) * dice.uniform(0.2, 1.8))
