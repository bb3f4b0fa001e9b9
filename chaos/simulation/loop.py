"""A world without an outside: time that passes at once, sockets in memory, and dice thrown from a seed.

Whatever would hand control to a thread or to the machine (the database driver, git, sockets) is done on the spot, and
nobody reads the machine's clock, so that the order of events depends on the seed alone and a run replays exactly.
"""

import asyncio
import gc
import math
import random
import uuid
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar
from unittest.mock import patch

import aiohttp.connector
import aiosqlite.core
import async_solipsism
from async_solipsism import selector
from async_solipsism.clock import Clock

from bot.sandbox import world
from bot.store import database
from chaos.git.repository import MemoryGit

T = TypeVar("T")

MOST_TURNS = 1_000_000
"""Of the event loop in one run; a usual one has some ten thousand."""
MOST_LAST_TURNS = 100_000
"""With which a run that spins is taken down."""
BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Spins(RuntimeError):
    """The run goes round and round, and time stands still or crawls."""


class _Advancing(Clock):  # type: ignore[misc]
    """Never stops a little before the instant that it is asked to advance to: who is woken there would not wait on."""

    def advance(self, delta: float) -> None:
        self._ticks += max(1, math.ceil(delta / self._resolution))


@dataclass(frozen=True)
class Statement:
    """Something that the database is asked to do; a locked database is asked again by whoever holds this."""

    name: str
    """`connect`, `commit`, or the first word of the SQL."""
    run: Callable[[], Any]
    table: str
    """What it writes to; empty for anything else."""
    answer: Callable[[Any], None]
    fail: Callable[[BaseException], None]


class Host(Protocol):
    """What a task runs on."""

    dead: bool
    """Whether it was killed, and the run goes on without it."""

    def database(self, statement: Statement) -> None:
        """Have a statement answered, sooner, later or never."""


HERE: ContextVar[Host | None] = ContextVar("host", default=None)
"""Where the running task runs; None is the outside (the sandbox, the people)."""


class Loop(async_solipsism.EventLoop):  # type: ignore[misc]
    """Remembers who listens, so that the sockets of a process that dies are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.listening: list[tuple[Host | None, asyncio.Server]] = []
        self._turns = 0

    def _run_once(self) -> None:
        self._turns += 1
        if self._turns > MOST_TURNS:
            self._turns = MOST_TURNS - MOST_LAST_TURNS
            raise Spins(f"the run spins at {self.time():.1f} s")
        super()._run_once()

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:
        """As the base class does."""
        server: asyncio.Server = await super().create_server(*args, **kwargs)
        self.listening.append((HERE.get(), server))
        return server


async def never() -> None:
    """What a dead process waits for."""
    await asyncio.get_running_loop().create_future()


def is_dead() -> bool:
    """Whether the running task belongs to a process that was killed."""
    host = HERE.get()
    return host is not None and host.dead


class VirtualClock:
    """The event loop's time, for the bot and for the sandbox."""

    def now(self) -> datetime:
        """The current instant."""
        return BEGINNING + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        """Return when so many virtual seconds have passed, but not in a process that is dead by then.

        No machine's timer is finer than a millisecond.
        """
        await asyncio.sleep(max(seconds, 0.001))
        if is_dead():
            await never()


def simulate(main: Callable[[], Coroutine[Any, Any, T]], seed: int) -> T:
    """Run `main` to its end in a world of its own; whatever it left running is gone afterwards."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", ResourceWarning)  # what was killed closed nothing
        warnings.simplefilter("ignore", RuntimeWarning)
        stack.enter_context(_seeded(seed))
        stack.enter_context(patch.object(aiosqlite.core, "SimpleQueue", _Inline))
        stack.enter_context(patch.object(aiosqlite.core, "Thread", _NoThread))
        stack.enter_context(patch.object(asyncio, "to_thread", _on_the_spot))
        stack.enter_context(patch.object(selector, "Clock", _Advancing))
        stack.enter_context(patch.object(aiohttp.connector, "monotonic", lambda: asyncio.get_running_loop().time()))
        stack.enter_context(patch.object(world, "GitRepository", MemoryGit))
        stack.enter_context(
            patch("aiohappyeyeballs.start_connection", async_solipsism.aiohappyeyeballs_start_connection)
        )
        stack.enter_context(
            patch.object(database, "_PRAGMAS", ("busy_timeout=0", "journal_mode=WAL", "synchronous=OFF"))
        )
        stack.callback(gc.collect)
        stack.callback(gc.enable)
        gc.disable()  # it would end what dead processes left behind, at any moment
        runner = stack.enter_context(asyncio.Runner(loop_factory=Loop))
        runner.get_loop().set_exception_handler(_ignore)
        return runner.run(main())


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    dice = random.Random(seed)  # noqa: S311 - a simulation's
    state = random.getstate()
    random.seed(seed)
    try:
        with patch.object(uuid, "uuid4", lambda: uuid.UUID(int=dice.getrandbits(128), version=4)):
            yield
    finally:
        random.setstate(state)


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tasks of killed processes end without ever having ended."""


async def _on_the_spot(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    return function(*args, **kwargs)


class _Inline:
    """Stands for the queue to aiosqlite's thread: statements are executed where they are asked for."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, run = item
        name, table = _what(run)
        statement = Statement(name, run, table, partial(_answer, future), partial(_fail, future))
        host = HERE.get()
        if host is not None:
            host.database(statement)
            return
        try:
            result = run()
        except BaseException as failure:  # whatever it was, it belongs to whoever asked
            _fail(future, failure)
        else:
            _answer(future, result)


class _NoThread:
    daemon = False

    def __init__(self, **_: Any) -> None:
        pass

    def start(self) -> None:
        pass


def _what(run: Callable[[], Any]) -> tuple[str, str]:
    """`commit`, `BEGIN`, …: what a statement does, as far as anybody asks, and the table that it writes to."""
    if not isinstance(run, partial):
        return getattr(run, "__name__", "connect"), ""
    if not run.func.__name__.startswith("execute"):
        return run.func.__name__, ""
    words = str(run.args[0]).split(maxsplit=3)
    place = {"INSERT": 2, "DELETE": 2, "UPDATE": 1}.get(words[0])
    return words[0], words[place] if place else ""


def _answer(future: asyncio.Future[Any] | None, result: Any) -> None:
    if future is not None and not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any] | None, failure: BaseException) -> None:
    if future is not None and not future.done():
        future.set_exception(failure)
