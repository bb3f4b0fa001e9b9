"""What the store's tests keep, and the clock that they turn."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.github.facts import RepositoryRef
from bot.store import Delivery, Lease

NOON = datetime(2026, 4, 4, 12, 0, tzinfo=UTC)
REPOSITORY = RepositoryRef(1, "R_1", "o/r", 10)
OTHER = RepositoryRef(2, "R_2", "o/s", 10)


class TurnedClock:
    """Stands still at noon until a test turns it; whoever sleeps then wakes."""

    def __init__(self) -> None:
        self.time = NOON
        self._turned = asyncio.Condition()
        self.sleepers = 0
        """How many sleep now."""

    def now(self) -> datetime:
        """What it shows."""
        return self.time

    async def until_asleep(self, sleepers: int = 1) -> None:
        """Return when so many sleep."""
        async with self._turned:
            await self._turned.wait_for(lambda: self.sleepers >= sleepers)

    async def turn(self, seconds: float) -> None:
        """Turn it forward."""
        self.time += timedelta(seconds=seconds)
        async with self._turned:
            self._turned.notify_all()

    async def sleep(self, seconds: float) -> None:
        """Return when it was turned so far."""
        end = self.time + timedelta(seconds=seconds)
        async with self._turned:
            self.sleepers += 1
            self._turned.notify_all()
            try:
                await self._turned.wait_for(lambda: self.time >= end)
            finally:
                self.sleepers -= 1


def delivery(guid: str = "g1", repository: RepositoryRef = REPOSITORY) -> Delivery:
    """A comment's delivery."""
    return Delivery(guid, "issue_comment", repository, b"{}", NOON)


def held(repository: RepositoryRef) -> Lease:
    """The right to change a repository."""
    return Lease(repository, "w", NOON, 1, 0)
