"""The parts put together: what goes on when one of them fails."""

import asyncio
from dataclasses import dataclass

import pytest

from bot.app import without_end
from bot.clock import SystemClock


class NoWait(SystemClock):
    """Nobody waits."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class BrokenAtFirst:
    """A worker whose store is out of order for two rounds."""

    rounds: int = 0

    async def run(self) -> None:
        self.rounds += 1
        if self.rounds < 3:
            raise OSError("database is restarting")
        raise asyncio.CancelledError


async def test_a_worker_outlives_a_failure_of_its_store(caplog):
    worker = BrokenAtFirst()
    with pytest.raises(asyncio.CancelledError):
        await without_end(worker, NoWait())
    assert worker.rounds == 3
    assert "database is restarting" in caplog.text
