"""The database behind the store: one code on SQLite and PostgreSQL.

SQLite runs with WAL and synchronous=FULL (a commit survives a power cut), and through a single connection: several of
them only queue for the one write lock, with a long tail (measured, see docs/adr/0001).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import AsyncAdaptedQueuePool, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

CONNECTIONS = 6
"""To PostgreSQL, beside the listener; small servers allow twenty, and in a deploy old processes stand beside new."""
_PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
_MIGRATION_LOCK = 0x5419_0A7E
"""Any number that nothing else in the database locks."""
_migrating: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""Alembic keeps the migration under way in globals, so there is one at a time."""


@asynccontextmanager
async def database(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database whose schema is up to date; closed at the end."""
    engine = _engine(url)
    try:
        await migrate(engine)
        yield engine
    finally:
        await engine.dispose()


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the schema up to a revision, the newest by default, all or nothing; does nothing when it is there.

    Processes that start together take turns: SQLite's write lock sees to it, on PostgreSQL an advisory lock does.
    """
    turn = _migrating.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with turn, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        await connection.run_sync(_upgrade, revision)


def revisions() -> tuple[str, ...]:
    """Every revision that there was, oldest first."""
    scripts = ScriptDirectory.from_config(_migrations())
    return tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def _upgrade(connection: Connection, revision: str) -> None:
    config = _migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config


def _engine(url: str) -> AsyncEngine:
    # Parameters are hidden: what people wrote belongs in no error, and so in no log and no report.
    if not url.startswith("sqlite"):
        return create_async_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=CONNECTIONS, max_overflow=0)
    engine = create_async_engine(
        url, hide_parameters=True, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0
    )
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _configure_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the BEGIN below, not the driver's deferred one
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
