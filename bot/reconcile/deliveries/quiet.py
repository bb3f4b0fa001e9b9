"""Repositories where nothing is open, in turn: a command there whose webhook was lost without a trace is found, too.

Every few minutes a bounded number of them is read, those first that were read longest ago, and those of all
installations in one queue. So a few are read each time, and of thousands each a few times a day. How many requests that
makes: docs/safety.md. Their ETags would not spare any: they differ from token to token, and each token is for the
repositories of one turn.
"""

import logging
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.github import GitHub
from bot.github.errors import GitHubError
from bot.github.facts import Installation, RepositoryRef
from bot.store import Scan, Store

log = logging.getLogger(__name__)

MOST_OF_ONE = 40
"""Repositories of one installation in one turn: its limit is 5,000 requests an hour, which releases need.

https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps
"""
MOST_OF_ALL = 120
"""Repositories in one turn."""
LISTED_AGAIN = timedelta(hours=1)
"""How long the lists of installations and repositories are believed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Repositories of one installation that are to be read now."""

    installation: Installation
    repositories: tuple[RepositoryRef, ...]


class QuietRepositories:
    """Chooses whose turn it is. Of any number of processes, one takes each turn."""

    def __init__(self, github: GitHub, store: Store, clock: Clock, *, pause: float) -> None:
        """`pause` is the least time between two turns, in seconds."""
        self._github = github
        self._store = store
        self._clock = clock
        self._pause = timedelta(seconds=pause)
        self._listed: dict[int, tuple[Installation, tuple[RepositoryRef, ...]]] = {}
        self._listed_at: datetime | None = None
        self._tried: dict[int, datetime] = {}
        """When each was last chosen: one that cannot be read has no younger bookmark, and is not always the first."""

    async def turn(self, busy: Collection[int]) -> tuple[Turn, ...]:
        """Whose turn it is but for the `busy`, by their ids; nobody's while the last turn, or the beginning of the
        store, is not long enough ago.

        Raises the adapter's errors when the installations cannot be listed.
        """
        now = self._clock.now()
        last = await self._store.bookmarks.begin(Scan.QUIET)
        if now - (last.at or last.begun_at) < self._pause:
            return ()
        await self._store.bookmarks.move(Scan.QUIET)
        if self._listed_at is None or now - self._listed_at >= LISTED_AGAIN:
            await self._list(now)
        read = {number: mark.at for number, mark in (await self._store.bookmarks.all(Scan.COMMENTS)).items() if mark.at}
        waiting = [
            (max(read[each.id], self._tried.get(each.id, read[each.id])), each.id, installation.id, each)
            for installation, repositories in self._listed.values()
            for each in repositories
            if each.id in read and each.id not in busy and now - read[each.id] >= self._pause
        ]
        return self._first(sorted(waiting, key=lambda each: each[:2]), now)

    def forget(self, installation: int) -> None:
        """What is known of an installation is wrong, as its refusal tells: all are listed again."""
        self._listed.pop(installation, None)
        self._listed_at = None

    def _first(self, waiting: list[tuple[datetime, int, int, RepositoryRef]], now: datetime) -> tuple[Turn, ...]:
        taken: dict[int, list[RepositoryRef]] = {}
        number: Counter[int] = Counter()
        for *_, installation, repository in waiting:
            if number.total() < MOST_OF_ALL and number[installation] < MOST_OF_ONE:
                number[installation] += 1
                taken.setdefault(installation, []).append(repository)
                self._tried[repository.id] = now
        return tuple(Turn(self._listed[each][0], tuple(repositories)) for each, repositories in taken.items())

    async def _list(self, now: datetime) -> None:
        known, self._listed = self._listed, {}
        everywhere = await self._is_read(Scan.INSTALLATIONS)
        for installation in await self._github.app.installations():
            # With a new store everything is looked at once, before it has its turns.
            if installation.suspended or not (everywhere or await self._is_read(Scan.INSTALLATION, installation.id)):
                continue
            try:
                repositories = await self._github.app.repositories(installation.id)
            except GitHubError as failure:  # what one installation refuses holds up no other
                log.warning("installation %d: its repositories cannot be listed: %s", installation.id, failure)
                if installation.id in known:
                    self._listed[installation.id] = known[installation.id]
                continue
            self._listed[installation.id] = (installation, repositories)
            await self._begin(installation, repositories, now)
        self._listed_at = now

    async def _begin(self, installation: Installation, repositories: tuple[RepositoryRef, ...], now: datetime) -> None:
        """Put a bookmark for each repository that has none: what was written before the App was there is not for it.

        A new installation tells since when it is there. Of a repository that joined an older one, nobody does.
        """
        read = await self._store.bookmarks.all(Scan.COMMENTS)
        since = now if await self._is_read(Scan.INSTALLATION, installation.id) else installation.created_at
        for each in repositories:
            if each.id not in read:
                await self._store.bookmarks.move(Scan.COMMENTS, each.id, to=since)
        await self._store.bookmarks.move(Scan.INSTALLATION, installation.id)

    async def _is_read(self, scan: Scan, number: int = 0) -> bool:
        bookmark = await self._store.bookmarks.find(scan, number)
        return bookmark is not None and bookmark.at is not None
