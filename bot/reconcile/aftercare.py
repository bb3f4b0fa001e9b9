"""Looking at the registries again after a release has ended, and telling its thread what has changed."""

import hashlib
from datetime import datetime

from bot.clock import Clock
from bot.comments import aftercare as words
from bot.ledger import Mark, Recheck
from bot.reconcile.effects.comments import Commenter, Thread
from bot.registries import Registries
from bot.release.aftercare import look_again
from bot.release.facts import Facts, Timeouts
from bot.release.model import Release
from bot.store import Lease, Store


class Aftercare:
    """Looks at the registries for the releases in the repository of a lease."""

    def __init__(
        self, store: Store, registries: Registries, commenter: Commenter, clock: Clock, timeouts: Timeouts
    ) -> None:
        self._store = store
        self._registries = registries
        self._commenter = commenter
        self._clock = clock
        self._timeouts = timeouts

    async def look(self, lease: Lease, release: Release) -> datetime | None:
        """Look once; when to look again. Raises LeaseLost, Unsettled and the adapter's errors."""
        found = {package.key: await self._registries.look(package) for package in release.packages}
        facts = Facts(self._clock.now(), registries=found, repository=lease.repository.full_name)
        after, change = look_again(release, facts, self._timeouts)
        if change is not None:
            # The key is made of what is said and of the looks that were kept, so one that broke off after saying it
            # says nothing again, however late it is repeated.
            digest = hashlib.sha256("\n".join(after.aftercare.troubles).encode()).hexdigest()[:12]
            mark = Mark(release.subject, Recheck(release.aftercare.looks + 1, digest))
            await self._commenter.say(lease, Thread.of(release), mark, words.changed(change))
        await self._store.save(lease, after)
        return after.aftercare.next_at
