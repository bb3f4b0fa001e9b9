"""A version of a crate, as a release asks about it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.registries.crates_io.facts import CrateFacts
from bot.registries.crates_io.judging.crate import crate_lines
from bot.release.found import Found
from bot.release.model import ReleasePackage
from bot.release.rollback.model import OnRegistry
from bot.release.verification.verdict import Circumstances, Line


@dataclass(frozen=True, slots=True)
class CrateVersion(CrateFacts, Found):
    """The facts, and how they are judged."""

    @property
    def presence(self) -> OnRegistry:
        """There as soon as the API or the index has it."""
        if not (self.in_api or self.in_index):
            return OnRegistry.NOTHING
        return OnRegistry.YANKED if self.yanked else OnRegistry.PUBLISHED

    @property
    def page(self) -> str:
        """The version's page; its owners yank with cargo."""
        return self.url

    @property
    def uploads(self) -> tuple[datetime, ...]:
        """A crate is one file."""
        return (self.created_at,) if self.created_at else ()

    def lines(self, package: ReleasePackage, circumstances: Circumstances) -> Iterator[Line]:
        """Every piece of evidence about a crate's version."""
        return crate_lines(package, self, circumstances)
