"""What a mark says of its subject: one class for each key that has parts. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from bot.ledger.elsewhere import Answered, Carried, Draft, PlanCheck, Promised, Proposes, Started, Taken, Yanked
from bot.ledger.form import Form, a_digest, a_number, a_part, some_places


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
    CI_UNTRIGGERED = "ci_untriggered"
    CI_UNREPORTED = "ci_unreported"
    UNAUTHORISED = "unauthorised"
    ACT_REFUSED = "act_refused"
    WORKFLOWS_DIFFER = "workflows_differ"
    RUN_LOST = "run_lost"
    START_AWAITED = "start_awaited"
    UPLOAD_AWAITED = "upload_awaited"
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
    comment: int = a_number()


@dataclass(frozen=True, slots=True)
class TagsPushed(Form):
    """The tags of a publish stage stand."""

    FORM = "tags-pushed-{stage}-[{found}]{commit}"
    stage: int = a_number()
    commit: str = a_part("[0-9a-f]{40}")
    found: bool | None = a_part("found-", bool, lambda _: "found-", default=None)
    """True when a person had pushed one of them."""


@dataclass(frozen=True, slots=True)
class Landed(Form):
    """Publishing failed, and everything is on the registry all the same."""

    FORM = "landed-{stage}"
    stage: int = a_number()


@dataclass(frozen=True, slots=True)
class Verified(Form):
    """A publish stage is on its registry."""

    FORM = "verification-{stage}-complete"
    stage: int = a_number()


@dataclass(frozen=True, slots=True)
class Incomplete(Form):
    """Something is missing on a registry."""

    FORM = "verification-{stage}-incomplete-{digest}[-{again}]"
    stage: int = a_number()
    digest: str = a_digest(8)
    """Of what is missing."""
    again: int | None = a_number(None)
    """How often publishing ran again before."""


@dataclass(frozen=True, slots=True)
class IncompleteClosing(Form):
    """Something is missing on the last day on which PyPI takes files."""

    FORM = "verification-{stage}-incomplete-closing"
    stage: int = a_number()


@dataclass(frozen=True, slots=True)
class Block(Form):
    """A release waits for a person."""

    FORM = "blocked-{reason}-{stage}-{attempts}-{digest}[-{rollback}]"
    reason: str = a_part("[a-z_]+")
    """One of `Reason`, or a word of another version."""
    stage: int = a_number()
    attempts: int = a_number()
    """How often the workflow runs that are the reason had run."""
    digest: str = a_digest(8)
    """Of the details."""
    rollback: int | None = a_number(None)
    """The comment that asked for the rollback that is blocked."""


@dataclass(frozen=True, slots=True)
class RollbackBegun(Form):
    """A rollback was told of."""

    FORM = "rollback-{comment}-{packages}"
    comment: int = a_number()
    """The one that asked for it."""
    packages: tuple[int, ...] = some_places()


@dataclass(frozen=True, slots=True)
class YankWanted(Form):
    """A person has to yank what is published."""

    FORM = "yank-wanted-{comment}-{packages}"
    comment: int = a_number()
    packages: tuple[int, ...] = some_places()


@dataclass(frozen=True, slots=True)
class Undone(Form):
    """A rollback ended."""

    FORM = "undone[-{comment}]"
    comment: int | None = a_number(None)


@dataclass(frozen=True, slots=True)
class Recheck(Form):
    """A registry changed after the end."""

    FORM = "recheck-{number}-{digest}"
    number: int = a_number()
    digest: str = a_digest(12)


@dataclass(frozen=True, slots=True)
class Back(Form):
    """The App has access again."""

    FORM = "back-{since}"
    since: datetime = a_part(
        "[0-9]{14}",
        lambda text: datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC),
        lambda since: f"{since.astimezone(UTC):%Y%m%d%H%M%S}",
    )


@dataclass(frozen=True, slots=True)
class Overtaken(Form):
    """A cancel came too late."""

    FORM = "overtaken-{phase}"
    phase: str = a_part("[a-z ]+")


@dataclass(frozen=True, slots=True)
class Broken(Form):
    """Looks fail again and again."""

    FORM = "broken-{phase}-{failure}"
    phase: str = a_part("[a-z ]+")
    failure: str = a_part(r"\w+")


@dataclass(frozen=True, slots=True)
class Other(Form):
    """What another version wrote."""

    FORM = "{words}"
    words: str = a_part(".+")


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
    Carried,
    Answered,
    Promised,
    Taken,
    Draft,
    Started,
    PlanCheck,
)
Key: TypeAlias = Word | Form
"""What a mark says of its subject."""
BLOCKS = (Block, Incomplete, IncompleteClosing, YankWanted)
"""Keys of what tells that a release waits for a person."""
_WORDS = frozenset(word.value for word in Word)


def key(text: str) -> Key:
    """What a mark says; `Other` for the words of another version."""
    if text in _WORDS:
        return Word(text)
    return next((found for form in FORMS if (found := form.parse(text)) is not None), Other(text))
