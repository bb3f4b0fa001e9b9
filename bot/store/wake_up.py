"""Waking those who wait for work in this process, at once and all of them."""

import asyncio

from bot.clock import Clock


class WakeUp:
    """Take the `bell` first, look second, wait third: then nothing that happens in between is missed."""

    def __init__(self) -> None:
        self.bell = asyncio.Event()
        """Rings once; there is a new one for whoever comes later."""

    def ring(self) -> None:
        """Wake all who hold the bell."""
        bell, self.bell = self.bell, asyncio.Event()
        bell.set()


async def wait(bell: asyncio.Event, seconds: float, clock: Clock) -> None:
    """Return when the bell rings, at the latest after so many seconds of the clock's time."""
    waits = [asyncio.ensure_future(bell.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()
