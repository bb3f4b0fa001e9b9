import asyncio

from bot.reconcile.retention import KEEP_DELIVERIES, PAUSE, sweep_regularly
from bot.store import Store
from tests.store.builders import delivery


async def test_handled_deliveries_are_forgotten_a_week_later_though_a_sweep_fails(store, clock, monkeypatch, caplog):
    caplog.set_level("CRITICAL")
    real, sweeps = Store.sweep, []

    async def sweep(self, **limits):
        sweeps.append(limits)
        if len(sweeps) == 2:
            raise OSError("no store")
        return await real(self, **limits)

    monkeypatch.setattr(Store, "sweep", sweep)
    await store.keep(delivery())
    await store.handled(["g1"])
    sweeping = asyncio.create_task(sweep_regularly(store, clock))
    for number in range(1, KEEP_DELIVERIES // PAUSE + 2):
        await swept(sweeps, number, clock)
        assert not await store.keep(delivery())
        await clock.turn(PAUSE.total_seconds())
    await swept(sweeps, number + 1, clock)
    assert await store.keep(delivery())
    sweeping.cancel()


async def swept(sweeps, number, clock):
    """Wait until the sweeper has swept so often and sleeps."""
    async with asyncio.timeout(20):
        while len(sweeps) < number or not clock.sleepers:  # noqa: ASYNC110 - the sweeper sets no event
            await asyncio.sleep(0.005)
