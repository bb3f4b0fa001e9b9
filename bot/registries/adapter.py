"""What each registry answers; each folder beside this module has one adapter."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from bot.plan.downstream.lock import IndexedVersion
from bot.release.found import RegistryFacts, Unreachable


@dataclass(frozen=True, slots=True)
class Refused:
    """A registry that does not do what it was asked to, and will not by asking again."""

    registry: str
    why: str


class Adapter(ABC):
    """One registry, asked over the network. Nothing here raises: that it cannot be asked is an answer, too."""

    @abstractmethod
    async def look(self, name: str, version: str) -> RegistryFacts:
        """Everything that is known about a published version."""

    @abstractmethod
    async def exists(self, name: str, version: str) -> bool | Unreachable:
        """Whether the version number is used up, yanked or not."""

    @abstractmethod
    async def knows(self, name: str) -> bool | Unreachable:
        """Whether the name is there, with any version."""

    async def takes_tokens(self, name: str) -> bool | Unreachable:
        """Whether a version can be published with a token; False where trusted publishers alone may."""
        return True

    @property
    def can_yank(self) -> bool:
        """Whether `yank` can do it; otherwise a person has to."""
        return False

    async def yank(self, name: str, version: str, message: str) -> Refused | Unreachable | None:
        """Yank a version, with a word for those who depend on it; None when it is done. Twice is once."""
        raise NotImplementedError

    async def index(self, name: str) -> Sequence[IndexedVersion] | Unreachable:
        """Every version with what a lock file must know of it; none where no lock file is edited from an index."""
        return ()
