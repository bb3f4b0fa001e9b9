"""Announcing a verified release in a GitHub Discussion, once.

A discussion has no natural key, so it carries a mark, as comments do: after a crash the newest discussions of ours are
looked through before another is started.
"""

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.comments import announcement as words
from bot.comments.markdown import COMMENT_LIMIT, cut, marker, markers
from bot.github import GitHub
from bot.github.errors import GitHubError, RateLimited, Unavailable
from bot.github.facts import RepositoryRef
from bot.reconcile.effects.comments import Commenter, Thread
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Release
from bot.store import Store

log = logging.getLogger(__name__)

MORE = "*The rest is in the GitHub Release.*"
KEY = "announced"


class Discussions:
    """The caller holds the repository's lease."""

    def __init__(self, github: GitHub, store: Store, commenter: Commenter, clock: Clock, lag: float) -> None:
        """`lag` is how long, in seconds, a discussion that was just started may not be listed yet."""
        self._github = github
        self._store = store
        self._commenter = commenter
        self._clock = clock
        self._lag = timedelta(seconds=lag)

    async def announce(self, repository: RepositoryRef, release: Release, category: str) -> None:
        """Start the discussion and say where it is, or why there is none: that holds nothing up.

        Raises RateLimited, what saying raises, and Unsettled while an earlier try may not be shown yet.
        """
        thread = Thread.of(release)
        if await self._commenter.was_said(repository, thread, release.id, KEY):
            return
        try:
            text = await self._start(repository, release, category)
        except RateLimited:
            raise
        except GitHubError as refused:
            log.warning("%s: not announced: %s", repository.full_name, refused)
            text = words.refused(category, str(refused))
        await self._commenter.say(repository, thread, release.id, KEY, text)

    async def _start(self, repository: RepositoryRef, release: Release, category: str) -> str:
        """What to say of it."""
        mark = (release.id, words.ANNOUNCEMENT)
        board = await self._github.board(repository)
        url = next((url for url, body in board.ours if mark in markers(body)), None)
        if url is not None:
            return words.started(category, url)
        named = {name.lower(): node for name, node in board.categories.items()}
        if category.lower() not in named:
            return words.no_category(category, tuple(board.categories))
        effect = await self._store.intend(release.id, "discussion")
        if not effect.fresh:
            if self._clock.now() < effect.at + self._lag:
                raise Unsettled("the discussion may have been started just now", effect.at + self._lag)
            await self._store.intend_again(release.id, "discussion")
        title, body = words.announcement(release)
        text = f"{cut(body, COMMENT_LIMIT, MORE)}\n\n{marker(*mark)}"
        try:
            url = await self._github.start_discussion(repository, named[category.lower()], title, text)
        except Unavailable as lost:
            if not effect.fresh:
                raise
            raise Unsettled("the discussion may have been started", self._clock.now() + self._lag) from lost
        return words.started(category, url)
