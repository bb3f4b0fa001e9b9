"""What crates.io and docs.rs tell of a version, as frozen data. Pure."""

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
class CrateFacts:
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
