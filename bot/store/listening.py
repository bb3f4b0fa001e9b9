"""News from other processes: PostgreSQL tells at once that something became due (LISTEN/NOTIFY).

This only shortens waits. A notification can be lost with its connection, SQLite has none at all; so whoever waits also
looks by itself now and then, and more often while `Listener.hears` is false.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.wake_up import WakeUp

log = logging.getLogger(__name__)

CHANNEL = "shipmate_due"
RECONNECT_SECONDS = 1.0
CHECK_SECONDS = 30.0
"""A connection may die without a word; so it is asked so often."""

_TELL = text("SELECT pg_notify(:channel, :sender)")


class Listener:
    """One process's ear and voice on the channel. Its own notifications it does not hear: it has rung already."""

    def __init__(self, wake_up: WakeUp) -> None:
        self._wake_up = wake_up
        self._name = uuid.uuid4().hex
        self.hears = False
        """Whether other processes' news arrive by themselves at this moment."""

    async def tell(self, connection: AsyncConnection) -> None:
        """Have the other processes woken when this transaction commits; where there is no channel, nothing."""
        if connection.dialect.name == "postgresql":
            await connection.execute(_TELL, {"channel": CHANNEL, "sender": self._name})

    @asynccontextmanager
    async def listening(self, engine: AsyncEngine) -> AsyncIterator[None]:
        """Listen as long as the context lasts, on a connection of its own, which is made again when it breaks.

        Begins when the first connection was made, or failed.
        """
        if engine.dialect.name != "postgresql":
            yield
            return
        # By the same address, but outside the pool, from which nothing else could then be had.
        own = create_async_engine(engine.url, hide_parameters=True, poolclass=NullPool)
        tried = asyncio.Event()
        task = asyncio.create_task(self._listen_for_ever(own, tried), name="listener")
        try:
            await tried.wait()
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _listen_for_ever(self, engine: AsyncEngine, tried: asyncio.Event) -> None:
        while True:
            try:
                async with engine.connect() as connection:
                    await self._listen(connection, tried)
            except Exception as failure:  # whatever it was, the next connection may do better
                log.warning("not listening to PostgreSQL (%r); looking now and then instead", failure)
            finally:
                self._hear(False)
                tried.set()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self, connection: AsyncConnection, begun: asyncio.Event) -> None:
        """Return when the connection has ended; raises what its check raised."""
        ended = asyncio.Event()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(lambda _: ended.set())
        await driver.add_listener(CHANNEL, self._heard)
        self._hear(True)
        begun.set()
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), CHECK_SECONDS)
            if not ended.is_set():
                await driver.execute("SELECT 1", timeout=CHECK_SECONDS)

    def _hear(self, well: bool) -> None:
        """Whoever waits must look again: something may have been missed, or the time to wait is another now."""
        if well is not self.hears:
            self.hears = well
            self._wake_up.ring()

    def _heard(self, driver: Any, process: int, channel: str, sender: str) -> None:
        if sender != self._name:
            self._wake_up.ring()
