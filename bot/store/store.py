"""What must survive: deliveries, when each repository is due and who holds it, releases, effects.

GitHub is the ledger; this is an index that could be lost. Every method is one transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import RowMapping, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import Clock
from bot.github.facts import RepositoryRef
from bot.release.model import Release
from bot.store.database import database
from bot.store.group_commit import GroupCommit
from bot.store.records import Delivery, Effect, Lease, LeaseLost
from bot.store.schema import Instant, deliveries, effects, releases, repositories


class Store:
    """The one door to the database."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._news = asyncio.Event()
        self._intake = GroupCommit(self._keep_all)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, clock: Clock) -> AsyncIterator["Store"]:
        """A store on a database brought to the newest schema; closed at the end."""
        async with database(url) as engine:
            yield cls(engine, clock)

    async def healthy(self) -> bool:
        """Whether the database answers; raises nothing but what the driver raises."""
        async with self._engine.connect() as connection:
            answer: int = (await connection.execute(select(1))).scalar_one()
        return answer == 1

    # Deliveries

    async def keep(self, delivery: Delivery) -> bool:
        """Keep a delivery and make its repository due now; False when its GUID is known.

        Returns only after the commit. Calls that wait at the same time share one transaction.
        """
        return await self._intake.submit(delivery)

    async def _keep_all(self, batch: list[Delivery]) -> list[bool]:
        async with self._engine.begin() as connection:
            kept = [await self._keep_one(connection, delivery) for delivery in batch]
        self._news.set()
        return kept

    async def _keep_one(self, connection: AsyncConnection, delivery: Delivery) -> bool:
        new = self._insert(connection, deliveries).values(
            guid=delivery.guid,
            event=delivery.event,
            repository_id=delivery.repository.id,
            body=delivery.body,
            received_at=delivery.received_at,
        )
        done = await connection.execute(new.on_conflict_do_nothing(index_elements=["guid"]))
        if done.rowcount == 0:
            return False
        await self._due_now(connection, delivery.repository)
        return True

    async def _due_now(self, connection: AsyncConnection, repository: RepositoryRef) -> None:
        now = self._clock.now()
        known = {
            "node_id": repository.node_id,
            "installation_id": repository.installation_id,
            "full_name": repository.full_name,
            "due_at": now,
        }
        row = self._insert(connection, repositories).values(id=repository.id, generation=1, attempts=0, **known)
        again = {**known, "generation": repositories.c.generation + 1}
        await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=again))

    async def unhandled(self, repository_id: int) -> tuple[Delivery, ...]:
        """The repository's deliveries that nobody has handled, in the order in which they were kept."""
        query = (
            select(deliveries, repositories)
            .join(repositories, repositories.c.id == deliveries.c.repository_id)
            .where(deliveries.c.repository_id == repository_id, deliveries.c.handled_at.is_(None))
            .order_by(deliveries.c.number)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return tuple(
            Delivery(row["guid"], row["event"], _repository(row), row["body"], row["received_at"]) for row in rows
        )

    async def handled(self, guids: Iterable[str]) -> None:
        """These need no further look."""
        done = update(deliveries).where(deliveries.c.guid.in_(list(guids))).values(handled_at=self._clock.now())
        async with self._engine.begin() as connection:
            await connection.execute(done)

    async def sweep(self, before: datetime) -> int:
        """Forget deliveries that were handled before that moment; how many."""
        async with self._engine.begin() as connection:
            done = await connection.execute(delete(deliveries).where(deliveries.c.handled_at < before))
        return done.rowcount

    # Who works on what

    async def claim(self, owner: str, *, lease_seconds: float) -> Lease | None:
        """The earliest due repository that nobody holds, now held by `owner`; None when nothing is due."""
        now = self._clock.now()
        free = or_(repositories.c.lease_until.is_(None), repositories.c.lease_until <= now)
        due = (
            select(repositories.c.id)
            .where(repositories.c.due_at <= now, free)
            .order_by(repositories.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        until = now + timedelta(seconds=lease_seconds)
        async with self._engine.begin() as connection:
            chosen = (await connection.execute(due)).scalar_one_or_none()
            if chosen is None:
                return None
            held = update(repositories).where(repositories.c.id == chosen).values(lease_owner=owner, lease_until=until)
            row = (await connection.execute(held.returning(repositories))).mappings().one()
        return Lease(_repository(row), owner, until, row["generation"], row["attempts"])

    async def renew(self, lease: Lease, seconds: float) -> Lease:
        """The same lease for longer; raises LeaseLost when somebody else has it."""
        until = self._clock.now() + timedelta(seconds=seconds)
        async with self._engine.begin() as connection:
            await self._fence(connection, lease, lease_until=until)
        return replace(lease, until=until)

    async def finish(self, lease: Lease, *, due_at: datetime | None, attempts: int) -> None:
        """Give the repository back, due again at `due_at`; at once when something came while it was held.

        Raises LeaseLost when somebody else has it.
        """
        untouched = repositories.c.generation == lease.generation
        async with self._engine.begin() as connection:
            await self._fence(
                connection,
                lease,
                lease_owner=None,
                lease_until=None,
                attempts=attempts,
                due_at=case((untouched, literal(due_at, Instant)), else_=repositories.c.due_at),
            )
        self._news.set()

    async def wake(self, repository: RepositoryRef) -> None:
        """Make a repository due now."""
        async with self._engine.begin() as connection:
            await self._due_now(connection, repository)
        self._news.set()

    async def next_due(self) -> datetime | None:
        """When the next repository that nobody holds is due."""
        now = self._clock.now()
        held = and_(repositories.c.lease_until.is_not(None), repositories.c.lease_until > now)
        free_at = case((held, repositories.c.lease_until), else_=repositories.c.due_at)
        query = select(func.min(free_at)).where(repositories.c.due_at.is_not(None))
        async with self._engine.connect() as connection:
            earliest: datetime | None = (await connection.execute(query)).scalar_one()
        return earliest

    async def wait_for_work(self, seconds: float) -> None:
        """Return when this process kept or finished something, at the latest after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()

    async def _fence(self, connection: AsyncConnection, lease: Lease, **values: Any) -> None:
        mine = and_(repositories.c.id == lease.repository.id, repositories.c.lease_owner == lease.owner)
        done = await connection.execute(update(repositories).where(mine).values(**values))
        if done.rowcount != 1:
            raise LeaseLost(lease.repository.full_name)

    # Releases

    async def save(self, lease: Lease, release: Release) -> None:
        """Keep a release as it is now; raises LeaseLost, and keeps nothing, when the lease is gone."""
        now = self._clock.now()
        state = {
            "phase": str(release.phase),
            "open": not release.phase.is_end,
            "data": msgspec.json.encode(release).decode(),
            "updated_at": now,
        }
        async with self._engine.begin() as connection:
            await self._fence(connection, lease, lease_owner=lease.owner)
            row = self._insert(connection, releases).values(
                id=release.id, repository_id=lease.repository.id, created_at=now, **state
            )
            await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=state))

    async def open_releases(self, repository_id: int) -> tuple[Release, ...]:
        """The repository's releases that have not ended, oldest first."""
        query = select(releases.c.data).where(releases.c.repository_id == repository_id, releases.c.open)
        return await self._releases(query.order_by(releases.c.created_at, releases.c.id))

    async def releases(self, repository_id: int, limit: int) -> tuple[Release, ...]:
        """The repository's newest releases, newest first."""
        query = select(releases.c.data).where(releases.c.repository_id == repository_id)
        return await self._releases(query.order_by(releases.c.created_at.desc(), releases.c.id).limit(limit))

    async def release(self, release_id: str) -> Release | None:
        """A release by its id."""
        found = await self._releases(select(releases.c.data).where(releases.c.id == release_id))
        return found[0] if found else None

    async def _releases(self, query: Any) -> tuple[Release, ...]:
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).scalars().all()
        return tuple(msgspec.json.decode(row, type=Release) for row in rows)

    # Effects

    async def intend(self, subject: str, key: str) -> Effect:
        """Record that something is about to be done; answers what was recorded before when there is such."""
        now = self._clock.now()
        async with self._engine.begin() as connection:
            row = self._insert(connection, effects).values(subject=subject, key=key, done=False, at=now)
            done = await connection.execute(row.on_conflict_do_nothing(index_elements=["subject", "key"]))
            if done.rowcount:
                return Effect(subject, key, done=False, result=None, at=now, fresh=True)
            return _effect((await connection.execute(_the_effect(subject, key))).mappings().one())

    async def record(self, subject: str, key: str, result: str) -> None:
        """It is done, with this result."""
        done = update(effects).where(effects.c.subject == subject, effects.c.key == key)
        async with self._engine.begin() as connection:
            await connection.execute(done.values(done=True, result=result))

    async def effect(self, subject: str, key: str) -> Effect | None:
        """What is recorded of it, if anything."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_the_effect(subject, key))).mappings().one_or_none()
        return None if row is None else _effect(row)

    def _insert(self, connection: AsyncConnection, table: Any) -> Any:
        """An INSERT that can say ON CONFLICT, which both dialects spell alike but SQLAlchemy keeps apart."""
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)


def _the_effect(subject: str, key: str) -> Any:
    return select(effects).where(effects.c.subject == subject, effects.c.key == key)


def _effect(row: RowMapping) -> Effect:
    return Effect(row["subject"], row["key"], done=row["done"], result=row["result"], at=row["at"], fresh=False)


def _repository(row: RowMapping) -> RepositoryRef:
    return RepositoryRef(row["id"], row["node_id"], row["full_name"], row["installation_id"])
