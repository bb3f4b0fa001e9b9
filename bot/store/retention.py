"""Forgetting what nobody will ask for again, a few rows a transaction, so that nobody waits for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, not_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.schema import attempts, deliveries, intents, releases

BATCH = 500


async def forget_deliveries(engine: AsyncEngine, before: datetime) -> int:
    """Those that were handled before that moment, and how often others were tried before it; how many rows.

    Their GUIDs are then unknown again.
    """
    forgotten = await _forget(engine, deliveries, deliveries.c.handled_at < before)
    waiting = select(deliveries.c.guid).where(deliveries.c.handled_at.is_(None))
    return forgotten + await _forget(engine, attempts, and_(attempts.c.at < before, attempts.c.guid.not_in(waiting)))


async def forget_releases(engine: AsyncEngine, before: datetime) -> int:
    """Those that ended before that moment and are not looked at again, and intents that old unless they belong to a
    release that stays; how many.
    """
    over = and_(not_(releases.c.open), releases.c.recheck_at.is_(None))
    ended = await _forget(engine, releases, and_(over, releases.c.updated_at < before))
    still_open = select(releases.c.id).where(not_(over))
    old = and_(intents.c.at < before, intents.c.subject.not_in(still_open))
    return ended + await _forget(engine, intents, old)


async def _forget(engine: AsyncEngine, table: Table, which: ColumnElement[bool]) -> int:
    key: Any = tuple_(*table.primary_key.columns)
    some = delete(table).where(key.in_(select(*table.primary_key.columns).where(which).limit(BATCH)))
    total = 0
    while True:
        async with engine.begin() as connection:
            count = (await connection.execute(some)).rowcount
        total += count
        if count < BATCH:
            return total
