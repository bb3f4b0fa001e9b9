"""An event loop whose time stands still while anything is at work, and passes at once when nothing is.

Sockets, threads, git and SQLite are real. A test on this loop does not depend on how fast the machine is: a look that
takes a second of the machine's takes none of the loop's, and whoever waits for ten minutes waits for nothing.
Work in other processes is not seen: what talks to PostgreSQL, or starts a process without a thread, needs another loop.
"""

import asyncio
import queue
import selectors
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from unittest.mock import patch

import aiosqlite.core
import pytest

T = TypeVar("T")

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""The instant at which every loop starts."""
STILL_UNDER_WAY = 0.002
"""Real seconds that loopback gets to hand over what was sent, before time passes. It usually does so at once."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Its `time` starts at 0 and advances to the next timer when no callback, socket or thread has anything to do."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._elsewhere: set[asyncio.Future[Any]] = set()
        super().__init__(_Selector(self))

    def time(self) -> float:
        """Seconds of virtual time since the loop was made."""
        return self._passed

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds

    @property
    def waits_for_threads(self) -> bool:
        """Whether a thread is at work whose result this loop awaits."""
        return bool(self._elsewhere)

    def await_thread(self, result: "asyncio.Future[Any]") -> None:
        """No time passes until a thread has brought this result."""
        self._elsewhere.add(result)
        result.add_done_callback(self._elsewhere.discard)

    def run_in_executor(  # type: ignore[override] # the base class's variadic types say no more here
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """As the base class does."""
        result = super().run_in_executor(executor, func, *args)
        self.await_thread(result)
        return result


class ThreadQueue(queue.SimpleQueue[Any]):
    """Stands for the queue to aiosqlite's thread, and tells the loop what it waits for."""

    def put_nowait(self, item: tuple["asyncio.Future[Any] | None", Callable[[], Any]]) -> None:
        """Hand over a statement and the future of its result."""
        result, _ = item
        if result is not None:
            loop = result.get_loop()
            if isinstance(loop, VirtualTimeLoop):
                loop.await_thread(result)
        super().put_nowait(item)


class VirtualClock:
    """The running loop's time, for the bot and for the sandbox."""

    def now(self) -> datetime:
        """The current instant."""
        return BEGINNING + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        """Return when so many virtual seconds have passed; no machine's timer is finer than a millisecond."""
        await asyncio.sleep(max(seconds, 0.001))


def pytest_asyncio_loop_factories() -> dict[str, type[VirtualTimeLoop]]:
    """The hook of pytest-asyncio, for the conftest.py of a folder whose tests run in virtual time."""
    return {"virtual time": VirtualTimeLoop}


def in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    """What it answers, on such a loop of its own; for what is made once and looked at by many tests."""
    with (
        patch.object(aiosqlite.core, "SimpleQueue", ThreadQueue),
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        return runner.run(main)


@pytest.fixture(autouse=True)
def threads_of_sqlite_are_awaited() -> Iterator[None]:
    """For the same conftest.py: a database that is opened meanwhile tells the loop when it is at work."""
    with patch.object(aiosqlite.core, "SimpleQueue", ThreadQueue):
        yield


class _Selector(selectors.DefaultSelector):
    """Where the loop would wait for its next timer, it finds that time has passed."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self._loop.waits_for_threads:
            return super().select(None)
        ready = super().select(STILL_UNDER_WAY)
        if not ready:
            self._loop.advance(timeout)
        return ready
