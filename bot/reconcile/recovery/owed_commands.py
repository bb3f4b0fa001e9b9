"""What our own App promised to do with a release, by its 👍 on a command or in words, before the store was lost.

A promise is kept once: one that was carried out shows in what was said since, or in what the world looks like now. A
retry that changed nothing shows nowhere, so one of long ago is not kept: the release may move to commits of since then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.commands import Command, Verb, parse
from bot.github import GitHub, Reader
from bot.github.facts import Comment, CommentState, RepositoryRef
from bot.reconcile.deliveries.intake import PROMISE
from bot.reconcile.deliveries.missed_comments import AS_FAR_BACK
from bot.release.actions import Milestone
from bot.release.model import Release, RetryOwed

_BLOCKS = (Milestone.BLOCKED, Milestone.VERIFICATION, Milestone.YANK_WANTED)
_ENDS = (Milestone.REFUSED, Milestone.RELEASED, Milestone.CANCELLED, Milestone.UNDONE)
_CANCEL_ANSWERED = (Milestone.CANCELLED, "overtaken")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A person's command on the release's threads."""

    comment: Comment
    command: Command
    position: int
    """Which of the comment's commands it is."""
    in_words: bool
    """Whether it was promised by a comment, where no 👍 can be left."""

    @property
    def denials(self) -> tuple[tuple[str, str], ...]:
        """Subject and key of what our App says when it does not do it: the 👍 is another command's then."""
        subject = f"c{self.comment.id}"
        return (subject, f"answer-{self.position}"), (subject, "set-aside")


async def with_promises(
    release: Release,
    comments: Iterable[Comment],
    said: Mapping[tuple[str, str], Comment],
    *,
    github: GitHub,
    repository: RepositoryRef,
    now: datetime,
) -> Release:
    """The release with the cancel and the retry that it still owes to people who may ask for them now.

    `comments` are those of its threads, `said` those of our own App by subject and key. Raises the adapter's errors.
    """
    blocks = {
        key: comment.id for (subject, key), comment in said.items() if subject == release.id and _is(key, _BLOCKS)
    }
    cancels = [comment.id for (_, key), comment in said.items() if _is(key, _CANCEL_ANSWERED)]
    since = sorted(_asked_since(release, comments, said), key=lambda each: each.comment.id)
    asked = [each for each in since if said.keys().isdisjoint(each.denials)]
    recent = [each for each in asked if each.comment.created_at >= now - AS_FAR_BACK]
    retry = await _newest(Verb.RETRY, recent, max(blocks.values(), default=None), github, repository)
    cancel = await _newest(Verb.CANCEL, asked, max(cancels, default=0), github, repository)
    return replace(
        release,
        cancel_asked_by=cancel,
        retry_owed=RetryOwed(retry, tuple(sorted(blocks))) if retry else None,
    )


def _is(key: str, kinds: Iterable[str]) -> bool:
    return key.startswith(tuple(kinds))


def _asked_since(
    release: Release, comments: Iterable[Comment], said: Mapping[tuple[str, str], Comment]
) -> Iterator[_Asked]:
    for comment in {each.id: each for each in comments}.values():
        counts = comment.by_a_person and not comment.edited and comment.id > release.request.comment
        if counts and not _is_for_a_newer(release, comment, said):
            for position, parsed in enumerate(parse(comment.body)):
                if isinstance(parsed, Command):
                    in_words = (f"c{comment.id}", f"{PROMISE}-{position}") in said
                    yield _Asked(comment, parsed, position, in_words)


def _is_for_a_newer(release: Release, comment: Comment, said: Mapping[tuple[str, str], Comment]) -> bool:
    """Whether another release stood on the issue then: one that is rolled back gives way to it."""
    between = range(release.request.comment + 1, comment.id)
    begun = {subject for subject, _ in said if _comment_of(subject) in between}
    ended = {subject for (subject, key), told in said.items() if _is(key, _ENDS) and told.id < comment.id}
    return comment.issue != release.pull_request and not begun <= ended


def _comment_of(subject: str) -> int:
    """The comment that asked for a release; 0 for what is no release."""
    number = subject.removeprefix("r").partition("-")[0]
    return int(number) if number.isdecimal() and subject[0] == "r" else 0


async def _newest(
    verb: Verb, asked: Iterable[_Asked], after: int | None, github: GitHub, repository: RepositoryRef
) -> str | None:
    """Who was promised that last, later than the comment `after`, and may ask for it still."""
    if after is None:
        return None
    open_ones = [each for each in asked if each.command.spec.name is verb and each.comment.id > after]
    comment_states = await github.comment_states(repository, [each.comment.node_id for each in open_ones])
    reader: Reader = github.reader(repository)
    promised = (each for each in reversed(open_ones) if _is_promised(each, comment_states.get(each.comment.id)))
    for author, needed in {each.comment.author: each.command.spec.permission for each in promised}.items():
        if (await reader.permission(author)).allows(needed):
            return author
    return None


def _is_promised(asked: _Asked, state: CommentState | None) -> bool:
    return state is not None and not state.edited and (asked.in_words or "+1" in state.reactions)
