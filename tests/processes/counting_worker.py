"""`bot worker`, but each look only handles the oldest delivery, and writes down that it holds the repository meanwhile.

Two looks at one repository at once collide on the key of `holding`, whichever processes they belong to.
"""

import asyncio
import os
import random
from datetime import datetime
from functools import cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.cli.serve import run
from bot.reconcile.reconciler import Reconciler
from bot.store import Lease

TABLES = (
    "CREATE UNLOGGED TABLE holding (repository bigint PRIMARY KEY)",
    "CREATE UNLOGGED TABLE looks (repository bigint, process integer, overlapping boolean)",
)
_UNHANDLED = text(
    "SELECT guid FROM deliveries WHERE repository_id = :repository AND handled_at IS NULL ORDER BY number LIMIT 2"
)


@cache
def notes() -> AsyncEngine:
    """Where it writes it down: in the same database, but by connections and transactions of its own."""
    lax = {"server_settings": {"synchronous_commit": "off"}}
    return create_async_engine(os.environ["DATABASE_URL"], isolation_level="AUTOCOMMIT", connect_args=lax)


async def look(reconciler: Reconciler, lease: Lease) -> tuple[datetime | None, int]:
    """In the place of a real look: handle one delivery, take a moment for it, and come again for the next."""
    repository = lease.repository.id
    async with notes().connect() as connection:
        held = text("INSERT INTO holding VALUES (:repository) ON CONFLICT DO NOTHING")
        overlapping = (await connection.execute(held, {"repository": repository})).rowcount == 0
        found = (await connection.execute(_UNHANDLED, {"repository": repository})).scalars().all()
        await asyncio.sleep(random.uniform(0, 0.002))  # noqa: S311 - no secret
        await reconciler._store.handled(found[:1])
        await connection.execute(text("DELETE FROM holding WHERE repository = :it"), {"it": repository})
        noted = text("INSERT INTO looks VALUES (:repository, :process, :overlapping)")
        await connection.execute(noted, {"repository": repository, "process": os.getpid(), "overlapping": overlapping})
    return (reconciler._clock.now() if found[1:] else None), 0


if __name__ == "__main__":
    setattr(Reconciler, "_look", look)  # noqa: B010 - which mypy would not let pass
    run(web=False)
