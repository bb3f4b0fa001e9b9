"""The bot's processes: they start, cross the border to the outside, die there as if by kill -9, and come back.

A process that died is not cancelled: no cleanup of its runs. Whatever it still does ends at its next border, for there
nobody answers any more.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import aiohttp

from bot.app import bot, working
from bot.settings import Settings
from chaos.virtual import HERE, Answer, Statement, VirtualClock, never


class Process:
    """One incarnation of one process."""

    def __init__(self, number: int, settings: Settings, cross: Callable[["Process"], None], seed: int) -> None:
        """`cross` is told of each border and may call `die`."""
        self.number = number
        self.dead = False
        self.over = False
        """The run is over: let go of everything."""
        self._settings = settings
        self._cross = cross
        self._dice = random.Random(seed)  # noqa: S311 - a simulation's
        self._servers: list[asyncio.Server] = []
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        HERE.set(self)
        async with (
            bot(self._settings, VirtualClock(), middlewares=[self._send]) as parts,
            working(parts),
        ):
            await never()

    def die(self) -> None:
        """Stop in the middle of everything; whoever calls the process finds nobody there."""
        self.dead = True
        loop = asyncio.get_running_loop()
        for server in [s for s in getattr(loop, "servers", []) if s[0] is self]:
            server[1].close()

    async def end(self) -> None:
        """Take the incarnation down after the run, dead or alive."""
        self.over = True
        self._task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._task

    # The borders

    def database(self, name: str, statement: Statement, answer: Answer, give_up: Callable[[], None]) -> None:
        """Before a commit and after it lies a border; a transaction begins a little later than it is asked for."""
        if self.over:
            answer(_closed)
        elif self.dead:
            return
        elif name == "BEGIN":
            pause = self._dice.uniform(0.001, 0.01)
            asyncio.get_running_loop().call_later(pause, self._begin, statement, answer)
        elif name == "commit":
            self._commit(statement, answer, give_up)
        else:
            answer(statement)

    def _begin(self, statement: Statement, answer: Answer) -> None:
        if self.over:
            answer(_closed)
        elif not self.dead:
            answer(statement)

    def _commit(self, statement: Statement, answer: Answer, give_up: Callable[[], None]) -> None:
        self._cross(self)
        if self.dead:
            give_up()
            return
        result = statement()
        self._cross(self)
        if not self.dead:
            answer(lambda: result)

    async def _send(self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        await self._border()
        await asyncio.sleep(self._dice.uniform(0.02, 0.3))
        await self._alive()
        response = await handler(request)
        await self._border()
        return response

    async def _border(self) -> None:
        if not self.dead:
            self._cross(self)
        await self._alive()

    async def _alive(self) -> None:
        if self.dead and not self.over:
            await never()


def _closed() -> None:
    raise OSError("the run is over")


def remove_database(folder: Path) -> None:
    """Lose everything that the bot kept."""
    for path in folder.glob("shipmate.db*"):
        path.unlink()
