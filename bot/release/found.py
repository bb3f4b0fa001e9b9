"""What a registry tells of one version, as a release asks it: there or not, its page, and every piece of evidence.

Each folder below `bot/registries` has facts of its own and judges them by the rules of its registry; a release knows no
registry by name. Pure.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.release.model import ReleasePackage
from bot.release.rollback.model import OnRegistry
from bot.release.verification.verdict import Circumstances, Line


class Found(ABC):
    """What a registry has of one version, and how that is judged."""

    __slots__ = ()

    @property
    @abstractmethod
    def presence(self) -> OnRegistry:
        """Whether anybody can have got the version: one that is shown on any side of the registry counts as there."""

    @property
    @abstractmethod
    def page(self) -> str:
        """Where a person looks at the version or, where no command does it, yanks it."""

    @property
    @abstractmethod
    def uploads(self) -> tuple[datetime, ...]:
        """When its files were uploaded, as far as the registry tells."""

    @property
    def digests(self) -> Mapping[str, str]:
        """The SHA-256 of each file by name, of those that are the same wherever else they are offered."""
        return {}

    @abstractmethod
    def lines(self, package: ReleasePackage, circumstances: Circumstances) -> Iterable[Line]:
        """Every piece of evidence, held against what the tree promises of the package."""

    def is_closing(self, now: datetime) -> bool:
        """Whether this is the last day on which the registry takes missing files for the version."""
        return False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A registry that could not be asked; nothing follows from it but to ask again."""

    registry: str
    """The name by which people know it."""
    why: str


RegistryFacts: TypeAlias = Found | Unreachable
