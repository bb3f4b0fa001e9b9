import asyncio
from datetime import timedelta

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
    spent = timedelta()
    while spent <= KEEP_DELIVERIES:
        await asyncio.sleep(0.02)
        assert not await store.keep(delivery())
        await clock.turn(PAUSE.total_seconds())
        spent += PAUSE
    await asyncio.sleep(0.05)
    assert await store.keep(delivery())
    sweeping.cancel()
