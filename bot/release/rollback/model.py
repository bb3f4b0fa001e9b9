"""What is known of a rollback between two looks: who asked for it, and how far each package goes back. Data only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OnRegistry(StrEnum):
    """What a registry has of a version."""

    NOTHING = "nothing"
    PUBLISHED = "published"
    YANKED = "yanked"


class TagFate(StrEnum):
    """What may become of a tag, and why."""

    ABSENT = "does not stand"
    OURS = "stands as this release pushed it, and nothing is published"
    PUBLISHED = "stays: something of it is published"
    ELSEWHERE = "stays: it is not on the release's commit"
    NOT_OURS = "stays: this release did not push it"
    HAS_RELEASE = "stays: it has a published GitHub Release"
    REFUSED = "stays: GitHub does not delete it"


@dataclass(frozen=True, slots=True)
class Fate:
    """How one package stood at a look."""

    package: str
    """Its key."""
    on_registry: OnRegistry
    tag: TagFate
    page: str
    """Where a person looks at it or, where no command does it, yanks it."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """A rollback that was asked for; a later command takes the place of an earlier one."""

    by: str
    """On whose behalf something is undone: who asked for it, or who took over."""
    comment: int
    """The comment that asked for it."""
    at: datetime
    packages: tuple[str, ...]
    """Keys of the packages that were named with their versions."""
    begun: bool = False
    """Whether the thread was told of it."""
    fates: tuple[Fate, ...] = ()
    """How its packages stood when they were looked at last, in the order of the release."""
    deleting_since: datetime | None = None
    """When tags or drafts were first deleted."""
    yank_refused: str = ""
    """Why a registry does not yank with the operator's token."""
    marked_in: int | None = None
    """The pull request that marks the versions as yanked in the changelogs."""
