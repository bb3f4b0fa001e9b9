"""The ledger's wire format: release ids, and the marks by which GitHub's texts tell what was done. Pure.

GitHub is the ledger: a store that was lost is made again from the marks in what our own App wrote. So the words here
are a format, not names: they may be added to, and what was written once is read for ever. docs/ledger-format.md lists
them, and a test holds the page against this module. Nothing else in `bot` builds or parses any of this.
"""

import re
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, TypeAlias, TypeVar

T = TypeVar("T", bound="Form")

VERSION = "v1"
"""Marks without one are of the version before; they differ in nothing else."""
_COMMENT = re.compile(rf"^<!-- shipmate (?:{VERSION} )?(\S+) (.+?) -->[ \t\r]*$", re.MULTILINE)


def _part(pattern: str, read: Any = str, write: Any = str, default: Any = MISSING) -> Any:
    """A part of a form: what it looks like, and how it is read and written."""
    return field(default=default, metadata={"pattern": pattern, "read": read, "write": write})


def _number(default: Any = MISSING) -> Any:
    return _part("[0-9]{1,19}", int, default=default)


def _places() -> Any:
    """Places of packages in a release, from 0."""
    return _part(
        r"[0-9]+(?:\.[0-9]+)*|",
        lambda text: tuple(int(at) for at in text.split(".") if at),
        lambda places: ".".join(map(str, places)),
        default=(),
    )


def _digest(length: int) -> Any:
    return _part(f"[0-9a-f]{{{length}}}")


class Form:
    """A text made of parts, which stand in braces; a bracket is there when its part is not None."""

    FORM: ClassVar[str]

    @property
    def text(self) -> str:
        """As it is written."""
        written = {
            part.name: part.metadata["write"](getattr(self, part.name))
            for part in fields(self)  # type: ignore[arg-type]  # every form is a dataclass
            if getattr(self, part.name) is not None
        }
        whole = re.sub(r"\[([^{\]]*)\{(\w+)\}\]", lambda m: m[1] + written[m[2]] if m[2] in written else "", self.FORM)
        return re.sub(r"\{(\w+)\}", lambda m: written[m[1]], whole)

    @classmethod
    def parse(cls: type[T], text: str) -> T | None:
        """What such a text says; None for any other text."""
        form: Any = cls
        found = _pattern(form).fullmatch(text)
        if found is None:
            return None
        parts = {part.name: part for part in fields(form)}
        given = {name: value for name, value in found.groupdict().items() if value is not None}
        return cls(**{name: parts[name].metadata["read"](value) for name, value in given.items()})


@cache
def _pattern(form: Any) -> re.Pattern[str]:
    parts = {part.name: part.metadata["pattern"] for part in fields(form)}

    def group(name: str) -> str:
        return f"(?P<{name}>{parts[name]})"

    pieces = re.split(r"(\[[^\]]*\]|\{\w+\})", form.FORM)
    made = []
    for piece in pieces:
        if piece.startswith("["):
            before, _, name = piece[1:-2].partition("{")
            made.append(f"(?:{re.escape(before)}{group(name)})?")
        else:
            made.append(group(piece[1:-1]) if piece.startswith("{") else re.escape(piece))
    return re.compile("".join(made))


# What a mark is about


@dataclass(frozen=True, slots=True)
class ReleaseId(Form):
    """A release: the comment that asked for it, and which of that comment's commands it was."""

    FORM = "r{comment}[-{position}]"
    comment: int = _number()
    position: int | None = _part("[0-9]{1,2}", int, default=None)
    """None for the first."""

    @classmethod
    def of(cls, comment: int, position: int) -> "ReleaseId":
        """That of a comment's command, the first of which is 0."""
        return cls(comment, position or None)


@dataclass(frozen=True, slots=True)
class CommentId(Form):
    """A comment with commands."""

    FORM = "c{comment}"
    comment: int = _number()


@dataclass(frozen=True, slots=True)
class PullRequestId(Form):
    """A pull request of ours whose text does not say any more which release it proposes."""

    FORM = "p{number}"
    number: int = _number()


Subject: TypeAlias = ReleaseId | CommentId | PullRequestId
SUBJECTS: tuple[type[Subject], ...] = (ReleaseId, CommentId, PullRequestId)


def subject(text: str) -> Subject | None:
    """What a mark is about; None for what no version wrote."""
    return next((found for each in SUBJECTS if (found := each.parse(text)) is not None), None)


# What a mark says of it


class Word(StrEnum):
    """Keys without parts."""

    STATUS = "status"
    REFUSED = "refused"
    PULL_REQUEST_OPENED = "pull-request-opened"
    RELEASED = "released"
    CANCELLED = "cancelled"
    DOWNSTREAM = "downstream"
    ANNOUNCED = "announced"
    LOST = "lost"
    DEAD_LETTERED = "set-aside"
    DRAFT = "page"
    ANNOUNCEMENT = "announcement"
    DISCUSSION = "discussion"

    @property
    def text(self) -> str:
        """As it is written."""
        return self.value


class Reason(StrEnum):
    """Why a release is blocked, in a block's key. Answers may be renamed, these may not."""

    EDITED = "edited"
    PLAN_STALE = "plan_stale"
    RETARGETED = "retargeted"
    BASE_GONE = "base_gone"
    TAG_ELSEWHERE = "tag_elsewhere"
    OFF_BASE = "off_base"
    TREE_DISAGREES = "tree_disagrees"
    CI_RED = "ci_red"
    CI_SILENT = "ci_silent"
    UNAUTHORISED = "unauthorised"
    RUN_LOST = "run_lost"
    APPROVAL_AWAITED = "approval_awaited"
    APPROVAL_REJECTED = "approval_rejected"
    PUBLISH_FAILED = "publish_failed"
    REGISTRY_SILENT = "registry_silent"
    TAG_LOST = "tag_lost"
    ROLLBACK_UNAUTHORISED = "rollback_unauthorised"
    RUNS_HANG = "runs_hang"


@dataclass(frozen=True, slots=True)
class StatusAnswer(Form):
    """The status card once more, where a command asked for it."""

    FORM = "status-{comment}"
    comment: int = _number()


@dataclass(frozen=True, slots=True)
class TagsPushed(Form):
    """The tags of a publish stage stand."""

    FORM = "tags-pushed-{stage}-[{found}]{commit}"
    stage: int = _number()
    commit: str = _part("[0-9a-f]{40}")
    found: bool | None = _part("found-", bool, lambda _: "found-", default=None)
    """True when a person had pushed one of them."""


@dataclass(frozen=True, slots=True)
class Landed(Form):
    """Publishing failed, and everything is on the registry all the same."""

    FORM = "landed-{stage}"
    stage: int = _number()


@dataclass(frozen=True, slots=True)
class Verified(Form):
    """A publish stage is on its registry."""

    FORM = "verification-{stage}-complete"
    stage: int = _number()


@dataclass(frozen=True, slots=True)
class Incomplete(Form):
    """Something is missing on a registry."""

    FORM = "verification-{stage}-incomplete-{digest}[-{again}]"
    stage: int = _number()
    digest: str = _digest(8)
    """Of what is missing."""
    again: int | None = _number(None)
    """How often publishing ran again before."""


@dataclass(frozen=True, slots=True)
class IncompleteClosing(Form):
    """Something is missing on the last day on which PyPI takes files."""

    FORM = "verification-{stage}-incomplete-closing"
    stage: int = _number()


@dataclass(frozen=True, slots=True)
class Block(Form):
    """A release waits for a person."""

    FORM = "blocked-{reason}-{stage}-{attempts}-{digest}[-{rollback}]"
    reason: str = _part("[a-z_]+")
    """One of `Reason`, or a word of another version."""
    stage: int = _number()
    attempts: int = _number()
    """How often the workflow runs that are the reason had run."""
    digest: str = _digest(8)
    """Of the details."""
    rollback: int | None = _number(None)
    """The comment that asked for the rollback that is blocked."""


@dataclass(frozen=True, slots=True)
class RollbackBegun(Form):
    """A rollback was told of."""

    FORM = "rollback-{comment}-{packages}"
    comment: int = _number()
    """The one that asked for it."""
    packages: tuple[int, ...] = _places()


@dataclass(frozen=True, slots=True)
class YankWanted(Form):
    """A person has to yank what is published."""

    FORM = "yank-wanted-{comment}-{packages}"
    comment: int = _number()
    packages: tuple[int, ...] = _places()


@dataclass(frozen=True, slots=True)
class Undone(Form):
    """A rollback ended."""

    FORM = "undone[-{comment}]"
    comment: int | None = _number(None)


@dataclass(frozen=True, slots=True)
class Recheck(Form):
    """A registry changed after the end."""

    FORM = "recheck-{number}-{digest}"
    number: int = _number()
    digest: str = _digest(12)


@dataclass(frozen=True, slots=True)
class Back(Form):
    """The App has access again."""

    FORM = "back-{since}"
    since: datetime = _part(
        "[0-9]{14}",
        lambda text: datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC),
        lambda since: f"{since.astimezone(UTC):%Y%m%d%H%M%S}",
    )


@dataclass(frozen=True, slots=True)
class Overtaken(Form):
    """A cancel came too late."""

    FORM = "overtaken-{phase}"
    phase: str = _part("[a-z ]+")


@dataclass(frozen=True, slots=True)
class Broken(Form):
    """Looks fail again and again."""

    FORM = "broken-{phase}-{failure}"
    phase: str = _part("[a-z ]+")
    failure: str = _part(r"\w+")


@dataclass(frozen=True, slots=True)
class Proposes(Form):
    """In the text of a release's pull request: the commit that the plan was made from."""

    FORM = "release {commit}"
    commit: str = _part("[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Yanked(Form):
    """In the text of the pull request that marks versions as yanked."""

    FORM = "yanked {branch}"
    branch: str = _part(r"\S+")


@dataclass(frozen=True, slots=True)
class Answered(Form):
    """A command of a comment was answered in words."""

    FORM = "answer-{position}"
    position: int = _number()


@dataclass(frozen=True, slots=True)
class Promised(Form):
    """A command of a comment was promised in words, where no 👍 can be left."""

    FORM = "promise-{position}"
    position: int = _number()


@dataclass(frozen=True, slots=True)
class Taken(Form):
    """A command of a comment was taken; kept in the store only."""

    FORM = "taken-{position}"
    position: int = _number()


@dataclass(frozen=True, slots=True)
class Draft(Form):
    """The draft of a GitHub Release was about to be made; kept in the store only."""

    FORM = "draft-{tag}"
    tag: str = _part(r"\S+")


@dataclass(frozen=True, slots=True)
class Other(Form):
    """What another version wrote."""

    FORM = "{words}"
    words: str = _part(".+")


FORMS: tuple[type[Form], ...] = (
    StatusAnswer,
    TagsPushed,
    Landed,
    Verified,
    Incomplete,
    IncompleteClosing,
    Block,
    RollbackBegun,
    YankWanted,
    Undone,
    Recheck,
    Back,
    Overtaken,
    Broken,
    Proposes,
    Yanked,
    Answered,
    Promised,
    Taken,
    Draft,
)
Key: TypeAlias = Word | Form
"""What a mark says of its subject."""
BLOCKS = (Block, Incomplete, IncompleteClosing, YankWanted)
"""Keys of what tells that a release waits for a person."""
_WORDS = frozenset(word.value for word in Word)
_UNDECIDED = (StatusAnswer, Broken, Back)


def key(text: str) -> Key:
    """What a mark says; `Other` for the words of another version."""
    if text in _WORDS:
        return Word(text)
    return next((found for form in FORMS if (found := form.parse(text)) is not None), Other(text))


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
