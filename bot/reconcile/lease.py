"""Keeping a lease while a look takes its time, and ending the look when the lease is lost all the same."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.clock import Clock
from bot.store import Lease, LeaseLost, Store

log = logging.getLogger(__name__)

T = TypeVar("T")

BEATS = 3
"""So often a lease is renewed within its time; all but one may fail."""


async def while_held(look: Coroutine[None, None, T], lease: Lease, seconds: float, store: Store, clock: Clock) -> T:
    """What `look` answers, its lease renewed for `seconds` again and again meanwhile.

    When the lease cannot be kept the look is cancelled where it stands, and LeaseLost raised: somebody else may be at
    work. Being cancelled cancels the look.
    """
    looking = asyncio.ensure_future(look)
    beating = asyncio.ensure_future(_beat(lease, seconds, store, clock))
    try:
        await asyncio.wait((looking, beating), return_when=asyncio.FIRST_COMPLETED)
        if looking.done():
            return looking.result()
    finally:
        await _end(looking, beating)
    raise LeaseLost(lease.repository.full_name)


async def _beat(lease: Lease, seconds: float, store: Store, clock: Clock) -> None:
    """Return when the lease is lost: somebody else has it, or its time is over and the store does not answer."""
    while True:
        await clock.sleep(seconds / BEATS)
        try:
            lease = await store.renew(lease, seconds)
        except LeaseLost:
            return
        except Exception as failure:  # the store does not answer just now
            log.warning("%s: the lease could not be renewed: %r", lease.repository.full_name, failure)
            if clock.now() >= lease.until:
                return


async def _end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel what is not done and see it ended; what it raises then is of no interest any more."""
    open_ones = [task for task in tasks if task.cancel()]
    if open_ones:
        await asyncio.wait(open_ones)
    for task in open_ones:
        if not task.cancelled():
            task.exception()
