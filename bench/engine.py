"""How fast the engine is, on SQLite and, where a server can be had, on PostgreSQL.

Doors are real processes; workers are this one, which also makes the load. One round each: compare orders of magnitude.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from bot.clock import SystemClock
from bot.github.facts import RepositoryRef
from bot.sandbox.model import Delivery
from bot.store import Store
from tests.postgres import NoPostgres, server
from tests.processes.running import Premises, Process, accepted, post, premises

SECONDS = 3.0
EVENTS = 60
LOOKS = 600
AT_ONCE = 16

Row = tuple[str, str]


async def answered(on: Premises, address: str, model: Delivery, at_once: int) -> str:
    """Webhook → durable commit → 202."""
    times: list[float] = []
    end = time.monotonic() + SECONDS

    async def send(session: aiohttp.ClientSession, who: int) -> None:
        while time.monotonic() < end:
            delivery = replace(model, guid=f"{at_once}-{who}-{len(times)}-{time.monotonic_ns()}")
            began = time.perf_counter()
            delivery.status = await post(session, address, on.world.webhooks, delivery)
            if not accepted(delivery):
                raise RuntimeError(f"answered {delivery.status}")
            times.append(time.perf_counter() - began)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(send(session, who) for who in range(at_once)))
    return f"{len(times) / SECONDS:.0f}/s, p50 {_ms(times, 50)}, p99 {_ms(times, 99)} ms"


async def begun(store: Store, keep: Callable[[Delivery], Awaitable[object]], model: Delivery) -> str:
    """A delivery is committed → a worker holds its repository."""
    times: list[float] = []
    for _ in range(EVENTS):
        waiting = asyncio.create_task(_claimed(store))
        await asyncio.sleep(0.05)
        await keep(replace(model, guid=f"begun-{time.monotonic_ns()}"))
        committed = time.perf_counter()
        times.append(max(0.0, await waiting - committed))
    return f"p50 {_ms(times, 50)}, p99 {_ms(times, 99)} ms"


async def _claimed(store: Store) -> float:
    while (lease := await store.claim("bench", lease_seconds=60)) is None:
        await store.wait_for_work(60)
    held = time.perf_counter()
    await store.finish(lease, due_at=None, attempts=0)
    return held


async def drained(store: Store) -> str:
    """Looks that do nothing, from claim to finish."""
    now = SystemClock().now()
    for number in range(LOOKS):
        await store.wake(RepositoryRef(10_000 + number, "R", f"o/{number}", 1), now)

    async def work() -> None:
        while (lease := await store.claim("bench", lease_seconds=60)) is not None:
            await store.finish(lease, due_at=None, attempts=0)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return f"{LOOKS / (time.perf_counter() - began):.0f}/s"


async def idle(process: Process) -> str:
    """CPU and memory of a process that has nothing to do."""
    stat = Path(f"/proc/{process.process.pid}")
    ticks = _ticks(stat)
    await asyncio.sleep(10)
    share = (_ticks(stat) - ticks) / os.sysconf("SC_CLK_TCK") / 10
    pages = int((stat / "statm").read_text().split()[1])
    return f"{share:.1%} CPU, {pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f} MB"


def _ticks(stat: Path) -> int:
    return sum(map(int, (stat / "stat").read_text().rpartition(")")[2].split()[11:13]))


def _ms(times: list[float], percentile: int) -> str:
    return f"{statistics.quantiles(times, n=100)[percentile - 1] * 1000:.1f}"


async def measured(url: str) -> AsyncIterator[Row]:
    """All figures of one database."""
    with tempfile.TemporaryDirectory() as folder:
        async with premises(Path(folder), url.format(folder=folder)) as on:
            door, address = await on.door("web")
            everything, _ = await on.door("serve")
            await door.start()
            on.world.app.webhook_url = f"{address}/webhook"
            await on.comment("/release help", settle=False)
            await on.world.webhooks.drain()
            model = on.sent[-1]
            database = on.engine.url.render_as_string(hide_password=False)
            async with Store.open(database, SystemClock()) as store:
                await _claimed(store)
                async with aiohttp.ClientSession() as session:

                    async def far(delivery: Delivery) -> None:
                        await post(session, f"{address}/webhook", on.world.webhooks, delivery)

                    yield "event → look begins, another process", await begun(store, far, model)

                async def near(delivery: Delivery) -> None:
                    await store.wake(RepositoryRef(1, "R", "o/r", 1), SystemClock().now())

                yield "event → look begins, same process", await begun(store, near, model)
                yield f"{LOOKS} looks, {AT_ONCE} at once", await drained(store)
                for at_once in (1, 8, 64):
                    text = await answered(on, f"{address}/webhook", model, at_once)
                    yield f"webhook → 202, {at_once} at once", text
                while (lease := await store.claim("bench", lease_seconds=60)) is not None:
                    await store.handled([d.guid for d in await store.unhandled(lease.repository.id)])
                    await store.finish(lease, due_at=None, attempts=0)
            await door.kill()
            await everything.start()
            yield "door and four workers, idle", await idle(everything)


def main() -> None:
    """Print a table."""
    with ExitStack() as stack:
        urls = {"SQLite": "sqlite+aiosqlite:///{folder}/bench.db"}
        try:
            urls["PostgreSQL"] = f"{stack.enter_context(server()).url}/postgres"
        except NoPostgres as missing:
            Console(stderr=True).print(f"SQLite only: {missing}")
        figures: dict[str, dict[str, str]] = {}
        for name, url in urls.items():
            for row, text in asyncio.run(_all(url)):
                figures.setdefault(row, {})[name] = text
        table = Table("", *urls, box=None)
        for row, by_database in figures.items():
            table.add_row(row, *(by_database[name] for name in urls))
        Console(width=120).print(table)


async def _all(url: str) -> list[Row]:
    return [row async for row in measured(url)]


if __name__ == "__main__":
    main()
