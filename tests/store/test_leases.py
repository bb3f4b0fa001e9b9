import asyncio
from datetime import timedelta

import pytest

from bot.store import LeaseLost, Store
from tests.release.builders import release
from tests.store.builders import NOON, OTHER, REPOSITORY, delivery


async def test_a_due_repository_is_held_by_one_worker_only(store):
    await store.keep(delivery())
    claims = await asyncio.gather(*(store.claim(f"w{n}", lease_seconds=60) for n in range(5)))
    assert sum(claim is not None for claim in claims) == 1


async def test_workers_of_two_processes_never_hold_one_repository_at_once(url, clock):
    held: set[object] = set()
    overlaps: list[object] = []
    turns: list[str] = []

    async def work(store, name):
        while (lease := await store.claim(name, lease_seconds=60)) is not None:
            overlaps.extend(held & {lease.repository})
            held.add(lease.repository)
            await asyncio.sleep(0)
            held.remove(lease.repository)
            turns.append(name)
            await store.finish(lease, due_at=None if len(turns) > 40 else NOON, attempts=0)

    async with Store.open(url, clock) as one, Store.open(url, clock) as other:
        await one.keep(delivery())
        await one.keep(delivery("g2", OTHER))
        await asyncio.gather(work(one, "a"), work(other, "b"))
    assert overlaps == []
    assert len(turns) > 40


async def test_repositories_do_not_wait_for_one_another(store):
    await store.keep(delivery())
    await store.keep(delivery("g2", OTHER))
    first, second = [await store.claim("w", lease_seconds=60) for _ in range(2)]
    assert {first.repository, second.repository} == {REPOSITORY, OTHER}


async def test_who_waits_longest_comes_first_however_much_news_it_has(store, clock):
    await store.wake(OTHER, NOON)
    await clock.turn(5)
    await store.wake(REPOSITORY, clock.now())
    await clock.turn(5)
    await store.keep(delivery("g2", OTHER))
    assert (await store.claim("w", lease_seconds=60)).repository == OTHER


async def test_many_deliveries_before_a_look_are_one_look(store):
    for n in range(5):
        await store.keep(delivery(f"g{n}"))
    await store.finish(await store.claim("w", lease_seconds=60), due_at=None, attempts=0)
    assert await store.claim("w", lease_seconds=60) is None


async def test_what_comes_while_a_repository_is_held_makes_it_due_again(store, lease):
    await store.keep(delivery("g2"))
    assert await store.claim("other", lease_seconds=60) is None
    await store.finish(lease, due_at=None, attempts=0)
    assert await store.claim("w", lease_seconds=60) is not None


async def test_a_copy_that_comes_while_a_repository_is_held_changes_nothing(store, lease):
    assert not await store.keep(delivery())
    await store.finish(lease, due_at=None, attempts=0)
    assert await store.next_due() is None


async def test_a_finished_repository_is_due_when_it_said(store, clock, lease):
    later = clock.now() + timedelta(minutes=5)
    await store.finish(lease, due_at=later, attempts=2)
    assert await store.claim("w", lease_seconds=60) is None
    assert await store.next_due() == later
    await clock.turn(300)
    assert (await store.claim("w", lease_seconds=60)).attempts == 2


async def test_a_repository_with_nothing_open_is_never_due(store, lease):
    await store.finish(lease, due_at=None, attempts=0)
    assert await store.next_due() is None


async def test_a_wake_up_brings_the_next_look_forward_and_never_back(store, clock, lease):
    await store.finish(lease, due_at=NOON + timedelta(minutes=5), attempts=0)
    await store.wake(REPOSITORY, NOON + timedelta(minutes=9))
    assert await store.next_due() == NOON + timedelta(minutes=5)
    await store.wake(REPOSITORY, NOON + timedelta(minutes=1))
    assert await store.next_due() == NOON + timedelta(minutes=1)


async def test_a_repository_that_is_not_known_can_be_woken(store):
    await store.wake(OTHER, NOON)
    assert (await store.claim("w", lease_seconds=60)).repository == OTHER


async def test_a_dead_workers_repository_is_taken_up_when_its_lease_ends(store, clock, lease):
    assert await store.next_due() == lease.until
    await clock.turn(59)
    assert await store.claim("w2", lease_seconds=60) is None
    await clock.turn(1)
    assert await store.claim("w2", lease_seconds=60) is not None


async def test_what_is_given_back_unfinished_is_due_at_once_as_it_was(store, clock, lease):
    waiting = asyncio.ensure_future(store.wait_for_work(60))
    await clock.until_asleep()
    await store.give_back(lease)
    await waiting
    again = await store.claim("w2", lease_seconds=60)
    assert (again.repository, again.generation, again.attempts) == (lease.repository, lease.generation, lease.attempts)


async def test_a_renewed_lease_lasts_longer(store, clock, lease):
    await clock.turn(50)
    assert (await store.renew(lease, 60)).until == NOON + timedelta(seconds=110)
    await clock.turn(50)
    assert await store.claim("w2", lease_seconds=60) is None


@pytest.mark.parametrize("owner", ["w2", "w"])
async def test_who_lost_the_lease_writes_nothing(store, clock, lease, owner):
    await clock.turn(61)
    taken = await store.claim(owner, lease_seconds=60)
    writes = (
        store.save(lease, release()),
        store.renew(lease, 60),
        store.give_back(lease),
        store.finish(lease, due_at=None, attempts=7),
    )
    for write in writes:
        with pytest.raises(LeaseLost):
            await write
    assert await store.release("r100") is None
    await store.renew(taken, 60)


async def test_a_worker_that_waits_is_woken_by_a_delivery(store, clock):
    waiting = asyncio.ensure_future(store.wait_for_work(60))
    await clock.until_asleep()
    assert not waiting.done()
    await store.keep(delivery())
    await waiting


async def test_every_worker_that_waits_is_woken(store, clock):
    waiting = [asyncio.ensure_future(store.wait_for_work(60)) for _ in range(3)]
    await clock.until_asleep(3)
    await store.wake(REPOSITORY, NOON)
    await asyncio.gather(*waiting)


async def test_what_came_before_the_wait_ends_it_at_once(store):
    await store.keep(delivery())
    await store.wait_for_work(60)


async def test_a_worker_waits_until_the_next_repository_is_due_by_the_stores_clock(store, clock, lease):
    await store.finish(lease, due_at=NOON + timedelta(seconds=30), attempts=0)
    waiting = asyncio.ensure_future(store.wait_for_work(60))
    await clock.until_asleep()
    await clock.turn(29)
    assert await store.claim("w2", lease_seconds=60) is None
    assert not waiting.done()
    await clock.turn(1)
    await waiting
