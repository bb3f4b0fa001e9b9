"""The bot's processes: they start, cross the border to the outside, die there as if by kill -9, and come back.

A process that died is not cancelled: no cleanup of its runs. Whatever it still does ends at its next border, for there
nobody answers any more.
"""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, cast

import aiohttp
from aiohttp import Payload, web
from aiohttp.typedefs import Handler

from bot.app import bot, working
from bot.settings import Settings
from bot.store import database
from chaos.simulation.loop import HERE, Host, Loop, Statement, VirtualClock, is_dead, never
from chaos.simulation.requests import Hosts, kind_of

BUSY = 5.0
"""Seconds that a statement waits for a locked database, as `busy_timeout` says."""


class Turn(asyncio.Lock):
    """Whose turn it is to migrate: every process has such a lock of its own, but all simulated ones live in one.

    A process that dies gives it up, as a real one does.
    """

    def __init__(self) -> None:
        super().__init__()
        self._holder: Host | None = None

    async def acquire(self) -> Literal[True]:
        """As the base class does; the dead do not get it."""
        await super().acquire()
        if is_dead():
            self.release()
            await never()
        self._holder = HERE.get()
        return True

    def bury(self, host: Host) -> None:
        """Release it when `host` holds it, which has just died."""
        if self.locked() and self._holder is host:
            self.release()


class Process:
    """One incarnation of one process."""

    def __init__(
        self, number: int, settings: Settings, hosts: Hosts, cross: Callable[["Process", str], float], seed: int
    ) -> None:
        """`cross` is told of each border (`before commit`, `after POST comment`).

        It may call `die`, and answers how long to stand still.
        """
        self.number = number
        self.dead = False
        self.address: str | None = None
        """Where its door is, while it is open."""
        self.failure: BaseException | None = None
        """What ended it by itself; a supervisor would start it again."""
        self._over = False
        self._settings = settings
        self._hosts = hosts
        self._cross = cross
        self._dice = random.Random(seed)  # noqa: S311 - a simulation's
        self._connections: list[sqlite3.Connection] = []
        self._written = ""
        """The first table that the transaction under way writes."""
        self._turn = cast(Turn, database._migrating.setdefault(asyncio.get_running_loop(), Turn()))
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        HERE.set(self)
        try:
            async with bot(self._settings, VirtualClock(), middlewares=[self._send]) as parts:
                parts.site.middlewares.append(self._receive)
                async with working(parts) as self.address:
                    await never()
        except Exception as failure:  # as a crash at start
            self.failure = failure
        finally:
            self.address = None

    def die(self) -> None:
        """Stop in the middle of everything; whoever calls the process finds nobody there."""
        self.dead, self.address = True, None
        loop = asyncio.get_running_loop()
        if isinstance(loop, Loop):
            for host, server in loop.listening:
                if host is self:
                    server.close()
            loop.listening = [pair for pair in loop.listening if pair[0] is not self]
        self._turn.bury(self)
        for connection in self._connections:
            with suppress(sqlite3.Error):
                connection.rollback()
                connection.close()

    async def end(self) -> None:
        """Take the incarnation down after the run, dead or alive."""
        self._over, self.dead = True, False
        self._task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._task

    # The borders

    def database(self, statement: Statement) -> None:
        """Before a commit and after it lies a border; a transaction begins a little later than it is asked for."""
        if self._over or self.dead:
            self._do(statement)
        elif statement.name == "BEGIN":
            self._written = ""
            pause = self._dice.uniform(0.001, 0.01)
            asyncio.get_running_loop().call_later(pause, self._do, statement)
        elif statement.name == "commit":
            self._cross(self, f"before commit {self._written}".rstrip())
            self._do(statement)
        else:
            self._do(statement)

    def _do(self, statement: Statement, waited: float = 0.0) -> None:
        if self.dead:
            return
        if self._over and statement.name not in ("rollback", "close", "close_and_stop"):
            statement.fail(OSError("the run is over"))
            return
        self._written = self._written or statement.table
        try:
            result = statement.run()
        except BaseException as failure:  # whatever it was, it belongs to whoever asked
            if isinstance(failure, sqlite3.OperationalError) and "locked" in str(failure) and waited < BUSY:
                pause = self._dice.uniform(0.01, 0.05)
                asyncio.get_running_loop().call_later(pause, self._do, statement, waited + pause)
            else:
                statement.fail(failure)
            return
        if isinstance(result, sqlite3.Connection):
            self._connections.append(result)
        if statement.name == "commit" and not self._over:
            stall = self._cross(self, f"after commit {self._written}".rstrip())
            if stall:
                asyncio.get_running_loop().call_later(stall, self._late, statement, result)
                return
        if not self.dead:
            statement.answer(result)

    def _late(self, statement: Statement, result: object) -> None:
        if not self.dead:
            statement.answer(result)

    async def _send(self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        body = await request.body.as_bytes() if isinstance(request.body, Payload) else request.body
        host = f"{request.url.host}:{request.url.port}"
        kind = kind_of(request.method, request.url.path, body.decode(errors="replace"), host, self._hosts)
        await self._border(f"before {kind}")
        await asyncio.sleep(self._dice.uniform(0.02, 0.3))
        await self._alive()
        response = await handler(request)
        await self._border(f"after {kind}")
        return response

    @web.middleware
    async def _receive(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self._hang_up(request)
        response = await handler(request)
        await self._hang_up(request)
        return response

    async def _hang_up(self, request: web.Request) -> None:
        if self.dead:
            if request.transport is not None:
                request.transport.abort()
            await self._alive()

    async def _border(self, name: str) -> None:
        if not self.dead and not self._over:
            self._cross(self, name)
        await self._alive()

    async def _alive(self) -> None:
        if self.dead:
            await never()


def remove_database(folder: Path) -> None:
    """Lose everything that the bot kept."""
    for path in folder.glob("shipmate.db*"):
        path.unlink()
