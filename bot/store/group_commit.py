"""Group commit: whoever waits at the same time shares one transaction, and each is answered only after it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LARGEST_GROUP = 256


class GroupCommit(Generic[T, R]):
    """Collects items while a commit is under way, and commits them together when it is over."""

    def __init__(self, commit: Callable[[list[T]], Awaitable[list[R]]]) -> None:
        """`commit` gets the items in order, commits them, and answers one result for each."""
        self._commit = commit
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._runner: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Commit an item; raises what the commit raised."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            try:
                results = await self._commit([item for item, _ in group])
            except Exception as failure:  # each waiting request must hear of it, whatever it was
                for _, answer in group:
                    if not answer.done():
                        answer.set_exception(failure)
                continue
            for (_, answer), result in zip(group, results, strict=True):
                if not answer.done():
                    answer.set_result(result)
