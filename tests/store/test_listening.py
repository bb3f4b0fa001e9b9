"""Two processes on one database: what one makes due, the other hears of, or sees soon."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot.clock import SystemClock
from bot.store import Store, listening
from tests.store.builders import NOON, REPOSITORY, delivery

HOUR = 3600.0


@asynccontextmanager
async def two_processes(url, *, poll_seconds=HOUR):
    """Their stores, and the clock of the second."""
    alarm = Alarm()
    async with (
        Store.open(url, SystemClock(), poll_seconds=poll_seconds) as one,
        Store.open(url, alarm, poll_seconds=poll_seconds) as other,
    ):
        yield one, other, alarm


async def until(so):
    while not so():  # noqa: ASYNC110 - the other side is a server
        await asyncio.sleep(0.01)


class Alarm:
    """The machine's clock, by which nobody wakes who sleeps for an hour."""

    def __init__(self):
        self.asleep = asyncio.Event()

    def now(self):
        return SystemClock().now()

    async def sleep(self, seconds):
        self.asleep.set()
        await asyncio.sleep(seconds)


async def woken_by(act, store, alarm):
    """The store's waiting is ended by the act, long before its time."""
    alarm.asleep.clear()
    waiting = asyncio.ensure_future(store.wait_for_work(HOUR))
    await alarm.asleep.wait()
    assert not waiting.done()
    await act
    await waiting


async def test_a_delivery_wakes_the_workers_of_other_processes_at_once(postgres_url):
    async with two_processes(postgres_url) as (one, other, alarm):
        await woken_by(one.keep(delivery()), other, alarm)


async def test_what_another_process_gives_back_or_finishes_is_taken_up_at_once(postgres_url):
    async with two_processes(postgres_url) as (one, other, alarm):
        await one.wake(REPOSITORY, NOON)
        lease = await one.claim("w", lease_seconds=HOUR)
        await woken_by(one.give_back(lease), other, alarm)
        lease = await one.claim("w", lease_seconds=HOUR)
        await woken_by(one.finish(lease, due_at=NOON, attempts=0), other, alarm)


async def test_a_store_does_not_listen_to_itself(postgres_url):
    async with two_processes(postgres_url) as (one, other, _):
        heard = other._wake_up.bell
        await one.keep(delivery())
        bell = one._wake_up.bell
        await heard.wait()
        await other.wake(REPOSITORY, NOON)  # which one hears after its own, and only this
        await bell.wait()
        assert not one._wake_up.bell.is_set()


async def test_a_transaction_that_fails_tells_nobody(postgres_url, monkeypatch):
    async with two_processes(postgres_url) as (one, other, _):
        heard = []
        monkeypatch.setattr(other._wake_up, "ring", lambda: heard.append(1))
        with pytest.raises(ZeroDivisionError):
            async with one._engine.begin() as connection:
                await one._listener.tell(connection)
                raise ZeroDivisionError
        await one.keep(delivery())  # which is told after it
        await until(lambda: heard)
        assert len(heard) == 1


async def break_connections(one):
    """Those on which processes listen."""
    async with one._engine.begin() as connection:
        listening = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        await connection.execute(text(listening))


async def test_while_the_connection_is_broken_another_process_sees_work_after_a_short_while(postgres_url, monkeypatch):
    monkeypatch.setattr(listening, "RECONNECT_SECONDS", HOUR)
    async with two_processes(postgres_url, poll_seconds=0.1) as (one, other, alarm):
        await break_connections(one)
        await until(lambda: not other._listener.hears)
        await woken_by(one.keep(delivery()), other, alarm)


async def test_a_broken_connection_is_made_again(postgres_url, monkeypatch):
    monkeypatch.setattr(listening, "RECONNECT_SECONDS", 0.1)
    async with two_processes(postgres_url) as (one, other, alarm):
        real, told = other._listener._hear, []

        def hear(well):
            told.append(well)
            real(well)

        monkeypatch.setattr(other._listener, "_hear", hear)
        await break_connections(one)
        await until(lambda: told[-2:] == [False, True])
        await woken_by(one.keep(delivery()), other, alarm)


async def test_without_notifications_another_process_sees_work_after_a_short_while(sqlite_url):
    async with two_processes(sqlite_url, poll_seconds=0.1) as (one, other, alarm):
        await woken_by(one.keep(delivery()), other, alarm)
