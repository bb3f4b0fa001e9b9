"""Fixtures for all tests.

One small test file starts within a second or two: what is slow to import (hypothesis, SQLAlchemy, xdist) is imported
where it is used.
"""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.postgres import NoPostgres, Server, server
from tests.shared import ABSENT, MISSING, SHARED, demand_it

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

MADE_ONCE = (
    "tests/contract/test_whole_run.py",
    "tests/github/test_documents.py",
    "tests/release/test_every_state.py",
)
"""Modules whose tests all look at one thing that takes long to make."""


def pytest_configure() -> None:
    """Where the shared data is demanded, nothing runs without it."""
    demand_it()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "LoadScopeScheduling":
    """Test by test to whichever process is free, but the modules of MADE_ONCE each as a whole to one process.

    pytest-xdist's own `loadgroup` keeps nothing together with pytest 9.2, whose items have another kind of id. Without
    pytest-xdist (`-p no:xdist`) nobody asks.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Spread(LoadScopeScheduling):  # type: ignore[misc] # it is untyped
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.partition("::")[0]
            return module if module in MADE_ONCE else nodeid

    assert all((config.rootpath / module).is_file() for module in MADE_ONCE)
    return Spread(config, log)


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Before property tests are imported: a busy machine is no finding, and `make fuzz-plan` looks for longer."""
    if "hypothesis" in module_path.read_text("utf-8"):
        from hypothesis import settings

        settings.register_profile("ours", deadline=None, max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "100")))
        settings.load_profile("ours")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the checkout; the test skips where it is absent."""
    if MISSING:
        pytest.skip(ABSENT)
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
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(f"{on.url}/postgres", isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(statement)
    await engine.dispose()
