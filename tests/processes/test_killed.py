"""kill -9 of real processes at random moments, over real HTTP: the end is that of a calm run.

`make soak RELEASES=20` does so for longer; a seed decides who is killed when.
"""

import asyncio
import json
import os
import random
from collections.abc import Sized
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp
import pytest
from sqlalchemy import text

from bot.clock import SystemClock
from bot.events import is_command, parse_event
from bot.sandbox.model import Delivery
from tests.play import EXAMPLE
from tests.processes.running import Premises, Process, accepted, post, premises, until

pytestmark = pytest.mark.slow  # `make processes`

FIRST = int(os.environ.get("SHIPMATE_SOAK_FIRST", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("SHIPMATE_SOAK_SEEDS", "1")))
KILLS = 4
LEASE = timedelta(seconds=10)


async def up(on: Premises) -> list[Process]:
    """On SQLite one process that does all, on PostgreSQL a door and two workers."""
    alone = on.engine.dialect.name == "sqlite"
    door, address = await on.door("serve" if alone else "web")
    processes = [door] if alone else [door, on.process("worker"), on.process("worker")]
    await asyncio.gather(*(process.start() for process in processes))
    await on.sandbox.connect(f"{address}/webhook")
    return processes


async def kill_now_and_then(on: Premises, processes: list[Process], dice: random.Random) -> None:
    """Kill one after some of its calls or some time, and start it again; KILLS times."""
    for _ in range(KILLS):
        calls = len(on.world.calls) + dice.randint(1, 12)
        with suppress(AssertionError):
            await on.until(partial(some_more, on.world.calls, calls), within=dice.uniform(0.2, 2.0))
        victim = dice.choice(processes)
        await victim.kill()
        await victim.start()
        await on.redelivered()


def some_more(things: Sized, count: int) -> bool:
    return len(things) >= count


@pytest.mark.parametrize("seed", SEEDS)
async def test_once_nothing_lost_a_release_ends_the_same_however_often_its_processes_are_killed(url, tmp_path, seed):
    async with premises(tmp_path, url) as on:
        processes = await up(on)
        killing = asyncio.create_task(kill_now_and_then(on, processes, random.Random(seed)))  # noqa: S311 - no secret
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: bool(on.pull_requests))
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await killing
        await on.reaches("released")
        assert len(on.pull_requests) == 1
        commit = on.pull_request.merge_commit_sha
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        assert [body.partition(" ")[0] for body in on.milestones()] == ["📦", "🏷️", "🔎", "🎉"], on.thread()
        assert sum(" status -->" in body for body in on.said()) == 1
        assert "✅ Released" in on.status()
        await everything_accepted_is_handled(on)


async def everything_accepted_is_handled(on: Premises) -> None:
    commands = {d.guid for d in on.sent if is_command(parse_event(d.event, json.dumps(d.payload).encode()))}
    promised = {d.guid for d in on.sent if accepted(d)} & commands
    assert promised
    await until(on.nothing_unhandled)
    assert promised <= set(await on.query("SELECT guid FROM deliveries"))


async def test_nothing_lost_what_a_killed_door_has_accepted_is_kept(url, tmp_path):
    async with premises(tmp_path, url) as on:
        door, address = await on.door("web")
        await door.start()
        on.world.app.webhook_url = f"{address}/webhook"
        await on.comment("/release help", settle=False)
        await on.world.webhooks.drain()
        model = on.sent[-1]
        promised: set[str] = set()

        async def post_for_ever(session: aiohttp.ClientSession, who: int) -> None:
            number = 0
            while True:
                delivery = Delivery(number, f"{who}-{number}", model.event, model.action, model.payload, model.at)
                delivery.status = await post(session, f"{address}/webhook", on.world.webhooks, delivery)
                if accepted(delivery):
                    promised.add(delivery.guid)
                    number += 1

        async with aiohttp.ClientSession() as session:
            posting = [asyncio.create_task(post_for_ever(session, who)) for who in range(8)]
            for _ in range(2):
                await on.until(partial(some_more, promised, len(promised) + 150))
                await door.kill()
                await door.start()
            for task in posting:
                task.cancel()
            await asyncio.wait(posting)
        assert len(promised) >= 300
        assert promised <= set(await on.query("SELECT guid FROM deliveries"))


async def test_a_killed_workers_repository_is_taken_up_within_the_lease_time(url, tmp_path):
    async with premises(tmp_path, url) as on:
        door, address = await on.door("web")
        first, second = on.patient_worker(LEASE), on.patient_worker(LEASE)
        await asyncio.gather(door.start(), first.start())
        await on.sandbox.connect(f"{address}/webhook")
        on.gate.close_for("/graphql")
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: on.gate.arrived == 1)
        await second.start()
        begun = await leased_until(on)
        await on.until(lambda: outlasted(on, begun))  # a look that takes longer than its lease keeps it
        assert on.gate.arrived == 1
        ends = await leased_until(on)
        assert ends <= SystemClock().now() + LEASE
        await first.kill()
        await on.until(lambda: on.gate.arrived == 2)
        assert SystemClock().now() >= ends
        on.gate.open.set()
        await on.reaches("proposed")


async def leased_until(on: Premises) -> datetime:
    """Until when the repository is leased, by the database's word."""
    (end,) = await on.query("SELECT lease_until FROM repositories")
    return datetime.fromisoformat(end).replace(tzinfo=UTC)


async def outlasted(on: Premises, first: datetime) -> bool:
    """Whether a lease that was to end then was renewed after that instant."""
    return await leased_until(on) > first + LEASE


async def test_a_deploy_carries_on_what_an_older_version_had_open(sqlite_url, tmp_path):
    async with premises(tmp_path, sqlite_url) as on:
        everything, address = await on.door("serve")
        await everything.start()
        await on.sandbox.connect(f"{address}/webhook")
        await on.comment(EXAMPLE, settle=False)
        await on.reaches("proposed")
        await everything.kill()
        await as_an_older_version_wrote_it(on)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await everything.start()
        await on.reaches("released")
        assert len(on.pull_requests) == 1


async def as_an_older_version_wrote_it(on: Premises) -> None:
    """Without the fields that have defaults, which are those that were added later; with one that was dropped."""
    (written,) = await on.query("SELECT data FROM releases")
    kept = {"plan": ("base", "base_commit", "primary"), "review": ("branch", "pull_request")}
    now = json.loads(written)
    release = {"dropped": 1} | {name: now[name] for name in ("id", "request", "phase", "packages")}
    release |= {record: {name: now[record][name] for name in names} for record, names in kept.items()}
    async with on.engine.begin() as connection:
        await connection.execute(text("UPDATE releases SET data = :data"), {"data": json.dumps(release)})
