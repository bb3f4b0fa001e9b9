"""Several doors and several workers on one PostgreSQL."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator

import aiohttp
import pytest
from sqlalchemy import text

from bot.sandbox.model import Delivery
from tests.postgres import server
from tests.processes import counting_worker
from tests.processes.running import accepted, post, premises, until
from tests.store.builders import NOON

pytestmark = pytest.mark.slow  # `make processes`

WAKE_UPS = 2000
REPOSITORIES = 5
AT_ONCE = 32


async def test_two_doors_and_two_workers_never_overlap_on_a_repository_in_2000_wake_ups(postgres_url, tmp_path):
    async with premises(tmp_path, postgres_url) as on:
        doors = [await on.door("web") for _ in range(2)]
        await asyncio.gather(*(door.start() for door, _ in doors))
        async with on.engine.begin() as connection:
            for table in counting_worker.TABLES:
                await connection.execute(text(table))
        workers = [on.process("worker", module="tests.processes.counting_worker", WORKERS="3") for _ in range(2)]
        await asyncio.gather(*(worker.start() for worker in workers))

        on.world.app.webhook_url = f"{doors[0][1]}/webhook"
        await on.comment("/release help", settle=False)
        await on.world.webhooks.drain()
        waiting = iter(copies(on.sent[-1]))
        async with aiohttp.ClientSession() as session:

            async def send(address: str) -> None:
                for delivery in waiting:
                    delivery.status = await post(session, f"{address}/webhook", on.world.webhooks, delivery)
                    assert accepted(delivery)

            await asyncio.gather(*(send(doors[n % 2][1]) for n in range(AT_ONCE)))
        await until(on.nothing_unhandled)
        assert len(await on.query("SELECT guid FROM deliveries")) == 1 + WAKE_UPS
        assert await on.query("SELECT repository FROM looks WHERE overlapping") == []
        looks = Counter(await on.query("SELECT process FROM looks"))
        assert len(looks) == 2, looks
        assert sum(looks.values()) > WAKE_UPS


def copies(model: Delivery) -> Iterator[Delivery]:
    """As if it had come from each of some repositories in turn."""
    for number in range(WAKE_UPS):
        where = number % REPOSITORIES + 1
        repository = {**model.payload["repository"], "id": where, "node_id": f"R_{where}", "full_name": f"o/r{where}"}
        yield Delivery(
            number, f"copy-{number}", model.event, model.action, {**model.payload, "repository": repository}, NOON
        )


async def test_nothing_lost_processes_outlive_a_restart_of_postgresql(tmp_path):
    with server() as postgres:
        async with premises(tmp_path, f"{postgres.url}/postgres") as on:
            door, address = await on.door("web")
            worker = on.process("worker")
            await asyncio.gather(door.start(), worker.start())
            on.world.app.webhook_url = f"{address}/webhook"
            await asyncio.to_thread(postgres.stop, signal.SIGQUIT)
            await on.comment("/release help", settle=False)
            await on.world.webhooks.drain()
            assert [delivery.status for delivery in on.sent] == [503]
            await on.until(lambda: "the store failed" in worker.said())
            await asyncio.to_thread(postgres.start)
            await until(on.redelivered)
            await on.until(lambda: any("What I understand" in body for body in on.said()))
            assert (door.process.poll(), worker.process.poll()) == (None, None)
