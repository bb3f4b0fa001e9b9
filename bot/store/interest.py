"""Questions of those who decide what is worth keeping: which repositories have something open."""

from collections.abc import Iterable

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.github.facts import RepositoryRef
from bot.store import rows
from bot.store.schema import deliveries, releases, repositories
from bot.store.statements import in_parts


async def has_something_open(connection: AsyncConnection, repository_id: int) -> bool:
    """Whether a release is open there, or a delivery unhandled that may open one; answered from two indexes."""
    release = exists().where(releases.c.repository_id == repository_id, releases.c.open)
    delivery = exists().where(deliveries.c.repository_id == repository_id, deliveries.c.handled_at.is_(None))
    found: bool = (await connection.execute(select(or_(release, delivery)))).scalar_one()
    return bool(found)


async def repositories_with_something_open(connection: AsyncConnection) -> tuple[RepositoryRef, ...]:
    """All of them, by what is known of their names and installations."""
    open_releases = select(releases.c.repository_id).where(releases.c.open)
    unhandled = select(deliveries.c.repository_id).where(deliveries.c.handled_at.is_(None))
    query = (
        select(repositories)
        .where(or_(repositories.c.id.in_(open_releases), repositories.c.id.in_(unhandled)))
        .order_by(repositories.c.id)
    )
    return tuple(rows.repository(row) for row in (await connection.execute(query)).mappings())


async def known_guids(connection: AsyncConnection, guids: Iterable[str]) -> frozenset[str]:
    """Those among them that were kept."""
    found: set[str] = set()
    for part in in_parts(guids):
        query = select(deliveries.c.guid).where(deliveries.c.guid.in_(part))
        found |= set((await connection.execute(query)).scalars())
    return frozenset(found)
