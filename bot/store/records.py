"""What the store keeps, as frozen data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.github.facts import RepositoryRef
from bot.ledger import Mark


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery, as it came through the door."""

    guid: str
    event: str
    repository: RepositoryRef
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to act on a repository until a moment; every write that matters is fenced by it."""

    repository: RepositoryRef
    owner: str
    until: datetime
    generation: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that must happen once: meant, and perhaps done."""

    mark: Mark
    done: bool
    result: str | None
    at: datetime
    fresh: bool
    """True when this very call recorded it; False means that an earlier try may have done it already."""


class Scan(StrEnum):
    """What is read through from time to time."""

    DELIVERIES = "deliveries"
    """The App's log of deliveries."""
    INSTALLATIONS = "installations"
    """Every repository of every installation, once in the life of a store."""
    INSTALLATION = "installation"
    """Every repository of one installation, once."""
    COMMENTS = "comments"
    """A repository's comments."""
    QUIET = "quiet repositories"
    """Repositories where nothing is open, a few in each turn; its bookmark is the last turn's time."""
    LEDGER = "ledger"
    """What a repository's threads tell of open releases, once in the life of a store."""
    LEDGER_AT_ONCE = "ledger at once"
    """The same, at the store's very beginning."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a scan has come."""

    begun_at: datetime
    at: datetime | None
    """All before it was seen; None when the scan has come nowhere yet."""


class Tried(StrEnum):
    """What is tried again when it fails."""

    HANDLE = "handle"
    """Handling a delivery."""
    HANDLE_AT_FAULT = "handle, at fault"
    """The same, when time is not expected to mend what failed."""
    REDELIVERY = "redelivery"
    """Having GitHub deliver a webhook again."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often something was tried."""

    count: int = 0
    at: datetime | None = None
    """When it was tried last."""
    next_at: datetime | None = None
    """When to try again."""
    seen: int | None = None
    """The attempt that GitHub's log showed last by then, by its id."""


class LeaseLost(Exception):
    """Another worker has the repository now; nothing was written."""
