"""What our own App said of a repository's releases, by its marks."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from bot import ledger
from bot.github.facts import Comment
from bot.ledger import Key, Mark, ReleaseId

Said: TypeAlias = Mapping[Mark, Comment]


def marks_of(comments: Iterable[Comment]) -> Said:
    """By mark; of two comments that say the same, the first."""
    said: dict[Mark, Comment] = {}
    for comment in comments:
        mark = ledger.mark(comment.body) if comment.by_us else None
        if mark is not None:
            said.setdefault(mark, comment)
    return said


def keys_of(said: Said, release: ReleaseId) -> tuple[Key, ...]:
    """What was said of one release."""
    return tuple(mark.key for mark in said if mark.subject == release)
