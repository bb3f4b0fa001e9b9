"""What our own App promised to do with a release, by its 👍 on a person's command, before the store was lost.

A promise is kept once: one that was carried out shows in what was said since, or in what the world looks like now.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.commands import Command, Verb, parse
from bot.github import GitHub, Reader
from bot.github.facts import Comment, RepositoryRef
from bot.release.actions import Milestone
from bot.release.model import Release, RetryOwed

_BLOCKS = (Milestone.BLOCKED, Milestone.VERIFICATION, Milestone.YANK_WANTED)
_CANCEL_ANSWERED = (Milestone.CANCELLED, "overtaken")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A person's command on the release's threads."""

    comment: Comment
    command: Command


async def with_promises(
    release: Release,
    comments: Iterable[Comment],
    said: Mapping[tuple[str, str], Comment],
    *,
    github: GitHub,
    repository: RepositoryRef,
) -> Release:
    """The release with the cancel and the retry that it still owes to people who may ask for them now.

    `comments` are those of its threads, `said` those of our own App by subject and key. Raises the adapter's errors.
    """
    blocks = {
        key: comment.id for (subject, key), comment in said.items() if subject == release.id and _is(key, _BLOCKS)
    }
    cancels = [comment.id for (_, key), comment in said.items() if _is(key, _CANCEL_ANSWERED)]
    asked = sorted(_asked_since(release, comments), key=lambda each: each.comment.id)
    retry = await _newest(Verb.RETRY, asked, max(blocks.values(), default=None), github, repository)
    cancel = await _newest(Verb.CANCEL, asked, max(cancels, default=0), github, repository)
    return replace(
        release,
        cancel_asked_by=cancel,
        retry_owed=RetryOwed(retry, tuple(sorted(blocks))) if retry else None,
    )


def _is(key: str, kinds: Iterable[str]) -> bool:
    return key.startswith(tuple(kinds))


def _asked_since(release: Release, comments: Iterable[Comment]) -> Iterator[_Asked]:
    for comment in {each.id: each for each in comments}.values():
        if comment.by_a_person and not comment.edited and comment.id > release.request.comment:
            commands = (parsed for parsed in parse(comment.body) if isinstance(parsed, Command))
            yield from (_Asked(comment, command) for command in commands)


async def _newest(
    verb: Verb, asked: Iterable[_Asked], after: int | None, github: GitHub, repository: RepositoryRef
) -> str | None:
    """Who was promised that last, later than the comment `after`, and may ask for it still."""
    if after is None:
        return None
    open_ones = [each for each in asked if each.command.spec.name is verb and each.comment.id > after]
    standings = await github.standings(repository, [each.comment.node_id for each in open_ones])
    reader: Reader = github.reader(repository)
    for each in reversed(open_ones):
        standing = standings.get(each.comment.id)
        promised = standing is not None and not standing.edited and "+1" in standing.reactions
        if promised and (await reader.permission(each.comment.author)).allows(each.command.spec.permission):
            return each.comment.author
    return None
