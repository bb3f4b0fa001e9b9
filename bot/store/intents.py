"""Intents: what must happen once, meant and perhaps done. Each method is one transaction."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.ledger import CommentId, Mark, Taken
from bot.store.records import Intent
from bot.store.schema import intents
from bot.store.statements import in_parts, insert_into


class Intents:
    """By what is to happen, as its mark says it."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def intend(self, mark: Mark) -> Intent:
        """Record that something is about to be done; answers what was recorded before when there is such."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            insert = insert_into(connection, intents).values(**_key(mark), done=False, at=now)
            done = await connection.execute(insert.on_conflict_do_nothing(index_elements=["subject", "key"]))
            if done.rowcount:
                return Intent(mark, done=False, result=None, at=now, fresh=True)
            return _intent(mark, (await connection.execute(_the(mark))).mappings().one())

    async def again(self, mark: Mark) -> None:
        """It is about to be carried out once more: an intent of now, without a result."""
        mine = update(intents).where(intents.c.subject == mark.subject.text, intents.c.key == mark.key.text)
        async with self._engine.begin() as connection:
            await connection.execute(mine.values(done=False, result=None, at=self._clock.now()))

    async def record(self, mark: Mark, result: str) -> None:
        """It is done, with this result; a later result takes the place of an earlier one."""
        state = {"done": True, "result": result}
        async with self._engine.begin() as connection:
            insert = insert_into(connection, intents).values(**_key(mark), at=self._clock.now(), **state)
            await connection.execute(insert.on_conflict_do_update(index_elements=["subject", "key"], set_=state))

    async def find(self, mark: Mark) -> Intent | None:
        """What is recorded of it, if anything."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_the(mark))).mappings().one_or_none()
        return None if row is None else _intent(mark, row)

    async def taken(self, comments: Iterable[int]) -> frozenset[int]:
        """Those among the comments of which a command was taken."""
        ids = {CommentId(number).text: number for number in comments}
        found: set[int] = set()
        async with self._engine.connect() as connection:
            for part in in_parts(ids):
                query = select(intents.c.subject).where(
                    intents.c.subject.in_(part), intents.c.key == Taken(0).text, intents.c.done
                )
                found |= {ids[subject] for subject in (await connection.execute(query)).scalars()}
        return frozenset(found)


def _key(mark: Mark) -> dict[str, str]:
    return {"subject": mark.subject.text, "key": mark.key.text}


def _the(mark: Mark) -> Any:
    return select(intents).where(intents.c.subject == mark.subject.text, intents.c.key == mark.key.text)


def _intent(mark: Mark, row: Any) -> Intent:
    return Intent(mark, done=row["done"], result=row["result"], at=row["at"], fresh=False)
