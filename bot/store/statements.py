"""Pieces of statements that several parts of the store share."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import and_, case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.records import Lease, LeaseLost
from bot.store.schema import repositories

MOST_AT_ONCE = 500
"""Values of one IN; more make a statement that databases refuse."""


def insert_into(connection: AsyncConnection, table: Any) -> Any:
    """An INSERT that can say ON CONFLICT, which both dialects spell alike but SQLAlchemy keeps apart."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def insert_due(connection: AsyncConnection) -> Any:
    """An INSERT of repositories that are due; of one that is known the earlier time and the newer name count."""
    insert = insert_into(connection, repositories)
    given, now = insert.excluded, repositories.c
    again = {
        "node_id": given.node_id,
        "installation_id": given.installation_id,
        "full_name": given.full_name,
        "due_at": case((now.due_at <= given.due_at, now.due_at), else_=given.due_at),
        "generation": now.generation + 1,
    }
    return insert.on_conflict_do_update(index_elements=["id"], set_=again)


async def fence(connection: AsyncConnection, lease: Lease, **values: Any) -> None:
    """Write to the leased repository's row; raises LeaseLost, which undoes the transaction, when it is not ours."""
    mine = and_(repositories.c.id == lease.repository.id, repositories.c.lease_owner == lease.owner)
    done = await connection.execute(update(repositories).where(mine).values(**values))
    if done.rowcount != 1:
        raise LeaseLost(lease.repository.full_name)


def in_parts(values: Iterable[str]) -> Iterator[list[str]]:
    """So many at a time as one statement takes."""
    asked = list(values)
    for start in range(0, len(asked), MOST_AT_ONCE):
        yield asked[start : start + MOST_AT_ONCE]
