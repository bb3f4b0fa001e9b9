"""From a kept delivery to what it asks for: commands are answered here, everything else is only a reason to look."""

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeAlias

from bot import ledger
from bot.clock import Clock
from bot.commands import Command, CommandError, Verb, parse
from bot.comments import answers
from bot.comments import rollback as rollback_answers
from bot.comments.status import status_comment
from bot.events import (
    CommentCreated,
    Event,
    InstallationChanged,
    RepositoryChanged,
)
from bot.github import GitHub
from bot.github.errors import GitHubError, Gone, Moved, NotFound
from bot.github.facts import Permission, RepositoryRef
from bot.ledger import Answered, CommentId, Key, Mark, Promised, ReleaseId, Taken, Word
from bot.reconcile.deliveries.command_record import CommandRecords
from bot.reconcile.deliveries.relevance import concerns
from bot.reconcile.effects.comments import Thread, shown
from bot.reconcile.effects.perform import Performer
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Phase, Release
from bot.release.records import Request, StatusQuestion
from bot.release.rollback.ladder import begin, named, was_asked
from bot.release.rollback.model import Rollback
from bot.release.rollback.selection import Declined, Why, which
from bot.store import Lease, Store

log = logging.getLogger(__name__)

MOST_ENDED = 50
"""Among so many of a repository's releases an ended one is looked for."""
COMES_LATE = timedelta(seconds=10)
"""Webhooks come sooner. One that comes later may come again, to a store that has forgotten what became of it.

How late a webhook comes at most: docs/live-check.md#webhook-delay.
"""
MOST_LOOKED_THROUGH = 200
"""Of a repository that a rollback is looked for among."""
LEAST_TO_RELEASE = Permission.WRITE
"""Whatever a configuration says, below this role nobody releases (`write` is the lowest it can say)."""


Recall: TypeAlias = Callable[[Lease, Collection[str]], Awaitable[None]]


class Intake:
    """Takes what one event asks for, in the repository of a lease."""

    def __init__(self, github: GitHub, store: Store, actor: Performer, clock: Clock, *, recall: Recall) -> None:
        """`recall` takes up what the store has forgotten of releases of some versions."""
        self._github = github
        self._records = CommandRecords(github, store)
        self._intents = store.intents
        self._recall = recall
        self._store = store
        self._performer = actor
        self._clock = clock

    async def handle(self, lease: Lease, event: Event | None) -> None:
        """Do what it asks for; what was done of it before, a crash or a failure in between, is not done again."""
        if isinstance(event, CommentCreated) and event.from_a_person:
            await self._comment(lease, event)
        elif event is not None:
            await self._look_again(lease, event)

    async def _look_again(self, lease: Lease, event: Event) -> None:
        """Kept in the store before the delivery counts as handled: a crash in between loses no reason to look."""
        if isinstance(event, RepositoryChanged | InstallationChanged):
            self._github.forget(lease.repository)  # what it is called, and what the App may do there
        for release in await self._store.open_releases(lease.repository.id):
            if concerns(event, release):
                await self._store.save(lease, replace(release, look_at=None))

    async def _comment(self, lease: Lease, event: CommentCreated) -> None:
        """Take each command once, however often and by whatever way the comment comes.

        A command that was begun and not recorded as taken is taken again. What it wants of a release is kept last, so
        that it is not half done when GitHub refuses the rest, and the release is carried on meanwhile.
        """
        commands = parse(event.body)
        if commands and await self._intents.find(_taken(event, 0)) is None:
            if await self._was_answered(lease.repository, event):
                await self._record_taken(event, "before")
                return
            await self._intents.intend(_taken(event, 0))
        for position, parsed in enumerate(commands):
            taken = await self._intents.find(_taken(event, position))
            if taken is not None and taken.done:
                continue
            await self._performer.react(lease, event.comment_id, "eyes")
            if isinstance(parsed, CommandError):
                await self._decline(lease, event, position, answers.mistake(parsed))
            else:
                await self._command(lease, event, position, parsed)
            await self._intents.record(_taken(event, position), "taken")

    async def dead_letter(self, lease: Lease, event: Event | None, failure: Exception) -> None:
        """Whoever finds the comment later shall not begin anew what failed halfway; who wrote it is told so."""
        if not (isinstance(event, CommentCreated) and event.from_a_person):
            return
        await self._record_taken(event, "set aside")
        reason = str(failure) if isinstance(failure, GitHubError) else ""
        for tell in (
            partial(self._performer.react, lease, event.comment_id, "confused"),
            partial(self._say, lease, event, Word.DEAD_LETTERED, answers.dead_lettered(reason)),
        ):
            try:
                await tell()
            except (GitHubError, Unsettled) as second:
                log.warning("comment %d: %s", event.comment_id, second)

    async def thread(self, repository: RepositoryRef, event: CommentCreated) -> frozenset[int]:
        """The numbers under which the comment's thread goes on: of the issue, and of its release's pull request."""
        here = [r for r in await self._store.open_releases(repository.id) if _is_on_thread(r, event)]
        numbers = (number for r in here for number in (r.request.issue, r.review.pull_request) if number is not None)
        return frozenset((event.issue, *numbers))

    async def stops_something(self, repository: RepositoryRef, event: CommentCreated) -> bool:
        """Whether it cancels a release that is open on its thread."""
        asked = [each.spec.name for each in parse(event.body) if isinstance(each, Command)]
        return asked == [Verb.CANCEL] and await self._asked_about(repository, event) is not None

    async def _record_taken(self, event: CommentCreated, how: str) -> None:
        for position, _ in enumerate(parse(event.body)):
            await self._intents.record(_taken(event, position), how)

    async def _was_answered(self, repository: RepositoryRef, event: CommentCreated) -> bool:
        """Whether a comment that comes late, and that the store has never seen, was answered before the store was
        lost.
        """
        if self._clock.now() - event.created_at < COMES_LATE:
            return False
        try:
            comments = await self._github.reader(repository).comments(event.issue, event.created_at)
        except (NotFound, Gone, Moved):
            comments = ()
        said = {mark: each for each in comments if each.by_us and (mark := ledger.mark(each.body)) is not None}
        for mark, each in said.items():  # a status card, which is to be edited and not posted once more
            if isinstance(mark.subject, ReleaseId) and mark.subject.comment == event.comment_id:
                await self._intents.record(mark, shown(each.id))
        became = await self._records.of(repository, {event.comment_id: event.comment_node_id}, said)
        return event.comment_id in became and became[event.comment_id].is_final

    async def _command(self, lease: Lease, event: CommentCreated, position: int, command: Command) -> None:
        repository = lease.repository
        role = await self._github.reader(repository).permission(event.author)
        configured = command.spec.name in (Verb.RELEASE, Verb.ROLLBACK)
        needed = LEAST_TO_RELEASE if configured else command.spec.permission
        if not role.allows(needed):
            shown = max(needed, command.spec.permission, key=list(Permission).index)
            text = answers.not_allowed(command, event.author, role, shown)
            await self._decline(lease, event, position, text)
            return
        current = await self._asked_about(repository, event)
        match command.spec.name:
            case Verb.HELP:
                await self._answer(lease, event, position, answers.helped())
            case Verb.RELEASE:
                await self._start(lease, event, position, command, role, current)
            case Verb.STATUS if current is None and (ended := await self._ended(repository, event)):
                await self._answer(lease, event, position, status_comment(ended, None))
            case Verb.ROLLBACK:
                await self._rollback(lease, event, position, command, role)
            case _ if current is None:
                await self._decline(lease, event, position, answers.nothing_open(command))
            case Verb.CANCEL:
                await self._cancel(lease, event, position, command, current)
            case Verb.RETRY:
                await self._retry(lease, event, position, command, current)
            case Verb.STATUS:
                await self._performer.react(lease, event.comment_id, "+1")
                asked = StatusQuestion(event.comment_id, event.issue)
                questions = tuple(dict.fromkeys((*current.asked.status_questions, asked)))
                await self._store.save(
                    lease, replace(current, asked=replace(current.asked, status_questions=questions), look_at=None)
                )

    async def _start(
        self,
        lease: Lease,
        event: CommentCreated,
        position: int,
        command: Command,
        role: Permission,
        current: Release | None,
    ) -> None:
        release_id = ReleaseId.of(event.comment_id, position).text
        if await self._store.release(release_id) is not None:
            return
        if current is not None and not _is_only_watched(current):
            title = current.plan.title or current.request.text
            say = answers.already_tagged if current.gives_way else answers.already_open
            text = say(command, current.request.issue, title)
            await self._decline(lease, event, position, text)
            return
        request = Request(
            repository=lease.repository.id,
            issue=event.issue,
            comment=event.comment_id,
            by=event.author,
            role=role,
            at=event.created_at,
            text=command.text,
            wanted=tuple((item.package, item.version) for item in command.wanted),
            branch=command.branch,
        )
        await self._store.save(lease, Release(release_id, request, timeline=((Phase.REQUESTED, self._clock.now()),)))

    async def _cancel(
        self, lease: Lease, event: CommentCreated, position: int, command: Command, current: Release
    ) -> None:
        if current.publishing.is_tagged:
            await self._decline(lease, event, position, answers.too_late_to_cancel(command))
            return
        await self._performer.react(lease, event.comment_id, "+1")
        asked = replace(current.asked, cancel_by=event.author)
        await self._store.save(lease, replace(current, asked=asked, look_at=None))

    async def _retry(
        self, lease: Lease, event: CommentCreated, position: int, command: Command, current: Release
    ) -> None:
        if current.blocked is None:
            await self._decline(lease, event, position, answers.nothing_to_retry(command))
            return
        if not await self._performer.react(lease, event.comment_id, "+1"):
            await self._say(lease, event, Promised(position), answers.retrying(command))
        asked = replace(current.asked, retry_by=event.author)
        await self._store.save(lease, replace(current, asked=asked, look_at=None))

    async def _rollback(
        self, lease: Lease, event: CommentCreated, position: int, command: Command, role: Permission
    ) -> None:
        """Accepted rollbacks are answered by their first look, which says what there is to undo before it does."""
        found = await self._meant(lease, event, command)
        if isinstance(found, Declined) and found.why in (Why.UNKNOWN, Why.OTHER) and command.wanted:
            await self._recall(lease, [item.version for item in command.wanted])
            found = await self._meant(lease, event, command)
        if isinstance(found, Release):
            needed = Permission(found.plan.policy.permission)
            if not role.allows(needed):
                text = answers.not_allowed(command, event.author, role, needed)
                await self._decline(lease, event, position, text)
                return
            asked = Rollback(event.author, event.comment_id, self._clock.now(), named(found, command.wanted))
            if not was_asked(found, asked):
                await self._store.save(lease, begin(found, asked))
            return
        await self._decline(lease, event, position, rollback_answers.declined(command, found))

    async def _meant(self, lease: Lease, event: CommentCreated, command: Command) -> Release | Declined:
        known = await self._store.releases(lease.repository.id, MOST_LOOKED_THROUGH)
        here = [release for release in known if event.issue in (release.request.issue, release.review.pull_request)]
        return which(command.wanted, here, known)

    async def _asked_about(self, repository: RepositoryRef, event: CommentCreated) -> Release | None:
        """The open release of the thread: of the issue, or, since that may be locked or gone, of its pull request."""
        open_releases = sorted(await self._store.open_releases(repository.id), key=_is_only_watched)
        return next((r for r in open_releases if _is_on_thread(r, event)), None)

    async def _ended(self, repository: RepositoryRef, event: CommentCreated) -> Release | None:
        """The newest release of the thread, among the repository's newest."""
        newest = await self._store.releases(repository.id, limit=MOST_ENDED)
        return next((r for r in newest if _is_on_thread(r, event)), None)

    async def _say(self, lease: Lease, event: CommentCreated, key: Key, text: str) -> None:
        """On the issue, or, where that is locked, on the pull request of the release that was asked about on it."""
        here = await self._asked_about(lease.repository, event) or await self._ended(lease.repository, event)
        thread = Thread(event.issue, here.review.pull_request if here else None)
        await self._performer.say(lease, thread, Mark(CommentId(event.comment_id), key), text)

    async def _answer(self, lease: Lease, event: CommentCreated, position: int, text: str) -> None:
        await self._say(lease, event, Answered(position), text)
        await self._performer.react(lease, event.comment_id, "+1")

    async def _decline(self, lease: Lease, event: CommentCreated, position: int, text: str) -> None:
        await self._say(lease, event, Answered(position), text)
        await self._performer.react(lease, event.comment_id, "confused")


def _taken(event: CommentCreated, position: int) -> Mark:
    return Mark(CommentId(event.comment_id), Taken(position))


def _is_on_thread(release: Release, event: CommentCreated) -> bool:
    return event.issue in (release.request.issue, release.review.pull_request)


def _is_only_watched(release: Release) -> bool:
    """Whether nothing is awaited but a person who yanks it: a fixed version may be released meanwhile."""
    return release.phase is Phase.ROLLING_BACK and release.gives_way
