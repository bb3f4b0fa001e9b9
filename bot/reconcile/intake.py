"""From a kept delivery to what it asks for: commands are answered here, everything else is only a reason to look."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.clock import Clock
from bot.commands import Command, CommandError, Verb, parse
from bot.comments import answers
from bot.comments.markdown import answered_comments, markers
from bot.comments.status import status_comment
from bot.events import (
    ChecksChanged,
    CommentCreated,
    Event,
    InstallationChanged,
    MalformedEvent,
    PullRequestChanged,
    RefsChanged,
    RepositoryChanged,
    parse_event,
)
from bot.github import GitHub
from bot.github.errors import Forbidden, GitHubError, Gone, Moved, NoAccess, NotFound, RateLimited, Unavailable
from bot.github.facts import Permission, RepositoryRef
from bot.reconcile.act import Actor
from bot.reconcile.speak import Thread, shown
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Phase, Release, Request, StatusQuestion
from bot.store import Delivery, Lease, LeaseLost, Store

log = logging.getLogger(__name__)

MOST_TRIES = 4
"""Looks in a row that may fail before a delivery that cannot be handled is set aside: others wait behind it."""
PUT_OFF = timedelta(days=3)
"""How long a command waits for a permission that the App lost; as long as GitHub would redeliver it."""
TAKEN = "taken-"
"""Begins the keys of the effects that say that a comment's commands were taken; its position follows."""
FINAL = frozenset({"+1", "confused", "rocket"})
"""Reactions of ours that say that a command was answered; eyes only say that it was seen."""
MOST_ENDED = 50
"""Among so many of a repository's releases an ended one is looked for."""
LATE = timedelta(seconds=10)
"""Webhooks come sooner. One that comes later may come again, to a store that has forgotten what became of it."""
LEAST_TO_RELEASE = Permission.WRITE
"""Whatever a configuration says, below this role nobody releases (`write` is the lowest it can say)."""


class Intake:
    """Takes a repository's deliveries in their order; the caller holds the lease."""

    def __init__(self, github: GitHub, store: Store, actor: Actor, clock: Clock) -> None:
        self._github = github
        self._store = store
        self._actor = actor
        self._clock = clock

    async def take(self, lease: Lease, deliveries: Sequence[Delivery]) -> bool:
        """Handle each delivery and mark it handled; a crash in between repeats one whose effects are all keyed.

        Answers whether all were; what the App may not do now is put off, and holds up nothing behind it.
        """
        all_taken = True
        for delivery in deliveries:
            try:
                await self._handle(lease, _event(delivery))
            except (LeaseLost, RateLimited, Unavailable, Unsettled, NoAccess):
                raise
            except Exception as failure:  # a thread that is gone, a permission that is, or a fault of ours
                if lease.attempts + 1 < MOST_TRIES:
                    raise
                if isinstance(failure, Forbidden) and self._clock.now() - delivery.received_at < PUT_OFF:
                    log.warning("delivery %s is put off: %s", delivery.guid, failure)
                    all_taken = False
                    continue
                log.error("delivery %s is set aside: %r", delivery.guid, failure, exc_info=failure)
                await self._set_aside(lease.repository, _event(delivery))
            await self._store.handled([delivery.guid])
        return all_taken

    async def _handle(self, lease: Lease, event: Event | None) -> None:
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
        subject, commands = f"c{event.comment_id}", parse(event.body)
        if commands and await self._store.effect(subject, f"{TAKEN}0") is None:
            if await self._was_answered(lease.repository, event):
                await self._record_taken(event, "before")
                return
            await self._store.intend(subject, f"{TAKEN}0")
        for position, parsed in enumerate(commands):
            taken = await self._store.effect(subject, f"{TAKEN}{position}")
            if taken is not None and taken.done:
                continue
            await self._actor.react(lease.repository, event.comment_id, "eyes")
            if isinstance(parsed, CommandError):
                await self._decline(lease.repository, event, position, answers.mistake(parsed))
            else:
                await self._command(lease, event, position, parsed)
            await self._store.record(subject, f"{TAKEN}{position}", "taken")

    async def _set_aside(self, repository: RepositoryRef, event: Event | None) -> None:
        """Whoever finds the comment later shall not begin anew what failed halfway; who wrote it sees that it did."""
        if not (isinstance(event, CommentCreated) and event.from_a_person):
            return
        await self._record_taken(event, "set aside")
        try:
            await self._actor.react(repository, event.comment_id, "confused")
        except GitHubError as failure:
            log.warning("comment %d: not even a reaction can be left: %s", event.comment_id, failure)

    async def _record_taken(self, event: CommentCreated, how: str) -> None:
        for position, _ in enumerate(parse(event.body)):
            await self._store.record(f"c{event.comment_id}", f"{TAKEN}{position}", how)

    async def _was_answered(self, repository: RepositoryRef, event: CommentCreated) -> bool:
        """Whether a comment that comes late, and that the store has never seen, was answered before the store was
        lost: our reaction is on it, or our answer below it.
        """
        if self._clock.now() - event.created_at < LATE:
            return False
        if event.comment_node_id:
            found = await self._github.standings(repository, [event.comment_node_id])
            if event.comment_id in found and found[event.comment_id].reactions & FINAL:
                return True
        try:
            comments = await self._github.reader(repository).comments(event.issue, event.created_at)
        except (NotFound, Gone, Moved):
            return False
        ours = [each for each in comments if each.by_us]
        for each in ours:  # a status card, which is to be edited and not posted once more
            for subject, key in markers(each.body):
                if subject.partition("-")[0] == f"r{event.comment_id}":
                    await self._store.record(subject, key, shown(each.id))
        return any(event.comment_id in answered_comments(each.body) for each in ours)

    async def _command(self, lease: Lease, event: CommentCreated, position: int, command: Command) -> None:
        repository = lease.repository
        role = await self._github.reader(repository).permission(event.author)
        needed = LEAST_TO_RELEASE if command.spec.name is Verb.RELEASE else command.spec.permission
        if not role.allows(needed):
            shown = max(needed, command.spec.permission, key=list(Permission).index)
            text = answers.not_allowed(command, event.author, role, shown)
            await self._decline(repository, event, position, text)
            return
        current = await self._asked_about(repository, event)
        match command.spec.name:
            case Verb.HELP:
                await self._answer(repository, event, position, answers.helped())
            case Verb.RELEASE:
                await self._start(lease, event, position, command, role, current)
            case Verb.STATUS if current is None and (ended := await self._ended(repository, event)):
                await self._answer(repository, event, position, status_comment(ended, None))
            case _ if current is None:
                await self._decline(repository, event, position, answers.nothing_open(command))
            case Verb.CANCEL:
                await self._cancel(lease, event, position, command, current)
            case Verb.RETRY:
                await self._retry(lease, event, position, command, current)
            case Verb.STATUS:
                await self._actor.react(repository, event.comment_id, "+1")
                asked = StatusQuestion(event.comment_id, event.issue)
                questions = tuple(dict.fromkeys((*current.status_questions, asked)))
                await self._store.save(lease, replace(current, status_questions=questions, look_at=None))

    async def _start(
        self,
        lease: Lease,
        event: CommentCreated,
        position: int,
        command: Command,
        role: Permission,
        current: Release | None,
    ) -> None:
        release_id = f"r{event.comment_id}" + (f"-{position}" if position else "")
        if await self._store.release(release_id) is not None:
            return
        if current is not None:
            title = current.title or current.request.text
            say = answers.already_tagged if current.gives_way else answers.already_open
            text = say(command, current.request.issue, title)
            await self._decline(lease.repository, event, position, text)
            return
        now = self._clock.now()
        request = Request(
            repository=lease.repository.id,
            issue=event.issue,
            comment=event.comment_id,
            by=event.author,
            role=role,
            at=event.created_at,
            text=command.text,
        )
        wanted = tuple((item.package, item.version) for item in command.wanted)
        await self._store.save(lease, Release(release_id, request, wanted, timeline=((Phase.REQUESTED, now),)))

    async def _cancel(
        self, lease: Lease, event: CommentCreated, position: int, command: Command, current: Release
    ) -> None:
        if current.is_tagged:
            await self._decline(lease.repository, event, position, answers.too_late_to_cancel(command))
            return
        await self._actor.react(lease.repository, event.comment_id, "+1")
        await self._store.save(lease, replace(current, cancel_asked_by=event.author, look_at=None))

    async def _retry(
        self, lease: Lease, event: CommentCreated, position: int, command: Command, current: Release
    ) -> None:
        if current.blocked is None:
            await self._decline(lease.repository, event, position, answers.nothing_to_retry(command))
            return
        await self._actor.react(lease.repository, event.comment_id, "+1")
        await self._store.save(lease, replace(current, retry_asked_by=event.author, look_at=None))

    async def _asked_about(self, repository: RepositoryRef, event: CommentCreated) -> Release | None:
        """The open release of the thread: of the issue, or, since that may be locked or gone, of its pull request."""
        standing = await self._store.open_releases(repository.id)
        return next((r for r in standing if _is_on_thread(r, event)), None)

    async def _ended(self, repository: RepositoryRef, event: CommentCreated) -> Release | None:
        """The newest release of the thread, among the repository's newest."""
        newest = await self._store.releases(repository.id, limit=MOST_ENDED)
        return next((r for r in newest if _is_on_thread(r, event)), None)

    async def _say(self, repository: RepositoryRef, event: CommentCreated, position: int, text: str) -> None:
        """On the issue, or, where that is locked, on the pull request of the release that was asked about on it."""
        here = await self._asked_about(repository, event) or await self._ended(repository, event)
        thread = Thread(event.issue, here.pull_request if here else None)
        await self._actor.say(repository, thread, f"c{event.comment_id}", f"answer-{position}", text)

    async def _answer(self, repository: RepositoryRef, event: CommentCreated, position: int, text: str) -> None:
        await self._say(repository, event, position, text)
        await self._actor.react(repository, event.comment_id, "+1")

    async def _decline(self, repository: RepositoryRef, event: CommentCreated, position: int, text: str) -> None:
        await self._say(repository, event, position, text)
        await self._actor.react(repository, event.comment_id, "confused")


def _is_on_thread(release: Release, event: CommentCreated) -> bool:
    return event.issue in (release.request.issue, release.pull_request)


def concerns(event: Event, release: Release) -> bool:
    """Whether an event can change what a look at this release would tell. A sweep looks in any case, later."""
    match event:
        case PullRequestChanged(number=number):
            return number == release.pull_request
        case ChecksChanged(commit=commit):
            return commit == (release.base_commit if release.phase is Phase.REQUESTED else release.merge_commit)
        case RefsChanged(ref=ref):
            if ref == f"refs/heads/{release.base}":
                return release.phase is Phase.PROPOSED
            # Our own tags make this event too; afterwards only a blocked release waits for somebody else's.
            waits = release.blocked is not None or release.phase is Phase.PROPOSED
            return waits and ref in {f"refs/tags/{package.tag}" for package in release.packages}
        case RepositoryChanged() | InstallationChanged():
            return True
        case _:
            return False


def _event(delivery: Delivery) -> Event | None:
    """What a delivery says; one that cannot be read is logged, and only makes its repository be looked at."""
    try:
        return parse_event(delivery.event, delivery.body)
    except MalformedEvent as mistake:
        log.warning("delivery %s (%s) cannot be read: %s", delivery.guid, delivery.event, mistake)
        return None
