"""What must survive: deliveries, when each repository is due and who holds it, releases, intents,
bookmarks, attempts.

GitHub is the ledger; this is an index that could be lost. Every method is one transaction.
"""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, literal, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import Clock
from bot.github.facts import RepositoryRef
from bot.release.model import Release
from bot.store import interest, retention, rows
from bot.store.database import database
from bot.store.group_commit import GroupCommit
from bot.store.intents import Intents
from bot.store.listening import Listener
from bot.store.progress import AttemptCounts, Bookmarks
from bot.store.records import Delivery, Lease
from bot.store.schema import Instant, deliveries, releases, repositories
from bot.store.statements import fence, insert_due, insert_into
from bot.store.wake_up import WakeUp, wait

POLL_SECONDS = 1.0
"""How often whoever waits looks whether another process made something due, where none can tell it."""


class Store:
    """The one door to the database. Safe to share between any number of tasks."""

    def __init__(self, engine: AsyncEngine, clock: Clock, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._engine = engine
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._wake_up = WakeUp()
        self._listener = Listener(self._wake_up)
        self._intake = GroupCommit(self._keep_all)
        self.intents = Intents(engine, clock)
        self.bookmarks = Bookmarks(engine, clock)
        self.attempts = AttemptCounts(engine, clock)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, clock: Clock, *, poll_seconds: float = POLL_SECONDS) -> AsyncIterator["Store"]:
        """A store on a database brought to the newest schema; closed at the end.

        `url` is SQLAlchemy's, with an async driver: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`. Any number
        of processes may share a database. What one makes due, those on PostgreSQL hear of at once; on SQLite, and
        while PostgreSQL's connection is broken, whoever waits sees it within `poll_seconds`.
        """
        async with database(url) as engine:
            store = cls(engine, clock, poll_seconds=poll_seconds)
            async with store._listener.listening(engine):
                yield store

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
        values = [
            {
                "guid": delivery.guid,
                "event": delivery.event,
                "repository_id": delivery.repository.id,
                "body": delivery.body,
                "received_at": delivery.received_at,
            }
            for delivery in batch
        ]
        answers: list[bool] = []
        async with self._engine.begin() as connection:
            insert = insert_into(connection, deliveries).on_conflict_do_nothing(index_elements=["guid"])
            new = set((await connection.execute(insert.returning(deliveries.c.guid), values)).scalars())
            await self._make_due(connection, [d.repository for d in batch if d.guid in new], self._clock.now())
        for delivery in batch:  # the first of several copies in one batch is the new one
            answers.append(delivery.guid in new)
            new.discard(delivery.guid)
        if any(answers):
            self._wake_up.ring()
        return answers

    async def unhandled(self, repository_id: int) -> tuple[Delivery, ...]:
        """The repository's deliveries that nobody has handled, in the order in which they were kept."""
        query = (
            select(deliveries, repositories)
            .join(repositories, repositories.c.id == deliveries.c.repository_id)
            .where(deliveries.c.repository_id == repository_id, deliveries.c.handled_at.is_(None))
            .order_by(deliveries.c.number)
        )
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).mappings().all()
        return tuple(rows.delivery(row) for row in found)

    async def handled(self, guids: Iterable[str]) -> None:
        """These need no further look."""
        done = update(deliveries).where(deliveries.c.guid.in_(list(guids))).values(handled_at=self._clock.now())
        async with self._engine.begin() as connection:
            await connection.execute(done)

    async def sweep(self, *, handled_before: datetime, ended_before: datetime) -> int:
        """Forget handled deliveries, and ended releases with their intents, that are older; how many rows.

        The GUIDs of such deliveries are then unknown again. What is open or unhandled stays, however old.
        """
        swept = await retention.forget_deliveries(self._engine, handled_before)
        return swept + await retention.forget_releases(self._engine, ended_before)

    # Who works on what

    async def wake(self, repository: RepositoryRef, at: datetime) -> None:
        """Have a repository, known or not, looked at once more: at `at`, or earlier when it is due earlier."""
        async with self._engine.begin() as connection:
            await self._make_due(connection, [repository], at)
        self._wake_up.ring()

    async def _make_due(self, connection: AsyncConnection, who: Iterable[RepositoryRef], at: datetime) -> None:
        # In the order of their ids, so that two processes cannot wait for each other's row locks.
        values = [
            {
                "id": repository.id,
                "node_id": repository.node_id,
                "installation_id": repository.installation_id,
                "full_name": repository.full_name,
                "due_at": at,
                "generation": 1,
                "attempts": 0,
            }
            for repository in sorted({r.id: r for r in who}.values(), key=lambda r: r.id)
        ]
        if not values:
            return
        await connection.execute(insert_due(connection), values)
        await self._listener.tell(connection)

    async def claim(self, owner: str, *, lease_seconds: float) -> Lease | None:
        """The earliest due repository that nobody holds, now held by `owner`; None when nothing is due.

        Each claim is told from every other, also from an earlier one of the same owner.
        """
        now = self._clock.now()
        free = or_(repositories.c.lease_until.is_(None), repositories.c.lease_until <= now)
        due = (
            select(repositories.c.id)
            .where(repositories.c.due_at <= now, free)
            .order_by(repositories.c.due_at, repositories.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        holder, until = f"{owner}/{uuid.uuid4().hex[:12]}", now + timedelta(seconds=lease_seconds)
        async with self._engine.begin() as connection:
            chosen = (await connection.execute(due)).scalar_one_or_none()
            if chosen is None:
                return None
            held = update(repositories).where(repositories.c.id == chosen).values(lease_owner=holder, lease_until=until)
            row = (await connection.execute(held.returning(repositories))).mappings().one()
        return Lease(rows.repository(row), holder, until, row["generation"], row["attempts"])

    async def renew(self, lease: Lease, seconds: float) -> Lease:
        """The same lease, for so many seconds from now; raises LeaseLost when somebody else has it."""
        until = self._clock.now() + timedelta(seconds=seconds)
        async with self._engine.begin() as connection:
            await fence(connection, lease, lease_until=until)
        return replace(lease, until=until)

    async def finish(self, lease: Lease, *, due_at: datetime | None, attempts: int) -> None:
        """Give the repository back, due again at `due_at` (None: never); at once when something came meanwhile.

        `attempts` is remembered for the next claim. Raises LeaseLost when somebody else has it.
        """
        untouched = repositories.c.generation == lease.generation
        async with self._engine.begin() as connection:
            await fence(
                connection,
                lease,
                lease_owner=None,
                lease_until=None,
                attempts=attempts,
                due_at=case((untouched, literal(due_at, Instant)), else_=repositories.c.due_at),
            )
            await self._listener.tell(connection)
        self._wake_up.ring()

    async def give_back(self, lease: Lease) -> None:
        """Give the repository back unfinished: it is due as it was, for whoever comes first.

        Raises LeaseLost when somebody else has it.
        """
        async with self._engine.begin() as connection:
            await fence(connection, lease, lease_owner=None, lease_until=None)
            await self._listener.tell(connection)
        self._wake_up.ring()

    async def next_due(self) -> datetime | None:
        """When there will be something to claim: a repository due, or a lease that ends; None when never."""
        held = and_(repositories.c.lease_until.is_not(None), repositories.c.lease_until > self._clock.now())
        free_at = case((held, repositories.c.lease_until), else_=repositories.c.due_at)
        query = select(func.min(free_at)).where(repositories.c.due_at.is_not(None))
        async with self._engine.connect() as connection:
            earliest: datetime | None = (await connection.execute(query)).scalar_one()
        return earliest

    async def wait_for_work(self, seconds: float) -> None:
        """Return when something is due, or was kept, woken or given back; after `seconds` anyway.

        The seconds are the clock's. Nothing that happens between a `claim` that found nothing and this is missed; how
        soon other processes' news arrive meanwhile, `open` says.
        """
        bell = self._wake_up.bell
        if not self._listener.hears:
            seconds = min(seconds, self._poll_seconds)
        due_at = await self.next_due()
        if due_at is not None:
            seconds = min(seconds, (due_at - self._clock.now()).total_seconds())
        if seconds > 0:
            await wait(bell, seconds, self._clock)

    # Releases

    async def save(self, lease: Lease, release: Release) -> None:
        """Keep a release as it is now; raises LeaseLost, and keeps nothing, when the lease is gone."""
        now = self._clock.now()
        state = {
            "phase": str(release.phase),
            "open": not release.phase.is_end,
            "data": rows.release_text(release),
            "recheck_at": release.aftercare.next_at,
            "updated_at": now,
        }
        async with self._engine.begin() as connection:
            await fence(connection, lease, lease_owner=lease.owner)
            new = {"id": release.id, "repository_id": lease.repository.id, "created_at": now}
            insert = insert_into(connection, releases).values(**new, **state)
            await connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=state))

    async def open_releases(self, repository_id: int) -> tuple[Release, ...]:
        """The repository's releases that have not ended, in the order in which they were asked for."""
        query = select(releases.c.data).where(releases.c.repository_id == repository_id, releases.c.open)
        return rows.as_requested(await self._releases(query))

    async def releases_to_recheck(self, repository_id: int) -> tuple[Release, ...]:
        """The repository's ended releases that are to be looked at again, the most urgent first."""
        ended = (releases.c.repository_id == repository_id, not_(releases.c.open))
        again = (*ended, releases.c.recheck_at.is_not(None))
        return await self._releases(select(releases.c.data).where(*again).order_by(releases.c.recheck_at))

    async def releases(self, repository_id: int, limit: int) -> tuple[Release, ...]:
        """The repository's newest releases, newest first."""
        query = select(releases.c.data).where(releases.c.repository_id == repository_id)
        return await self._releases(query.order_by(releases.c.created_at.desc(), releases.c.id.desc()).limit(limit))

    async def release(self, release_id: str) -> Release | None:
        """A release by its id."""
        found = await self._releases(select(releases.c.data).where(releases.c.id == release_id))
        return found[0] if found else None

    async def _releases(self, query: Any) -> tuple[Release, ...]:
        async with self._engine.connect() as connection:
            texts = (await connection.execute(query)).scalars().all()
        return tuple(rows.release(text) for text in texts)

    # What is worth keeping

    async def has_something_open(self, repository_id: int) -> bool:
        """Whether a release is open in the repository, or a delivery of it unhandled."""
        async with self._engine.connect() as connection:
            return await interest.has_something_open(connection, repository_id)

    async def repositories_with_something_open(self) -> tuple[RepositoryRef, ...]:
        """Every repository of which that can be said."""
        async with self._engine.connect() as connection:
            return await interest.repositories_with_something_open(connection)

    async def known_guids(self, guids: Iterable[str]) -> frozenset[str]:
        """Those among them that were kept and are not swept yet."""
        async with self._engine.connect() as connection:
            return await interest.known_guids(connection, guids)
