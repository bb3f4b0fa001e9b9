"""The sweep."""

import asyncio
from typing import Any, cast

from bot.github.errors import Unavailable
from bot.reconcile.sweep import Sweep


class Look:
    """Fails as told, and counts."""

    def __init__(self, failure=None):
        self.failure = failure
        self.times = 0

    async def look(self):
        self.times += 1
        if self.failure:
            raise self.failure
        return 0


class Naps:
    """A clock whose sleeps are short and remembered."""

    def __init__(self):
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0)


def sweep(one, other, clock, pause):
    return Sweep(cast(Any, one), cast(Any, other), cast(Any, clock), pause=pause)


async def test_a_look_that_fails_keeps_nobody_from_the_others_nor_from_the_next_round(caplog):
    one, other, naps = Look(Unavailable("502")), Look(OSError("disk full")), Naps()
    task = asyncio.create_task(sweep(one, other, naps, 100.0).run())
    while len(naps.slept) < 3:  # noqa: ASYNC110 - the naps end by themselves
        await asyncio.sleep(0)
    task.cancel()
    assert (one.times >= 3, other.times >= 3) == (True, True)
    assert "disk full" in caplog.text


async def test_pauses_differ():
    naps = Naps()
    task = asyncio.create_task(sweep(Look(), Look(), naps, 100.0).run())
    while len(naps.slept) < 20:  # noqa: ASYNC110 - the naps end by themselves
        await asyncio.sleep(0)
    task.cancel()
    assert 80 <= min(naps.slept) < max(naps.slept) <= 120


async def test_without_a_pause_nobody_goes_round():
    one = Look()
    await sweep(one, Look(), Naps(), 0.0).run()
    assert one.times == 0
