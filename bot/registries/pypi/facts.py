"""What PyPI tells of a version, as frozen data. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file of a PyPI release."""

    filename: str
    sha256: str
    """Empty when it is not told."""
    size: int | None
    uploaded_at: datetime | None
    requires_python: str | None
    yanked: bool
    yanked_reason: str | None = None
    has_provenance: bool | None = None
    """Whether the index names a provenance; None when it does not say."""


@dataclass(frozen=True, slots=True)
class IndexRelease:
    """One version as pip's index lists it."""

    version: str
    """As PEP 440 spells it."""
    files: tuple[ReleaseFile, ...]


@dataclass(frozen=True, slots=True)
class Attestation:
    """Who says that they built a file: the publisher that PyPI knows, and the claims in the certificate."""

    kind: str
    """`GitHub`, `GitLab`, `Google`, …"""
    repository: str | None
    workflow: str | None
    environment: str | None
    commit: str | None = None
    ref: str | None = None
    run_url: str | None = None
    event: str | None = None
    """The event that started the run (`push`, `workflow_dispatch`, …)."""
    subjects: tuple[tuple[str, str], ...] = ()
    """(file name, SHA-256) of what it is about."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What PyPI's integrity API says of one file."""

    filename: str
    attestations: tuple[Attestation, ...]
    url: str
    unreadable: str | None = None


@dataclass(frozen=True, slots=True)
class PyPIFacts:
    """One version of a PyPI project: what the JSON API lists, and what pip's index lists."""

    name: str
    version: str
    in_json: bool
    files: tuple[ReleaseFile, ...]
    """Files that the JSON API lists for the version."""
    index_files: tuple[str, ...]
    """Names of the files that the simple index (what pip reads) lists for the version."""
    yanked: bool
    has_description: bool | None
    """None when nothing that was asked would tell."""
    requires_python: str | None
    url: str
    json_served: bool = True
    """False behind a mirror that serves the index and nothing else."""
    status: str = "active"
    """The project's: `active`, `archived`, `quarantined` or `deprecated`."""
    yanked_reason: str | None = None
    license: str | None = None
    links: tuple[str, ...] = ()
    """The addresses of the project's pages, its repository among them."""
    releases: tuple[IndexRelease, ...] = ()
    """Every version that pip's index lists, this one too, the lowest first."""
    provenance: tuple[Provenance, ...] = ()
    """Of the sdist and one wheel; empty when there is none."""
    stale_index: bool = False
    """Whether the index is older than the JSON API, by their serials."""
    project_url: str = ""
