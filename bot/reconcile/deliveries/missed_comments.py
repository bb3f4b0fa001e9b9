"""Commands whose webhook came never: recent comments are read, and taken as their delivery would have been.

A comment that we have finally answered is never taken again, though the store may have forgotten it: our reaction is
on it, or our answer stands below it. One that was edited is not taken: nobody knows what it said at first.
"""

import logging
from datetime import UTC, datetime, timedelta

import msgspec

from bot import ledger
from bot.clock import Clock
from bot.events import CommentCreated, is_command
from bot.github import GitHub, Listener
from bot.github.errors import GitHubError, RateLimited, Unavailable
from bot.github.facts import RecentComment, RepositoryRef
from bot.payloads import Account, CommentDelivery, CommentRecord, Id, IssueRecord, RepositoryRecord
from bot.reconcile.deliveries.command_record import CommandRecords
from bot.reconcile.deliveries.quiet import QuietRepositories, Turn
from bot.store import Delivery, Scan, Store

log = logging.getLogger(__name__)

COMMENTS_SINCE = timedelta(days=3)
"""As webhooks are redelivered: whoever waited longer for an answer has given up, or asked again.

https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
"""
COMMENTS_OVERLAP = timedelta(minutes=10)
"""Read once more at each look: comments may be listed late, and clocks differ.

How late a comment may show: docs/live-check.md#replication-lag.
"""
APART = timedelta(seconds=0.2)
"""Between the first looks at many repositories."""


class MissedComments:
    """Reads the comments of repositories; any number of processes may do so at once, for each is kept once."""

    def __init__(
        self, github: GitHub, store: Store, clock: Clock, *, leave: float = 60.0, pause: float = 240.0
    ) -> None:
        """Comments younger than `leave` seconds are left to their webhook; where nothing is open, repositories are
        read no more often than every `pause` seconds.
        """
        self._github = github
        self._records = CommandRecords(github, store)
        self._store = store
        self._clock = clock
        self._leave = timedelta(seconds=leave)
        self._quiet = QuietRepositories(github, store, clock, pause=pause)

    async def look(self) -> int:
        """Read where something is open, and a few of the others; in the life of a store once everywhere. How many were
        taken.

        A repository that cannot be read does not keep others from it. Raises the adapter's errors when not even a
        list of repositories can be had.
        """
        taken, is_open = 0, await self._store.repositories_with_something_open()
        for repository in is_open:
            taken += await self._try(repository) or 0
        if not await self._is_read(Scan.INSTALLATIONS):
            taken += await self._everywhere()
        for turn in await self._quiet.turn(busy={each.id for each in is_open}):
            taken += await self._listen(turn)
        return taken

    async def _listen(self, turn: Turn) -> int:
        """Read what is quiet, until GitHub has enough of it: then it is read in a later turn."""
        installation, taken = turn.installation, 0
        try:
            listener = await self._github.listener(installation.id, [each.id for each in turn.repositories])
        except (RateLimited, Unavailable) as failure:
            log.warning("installation %d: its comments cannot be read: %s", installation.id, failure)
            return 0
        except GitHubError as failure:  # removed, suspended, or not with all of them any more
            log.info("installation %d is another now: %s", installation.id, failure)
            self._quiet.forget(installation.id)
            return 0
        for repository in turn.repositories:
            found = await self._try(repository, installation.created_at, listener)
            if found is None:
                break
            taken += found
        return taken

    async def _everywhere(self) -> int:
        """With an empty store nothing is known to be open: look at every repository, and have each be looked at."""
        taken, whole, number = 0, True, 0
        for installation in await self._github.app.installations():
            if installation.suspended:  # until it is no more
                whole = False
                continue
            if await self._is_read(Scan.INSTALLATION, installation.id):
                continue
            repositories = await self._repositories(installation.id)
            read = repositories is not None
            for repository in repositories or ():
                if await self._looked(repository) is None:
                    await self._store.wake(repository, self._clock.now() + APART * number)
                    number += 1
                    found = await self._try(repository, not_before=installation.created_at)
                    read = read and found is not None
                    taken += found or 0
            if read:
                await self._store.bookmarks.move(Scan.INSTALLATION, installation.id)
            whole = whole and read
        if whole:
            await self._store.bookmarks.move(Scan.INSTALLATIONS)
        return taken

    async def _repositories(self, installation: int) -> tuple[RepositoryRef, ...] | None:
        """None when they must be asked for again: what one installation refuses holds up no other."""
        try:
            return await self._github.app.repositories(installation)
        except GitHubError as failure:  # a limit; or it was removed or suspended just now, as the next list will tell
            log.warning("installation %d: its repositories cannot be listed: %s", installation, failure)
            return None

    async def _try(
        self, repository: RepositoryRef, not_before: datetime | None = None, listener: Listener | None = None
    ) -> int | None:
        """How many were taken; None when it must be tried again."""
        try:
            return await self.read(repository, not_before, listener)
        except GitHubError as failure:
            log.warning("%s: its comments cannot be read: %s", repository.full_name, failure)
            return None if isinstance(failure, RateLimited | Unavailable) else 0

    async def _looked(self, repository: RepositoryRef) -> datetime | None:
        bookmark = await self._store.bookmarks.find(Scan.COMMENTS, repository.id)
        return bookmark.at if bookmark else None

    async def _is_read(self, scan: Scan, number: int = 0) -> bool:
        bookmark = await self._store.bookmarks.find(scan, number)
        return bookmark is not None and bookmark.at is not None

    async def read(
        self, repository: RepositoryRef, not_before: datetime | None = None, listener: Listener | None = None
    ) -> int:
        """Read one repository, nothing older than `not_before`; how many were taken. Raises the adapter's errors."""
        now, last = self._clock.now(), await self._looked(repository)
        since = now - COMMENTS_SINCE if last is None else max(last - COMMENTS_OVERLAP, now - COMMENTS_SINCE)
        if not_before is not None:  # what was written before the App was there was not written to it
            since = max(since, not_before)
        comments = await (listener or self._github).recent_comments(repository, since)
        said = [mark for each in comments if each.by_us and (mark := ledger.mark(each.body)) is not None]
        old = [each for each in comments if since <= each.created_at <= now - self._leave]  # others were edited since
        events = {each.id: _event(repository, each) for each in old}
        asked = [each for each in old if is_command(events[each.id])]
        kept = await self._store.known_guids(_guid(each) for each in asked)
        unknown = {each.id: each.node_id for each in asked if _guid(each) not in kept}
        became = await self._records.of(repository, unknown, said) if unknown else {}
        missing = [each for each in asked if each.id in became and not became[each.id].is_final]
        for each in missing:
            body = _body(events[each.id])
            log.warning("%s: comment %d came without a webhook", repository.full_name, each.id)
            await self._store.keep(Delivery(_guid(each), "issue_comment", repository, body, now))
        await self._store.bookmarks.move(Scan.COMMENTS, repository.id, to=now - self._leave)
        return len(missing)


def _guid(comment: RecentComment) -> str:
    """Stands for the GUID of the delivery that did not come."""
    return f"comment-{comment.id}"


def _event(repository: RepositoryRef, comment: RecentComment) -> CommentCreated:
    """What the delivery would have told; who writes a comment sends it."""
    return CommentCreated(
        repository=repository,
        issue=comment.issue,
        comment_id=comment.id,
        comment_node_id=comment.node_id,
        body=comment.body,
        author=comment.author,
        author_id=comment.author_id,
        author_type=comment.author_type,
        sender=comment.author,
        sender_id=comment.author_id or 0,
        sender_type=comment.author_type,
        via_app_id=comment.via_app_id,
        created_at=comment.created_at,
    )


def _body(event: CommentCreated) -> bytes:
    """The delivery's body, as the door would have kept it."""
    where = event.repository
    payload = CommentDelivery(
        action="created",
        repository=RepositoryRecord(where.id, where.node_id, where.full_name),
        installation=Id(where.installation_id),
        issue=IssueRecord(number=event.issue),
        comment=CommentRecord(
            id=event.comment_id,
            node_id=event.comment_node_id,
            body=event.body,
            created_at=event.created_at.astimezone(UTC),
            user=Account(event.sender_id, event.author, event.author_type),
            performed_via_github_app=None,
        ),
        sender=Account(event.sender_id, event.sender, event.sender_type),
    )
    return msgspec.json.encode(payload)
