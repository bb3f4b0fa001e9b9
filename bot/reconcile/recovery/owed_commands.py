"""What our own App promised to do with a release, by its 👍 on a command or in words, before the store was lost.

A promise is kept once: one that was carried out shows in what was said since, or in what the world looks like now. A
retry that changed nothing shows nowhere, so one of long ago is not kept: the release may move to commits of since then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot import ledger
from bot.commands import Command, Verb, parse
from bot.github import GitHub, Reader
from bot.github.facts import Comment, CommentState, RepositoryRef
from bot.ledger import Key, Overtaken, ReleaseId, Undone, Word
from bot.reconcile.deliveries.command_record import Became, what_became
from bot.reconcile.deliveries.missed_comments import COMMENTS_SINCE
from bot.reconcile.recovery.said import Said
from bot.release.model import Release
from bot.release.records import RetryOwed

_ENDS = (Word.REFUSED, Word.RELEASED, Word.CANCELLED)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A person's command on the release's threads."""

    comment: Comment
    command: Command
    position: int
    """Which of the comment's commands it is."""


async def with_promises(
    release: Release,
    comments: Iterable[Comment],
    said: Said,
    *,
    github: GitHub,
    repository: RepositoryRef,
    now: datetime,
) -> Release:
    """The release with the cancel and the retry that it still owes to people who may ask for them now.

    `comments` are those of its threads, `said` those of our own App by their marks. Raises the adapter's errors.
    """
    blocks = {
        mark.key.text: comment.id
        for mark, comment in said.items()
        if mark.subject == release.subject and isinstance(mark.key, ledger.BLOCKS)
    }
    cancels = [
        comment.id for mark, comment in said.items() if mark.key is Word.CANCELLED or isinstance(mark.key, Overtaken)
    ]
    asked = sorted(_asked_since(release, comments, said), key=lambda each: each.comment.id)
    recent = [each for each in asked if each.comment.created_at >= now - COMMENTS_SINCE]
    retry = await _newest(Verb.RETRY, recent, max(blocks.values(), default=None), said, github, repository)
    cancel = await _newest(Verb.CANCEL, asked, max(cancels, default=0), said, github, repository)
    return replace(
        release,
        asked=replace(
            release.asked, cancel_by=cancel, retry_owed=RetryOwed(retry, tuple(sorted(blocks))) if retry else None
        ),
    )


def _asked_since(release: Release, comments: Iterable[Comment], said: Said) -> Iterator[_Asked]:
    for comment in {each.id: each for each in comments}.values():
        counts = comment.by_a_person and not comment.edited and comment.id > release.request.comment
        if counts and not _is_for_a_newer(release, comment, said):
            for position, parsed in enumerate(parse(comment.body)):
                if isinstance(parsed, Command):
                    yield _Asked(comment, parsed, position)


def _is_for_a_newer(release: Release, comment: Comment, said: Said) -> bool:
    """Whether another release stood on the issue then: one that is rolled back gives way to it."""
    releases = {mark.subject: mark.subject.comment for mark in said if isinstance(mark.subject, ReleaseId)}
    begun = {subject for subject, asked in releases.items() if release.request.comment < asked < comment.id}
    ended = {mark.subject for mark, told in said.items() if _is_end(mark.key) and told.id < comment.id}
    return comment.issue != release.review.pull_request and not begun <= ended


def _is_end(key: Key) -> bool:
    return key in _ENDS or isinstance(key, Undone)


async def _newest(
    verb: Verb, asked: Iterable[_Asked], after: int | None, said: Said, github: GitHub, repository: RepositoryRef
) -> str | None:
    """Who was promised that last, later than the comment `after`, and may ask for it still."""
    if after is None:
        return None
    open_ones = [each for each in asked if each.command.spec.name is verb and each.comment.id > after]
    states = await github.comment_states(repository, [each.comment.node_id for each in open_ones])
    reader: Reader = github.reader(repository)
    promised = (each for each in reversed(open_ones) if _is_promised(each, said, states.get(each.comment.id)))
    for author, needed in {each.comment.author: each.command.spec.permission for each in promised}.items():
        if (await reader.permission(author)).allows(needed):
            return author
    return None


def _is_promised(asked: _Asked, said: Said, state: CommentState | None) -> bool:
    """The 👍 of a comment is another command's where this one was declined."""
    if state is None or state.edited:
        return False
    became = what_became(asked.comment.id, said.keys(), state.reactions, asked.position)
    return became is Became.PROMISED
