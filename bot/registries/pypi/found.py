"""A release on PyPI, as a release of ours asks about it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.registries.pypi.facts import PyPIFacts
from bot.registries.pypi.judging.release import files_of, pypi_lines
from bot.registries.pypi.judging.uploads import is_closing
from bot.release.found import Found
from bot.release.model import ReleasePackage
from bot.release.rollback.model import OnRegistry
from bot.release.verification.verdict import Circumstances, Line


@dataclass(frozen=True, slots=True)
class PyPIRelease(PyPIFacts, Found):
    """The facts, and how they are judged."""

    @property
    def presence(self) -> OnRegistry:
        """There as soon as the JSON API or pip's index shows anything of it."""
        if not (self.in_json or self.files or self.index_files):
            return OnRegistry.NOTHING
        return OnRegistry.YANKED if self.yanked else OnRegistry.PUBLISHED

    @property
    def page(self) -> str:
        """The page on which its owners yank it: PyPI has no API for that."""
        return f"{self.url.partition('/project/')[0]}/manage/project/{self.name}/release/{self.version}/"

    @property
    def uploads(self) -> tuple[datetime, ...]:
        """Of each file whose time is told."""
        return tuple(file.uploaded_at for file in files_of(self) if file.uploaded_at)

    @property
    def digests(self) -> Mapping[str, str]:
        """A wheel or sdist is the same file everywhere."""
        return {file.filename: file.sha256 for file in files_of(self) if file.sha256}

    def is_closing(self, now: datetime) -> bool:
        """PyPI takes further files for a release for a few days."""
        return is_closing(self.files, now)

    def lines(self, package: ReleasePackage, circumstances: Circumstances) -> Iterator[Line]:
        """Every piece of evidence about a release on PyPI."""
        return pypi_lines(package, self, circumstances)
