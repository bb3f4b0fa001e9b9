"""Fixtures for all tests."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy.ext.asyncio import create_async_engine

from tests.postgres import NoPostgres, Server, server

# A busy machine is no finding; `make fuzz-plan` looks for longer.
settings.register_profile("usual", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=20_000)
settings.load_profile("usual")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the checkout; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared data is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server on loopback; the test skips where there is none, unless SHIPMATE_REQUIRE_POSTGRES is set.

    SHIPMATE_TEST_POSTGRES may name one that runs already, as `postgresql+asyncpg://postgres@127.0.0.1:5432`.
    """
    if named := os.environ.get("SHIPMATE_TEST_POSTGRES"):
        yield Server(named)
        return
    try:
        with server() as running:
            yield running
    except NoPostgres as missing:
        if os.environ.get("SHIPMATE_REQUIRE_POSTGRES"):
            pytest.fail(f"SHIPMATE_REQUIRE_POSTGRES is set, but: {missing}")
        pytest.skip(f"no PostgreSQL server: {missing}")


@pytest.fixture
async def postgres_url(postgres: Server) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"shipmate_{uuid.uuid4().hex}"
    await _on_server(postgres, f"CREATE DATABASE {name}")
    yield f"{postgres.url}/{name}"
    await _on_server(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that is not there yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, once of each kind."""
    address: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return address


async def _on_server(on: Server, statement: str) -> None:
    engine = create_async_engine(f"{on.url}/postgres", isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(statement)
    await engine.dispose()
