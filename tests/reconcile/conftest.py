"""A store, its clock, and a worker whose looks a test writes itself; in virtual time.

So a short sleep means: until nothing is at work any more, however slow the machine.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TypeAlias, cast

import pytest

from bot.github import GitHub
from bot.reconcile.reconciler import Reconciler
from bot.reconcile.worker import Worker
from bot.registries import Registries
from bot.release.facts import Timeouts
from bot.store import Lease, Store
from tests.store.builders import TurnedClock, delivery
from tests.virtual_time import pytest_asyncio_loop_factories, threads_of_sqlite_are_awaited

__all__ = ["pytest_asyncio_loop_factories", "threads_of_sqlite_are_awaited"]

Look: TypeAlias = Callable[[Reconciler, Lease], Awaitable[tuple[datetime | None, int]]]
MakeWorker: TypeAlias = Callable[[Look], Worker]


@pytest.fixture
def clock() -> TurnedClock:
    """A clock that the test turns."""
    return TurnedClock()


@pytest.fixture
async def store(sqlite_url: str, clock: TurnedClock) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(sqlite_url, clock, poll_seconds=60) as store:
        yield store


@pytest.fixture
async def lease(store: Store) -> Lease:
    """The right to act on REPOSITORY, where one delivery has arrived."""
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    assert lease is not None
    return lease


@pytest.fixture
def worker_of(store: Store, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch) -> MakeWorker:
    """Makes a worker out of what it does with a repository."""

    def make(look: Look) -> Worker:
        monkeypatch.setattr(Reconciler, "_look", look)
        nobody = cast(GitHub, None), cast(Registries, None)
        return Worker(store=store, github=nobody[0], registries=nobody[1], clock=clock, timeouts=Timeouts())

    return make
