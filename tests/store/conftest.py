"""A store on both kinds of database; each test has a database of its own."""

from collections.abc import AsyncIterator

import pytest

from bot.store import Lease, Store
from tests.store.builders import TurnedClock, delivery


@pytest.fixture
def clock() -> TurnedClock:
    """A clock that the test turns."""
    return TurnedClock()


@pytest.fixture
async def store(url: str, clock: TurnedClock) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(url, clock, poll_seconds=60) as store:
        yield store


@pytest.fixture
async def lease(store: Store) -> Lease:
    """The right to act on REPOSITORY, where one delivery has arrived."""
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    assert lease is not None
    return lease
