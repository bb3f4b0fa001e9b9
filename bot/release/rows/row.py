"""One line of the table, and what its columns can hold."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from bot.ledger import Key, Undone, Word
from bot.release.actions import Action, PostComment
from bot.release.answers import Answer, Blocked
from bot.release.facts import Facts, Timeouts
from bot.release.model import Phase, Release

Act: TypeAlias = Callable[[Release, Facts, Timeouts], tuple[Action, ...]]
"""What is done."""
Learn: TypeAlias = Callable[[Release, Facts], Release]
"""What the release remembers of the look."""
Keys: TypeAlias = Callable[[Release, Facts, Timeouts, Blocked], tuple[Key, ...]]
"""Which comments a block has; one whose key was said before is not said again."""


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
class Blocks:
    """The release waits for a person, who is told once a key."""

    keys: Keys


@dataclass(frozen=True, slots=True)
class Ends:
    """The release has ended, which its thread is told, with a reaction to the comment that asked for it."""

    key: Word | type[Undone]
    reaction: str | None = None

    def comment(self, release: Release) -> PostComment:
        """The last comment; a release can be rolled back more than once, package by package."""
        if isinstance(self.key, Word):
            return PostComment(self.key)
        return PostComment(self.key(release.rollback.comment if release.rollback else None))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. No column has a default: whoever adds a row answers for each."""

    phase: Phase
    answer: Answer
    then: Phase
    wait: Wait
    act: Act
    learn: Learn
    says: Blocks | Ends | None
    """What is said of where the release stands now; what is said of an act is the act's."""

    @property
    def blocks(self) -> bool:
        """Whether the release waits for a person."""
        return isinstance(self.says, Blocks)
