"""What became of a command: one answer, from the store, and where that knows nothing from GitHub.

On GitHub our reaction is on its comment, or our comment about it stands on its thread. A reaction is on the whole
comment, so of several commands in one each counts as answered.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from bot.github import GitHub
from bot.github.facts import RepositoryRef
from bot.ledger import Answered, CommentId, Mark, Promised, ReleaseId, Word
from bot.store import Store


class Became(Enum):
    """The order is that of a calm life."""

    NEW = "nobody has seen it"
    SEEN = "it was seen, and nothing else is known"
    PROMISED = "it will be done: our 👍 is on it, or our word for that"
    DECLINED = "it is not done, and that was said"
    DONE = "it was answered, or a release came of it"

    @property
    def is_final(self) -> bool:
        """Whether it is not to be taken again."""
        return self not in (Became.NEW, Became.SEEN)


def what_became(
    comment: int, marks: Collection[Mark], reactions: Collection[str] = (), position: int | None = None
) -> Became:
    """Of a comment's command, or, without a position, of any of them; by our own App's marks and reactions."""
    here = [mark for mark in marks if mark.decides_on == comment and _is_of(mark, position)]
    keys = [mark.key for mark in here if isinstance(mark.subject, CommentId)]
    if Word.DEAD_LETTERED in keys:
        return Became.DECLINED
    if any(isinstance(key, Answered) for key in keys):
        return Became.DECLINED if "confused" in reactions else Became.DONE
    if any(isinstance(mark.subject, ReleaseId) for mark in here):
        return Became.DONE
    if any(isinstance(key, Promised) for key in keys) or "+1" in reactions:
        return Became.PROMISED
    if "confused" in reactions:
        return Became.DECLINED
    if here or "rocket" in reactions:
        return Became.DONE
    return Became.SEEN if "eyes" in reactions else Became.NEW


def _is_of(mark: Mark, position: int | None) -> bool:
    if position is None:
        return True
    if isinstance(mark.subject, ReleaseId):
        return (mark.subject.position or 0) == position
    return mark.key.position == position if isinstance(mark.key, Answered | Promised) else True


class CommandRecords:
    """Asks the store, and GitHub of what the store does not know."""

    def __init__(self, github: GitHub, store: Store) -> None:
        self._github = github
        self._store = store

    async def of(
        self, repository: RepositoryRef, comments: Mapping[int, str], said: Iterable[Mark]
    ) -> dict[int, Became]:
        """What became of each comment's commands; those that were edited, or are gone, are left out.

        `comments` are node ids by id, `said` the marks of what our own App said where they stand. Raises the adapter's
        errors.
        """
        marks = frozenset(said)
        taken = await self._store.intents.taken(comments)
        found = {number: Became.DONE if number in taken else what_became(number, marks) for number in comments}
        asked = [node for number, node in comments.items() if node and not found[number].is_final]
        states = await self._github.comment_states(repository, asked) if asked else {}
        for number, state in states.items():
            if number in found:
                found[number] = what_became(number, marks, state.reactions)
        gone = {number for number, node in comments.items() if node in asked and number not in states}
        edited = {number for number, state in states.items() if state.edited and not found[number].is_final}
        return {number: fate for number, fate in found.items() if number not in gone | edited}
