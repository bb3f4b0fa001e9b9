"""What the registries told us, as frozen data. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CrateVersion:
    """One version of a crate as crates.io's API and its sparse index describe it."""

    name: str
    version: str
    in_api: bool
    in_index: bool
    api_checksum: str | None
    index_checksum: str | None
    yanked: bool
    readme: bool | None
    """Whether a rendered README is served; None when that was not asked."""
    url: str
    """The page a person opens."""


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file of a PyPI release."""

    filename: str
    sha256: str
    size: int | None
    uploaded_at: datetime | None
    requires_python: str | None
    yanked: bool


@dataclass(frozen=True, slots=True)
class PyPIRelease:
    """One version of a PyPI project: what the JSON API lists, and what pip's index lists."""

    name: str
    version: str
    in_json: bool
    files: tuple[ReleaseFile, ...]
    """Files that the JSON API lists for the version."""
    index_files: tuple[str, ...]
    """Names of the files that the simple index (what pip reads) lists for the version."""
    yanked: bool
    has_description: bool
    requires_python: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A registry that could not be asked; nothing follows from it but to ask again."""

    registry: str
    why: str


@dataclass(frozen=True, slots=True)
class IndexedNeed:
    """One dependency of a crate's version."""

    name: str
    """The package's own name, also where it is renamed."""
    requirement: str
    rest: str
    """Everything else that the index says of it, to be compared."""


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """One version of a crate as the sparse index has it: what a lock file needs."""

    version: str
    checksum: str
    yanked: bool
    needs: tuple[IndexedNeed, ...]
    features: str
    """The feature tables, to be compared."""
