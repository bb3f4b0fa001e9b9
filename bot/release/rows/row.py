"""One line of the table, and what its columns can hold."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from bot.release.actions import Action, Milestone, PostComment
from bot.release.answers import Answer
from bot.release.facts import Facts, Timeouts
from bot.release.model import Blocked, Phase, Release

Act: TypeAlias = Callable[[Release, Facts, Timeouts], tuple[Action, ...]]
"""What is done."""
Learn: TypeAlias = Callable[[Release, Facts], Release]
"""What the release remembers of the look."""
Variants: TypeAlias = Callable[[Release, Facts, Timeouts, Blocked], tuple[str, ...]]
"""What tells the comments of a block from those that were made before: one that was made is not made again."""


class Wait(Enum):
    """When to look again."""

    NOT = auto()
    """At once: the next phase may be through already."""
    MOVING = auto()
    """Soon: a machine is at work."""
    CI = auto()
    """When green counts if nothing else happens; while checks run, soon."""
    PERSON = auto()
    """Late: a person is awaited, and a webhook will tell."""
    END = auto()
    """Never."""


@dataclass(frozen=True, slots=True)
class Block:
    """The release waits for a person, who is told once a variant."""

    milestone: Milestone
    variants: Variants


@dataclass(frozen=True, slots=True)
class End:
    """The release has ended, which its thread is told, with a reaction to the comment that asked for it."""

    milestone: Milestone
    reaction: str | None = None

    def comment(self, release: Release) -> PostComment:
        """The last comment; a release can be rolled back more than once, package by package."""
        return PostComment(self.milestone, str(release.rollback.comment) if release.rollback else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. No column has a default: whoever adds a row answers for each."""

    phase: Phase
    answer: Answer
    then: Phase
    wait: Wait
    act: Act
    learn: Learn
    says: Block | End | None
    """What is said of where the release stands now; what is said of an act is the act's."""

    @property
    def blocks(self) -> bool:
        """Whether the release waits for a person."""
        return isinstance(self.says, Block)
