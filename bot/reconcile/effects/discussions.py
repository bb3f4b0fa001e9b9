"""Announcing a verified release in a GitHub Discussion, once.

A discussion has no natural key, so it carries a mark, as comments do: the newest discussions of ours are looked through
before one is started.
"""

import logging
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.comments import announcement as words
from bot.comments.markdown import COMMENT_LIMIT, cut
from bot.github import GitHub
from bot.github.errors import GitHubError, RateLimited, Unavailable
from bot.ledger import Mark, Word
from bot.reconcile.effects.comments import Commenter, Thread
from bot.reconcile.effects.once import Once
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Release
from bot.store import Lease, Store

log = logging.getLogger(__name__)

SEE_RELEASE = "*The rest is in the GitHub Release.*"


class Discussions:
    """Starts them in the repository of a lease."""

    def __init__(
        self, github: GitHub, store: Store, commenter: Commenter, once: Once, clock: Clock, lag: float
    ) -> None:
        """`lag` is how long, in seconds, a discussion that was just started may not be listed yet."""
        self._github = github
        self._intents = store.intents
        self._commenter = commenter
        self._once = once
        self._clock = clock
        self._lag = timedelta(seconds=lag)

    async def announce(self, lease: Lease, release: Release, category: str) -> None:
        """Start the discussion and say where it is, or why there is none: that holds nothing up.

        Raises RateLimited, what saying raises, and Unsettled while an earlier try may not be shown yet.
        """
        thread, said = Thread.of(release), Mark(release.subject, Word.ANNOUNCED)
        if await self._commenter.was_said(lease, thread, said):
            return
        try:
            text = await self._start(lease, release, category)
        except RateLimited:
            raise
        except GitHubError as refused:
            log.warning("%s: not announced: %s", lease.repository.full_name, refused)
            text = words.refused(category, str(refused))
        await self._commenter.say(lease, thread, said, text)

    async def _start(self, lease: Lease, release: Release, category: str) -> str:
        """What to say of it."""
        mark, intent = Mark(release.subject, Word.ANNOUNCEMENT), Mark(release.subject, Word.DISCUSSION)
        board = await self._github.board(lease.repository)
        existing = next((url for url, body in board.ours if mark.ends(body)), None)
        if existing is not None:
            return words.started(category, existing)
        named = {name.lower(): node for name, node in board.categories.items()}
        if category.lower() not in named:
            return words.no_category(category, tuple(board.categories))
        is_first = await self._intents.find(intent) is None

        async def not_listed(_: datetime) -> str | None:
            return None

        async def start() -> str:
            title, body = words.announcement(release)
            text = f"{cut(body, COMMENT_LIMIT, SEE_RELEASE)}\n\n{mark.text}"
            return await self._github.start_discussion(lease, named[category.lower()], title, text)

        try:
            url = await self._once.make(intent, find=not_listed, make=start)
        except Unavailable as lost:
            if not is_first:
                raise
            raise Unsettled("the discussion may have been started", self._clock.now() + self._lag) from lost
        return words.started(category, url)
