"""Doing once what has no key of its own, whatever crashes: intent, call, record; and a look before it is repeated.

An intent without a result means that it may have happened. What GitHub was asked for last it may not show yet, so what
is not found is only made again when it would have to be shown by now.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.ledger import Mark
from bot.reconcile.unsettled import Unsettled
from bot.store import Intent, Store

T = TypeVar("T")


class Once:
    """Keeps the intents in the store."""

    def __init__(self, store: Store, clock: Clock, lag: float) -> None:
        """`lag` is how long, in seconds, GitHub may not show what was just made."""
        self._intents = store.intents
        self._clock = clock
        self._lag = timedelta(seconds=lag)

    async def do(
        self,
        mark: Mark,
        *,
        find: Callable[[datetime], Awaitable[str | None]],
        make: Callable[[], Awaitable[str]],
    ) -> str:
        """The result of `make`, which is kept and never made again; or what `find` finds of an earlier try, given the
        time of its intent. Raises Unsettled while that may have made it and GitHub may not show it yet.
        """
        intent = await self._intents.intend(mark)
        if intent.result is not None:
            return intent.result
        result = await self._finish(intent, find, make)
        await self._intents.record(mark, result)
        return result

    async def make(
        self,
        mark: Mark,
        *,
        find: Callable[[datetime], Awaitable[T | None]],
        make: Callable[[], Awaitable[T]],
    ) -> T:
        """As `do`, of what is found by itself as soon as it is shown: no result is kept."""
        return await self._finish(await self._intents.intend(mark), find, make)

    async def again(self, mark: Mark, make: Callable[[], Awaitable[str]]) -> str:
        """Make what was done once more, since it is gone."""
        await self._intents.again(mark)
        return await make()

    async def was_done(self, mark: Mark, find: Callable[[datetime], Awaitable[str | None]]) -> bool:
        """Whether it was; raises Unsettled, as `do` does."""
        intent = await self._intents.find(mark)
        if intent is None or intent.done:
            return intent is not None
        result = await self._found(intent, find)
        if result is not None:
            await self._intents.record(mark, result)
        return result is not None

    async def _finish(
        self, intent: Intent, find: Callable[[datetime], Awaitable[T | None]], make: Callable[[], Awaitable[T]]
    ) -> T:
        if not intent.fresh:
            found = await self._found(intent, find)
            if found is not None:
                return found
            await self._intents.again(intent.mark)
        return await make()

    async def _found(self, intent: Intent, find: Callable[[datetime], Awaitable[T | None]]) -> T | None:
        found, shown_at = await find(intent.at), intent.at + self._lag
        if found is None and self._clock.now() < shown_at:
            raise Unsettled(f"{intent.mark.key.text} of {intent.mark.subject.text} may have been made", shown_at)
        return found
