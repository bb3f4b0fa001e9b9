"""A repository's deliveries in their order, and who may pass one that fails again and again."""

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta

from bot.clock import Clock
from bot.events import CommentCreated, Event, MalformedEvent, parse_event
from bot.github import GitHub
from bot.github.errors import Forbidden, GitHubError, NoAccess, RateLimited, Unavailable
from bot.github.facts import RepositoryRef
from bot.reconcile.deliveries.intake import Intake
from bot.reconcile.unsettled import Unsettled
from bot.store import Delivery, Lease, LeaseLost, Store, Tried

log = logging.getLogger(__name__)

MOST_TRIES = 4
"""Looks that may fail on one delivery while all others wait behind it."""
DEFERRED_FOR = timedelta(days=3)
"""How long what is deferred is tried again; as long as GitHub would redeliver it.

https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
"""


class Deliveries:
    """Takes them one after the other, in the repository of a lease."""

    def __init__(self, github: GitHub, store: Store, intake: Intake, clock: Clock) -> None:
        self._github = github
        self._store = store
        self._intake = intake
        self._clock = clock

    async def take(self, lease: Lease, deliveries: Sequence[Delivery]) -> int:
        """Handle each delivery and mark it handled; a crash in between repeats one whose effects are all keyed.

        One that fails again and again, for a permission that the App lost or because GitHub fails on it alone, is put
        off: what was written on its thread later waits behind it, all else passes; so does a cancel of a release that
        goes on meanwhile. Answers how often what was deferred has failed, the least of such counts; 0 when all were
        handled.
        """
        deferred: list[int] = []
        waiting: set[int] = set()
        for delivery in deliveries:
            event = _event(delivery)
            if isinstance(event, CommentCreated) and await self._waits(lease, event, waiting):
                continue
            failures = await self._try(lease, delivery, event)
            if failures == 0:
                await self._store.handled([delivery.guid])
                continue
            deferred.append(failures)
            if isinstance(event, CommentCreated):
                waiting |= await self._intake.thread(lease.repository, event)
        return min(deferred, default=0)

    async def _waits(self, lease: Lease, event: CommentCreated, waiting: Collection[int]) -> bool:
        behind = event.issue in waiting
        return behind and not await self._intake.stops_something(lease.repository, event)

    async def _try(self, lease: Lease, delivery: Delivery, event: Event | None) -> int:
        """0 when a delivery needs no further look, else how often it has failed. Raises what all must wait for."""
        attempts = self._store.attempts
        others_wait = (await attempts.find(Tried.HANDLE, delivery.guid)).count < MOST_TRIES - 1
        if not others_wait:
            await self._expect_an_answer(lease.repository)
        try:
            await self._intake.handle(lease, event)
        except (LeaseLost, RateLimited, Unsettled, NoAccess):
            raise
        except Exception as failure:  # a thread that is gone, a permission that is, or a fault of ours
            failures = (await attempts.count(Tried.HANDLE, delivery.guid)).count
            is_fault = not isinstance(failure, Forbidden | Unavailable)
            faults = (await attempts.count(Tried.HANDLE_AT_FAULT, delivery.guid)).count if is_fault else 0
            if others_wait:
                raise
            if isinstance(failure, Unavailable):
                await self._expect_an_answer(lease.repository)
            # One fault among what it was deferred for is no reason to give it up.
            is_young = self._clock.now() - delivery.received_at < DEFERRED_FOR
            if (faults < MOST_TRIES) if is_fault else is_young:
                log.warning("delivery %s is deferred: %s", delivery.guid, failure)
                return failures
            log.error("delivery %s is dead-lettered: %r", delivery.guid, failure, exc_info=failure)
            await self._intake.dead_letter(lease, event, failure)
        return 0

    async def _expect_an_answer(self, repository: RepositoryRef) -> None:
        """Raises Unavailable when GitHub is out of order altogether: then everything waits, in its order.

        Asked before and after what fails: an outage that ends in between is no reason to let others pass.
        """
        try:
            await self._github.reader(repository).ping()
        except (RateLimited, Unavailable, NoAccess):
            raise
        except GitHubError as refusal:  # that is an answer, too
            log.info("%s: %s", repository.full_name, refusal)


def _event(delivery: Delivery) -> Event | None:
    """What a delivery says; one that cannot be read is logged, and only makes its repository be looked at."""
    try:
        return parse_event(delivery.event, delivery.body)
    except MalformedEvent as mistake:
        log.warning("delivery %s (%s) cannot be read: %s", delivery.guid, delivery.event, mistake)
        return None
