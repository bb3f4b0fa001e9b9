"""What follows when a look at a release failed: it is noted, told after a while, and looked at again later."""

import logging
import uuid
from dataclasses import replace
from datetime import datetime

import sentry_sdk

from bot.clock import Clock
from bot.comments import answers
from bot.github import GitHub
from bot.github.errors import BadCredentials, Forbidden, GitHubError, Moved, NoAccess, NotFound
from bot.ledger import Broken, Mark
from bot.reconcile.back_off import SPEAK_UP_AFTER, back_off
from bot.reconcile.effects.comments import Commenter, Thread
from bot.reconcile.effects.perform import Performer
from bot.reconcile.planning import RegistryUnreachable
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Release
from bot.store import Lease, Store

log = logging.getLogger(__name__)


class HeldUp:
    """Tells threads and the log of failed looks."""

    def __init__(self, github: GitHub, store: Store, commenter: Commenter, performer: Performer, clock: Clock) -> None:
        self._github = github
        self._store = store
        self._commenter = commenter
        self._performer = performer
        self._clock = clock

    async def tell(self, lease: Lease, release: Release, failure: Exception) -> datetime:
        """When to try again; after several failures in a row the release's thread is told, but not of a refused key."""
        self.note(lease, failure)
        again_at = back_off(self._clock.now(), lease.attempts)
        if isinstance(failure, BadCredentials):
            return again_at
        try:
            if lease.attempts + 1 >= SPEAK_UP_AFTER:
                mark = Mark(release.subject, Broken(release.phase, type(failure).__name__))
                await self._commenter.say(lease, Thread.of(release), mark, _in_words(lease, failure))
            await self._answer_status(lease, release.id, failure)
        except (GitHubError, Unsettled) as second:
            log.warning("%s: could not even say so: %s", lease.repository.full_name, second)
        return again_at

    def note(self, lease: Lease, failure: Exception) -> None:
        """In the log; a fault of ours, which nobody expects, with all that is known of it."""
        if isinstance(failure, Forbidden | NotFound | Moved | NoAccess):
            self._github.forget(lease.repository)  # what was known of it may be outdated
        if isinstance(failure, GitHubError | RegistryUnreachable):
            log.warning("%s: %s", lease.repository.full_name, failure)
            return
        log.error("%s: look failed", lease.repository.full_name, exc_info=failure)
        sentry_sdk.capture_exception(failure)

    async def _answer_status(self, lease: Lease, release_id: str, failure: Exception) -> None:
        """Each `/release status` all the same: how the release stood last, and what holds it up."""
        release = await self._store.release(release_id)
        if release is None or release.phase.is_end or not release.asked.status_questions:
            return
        await self._performer.answer_status(lease, release, None, _in_words(lease, failure))
        await self._store.save(lease, replace(release, asked=replace(release.asked, status_questions=())))


def _in_words(lease: Lease, failure: Exception) -> str:
    """What a thread is told; of a fault of ours only a reference, under which the log has it."""
    reference = uuid.uuid4().hex[:12]
    log.error("%s: error %s, told to the thread: %r", lease.repository.full_name, reference, failure)
    expected = isinstance(failure, GitHubError | RegistryUnreachable)
    return answers.held_up(str(failure)) if expected else answers.broken(reference)
