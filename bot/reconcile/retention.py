"""Forgetting on a schedule what the store keeps no longer; any number of processes may do so at once."""

import logging
from datetime import timedelta

import sentry_sdk

from bot.clock import Clock
from bot.store import Store

log = logging.getLogger(__name__)

PAUSE = timedelta(hours=6)
KEEP_DELIVERIES = timedelta(days=7)
"""GitHub redelivers for three days; until then a GUID must be known.

https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
"""
KEEP_RELEASES = timedelta(days=400)
"""Of ended ones, and what was done for them: a year's releases, and some more."""


async def sweep_regularly(store: Store, clock: Clock) -> None:
    """Sweep now and then until cancelled; a sweep that fails is made up for by the next."""
    while True:
        try:
            now = clock.now()
            swept = await store.sweep(handled_before=now - KEEP_DELIVERIES, ended_before=now - KEEP_RELEASES)
            log.info("swept %d old rows", swept)
        except Exception as failure:  # the store does not answer just now
            log.warning("the sweep failed: %r", failure)
            sentry_sdk.capture_exception(failure)
        await clock.sleep(PAUSE.total_seconds())
