import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.github.facts import RepositoryRef
from bot.release.model import Answer, Blocked, Detail, Phase
from bot.store import Delivery, LeaseLost, Store
from bot.store.database import database, migrate
from bot.store.schema import metadata
from tests.release.builders import LONG_AGO, release

REPOSITORY = RepositoryRef(1, "R_1", "o/r", 10)
OTHER = RepositoryRef(2, "R_2", "o/s", 10)


class TurnedClock:
    """A clock that tests turn."""

    def __init__(self):
        self.time = datetime(2026, 4, 4, 12, 0, tzinfo=UTC)

    def now(self):
        return self.time

    async def sleep(self, seconds):
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return TurnedClock()


@asynccontextmanager
async def opened(tmp_path, clock):
    async with Store.open(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}", clock) as store:
        yield store


@pytest.fixture
async def store(tmp_path, clock):
    async with opened(tmp_path, clock) as store:
        yield store


def delivery(guid="g1", repository=REPOSITORY):
    return Delivery(guid, "issue_comment", repository, b"{}", LONG_AGO)


async def test_a_kept_delivery_is_there_after_a_restart(tmp_path, clock):
    async with opened(tmp_path, clock) as store:
        assert await store.keep(delivery())
    async with opened(tmp_path, clock) as store:
        assert await store.unhandled(1) == (delivery(),)


async def test_fifty_copies_of_one_delivery_are_kept_once(store):
    kept = await asyncio.gather(*(store.keep(delivery()) for _ in range(50)))
    assert sum(kept) == 1
    assert len(await store.unhandled(1)) == 1


async def test_deliveries_that_wait_together_share_transactions(store, monkeypatch):
    groups = []
    keep_all = store._intake._commit

    async def counting(batch):
        groups.append(len(batch))
        return await keep_all(batch)

    store._intake._commit = counting
    await asyncio.gather(*(store.keep(delivery(f"g{n}")) for n in range(100)))
    assert sum(groups) == 100
    assert len(groups) <= 3


async def test_who_waits_for_a_failed_commit_hears_of_it(store):
    async def failing(batch):
        raise OSError("disk full")

    store._intake._commit = failing
    answers = await asyncio.gather(*(store.keep(delivery(f"g{n}")) for n in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OSError] * 3


async def test_handled_deliveries_are_not_seen_again_and_are_swept_later(store, clock):
    await store.keep(delivery())
    await store.handled(["g1"])
    assert await store.unhandled(1) == ()
    assert await store.sweep(clock.now()) == 0
    assert await store.sweep(clock.now() + timedelta(days=1)) == 1


async def test_deliveries_are_handed_out_in_the_order_in_which_they_came(store):
    for n in range(5):
        await store.keep(delivery(f"g{n}"))
    assert [d.guid for d in await store.unhandled(1)] == ["g0", "g1", "g2", "g3", "g4"]


async def test_a_due_repository_is_held_by_one_worker_only(store):
    await store.keep(delivery())
    claims = await asyncio.gather(*(store.claim(f"w{n}", lease_seconds=60) for n in range(5)))
    assert sum(claim is not None for claim in claims) == 1


async def test_repositories_do_not_wait_for_one_another(store):
    await store.keep(delivery())
    await store.keep(delivery("g2", OTHER))
    first, second = [await store.claim("w", lease_seconds=60) for _ in range(2)]
    assert {first.repository, second.repository} == {REPOSITORY, OTHER}


async def test_what_comes_while_a_repository_is_held_makes_it_due_again(store, clock):
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    await store.keep(delivery("g2"))
    await store.finish(lease, due_at=None, attempts=0)
    assert await store.claim("w", lease_seconds=60) is not None


async def test_a_finished_repository_is_due_when_it_said(store, clock):
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    later = clock.now() + timedelta(minutes=5)
    await store.finish(lease, due_at=later, attempts=2)
    assert await store.claim("w", lease_seconds=60) is None
    assert await store.next_due() == later
    clock.time = later
    assert (await store.claim("w", lease_seconds=60)).attempts == 2


async def test_a_repository_with_nothing_open_is_never_due(store):
    await store.keep(delivery())
    await store.finish(await store.claim("w", lease_seconds=60), due_at=None, attempts=0)
    assert await store.next_due() is None


async def test_a_dead_workers_repository_is_taken_up_when_its_lease_ends(store, clock):
    await store.keep(delivery())
    dead = await store.claim("dead", lease_seconds=60)
    assert await store.claim("w", lease_seconds=60) is None
    clock.time += timedelta(seconds=61)
    assert await store.claim("w", lease_seconds=60) is not None
    with pytest.raises(LeaseLost):
        await store.finish(dead, due_at=None, attempts=0)
    with pytest.raises(LeaseLost):
        await store.save(dead, release())
    assert await store.release("r100") is None


async def test_a_release_survives_as_it_is(store):
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    blocked = Blocked(Answer.CI_RED, (Detail("Rustfmt", "https://github.example"),))
    whole = replace(release(Phase.MERGED), blocked=blocked)
    await store.save(lease, whole)
    assert await store.open_releases(1) == (whole,)


async def test_an_ended_release_is_no_longer_open(store):
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    await store.save(lease, release(Phase.MERGED))
    await store.save(lease, release(Phase.RELEASED))
    assert await store.open_releases(1) == ()
    assert [r.phase for r in await store.releases(1, limit=5)] == [Phase.RELEASED]


async def test_an_intent_is_fresh_once_and_then_remembered_until_it_is_done(store):
    assert (await store.intend("r1", "comment")).fresh
    again = await store.intend("r1", "comment")
    assert not again.fresh
    assert not again.done
    await store.record("r1", "comment", "42")
    done = await store.intend("r1", "comment")
    assert done.done
    assert done.result == "42"


async def test_the_migrations_make_exactly_the_schema_and_can_run_again(tmp_path):
    async with database(f"sqlite+aiosqlite:///{tmp_path / 'schema.db'}") as engine, engine.begin() as connection:
        await connection.run_sync(migrate)
        differences = await connection.run_sync(
            lambda plain: compare_metadata(MigrationContext.configure(plain), metadata)
        )
    assert differences == []


async def test_a_commit_survives_a_power_cut(tmp_path):
    async with database(f"sqlite+aiosqlite:///{tmp_path / 'pragmas.db'}") as engine, engine.connect() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2)):
            assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one() == value
