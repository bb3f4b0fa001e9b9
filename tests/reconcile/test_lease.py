"""A lease lasts as long as the look, and no look outlasts its lease."""

import asyncio

import pytest

from bot.reconcile.lease import while_held
from bot.store import LeaseLost, Store


class Look:
    """A look that ends when it is told to."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.was_cut_off = False

    async def __call__(self) -> str:
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cut_off = True
            raise
        return "seen"


async def pass_time(clock, seconds):
    """Turn the clock in small steps, with time for everyone to act after each."""
    for _ in range(seconds // 5):
        await asyncio.sleep(0.02)
        await clock.turn(5)


async def test_a_look_that_takes_longer_than_the_lease_keeps_it(store, clock, lease):
    look = Look()
    looking = asyncio.ensure_future(while_held(look(), lease, 60, store, clock))
    await pass_time(clock, 200)
    assert await store.claim("w2", lease_seconds=60) is None
    look.may_end.set()
    assert await looking == "seen"


async def test_a_look_whose_lease_is_lost_is_cut_off(store, clock, lease):
    look = Look()
    clock.time = lease.until  # as for a process that was frozen
    assert await store.claim("w2", lease_seconds=60) is not None
    looking = asyncio.ensure_future(while_held(look(), lease, 60, store, clock))
    await pass_time(clock, 60)
    with pytest.raises(LeaseLost):
        await looking
    assert look.was_cut_off


async def test_a_look_ends_with_its_lease_when_the_store_does_not_answer(store, clock, lease, monkeypatch):
    async def broken(self, lease, seconds):
        raise OSError("no store")

    monkeypatch.setattr(Store, "renew", broken)
    look = Look()
    looking = asyncio.ensure_future(while_held(look(), lease, 60, store, clock))
    await pass_time(clock, 50)
    assert not looking.done()
    await pass_time(clock, 30)
    with pytest.raises(LeaseLost):
        await looking
    assert look.was_cut_off


async def test_what_a_look_raises_is_raised(store, clock, lease):
    async def look():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await while_held(look(), lease, 60, store, clock)


async def test_being_cancelled_cuts_the_look_off(store, clock, lease):
    look = Look()
    looking = asyncio.ensure_future(while_held(look(), lease, 60, store, clock))
    await asyncio.sleep(0.02)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    assert look.was_cut_off
