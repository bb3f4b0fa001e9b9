"""The App under test, where it is installed, what it may, and what is sent to it and asked by it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass
class User:
    """An account; `type` is User or Bot."""

    id: int
    login: str
    type: str = "User"


@dataclass
class App:
    """The GitHub App under test."""

    id: int
    slug: str
    owner: User
    public_key: str
    """PEM; the private half is the bot's."""
    webhook_url: str
    webhook_secret: str
    bot: User
    """`shipmate[bot]`, the author of what the App writes."""


@dataclass
class Installation:
    """The App on one account: which repositories, which permissions."""

    id: int
    account: User
    repository_ids: set[int]
    permissions: dict[str, str]
    created_at: datetime
    suspended: bool = False


@dataclass
class Token:
    """An installation access token: narrowed, and dead after `expires_at`."""

    value: str
    installation_id: int
    repository_ids: set[int]
    permissions: dict[str, str]
    expires_at: datetime


@dataclass
class Call:
    """One request that the stand-in answered; the log that tests and the demo's request count read."""

    method: str
    path: str
    """Path with its query, as sent."""
    status: int
    request: Any
    """Decoded JSON body, or None."""
    response: Any
    """Decoded JSON answer, or None."""
    at: datetime


@dataclass
class Delivery:
    """One attempt at sending one webhook."""

    id: int
    guid: str
    """The webhook's; every attempt at it has the same."""
    event: str
    action: str | None
    payload: dict[str, Any]
    at: datetime
    status: int | None = None
    """HTTP status of the bot's answer; None when it could not be reached."""
    redelivery: bool = False
    over: bool = False
    """Whether it was answered or given up; GitHub's log shows it from then on."""

    @property
    def succeeded(self) -> bool:
        """Whether the bot took it."""
        return self.status is not None and self.status < 400


Listener = Callable[[str, dict[str, Any]], Awaitable[None]]
"""What hears of an event inside the sandbox: (event name, payload)."""
