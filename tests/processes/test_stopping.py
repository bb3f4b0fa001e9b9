"""SIGTERM: the step under way ends, the repository is given back, the next process takes it up at once."""

import asyncio
import signal
from datetime import timedelta

import pytest
from yarl import URL

from bot.app import bot, working
from bot.cli.rehearsal import rehearsal_settings
from tests.play import EXAMPLE
from tests.processes.running import PATIENCE, Premises, Process, premises, until

LEASE = timedelta(hours=1)

pytestmark = pytest.mark.slow  # `make processes`


async def mid_look(on: Premises) -> tuple[Process, Process]:
    """A worker in the middle of a look, its call held at the gate, and another one that has nothing to do."""
    door, address = await on.door("web")
    # With such a lease, whoever comes within a test's patience did not wait for its end.
    first, second = on.patient_worker(LEASE), on.patient_worker(LEASE)
    await asyncio.gather(door.start(), first.start())
    await on.sandbox.connect(f"{address}/webhook")
    on.gate.close_for("/graphql")
    await on.comment(EXAMPLE, settle=False)
    await on.until(lambda: on.gate.arrived == 1)
    await second.start()
    return first, second


async def test_a_worker_that_is_asked_to_stop_ends_its_step_and_another_takes_up_at_once(url, tmp_path):
    async with premises(tmp_path, url) as on:
        first, _ = await mid_look(on)
        first.terminate()
        await on.until(lambda: "stopping" in first.said())
        assert first.process.poll() is None
        on.gate.open.set()
        assert await first.ended() == 0
        await on.reaches("proposed")
        assert len(on.pull_requests) == 1


async def test_a_second_signal_ends_a_process_at_once(sqlite_url, tmp_path):
    async with premises(tmp_path, sqlite_url) as on:
        first, _ = await mid_look(on)
        first.terminate(signal.SIGINT)
        await on.until(lambda: "stopping" in first.said())
        first.terminate()
        assert await first.ended() == -signal.SIGTERM


async def test_a_step_that_does_not_end_in_time_is_cut_off_and_its_repository_given_back(sqlite_url, tmp_path):
    async with premises(tmp_path, sqlite_url) as on:
        async with bot(rehearsal_settings(on.sandbox, tmp_path)) as parts:
            async with working(parts, grace=0.2) as address:
                await on.sandbox.connect(f"{address}/webhook")
                on.gate.close_for("/graphql")
                await on.comment(EXAMPLE, settle=False)
                await on.until(lambda: on.gate.arrived == 1)
            assert await parts.store.claim("another", lease_seconds=60) is not None
        on.gate.open.set()


async def is_closed(address: str) -> bool:
    """Whether nobody listens there any more."""
    try:
        _, writing = await asyncio.open_connection("127.0.0.1", URL(address).port)
    except ConnectionError:  # refused, or reset while it closes
        return True
    writing.close()
    return False


async def test_nothing_lost_a_door_that_closes_answers_what_has_come_in(sqlite_url, tmp_path, monkeypatch):
    async with premises(tmp_path, sqlite_url) as on, bot(rehearsal_settings(on.sandbox, tmp_path)) as parts:
        keep, begun = parts.store._keep_all, asyncio.Event()

        async def slow(batch):
            begun.set()
            await until(lambda: is_closed(address))
            return await keep(batch)

        monkeypatch.setattr(parts.store._intake, "_commit", slow)
        monkeypatch.setattr("bot.app.DOOR_GRACE", PATIENCE)
        async with working(parts, work=False) as address:
            await on.sandbox.connect(f"{address}/webhook")
            await on.comment("/release help", settle=False)
            await begun.wait()
        await on.world.webhooks.drain()
        assert on.sent[-1].status == 202
        assert [d.guid for d in await parts.store.unhandled(on.repository.id)] == [on.sent[-1].guid]
