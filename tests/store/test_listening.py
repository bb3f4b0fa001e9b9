"""Two processes on one database: what one makes due, the other hears of, or sees soon."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot.clock import SystemClock
from bot.store import Store, listening
from tests.store.builders import NOON, REPOSITORY, delivery


@asynccontextmanager
async def two_processes(url, *, poll_seconds=60.0):
    clock = SystemClock()
    async with (
        Store.open(url, clock, poll_seconds=poll_seconds) as one,
        Store.open(url, clock, poll_seconds=poll_seconds) as other,
    ):
        yield one, other


async def until(so):
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 - the other side is a server
            await asyncio.sleep(0.01)


async def woken_by(act, store):
    """How long the store's waiting goes on after the act."""
    waiting = asyncio.ensure_future(store.wait_for_work(60))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await act
    began = time.monotonic()
    await asyncio.wait_for(waiting, 10)
    return time.monotonic() - began


async def test_a_delivery_wakes_the_workers_of_other_processes_at_once(postgres_url):
    async with two_processes(postgres_url) as (one, other):
        assert await woken_by(one.keep(delivery()), other) < 0.5


async def test_what_another_process_gives_back_or_finishes_is_taken_up_at_once(postgres_url):
    async with two_processes(postgres_url) as (one, other):
        await one.wake(REPOSITORY, NOON)
        lease = await one.claim("w", lease_seconds=60)
        assert await woken_by(one.give_back(lease), other) < 0.5
        lease = await one.claim("w", lease_seconds=60)
        assert await woken_by(one.finish(lease, due_at=NOON, attempts=0), other) < 0.5


async def test_a_store_does_not_listen_to_itself(postgres_url):
    async with two_processes(postgres_url) as (one, _):
        rung = one._wake_up.bell
        await one.keep(delivery())
        bell = one._wake_up.bell
        await asyncio.sleep(0.2)
        assert rung.is_set()
        assert not bell.is_set()


async def test_a_transaction_that_fails_tells_nobody(postgres_url):
    async with two_processes(postgres_url) as (one, other):
        bell = other._wake_up.bell
        with pytest.raises(ZeroDivisionError):
            async with one._engine.begin() as connection:
                await one._listener.tell(connection)
                raise ZeroDivisionError
        await asyncio.sleep(0.2)
        assert not bell.is_set()


async def test_a_broken_connection_is_made_again_and_waiting_is_short_until_then(postgres_url, monkeypatch):
    monkeypatch.setattr(listening, "RECONNECT_SECONDS", 0.5)
    async with two_processes(postgres_url, poll_seconds=0.1) as (one, other):
        async with one._engine.begin() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
            await connection.execute(text(others))
        await until(lambda: not other._listener.hears)
        await asyncio.wait_for(other.wait_for_work(60), 0.4)
        await until(lambda: other._listener.hears)
        assert await woken_by(one.keep(delivery()), other) < 0.5


async def test_without_notifications_another_process_sees_work_after_a_short_while(sqlite_url):
    async with two_processes(sqlite_url, poll_seconds=0.3) as (one, other):
        assert await woken_by(one.keep(delivery()), other) < 0.6
