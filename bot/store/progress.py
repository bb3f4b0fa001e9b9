"""Bookmarks, where a scan stands, and attempts, how often something was tried. Each method is one transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.store.records import Attempts, Bookmark, Scan, Tried
from bot.store.schema import attempts, bookmarks
from bot.store.statements import insert_into


class Bookmarks:
    """One for each scan of each thing that is scanned."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def begin(self, scan: Scan, number: int = 0) -> Bookmark:
        """The scan's bookmark, put at its beginning when there is none."""
        new = {"scan": str(scan), "number": number, "begun_at": self._clock.now()}
        async with self._engine.begin() as connection:
            insert = insert_into(connection, bookmarks).values(**new)
            await connection.execute(insert.on_conflict_do_nothing(index_elements=["scan", "number"]))
            return _bookmark((await connection.execute(_the_bookmark(scan, number))).mappings().one())

    async def find(self, scan: Scan, number: int = 0) -> Bookmark | None:
        """The scan's bookmark, if it was begun."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_the_bookmark(scan, number))).mappings().one_or_none()
        return None if row is None else _bookmark(row)

    async def all(self, scan: Scan) -> dict[int, Bookmark]:
        """The bookmarks of everything that the scan goes through."""
        query = select(bookmarks).where(bookmarks.c.scan == str(scan))
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return {row["number"]: _bookmark(row) for row in rows}

    async def move(self, scan: Scan, number: int = 0, *, to: datetime | None = None) -> None:
        """All before that moment was seen; before now, when none is given."""
        now = self._clock.now()
        new = {"scan": str(scan), "number": number, "begun_at": now, "at": to or now}
        async with self._engine.begin() as connection:
            insert = insert_into(connection, bookmarks).values(**new)
            moved = insert.on_conflict_do_update(index_elements=["scan", "number"], set_={"at": to or now})
            await connection.execute(moved)


class AttemptCounts:
    """How often something was tried that goes by a delivery's GUID."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def find(self, tried: Tried, guid: str) -> Attempts:
        """What is known of it; nothing, when it was never tried."""
        query = select(attempts).where(attempts.c.tried == str(tried), attempts.c.guid == guid)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return Attempts() if row is None else Attempts(row["count"], row["at"], row["next_at"], row["seen"])

    async def count(
        self, tried: Tried, guid: str, *, next_at: datetime | None = None, seen: int | None = None
    ) -> Attempts:
        """One more; `next_at` is when to try again, `seen` what GitHub showed of it last."""
        key, now = {"tried": str(tried), "guid": guid}, self._clock.now()
        async with self._engine.begin() as connection:
            insert = insert_into(connection, attempts).values(**key, count=1, at=now, next_at=next_at, seen=seen)
            more = {"count": attempts.c.count + 1, "at": now, "next_at": next_at, "seen": seen}
            again = insert.on_conflict_do_update(index_elements=["tried", "guid"], set_=more)
            number: int = (await connection.execute(again.returning(attempts.c.count))).scalar_one()
        return Attempts(number, now, next_at, seen)


def _the_bookmark(scan: Scan, number: int) -> Any:
    return select(bookmarks).where(bookmarks.c.scan == str(scan), bookmarks.c.number == number)


def _bookmark(row: Any) -> Bookmark:
    return Bookmark(row["begun_at"], row["at"])
