"""Whatever comes of a look, its repository is due when it should be; whoever is asked to stop stops."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.github.errors import RateLimited, Unavailable
from bot.reconcile.unsettled import Stopping
from tests.store.builders import NOON, OTHER, REPOSITORY, delivery


async def test_after_a_rate_limit_a_repository_is_due_when_it_ends_and_nothing_counts_as_failed(
    store, worker_of, caplog
):
    caplog.set_level("ERROR")
    reset = NOON + timedelta(minutes=17)

    async def look(reconciler, lease):
        raise RateLimited(reset)

    await store.keep(delivery())
    await worker_of(look).work_once()
    assert await store.next_due() == reset
    await store.wake(REPOSITORY, NOON)
    assert (await store.claim("w", lease_seconds=60)).attempts == 0


async def test_no_silence_after_each_failure_a_repository_is_due_after_a_longer_pause(store, clock, worker_of, caplog):
    caplog.set_level("CRITICAL")

    async def look(reconciler, lease):
        raise Unavailable("out of order")

    worker, pauses = worker_of(look), []
    await store.keep(delivery())
    for _ in range(14):
        assert await worker.work_once()
        pauses.append((await store.next_due() - clock.now()).total_seconds())
        await clock.turn(pauses[-1])
    assert 1 <= pauses[0] <= 2
    assert all(later >= earlier / 2 for earlier, later in pairwise(pauses))
    assert 450 <= pauses[-1] <= 900


async def test_no_silence_a_repository_that_failed_for_weeks_is_still_due_again(store, clock, lease, worker_of, caplog):
    caplog.set_level("CRITICAL")

    async def look(reconciler, lease):
        raise Unavailable("out of order")

    await store.finish(lease, due_at=NOON, attempts=5000)
    assert await worker_of(look).work_once()
    assert await store.next_due() <= NOON + timedelta(minutes=15)
    await clock.turn(900)
    assert (await store.claim("w", lease_seconds=60)).attempts == 5001


async def test_runs_of_one_worker_look_at_different_repositories_at_once(store, worker_of):
    seen: list[str] = []
    both = asyncio.Event()

    async def look(reconciler, lease):
        seen.append(lease.repository.full_name)
        if len(seen) == 2:
            both.set()
        await both.wait()
        return None, 0

    worker = worker_of(look)
    await store.keep(delivery())
    await store.keep(delivery("g2", OTHER))
    runs = [asyncio.create_task(worker.run()) for _ in range(3)]
    await asyncio.wait_for(both.wait(), 5)
    worker.stop()
    await asyncio.wait_for(asyncio.gather(*runs), 5)
    assert sorted(seen) == [REPOSITORY.full_name, OTHER.full_name]


async def test_a_worker_that_waits_for_work_stops_at_once(store, worker_of):
    worker = worker_of(None)
    run = asyncio.create_task(worker.run())
    await asyncio.sleep(0.05)
    worker.stop()
    await asyncio.wait_for(run, 2)


async def test_a_worker_that_is_asked_to_stop_gives_its_repository_back_before_the_next_step(store, worker_of):
    looking = asyncio.Event()

    async def look(reconciler, lease):
        for _ in range(100):
            lease = await reconciler._next_step(lease)
            looking.set()
            await asyncio.sleep(0.01)
        raise AssertionError("it goes on and on")

    worker = worker_of(look)
    await store.keep(delivery())
    run = asyncio.create_task(worker.run())
    await looking.wait()
    worker.stop()
    await asyncio.wait_for(run, 2)
    assert (await store.claim("another", lease_seconds=60)).attempts == 0


async def test_what_a_run_that_was_cut_off_holds_can_be_given_back(store, worker_of):
    looking = asyncio.Event()

    async def look(reconciler, lease):
        looking.set()
        await asyncio.sleep(60)

    worker = worker_of(look)
    await store.keep(delivery())
    run = asyncio.create_task(worker.run())
    await looking.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await store.claim("another", lease_seconds=60) is None
    await worker.give_back()
    assert await store.claim("another", lease_seconds=60) is not None


async def test_stopping_is_no_failure(store, worker_of):
    async def look(reconciler, lease):
        raise Stopping

    await store.keep(delivery())
    assert await worker_of(look).work_once()
    assert await store.next_due() == NOON
