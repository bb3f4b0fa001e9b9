"""What the registries told us, as frozen data. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TrustedRun:
    """The workflow run that published a crate, as crates.io keeps it (`trustpub_data`)."""

    repository: str | None
    """`owner/name`."""
    run_id: str | None
    commit: str | None
    """GITHUB_SHA of the run: on `workflow_dispatch` that is not the commit that was checked out."""


@dataclass(frozen=True, slots=True)
class PathDependency:
    """A dependency that lives in the same repository, and what crates.io has of it."""

    name: str
    requirement: str
    versions: tuple[str, ...]
    """The versions that the sparse index lists and that are not yanked; the highest may be any of them."""


@dataclass(frozen=True, slots=True)
class CrateArchive:
    """What is in the .crate that everybody downloads."""

    sha256: str
    """Of the whole file, as downloaded."""
    size: int
    unreadable: str | None = None
    """Why it cannot be read; then nothing below is known."""
    name: str | None = None
    version: str | None = None
    license: str | None = None
    repository: str | None = None
    rust_version: str | None = None
    readme: str | None = None
    """The file that its Cargo.toml names as README; None when it names none."""
    commit: str | None = None
    """The commit that cargo packaged (`.cargo_vcs_info.json`); None when the file is absent."""
    dirty: bool = False
    """Whether the tree had changes that were not committed."""


@dataclass(frozen=True, slots=True)
class DocsBuild:
    """What docs.rs says of a version."""

    version: str | None
    """The version that it speaks of, which may be a newer one; None when it knows none."""
    built: bool
    url: str


@dataclass(frozen=True, slots=True)
class PreviousCrate:
    """The release before, for what should not get worse."""

    version: str
    trusted: bool
    """Whether a trusted publisher published it."""
    size: int | None


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
    yank_message: str | None = None
    created_at: datetime | None = None
    size: int | None = None
    """Bytes of the .crate, as the API says."""
    license: str | None = None
    repository: str | None = None
    rust_version: str | None = None
    has_lib: bool | None = None
    """Whether there is anything for docs.rs to document; None when the API does not say."""
    trusted: TrustedRun | None = None
    """None when a token published it."""
    archive: CrateArchive | None = None
    """None when it was not asked for, or is not there."""
    readme_text_size: int | None = None
    """Characters of the rendered README without its markup."""
    docs: DocsBuild | None = None
    """None when docs.rs was not asked, or did not answer: it holds nothing up."""
    previous: PreviousCrate | None = None
    """Asked for only when there is no trusted publisher."""
    gets: str | None = None
    """The version that `cargo add NAME` takes: the highest that is no prerelease and not yanked, by the index."""
    path_dependencies: tuple[PathDependency, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A registry that could not be asked; nothing follows from it but to ask again."""

    registry: str
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A registry that does not do what it was asked to, and will not by asking again."""

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
