"""Saying things once, where people can read them.

A comment has no natural key, so it carries a mark, by which it is looked for among the comments that our own App
wrote, on every thread where it could stand.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.comments.markdown import COMMENT_LIMIT, cut
from bot.comments.milestones import elsewhere
from bot.comments.status import status_comment
from bot.github import GitHub
from bot.github.errors import Gone, Locked, Moved, NotFound
from bot.github.facts import RepositoryRef
from bot.ledger import Mark, Word
from bot.reconcile.effects.once import Once
from bot.release.answers import Answer, Detail
from bot.release.model import Release
from bot.store import Lease, Store

log = logging.getLogger(__name__)

SEE_FILES = "*The rest is too long for GitHub; see the pull request's files.*"
CLOCKS_DIFFER = timedelta(minutes=5)
"""GitHub's may be behind ours by so much."""
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
        return cls(release.request.issue, release.review.pull_request)

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
    """Writes comments in the repository of a lease."""

    def __init__(self, github: GitHub, store: Store, once: Once) -> None:
        self._github = github
        self._intents = store.intents
        self._once = once

    async def say(self, lease: Lease, thread: Thread, mark: Mark, body: str) -> int:
        """Post a comment once for this mark, whatever crashes in between; its id, or UNSAID.

        Raises Unsettled when an earlier try may have posted it and GitHub may not show it yet.
        """
        text = f"{cut(body, COMMENT_LIMIT, SEE_FILES)}\n\n{mark.text}"
        return (await self._post_once(lease, thread, mark, text))[0]

    async def was_said(self, lease: Lease, thread: Thread, mark: Mark) -> bool:
        """Whether a comment stands that was said for this mark. Raises Unsettled, as `say` does."""
        return await self._once.was_done(mark, partial(self._find, lease, thread, mark))

    async def show_status(
        self, lease: Lease, release: Release, answer: Answer | None, details: tuple[Detail, ...] = ()
    ) -> None:
        """Post the status comment, or bring it up to date; nothing is sent when it says so already.

        A release that ends before there was anything to show gets none.
        """
        mark, thread = Mark(release.subject, Word.STATUS), Thread.of(release)
        body = cut(status_comment(release, answer, details), COMMENT_LIMIT, SEE_FILES)
        text = f"{body}\n\n{mark.text}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        known = await self._intents.find(mark)
        if known is None and release.phase.is_end and release.review.pull_request is None:
            return
        if known is None or known.result is None:
            comment, says = await self._post_once(lease, thread, mark, text, digest)
        else:
            comment, says = _read(known.result)
        if says == digest:
            return
        result = shown(comment, digest)
        if not await self._edit(lease, comment, text):
            # Another one takes its place, which must happen once as the first did.
            result = await self._once.again(mark, partial(self._post, lease, thread, text, digest))
        await self._intents.record(mark, result)

    async def _post_once(
        self, lease: Lease, thread: Thread, mark: Mark, text: str, digest: str = ""
    ) -> tuple[int, str]:
        """The comment, and the digest of what it says; none of one that an earlier try left, which may say less."""
        find, make = partial(self._find, lease, thread, mark), partial(self._post, lease, thread, text, digest)
        return _read(await self._once.do(mark, find=find, make=make))

    async def _find(self, lease: Lease, thread: Thread, mark: Mark, intended: datetime) -> str | None:
        """The newest such comment: a status comment may have taken the place of one that can no longer be edited."""
        reader = self._github.reader(lease.repository)
        found: list[int] = []
        for number in thread.numbers:
            try:
                comments = await reader.comments(number, intended - CLOCKS_DIFFER)
            except (NotFound, Gone):
                continue
            found += [each.id for each in comments if each.by_us and mark.ends(each.body)]
        return shown(max(found)) if found else None

    async def _post(self, lease: Lease, thread: Thread, text: str, digest: str) -> str:
        """Where it can be written; UNSAID, with a word in the log, where it can be written nowhere."""
        repository, writer = lease.repository, self._github.writer(lease)
        for number in thread.numbers:
            said = text if number == thread.issue else f"{elsewhere(thread.issue)}\n\n{text}"
            try:
                return shown(await writer.comment(number, said), digest)
            except (Locked, NotFound, Gone, Moved) as closed:
                await self._check_name(repository, closed)
                log.warning("%s#%d cannot be written on: %s", repository.full_name, number, closed)
        log.error("%s: nowhere to say: %s", repository.full_name, text.partition("\n")[0])
        return shown(UNSAID, digest)

    async def _edit(self, lease: Lease, comment: int, text: str) -> bool:
        """Whether there was such a comment that we may edit."""
        if comment == UNSAID:
            return False
        try:
            await self._github.writer(lease).edit_comment(comment, text)
        except (Locked, NotFound, Gone, Moved) as closed:
            await self._check_name(lease.repository, closed)
            return False
        return True

    async def _check_name(self, repository: RepositoryRef, failure: Exception) -> None:
        """Tell an issue that was taken away from a repository that was renamed: raises the failure for the latter."""
        if not isinstance(failure, Moved | NotFound):
            return
        self._github.forget(repository)
        if await self._github.locate(repository) != repository:
            raise failure
