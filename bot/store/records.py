"""What the store keeps, as frozen data."""

from dataclasses import dataclass
from datetime import datetime

from bot.github.facts import RepositoryRef


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
class Effect:
    """Something that must happen once: intended, and perhaps done."""

    subject: str
    key: str
    done: bool
    result: str | None
    at: datetime
    fresh: bool
    """True when this very call recorded the intent; False means that an earlier try may have done it already."""


class LeaseLost(Exception):
    """Another worker has the repository now; nothing was written."""
