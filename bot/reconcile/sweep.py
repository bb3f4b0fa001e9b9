"""The sweep: looking for what did not come by itself: at start, and then every few minutes."""

import logging
import random
from collections.abc import Awaitable, Callable

import sentry_sdk

from bot.clock import Clock
from bot.github.errors import GitHubError
from bot.reconcile.deliveries.missed_comments import MissedComments
from bot.reconcile.deliveries.redelivery import Redelivery

log = logging.getLogger(__name__)

SHORTEST, LONGEST = 0.8, 1.2
"""Between two sweeps, as parts of the pause that is set."""


class Sweep:
    """Any number of processes may sweep; the pause between two sweeps is never quite the same."""

    def __init__(self, missed: Redelivery, missed_comments: MissedComments, clock: Clock, *, pause: float) -> None:
        """`pause` is the time between two sweeps, in seconds; with none nothing is swept."""
        self._looks: tuple[Callable[[], Awaitable[int]], ...] = (missed.look, missed_comments.look)
        self._clock = clock
        self._pause = pause

    async def run(self) -> None:
        """Sweep until cancelled."""
        while self._pause > 0:
            await self.once()
            await self._clock.sleep(self._pause * random.uniform(SHORTEST, LONGEST))  # noqa: S311 - jitter

    async def once(self) -> None:
        """One sweep; what fails is left for the next."""
        for look in self._looks:
            try:
                await look()
            except GitHubError as failure:
                log.warning("a look for what was missed failed: %s", failure)
            except Exception as failure:  # the store does not answer, or a fault of ours: the next sweep comes
                log.exception("a look for what was missed failed")
                sentry_sdk.capture_exception(failure)
