"""A PyPI: what is uploaded to it, and its rules. `pypi_web` serves it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from bot.sandbox.model import Clock
from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.provenance import Identity, checked
from bot.sandbox.registries.pypi_records import File, read_file

MOST_BYTES = 100 * 1024 * 1024
UPLOAD_WINDOW = timedelta(days=14)
"""PyPI takes no new files for a release older than this."""
NO_REUSE = "See https://pypi.org/help/#file-name-reuse for more information."


@dataclass
class State:
    """What is said of a project as a whole (PEP 792)."""

    status: str = "active"
    """active, archived, quarantined or deprecated."""
    reason: str | None = None


@dataclass(frozen=True)
class View:
    """A project as one of the interfaces shows it at some instant."""

    files: tuple[File, ...]
    """In the order of uploading."""
    serial: int


class PyPI:
    """The registry; `index_delay` is for how many seconds the simple index lags behind the JSON API."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.index_delay = 0.0
        self.serial = 1000
        """Grows with every change."""
        self.projects: dict[str, list[File]] = {}
        """Files by normalised project name, in the order of uploading."""
        self._states: dict[str, State] = {}
        self._views: dict[str, list[tuple[datetime, View]]] = {}
        """What was to be seen of a project since when, for an index that lags."""
        self._deleted: set[str] = set()
        """Names of files, which cannot be used again."""
        self._tokens: dict[str, Identity | None] = {}

    # Tokens

    def issue_token(self, publisher: Identity | None = None) -> str:
        """The token that a trusted publisher gets for its OIDC token; else an API token that may upload everything."""
        token = f"pypi-{secrets.token_urlsafe(24)}"
        self._tokens[token] = publisher
        return token

    def authenticate(self, token: str | None) -> Identity | None:
        """Who uploads, when it is a trusted publisher; Refused without a token that is known."""
        if token not in self._tokens:
            raise Refused(
                "Invalid or non-existent authentication information. See https://pypi.org/help/#invalid-auth for more "
                "information.",
                status=403,
            )
        return self._tokens[token]

    # What can be done

    def upload(
        self,
        filename: str,
        content: bytes,
        *,
        publisher: Identity | None = None,
        attestations: Sequence[Mapping[str, Any]] = (),
        at: datetime | None = None,
    ) -> File:
        """Take a wheel or sdist; its metadata is read in it. The same bytes again change nothing.

        `attestations` need a trusted `publisher`. `at` is when it was uploaded, if that is not now.

        Raises Refused with PyPI's words: the name is taken by other bytes, or was by a file that is deleted, a
        malformed name or platform tag, name and metadata that disagree, a second sdist, a release older than 14 days,
        a file too large, attestations that do not fit.
        """
        now = at or self._clock.now()
        if len(content) > MOST_BYTES:
            raise Refused(f"File too large. Limit for project is {MOST_BYTES // 1024**2} MB.")
        file = read_file(filename, content, now)
        project = canonicalize_name(file.name)
        files = self.projects.get(project, [])
        there = next((each for each in files if each.filename == filename), None)
        if there is not None and there.content == content:
            return there
        self._check_name(filename, there)
        self._check_release(file, [each for each in files if each.version == file.version])
        if attestations:
            file.provenance = _provenance(filename, content, publisher, attestations)
        self.projects.setdefault(project, []).append(file)
        self._changed(project)
        return file

    def _check_name(self, filename: str, there: File | None) -> None:
        if there is not None:
            raise Refused(f"File already exists ({filename!r}, with blake2_256 hash {there.blake2b!r}). {NO_REUSE}")
        if filename in self._deleted:
            raise Refused(
                "This filename was previously used by a file that has since been deleted. Use a different version. "
                + NO_REUSE
            )

    def _check_release(self, file: File, release: list[File]) -> None:
        if file.kind == "sdist" and any(each.kind == "sdist" for each in release):
            raise Refused("Only one sdist may be uploaded per release.")
        if release and file.uploaded_at - min(each.uploaded_at for each in release) > UPLOAD_WINDOW:
            raise Refused("Uploading new files to releases older than 14 days is not allowed.")

    def yank(self, project: str, version: str, reason: str = "") -> None:
        """Yank a release, as its owner does on the web: all its files."""
        self._set_yanked(project, version, reason)

    def unyank(self, project: str, version: str) -> None:
        """Take a yank back."""
        self._set_yanked(project, version, None)

    def _set_yanked(self, project: str, version: str, reason: str | None) -> None:
        for file in self.release(project, version):
            file.yanked = reason
        self._changed(canonicalize_name(project))

    def delete(self, project: str, version: str) -> None:
        """Delete a release; its files' names can never be used again."""
        files = self.release(project, version)
        self._deleted |= {file.filename for file in files}
        name = canonicalize_name(project)
        self.projects[name] = [file for file in self.projects.get(name, []) if file not in files]
        self._changed(name)

    def mark(self, project: str, status: str, reason: str | None = None) -> None:
        """Give a project a status of PEP 792; in quarantine none of its files can be had."""
        state = self.state(project)
        state.status, state.reason = status, reason
        self._changed(canonicalize_name(project))

    # What is there

    def release(self, project: str, version: str) -> list[File]:
        """The files of a version, in the order of uploading; both names may be spelt in any way."""
        files = self.projects.get(canonicalize_name(project), [])
        try:
            return [each for each in files if each.version == Version(version)]
        except InvalidVersion:
            return []

    def state(self, project: str) -> State:
        """What is said of a project as a whole."""
        return self._states.setdefault(canonicalize_name(project), State())

    def shown(self, project: str) -> View:
        """What the JSON API shows of a project, by its normalised name."""
        views = self._views.get(project)
        return View(tuple(self.projects.get(project, [])), views[-1][1].serial if views else self.serial)

    def indexed(self, project: str) -> View:
        """What the simple index shows of it, which may be what was there some time ago."""
        if not self.index_delay:
            return self.shown(project)
        as_of = self._clock.now() - timedelta(seconds=self.index_delay)
        seen = [view for since, view in self._views.get(project, []) if since <= as_of]
        return seen[-1] if seen else View((), self.serial)

    def _changed(self, project: str) -> None:
        self.serial += 1
        then = tuple(replace(file) for file in self.shown(project).files)
        self._views.setdefault(project, []).append((self._clock.now(), View(then, self.serial)))


def _provenance(
    filename: str, content: bytes, publisher: Identity | None, attestations: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    if publisher is None:
        raise Refused("Attestations are only supported when using Trusted Publishing")
    taken = [checked(each, filename, content, publisher) for each in attestations]
    return {"version": 1, "attestation_bundles": [{"publisher": publisher.publisher(), "attestations": taken}]}
