"""A world without an outside: time that passes at once, sockets in memory, and dice thrown from a seed.

Whatever would hand control to a thread or to the machine (the database driver, git, sockets) is done on the spot, so
that the order of events depends on the seed alone and a run replays exactly.
"""

import asyncio
import gc
import logging
import random
import sqlite3
import uuid
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar
from unittest.mock import patch

import aiosqlite.core
import async_solipsism

T = TypeVar("T")

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class VirtualClock:
    """The event loop's time, for the bot and for the sandbox."""

    def now(self) -> datetime:
        """The current instant."""
        return BEGINNING + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        """Return when so many virtual seconds have passed."""
        await asyncio.sleep(seconds)


Statement = Callable[[], Any]
Answer = Callable[[Statement], None]
"""Executes a statement and hands its result to whoever awaits it."""


class Host(Protocol):
    """What a task runs on, as far as the database and its sockets must know."""

    def database(self, name: str, statement: Statement, answer: Answer, give_up: Callable[[], None]) -> None:
        """Have a statement answered, sooner, later or never; `give_up` rolls back and answers nobody."""


HERE: ContextVar[Host | None] = ContextVar("host", default=None)
"""Where the running task runs; None is the outside (the sandbox, the people)."""


async def never() -> None:
    """What a dead process waits for."""
    await asyncio.get_running_loop().create_future()


def simulate(main: Callable[[], Coroutine[Any, Any, T]], seed: int) -> T:
    """Run `main` to its end in a world of its own; whatever it left running is gone afterwards."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", ResourceWarning)  # what was killed closed nothing
        stack.enter_context(_seeded(seed))
        stack.enter_context(patch.object(aiosqlite.core, "SimpleQueue", _Inline))
        stack.enter_context(patch.object(aiosqlite.core, "Thread", _NoThread))
        stack.enter_context(
            patch("aiohappyeyeballs.start_connection", async_solipsism.aiohappyeyeballs_start_connection)
        )
        runner = stack.enter_context(asyncio.Runner(loop_factory=async_solipsism.EventLoop))
        logging.disable(logging.CRITICAL)
        stack.callback(logging.disable, logging.NOTSET)
        try:
            return runner.run(main())
        finally:
            gc.collect()


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    dice = random.Random(seed)  # noqa: S311 - a simulation's
    state = random.getstate()
    random.seed(seed)
    with patch.object(uuid, "uuid4", lambda: uuid.UUID(int=dice.getrandbits(128), version=4)):
        yield
    random.setstate(state)


class _Inline:
    """Stands for the queue to aiosqlite's thread: statements are executed where they are asked for."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Statement]) -> None:
        future, statement = item
        host = HERE.get()
        if host is None:
            _answer(future, statement)
        else:
            host.database(_name(statement), statement, partial(_answer, future), partial(_give_up, statement))


class _NoThread:
    daemon = False

    def __init__(self, **_: Any) -> None:
        pass

    def start(self) -> None:
        pass


def _name(statement: Statement) -> str:
    """`commit`, `BEGIN`, …: what a statement does, as far as anybody asks."""
    if not isinstance(statement, partial):
        return "connect"
    if statement.func.__name__ == "execute":
        return str(statement.args[0]).partition(" ")[0]
    return str(statement.func.__name__)


def _answer(future: asyncio.Future[Any] | None, statement: Statement) -> None:
    try:
        result = statement()
    except BaseException as failure:  # whatever it was, it belongs to whoever asked
        if future is not None and not future.done():
            future.set_exception(failure)
        return
    if future is not None and not future.done():
        future.set_result(result)


def _give_up(statement: Statement) -> None:
    connection = statement.func.__self__ if isinstance(statement, partial) else None
    if isinstance(connection, sqlite3.Connection):
        connection.rollback()
