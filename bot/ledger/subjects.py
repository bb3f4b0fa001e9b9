"""What a mark is about: a release, a comment, or a pull request. Pure."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.ledger.form import Form, a_number, a_part


@dataclass(frozen=True, slots=True)
class ReleaseId(Form):
    """A release: the comment that asked for it, and which of that comment's commands it was."""

    FORM = "r{comment}[-{position}]"
    comment: int = a_number()
    position: int | None = a_part("[0-9]{1,2}", int, default=None)
    """None for the first."""

    @classmethod
    def of(cls, comment: int, position: int) -> "ReleaseId":
        """That of a comment's command, the first of which is 0."""
        return cls(comment, position or None)


@dataclass(frozen=True, slots=True)
class CommentId(Form):
    """A comment with commands."""

    FORM = "c{comment}"
    comment: int = a_number()


@dataclass(frozen=True, slots=True)
class PullRequestId(Form):
    """A pull request of ours whose text does not say any more which release it proposes."""

    FORM = "p{number}"
    number: int = a_number()


Subject: TypeAlias = ReleaseId | CommentId | PullRequestId
SUBJECTS: tuple[type[Subject], ...] = (ReleaseId, CommentId, PullRequestId)


def subject(text: str) -> Subject | None:
    """What a mark is about; None for what no version wrote."""
    return next((found for each in SUBJECTS if (found := each.parse(text)) is not None), None)
