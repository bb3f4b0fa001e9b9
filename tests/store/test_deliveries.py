import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from bot.github.facts import RepositoryRef
from bot.store import Store
from tests.store.builders import OTHER, delivery


async def test_nothing_lost_a_kept_delivery_is_there_after_a_restart(url, clock):
    async with Store.open(url, clock) as store:
        assert await store.keep(delivery())
    async with Store.open(url, clock) as store:
        assert await store.unhandled(1) == (delivery(),)
        assert not await store.keep(delivery())


async def test_what_a_kept_delivery_wakes_is_due_after_a_restart(url, clock):
    async with Store.open(url, clock) as store:
        await store.keep(delivery())
    async with Store.open(url, clock) as store:
        assert (await store.claim("w", lease_seconds=60)) is not None


async def test_fifty_copies_of_one_delivery_are_kept_once(store):
    kept = await asyncio.gather(*(store.keep(delivery()) for _ in range(50)))
    assert sum(kept) == 1
    assert await store.unhandled(1) == (delivery(),)


async def test_copies_that_come_through_two_processes_are_kept_once(url, clock):
    async with Store.open(url, clock) as one, Store.open(url, clock) as other:
        kept = await asyncio.gather(*(store.keep(delivery(f"g{n}")) for n in range(25) for store in (one, other)))
    assert sum(kept) == 25


async def test_deliveries_that_wait_together_share_transactions(store):
    commits: list[object] = []
    event.listen(store._engine.sync_engine, "commit", commits.append)
    kept = await asyncio.gather(*(store.keep(delivery(f"g{n}")) for n in range(100)))
    assert all(kept)
    assert len(commits) <= 3


async def test_a_delivery_is_answered_only_after_the_commit(store):
    told = []
    event.listen(store._engine.sync_engine, "commit", lambda connection: told.append("commit"))
    await store.keep(delivery())
    told.append("answer")
    assert told == ["commit", "answer"]


async def test_a_transaction_that_fails_keeps_nothing_and_everyone_in_it_hears_of_it(store):
    broken = replace(delivery("g2"), event=None)  # type: ignore[arg-type]
    answers = await asyncio.gather(store.keep(delivery()), store.keep(broken), return_exceptions=True)
    assert all(isinstance(answer, DBAPIError) for answer in answers)
    assert await store.unhandled(1) == ()
    assert await store.next_due() is None
    assert await store.keep(delivery())


async def test_least_privilege_no_failure_shows_what_was_to_be_kept(store):
    private = replace(delivery(), event="private", body=None)  # type: ignore[arg-type]
    with pytest.raises(DBAPIError) as caught:
        await store.keep(private)
    assert "private" not in str(caught.value)


async def test_a_caller_that_gives_up_does_not_harm_those_who_wait_with_it(store):
    impatient = asyncio.ensure_future(store.keep(delivery()))
    patient = asyncio.ensure_future(store.keep(delivery("g2")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient
    assert len(await store.unhandled(1)) == 2


async def test_deliveries_are_handed_out_in_the_order_in_which_they_came(store):
    guids = [f"g{n}" for n in range(20, 0, -1)]
    await asyncio.gather(*(store.keep(delivery(guid)) for guid in guids))
    assert [d.guid for d in await store.unhandled(1)] == guids


async def test_one_repositorys_deliveries_are_not_anothers(store):
    await asyncio.gather(store.keep(delivery("a")), store.keep(delivery("b", OTHER)))
    assert [d.guid for d in await store.unhandled(2)] == ["b"]


async def test_a_renamed_repository_goes_by_its_newest_name(store):
    await store.keep(delivery())
    renamed = RepositoryRef(1, "R_1", "o/renamed", 11)
    await store.keep(delivery("g2", renamed))
    assert {d.repository for d in await store.unhandled(1)} == {renamed}


async def test_handled_deliveries_are_not_seen_again_and_stay_known(store):
    await store.keep(delivery())
    await store.handled(["g1"])
    assert await store.unhandled(1) == ()
    assert not await store.keep(delivery())


@pytest.mark.parametrize("size", [0, 5_000_000])
async def test_a_body_is_kept_byte_for_byte(store, size):
    large = replace(delivery(), body=bytes(range(256)) * (size // 256))
    await store.keep(large)
    assert await store.unhandled(1) == (large,)
