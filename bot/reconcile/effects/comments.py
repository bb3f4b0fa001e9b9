"""Saying things once, where people can read them: intent, call, record; after a crash, look before repeating.

A comment has no natural key, so it carries a hidden marker; an intent without a result is resolved by looking for that
marker among the comments that our own App wrote, on every thread where it could stand.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.comments.markdown import COMMENT_LIMIT, cut, marker, markers
from bot.comments.milestones import elsewhere
from bot.comments.status import status_comment
from bot.github import GitHub
from bot.github.errors import Gone, Locked, Moved, NotFound
from bot.github.facts import RepositoryRef
from bot.reconcile.unsettled import Unsettled
from bot.release.answers import Answer
from bot.release.model import Detail, Release
from bot.store import Effect, Store

log = logging.getLogger(__name__)

MORE = "*The rest is too long for GitHub; see the pull request's files.*"
UNSAID = 0
"""Stands for the id of a comment that could be written nowhere."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Where to say something: on the issue, or where that cannot be written on, on the pull request."""

    issue: int
    pull_request: int | None = None

    @classmethod
    def of(cls, release: Release) -> "Thread":
        """The release's."""
        return cls(release.request.issue, release.pull_request)

    @property
    def numbers(self) -> tuple[int, ...]:
        """In the order in which they are tried."""
        both = (self.issue, self.pull_request)
        return tuple(dict.fromkeys(number for number in both if number is not None))


def shown(comment: int, digest: str = "") -> str:
    """What is recorded of a comment: its id, and for the status comment the digest of what it says."""
    return json.dumps({"comment": comment, "digest": digest})


def _read(result: str) -> tuple[int, str]:
    said = json.loads(result)
    return said["comment"], said["digest"]


class Commenter:
    """Writes comments; the caller holds the repository's lease."""

    def __init__(self, github: GitHub, store: Store, clock: Clock, lag: float) -> None:
        """`lag` is how long, in seconds, a comment that was just written may not be listed yet."""
        self._github = github
        self._store = store
        self._clock = clock
        self._lag = timedelta(seconds=lag)

    async def say(self, repository: RepositoryRef, thread: Thread, subject: str, key: str, body: str) -> int:
        """Post a comment once for this subject and key, whatever crashes in between; its id, or UNSAID.

        Raises Unsettled when an earlier try may have posted it and GitHub may not show it yet.
        """
        mark = marker(subject, key)
        text = f"{cut(body, COMMENT_LIMIT, MORE)}\n\n{mark}"
        return (await self._once(repository, thread, subject, key, text))[0]

    async def was_said(self, repository: RepositoryRef, thread: Thread, subject: str, key: str) -> bool:
        """Whether a comment stands that was said for this subject and key. Raises Unsettled, as `say` does."""
        effect = await self._store.effect(subject, key)
        if effect is None or effect.done:
            return effect is not None
        comment = await self._said_before(repository, thread, effect)
        if comment is not None:
            await self._store.record(subject, key, shown(comment))
        return comment is not None

    async def show_status(
        self,
        repository: RepositoryRef,
        release: Release,
        answer: Answer | None,
        details: tuple[Detail, ...] = (),
    ) -> None:
        """Post the status comment, or bring it up to date; nothing is sent when it says so already.

        A release that ends before there was anything to show gets none.
        """
        body = cut(status_comment(release, answer, details), COMMENT_LIMIT, MORE)
        text = f"{body}\n\n{marker(release.id, 'status')}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        known = await self._store.effect(release.id, "status")
        if known is None and release.phase.is_end and release.pull_request is None:
            return
        if known is None or known.result is None:
            comment, says = await self._once(repository, Thread.of(release), release.id, "status", text, digest)
        else:
            comment, says = _read(known.result)
        if says == digest:
            return
        if not await self._edit(repository, comment, text):
            # Another one takes its place, which must happen once as the first did.
            await self._store.intend_again(release.id, "status")
            comment = await self._post(repository, Thread.of(release), text)
        await self._store.record(release.id, "status", shown(comment, digest))

    async def _once(
        self, repository: RepositoryRef, thread: Thread, subject: str, key: str, text: str, digest: str = ""
    ) -> tuple[int, str]:
        """The comment, and the digest of what it says; none of one that an earlier try left, which may say less."""
        effect = await self._store.intend(subject, key)
        if effect.result is not None:
            return _read(effect.result)
        comment = None if effect.fresh else await self._said_before(repository, thread, effect)
        if comment is not None:
            digest = ""
        else:
            if not effect.fresh:
                await self._store.intend_again(subject, key)
            comment = await self._post(repository, thread, text)
        await self._store.record(subject, key, shown(comment, digest))
        return comment, digest

    async def _said_before(self, repository: RepositoryRef, thread: Thread, intent: Effect) -> int | None:
        """The comment that an earlier try left, if it left one."""
        since = intent.at - timedelta(minutes=5)
        comment = await self._find(repository, thread.numbers, (intent.subject, intent.key), since)
        if comment is None and self._clock.now() < intent.at + self._lag:
            raise Unsettled(f"{intent.key} may have been said just now", intent.at + self._lag)
        return comment

    async def _find(
        self, repository: RepositoryRef, numbers: Sequence[int], mark: tuple[str, str], since: datetime
    ) -> int | None:
        """The newest such comment: a status comment may have taken the place of one that can no longer be edited."""
        reader = self._github.reader(repository)
        found: list[int] = []
        for number in numbers:
            try:
                comments = await reader.comments(number, since)
            except (NotFound, Gone):
                continue
            found += [each.id for each in comments if each.by_us and mark in markers(each.body)]
        return max(found, default=None)

    async def _post(self, repository: RepositoryRef, thread: Thread, text: str) -> int:
        """Where it can be written; UNSAID, with a word in the log, where it can be written nowhere."""
        writer = self._github.writer(repository)
        for number in thread.numbers:
            said = text if number == thread.issue else f"{elsewhere(thread.issue)}\n\n{text}"
            try:
                return await writer.comment(number, said)
            except (Locked, NotFound, Gone, Moved) as closed:
                await self._check_name(repository, closed)
                log.warning("%s#%d cannot be written on: %s", repository.full_name, number, closed)
        log.error("%s: nowhere to say: %s", repository.full_name, text.partition("\n")[0])
        return UNSAID

    async def _edit(self, repository: RepositoryRef, comment: int, text: str) -> bool:
        """Whether there was such a comment that we may edit."""
        if comment == UNSAID:
            return False
        try:
            await self._github.writer(repository).edit_comment(comment, text)
        except (Locked, NotFound, Gone, Moved) as closed:
            await self._check_name(repository, closed)
            return False
        return True

    async def _check_name(self, repository: RepositoryRef, failure: Exception) -> None:
        """Tell an issue that was taken away from a repository that was renamed: raises the failure for the latter."""
        if not isinstance(failure, Moved | NotFound):
            return
        self._github.forget(repository)
        if await self._github.locate(repository) != repository:
            raise failure
