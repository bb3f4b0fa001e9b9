"""A store on every database at hand: SQLite always, PostgreSQL when SHIPMATE_TEST_POSTGRES names a server.

Each test has a database of its own.
"""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import Lease, Store
from tests.store.builders import TurnedClock, delivery

POSTGRES = os.environ.get("SHIPMATE_TEST_POSTGRES", "")
"""Such as `postgresql+asyncpg://postgres@127.0.0.1:5432`; databases are made and dropped there."""


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES else ["sqlite"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
        return
    name = f"shipmate_{uuid.uuid4().hex}"
    await _on_server(f"CREATE DATABASE {name}")
    yield f"{POSTGRES}/{name}"
    await _on_server(f"DROP DATABASE {name}")


async def _on_server(statement: str) -> None:
    server = create_async_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.exec_driver_sql(statement)
    await server.dispose()


@pytest.fixture
def clock() -> TurnedClock:
    """A clock that the test turns."""
    return TurnedClock()


@pytest.fixture
async def store(url: str, clock: TurnedClock) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(url, clock) as store:
        yield store


@pytest.fixture
async def lease(store: Store) -> Lease:
    """The right to act on REPOSITORY, where one delivery has arrived."""
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    assert lease is not None
    return lease
