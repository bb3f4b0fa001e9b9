"""Marks: the hidden lines by which what was done once is found again. Pure."""

import re
from dataclasses import dataclass

from bot.ledger.keys import Back, Broken, Key, StatusAnswer, Word, key
from bot.ledger.subjects import PullRequestId, Subject, subject

VERSION = "v1"
"""Marks without one are of the version before; they differ in nothing else."""
_COMMENT = re.compile(rf"^<!-- shipmate (?:{VERSION} )?(\S+) (.+?) -->[ \t\r]*$", re.MULTILINE)
_UNDECIDED = (StatusAnswer, Broken, Back)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something said or done once; in a text the hidden line by which it is found again.

    It is worth nothing unless our own App wrote the text.
    """

    subject: Subject
    key: Key

    @property
    def text(self) -> str:
        """The line, which ends a text."""
        return f"<!-- shipmate {VERSION} {self.subject.text} {self.key.text} -->"

    def ends(self, text: str) -> bool:
        """Whether it is the mark of a text of ours."""
        return mark(text) == self

    @property
    def decides_on(self) -> int | None:
        """The comment whose commands it shows to have been decided on; None for a status card or a word about a
        failure, which decide nothing, and for what is about no comment.
        """
        if self.key is Word.STATUS or isinstance(self.key, _UNDECIDED) or isinstance(self.subject, PullRequestId):
            return None
        return self.subject.comment


def mark(text: str) -> Mark | None:
    """The mark of a text of ours, if it has one.

    Ours is the last, on a line of its own: what stands before it may quote anybody, marks and all.
    """
    for about, words in _COMMENT.findall(text)[-1:]:
        found = subject(about)
        return None if found is None else Mark(found, key(words))
    return None


def unmarked(text: str) -> str:
    """A text of ours without its mark."""
    found = list(_COMMENT.finditer(text))
    return (text[: found[-1].start()] + text[found[-1].end() :]).rstrip() if found else text


def known(about: str, words: str) -> Mark | None:
    """The mark of a row of the store; None for what no version wrote."""
    found = subject(about)
    return None if found is None else Mark(found, key(words))
