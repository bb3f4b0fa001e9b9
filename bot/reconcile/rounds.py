"""Going round for what did not come by itself: at start, and then every few minutes."""

import logging
import random
from collections.abc import Awaitable, Callable

import sentry_sdk

from bot.clock import Clock
from bot.github.errors import GitHubError
from bot.reconcile.catch_up import CatchUp
from bot.reconcile.missed import Missed

log = logging.getLogger(__name__)


class Rounds:
    """Any number of processes may go round; the pause between two rounds is never quite the same."""

    def __init__(self, missed: Missed, catch_up: CatchUp, clock: Clock, *, pause: float) -> None:
        """`pause` is the time between two rounds, in seconds; with none nobody goes round."""
        self._looks: tuple[Callable[[], Awaitable[int]], ...] = (missed.look, catch_up.look)
        self._clock = clock
        self._pause = pause

    async def run(self) -> None:
        """Go round until cancelled."""
        while self._pause > 0:
            await self.once()
            await self._clock.sleep(self._pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    async def once(self) -> None:
        """One round; what fails is left for the next."""
        for look in self._looks:
            try:
                await look()
            except GitHubError as failure:
                log.warning("a look for what was missed failed: %s", failure)
            except Exception as failure:  # the store does not answer, or a fault of ours: the next round comes
                log.exception("a look for what was missed failed")
                sentry_sdk.capture_exception(failure)
