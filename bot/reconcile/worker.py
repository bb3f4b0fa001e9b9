"""The loop: claim a repository that is due, have it reconciled, and give it back with the time of its next look.

One repository is in one hand at a time (the lease); repositories do not wait for one another. Whatever goes wrong, the
repository is due again: after a limit's reset, after a growing pause, or when the lease of a dead worker ends.
"""

import asyncio
import logging
import uuid

import sentry_sdk

from bot.clock import Clock
from bot.github import GitHub
from bot.reconcile.lease import while_held
from bot.reconcile.reconciler import Reconciler
from bot.reconcile.unsettled import Stopping
from bot.registries import Registries
from bot.release.facts import Timeouts
from bot.store import Lease, LeaseLost, Store

log = logging.getLogger(__name__)

LEASE_SECONDS = 60.0
"""After a crash a repository waits at most so long; a look may take longer, its lease is renewed meanwhile."""
LONGEST_WAIT = 60.0
"""The store ends a wait when something is due; this bounds it all the same."""
STORE_PAUSE = 1.0
"""Seconds between two tries while the store fails."""


class Worker:
    """One of any number of workers on one store. It may itself `run` several times at once."""

    def __init__(
        self,
        *,
        store: Store,
        github: GitHub,
        registries: Registries,
        clock: Clock,
        timeouts: Timeouts,
        lease_seconds: float = LEASE_SECONDS,
        name: str = "",
    ) -> None:
        self.lease_seconds = lease_seconds
        """How long a repository waits for this worker when it is killed."""
        self._stopping = asyncio.Event()
        self._held: dict[str, Lease] = {}
        self._store = store
        self._clock = clock
        self._name = name or f"worker-{uuid.uuid4().hex[:8]}"
        self._reconciler = Reconciler(
            store=store,
            github=github,
            registries=registries,
            clock=clock,
            timeouts=timeouts,
            lease_seconds=lease_seconds,
            is_stopping=self._stopping.is_set,
        )

    async def run(self) -> None:
        """Work until stopped or cancelled; nothing else ends it, or releases would stand still in silence."""
        while not self._stopping.is_set():
            try:
                if not await self.work_once():
                    await self._wait_for_work()
            except LeaseLost as lost:
                log.warning("lease of %s was lost; another worker has it", lost)
            except Exception as failure:  # the store does not answer: nobody else would take up the work again
                log.exception("the store failed; trying again in %d s", STORE_PAUSE)
                sentry_sdk.capture_exception(failure)
                await self._clock.sleep(STORE_PAUSE)

    def stop(self) -> None:
        """Claim nothing more; every `run` returns after the step that is under way, its repository given back."""
        self._stopping.set()

    async def give_back(self) -> None:
        """Give back what runs that were cancelled still hold, so that another worker need not wait for the leases."""
        for lease in tuple(self._held.values()):
            await self._let_go(lease)

    async def work_once(self) -> bool:
        """Reconcile the earliest due repository; False when none is due."""
        lease = await self._store.claim(self._name, lease_seconds=self.lease_seconds)
        if lease is None:
            return False
        self._held[lease.owner] = lease
        try:
            look = self._reconciler.reconcile(lease)
            due_at, attempts = await while_held(look, lease, self.lease_seconds, self._store, self._clock)
        except LeaseLost:
            log.warning("lease of %s was lost; another worker has it", lease.repository.full_name)
            del self._held[lease.owner]
            return True
        except Stopping:
            await self._let_go(lease)
            return True
        del self._held[lease.owner]
        await self._store.finish(lease, due_at=due_at, attempts=attempts)
        return True

    async def _wait_for_work(self) -> None:
        waits = [asyncio.ensure_future(w) for w in (self._store.wait_for_work(LONGEST_WAIT), self._stopping.wait())]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.wait(waits)
        for one in done:
            one.result()

    async def _let_go(self, lease: Lease) -> None:
        del self._held[lease.owner]
        try:
            await self._store.give_back(lease)
        except Exception as failure:  # then the lease ends by itself, later
            log.warning("%s could not be given back: %r", lease.repository.full_name, failure)
