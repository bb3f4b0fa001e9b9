"""PyPI: its JSON API (what was uploaded), its simple index (what pip reads) and its provenances.

Formats: https://docs.pypi.org/api/json/, https://docs.pypi.org/api/integrity/ and
https://packaging.python.org/en/latest/specifications/simple-repository-api/.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

import msgspec
from cachetools import LRUCache
from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import InvalidVersion, Version

from bot.registries.access import Access
from bot.registries.adapter import Adapter
from bot.registries.pypi.facts import IndexRelease, Provenance, ReleaseFile
from bot.registries.pypi.filenames import version_of
from bot.registries.pypi.found import PyPIRelease
from bot.registries.pypi.provenance import Unreadable, read_provenance
from bot.registries.pypi.simple_index import SimpleIndex, read_index, serial_of
from bot.registries.reader import Reader
from bot.registries.times import in_utc
from bot.release.found import Unreachable

PIP_ACCEPTS = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
"""Exactly what pip sends: the CDN keeps one cached index for each Accept header, and pip's is the one that counts."""
REMEMBERED_PROJECTS = 256
"""So many provenances, which do not change, are kept in mind."""


class _File(msgspec.Struct):
    filename: str
    digests: dict[str, str] = {}
    size: int | None = None
    upload_time_iso_8601: datetime | None = None
    upload_time: datetime | None = None
    requires_python: str | None = None
    yanked: bool | None = None
    yanked_reason: str | None = None


class _Info(msgspec.Struct):
    version: str
    yanked: bool | None = None
    yanked_reason: str | None = None
    description: str | None = None
    requires_python: str | None = None
    license: str | None = None
    license_expression: str | None = None
    home_page: str | None = None
    project_urls: dict[str, str | None] | None = None


class _Release(msgspec.Struct):
    info: _Info
    urls: list[_File]
    last_serial: int | str | None = None
    about_it: bool = True
    """Whether `info` is about this release."""


class _Project(msgspec.Struct):
    info: _Info
    releases: dict[str, list[_File]] = {}
    last_serial: int | str | None = None


class PyPI(Adapter):
    """Reads PyPI, or a server that answers like it."""

    def __init__(self, access: Access) -> None:
        self._reader = Reader(access.session, registry="PyPI", user_agent=access.user_agent, clock=access.clock)
        self._base_url = access.pypi_url.rstrip("/")
        self._provenances: LRUCache[tuple[str, str], Provenance] = LRUCache(REMEMBERED_PROJECTS)

    async def look(self, name: str, version: str) -> PyPIRelease | Unreachable:
        """What the JSON API, pip's index and the integrity API say of one version, in any spelling PEP 440 reads."""
        told, index = await asyncio.gather(self._in_json(name, version), self._in_index(name))
        if isinstance(index, Unreachable):
            return index
        served = True
        if told is None and index is not None:
            # A mirror may serve only the whole project, or no JSON at all.
            told, served = await self._in_project(name, version)
        if isinstance(told, Unreachable):
            return told
        releases = _by_version(index.files if index else (), name)
        indexed = next((each.files for each in releases if _same(each.version, version)), ())
        files = tuple(_file(found) for found in told.urls) if told else ()
        provenance = await self._provenance(name, version, indexed or files)
        if isinstance(provenance, Unreachable):
            return provenance
        reasons = (told.info.yanked_reason if told else None, *(file.yanked_reason for file in (*files, *indexed)))
        project = f"{self._base_url}/project/{canonicalize_name(name)}/"
        return PyPIRelease(
            name=name,
            version=version,
            in_json=told is not None,
            files=files,
            index_files=tuple(found.filename for found in indexed),
            yanked=bool(told and told.info.yanked) or any(found.yanked for found in indexed),
            has_description=_has_description(told),
            requires_python=_requires_python(told, (*files, *indexed)),
            url=f"{project}{_spelt(version)}/",
            json_served=served,
            status=index.status if index else "active",
            yanked_reason=next((reason for reason in reasons if reason), None),
            license=(told.info.license_expression or told.info.license) if told else None,
            links=_links(told.info) if told else (),
            releases=releases,
            provenance=provenance,
            stale_index=_is_older(index.serial if index else None, told.last_serial if told else None),
            project_url=project,
        )

    async def exists(self, name: str, version: str) -> bool | Unreachable:
        """Whether the version is there, yanked or not. (A deleted one is not seen; PyPI refuses its file names.)"""
        told, index = await asyncio.gather(self._in_json(name, version), self._in_index(name))
        files = index.files if isinstance(index, SimpleIndex) else ()
        if isinstance(told, _Release) or any(_same(version_of(file.filename, name) or "", version) for file in files):
            return True
        return next((found for found in (told, index) if isinstance(found, Unreachable)), False)

    async def knows(self, name: str) -> bool | Unreachable:
        """Whether the index has the project, with files or without."""
        index = await self._in_index(name)
        return index if isinstance(index, Unreachable) else index is not None

    async def _in_json(self, name: str, version: str) -> _Release | None | Unreachable:
        url = f"{self._base_url}/pypi/{_quoted(name)}/{quote(_spelt(version), safe='')}/json"
        body = await self._reader.get(url, accept="application/json")
        if not isinstance(body, bytes):
            return body
        found = self._reader.decode(body, _Release)
        if isinstance(found, _Release) and not _same(found.info.version, version):
            return self._reader.unreachable(f"asked for {version}, it answered about {found.info.version}")
        return found

    async def _in_project(self, name: str, version: str) -> tuple[_Release | None | Unreachable, bool]:
        """The release as the whole project's JSON has it, and whether there is such a JSON."""
        body = await self._reader.get(f"{self._base_url}/pypi/{_quoted(name)}/json", accept="application/json")
        if not isinstance(body, bytes):
            return body, body is not None
        project = self._reader.decode(body, _Project)
        if isinstance(project, Unreachable):
            return project, True
        files = next((found for spelt, found in project.releases.items() if _same(spelt, version)), None)
        if files is None:
            return None, True
        # `info` is about the newest version; of another one only the files tell.
        if _same(project.info.version, version):
            return _Release(project.info, files, project.last_serial), True
        return _Release(_Info(version), files, project.last_serial, about_it=False), True

    async def _in_index(self, name: str) -> SimpleIndex | None | Unreachable:
        """pip's index of the project; None when the project is not there."""
        body = await self._reader.get(f"{self._base_url}/simple/{_quoted(name)}/", accept=PIP_ACCEPTS)
        if not isinstance(body, bytes):
            return body
        try:
            return read_index(body)
        except (ValueError, RecursionError) as mistake:  # msgspec's errors are ValueErrors
            return self._reader.unreachable(f"an index of an unexpected shape ({mistake})")

    async def _provenance(
        self, name: str, version: str, files: Sequence[ReleaseFile]
    ) -> tuple[Provenance, ...] | Unreachable:
        """Of the sdist and one wheel, unless the index says that they have none."""
        found = []
        for file in _sample(files):
            key = (file.filename, file.sha256)
            if key not in self._provenances:
                url = f"{self._base_url}/integrity/{_quoted(name)}/{quote(_spelt(version), safe='')}"
                url = f"{url}/{quote(file.filename, safe='')}/provenance"
                body = await self._reader.get(url, accept="application/json", absent=(403, 404, 406))
                if isinstance(body, Unreachable):
                    return body
                if body is None:
                    break  # what a file does not have, its sibling rarely has
                self._provenances[key] = _read(file.filename, body, url)
            found.append(self._provenances[key])
        return tuple(found)


def _sample(files: Sequence[ReleaseFile]) -> list[ReleaseFile]:
    wheels = [file for file in files if file.filename.endswith(".whl")][:1]
    others = [file for file in files if not file.filename.endswith(".whl")][:1]
    return [file for file in (*others, *wheels) if file.has_provenance is not False]


def _read(filename: str, body: bytes, url: str) -> Provenance:
    try:
        return Provenance(filename, read_provenance(body), url)
    except Unreadable as why:
        return Provenance(filename, (), url, unreadable=str(why))


def _by_version(files: Sequence[ReleaseFile], name: str) -> tuple[IndexRelease, ...]:
    found: dict[str, list[ReleaseFile]] = {}
    for file in files:
        version = version_of(file.filename, name)
        if version is not None:
            found.setdefault(canonicalize_version(version), []).append(file)
    spelt = {key: str(Version(version_of(each[0].filename, name) or key)) for key, each in found.items()}
    ordered = sorted(found, key=lambda key: Version(spelt[key]))
    return tuple(IndexRelease(spelt[key], tuple(found[key])) for key in ordered)


def _file(found: _File) -> ReleaseFile:
    return ReleaseFile(
        filename=found.filename,
        sha256=found.digests.get("sha256", ""),
        size=found.size,
        uploaded_at=in_utc(found.upload_time_iso_8601 or found.upload_time),
        requires_python=found.requires_python or None,
        yanked=bool(found.yanked),
        yanked_reason=found.yanked_reason,
    )


def _requires_python(told: _Release | None, files: Sequence[ReleaseFile]) -> str | None:
    """The release's own word, which PyPI takes from the first file; without it, what the files say."""
    if told and told.info.requires_python:
        return told.info.requires_python
    return next((file.requires_python for file in files if file.requires_python), None)


def _links(info: _Info) -> tuple[str, ...]:
    found = (info.home_page, *(info.project_urls or {}).values())
    return tuple(dict.fromkeys(link for link in found if link))


def _has_description(told: _Release | None) -> bool | None:
    """Whether there is a description; old tools upload the word UNKNOWN when there is none."""
    if told is None or not told.about_it:
        return None
    return (told.info.description or "").strip() not in ("", "UNKNOWN")


def _is_older(index: int | None, told: int | str | None) -> bool:
    serial = serial_of(told)
    return index is not None and serial is not None and index < serial


def _same(one: str, other: str) -> bool:
    """Whether PEP 440 takes two spellings for one version: `1.0.0-rc.1` is `1.0rc1`."""
    return canonicalize_version(one) == canonicalize_version(other)


def _spelt(version: str) -> str:
    """The version as PyPI spells it; what is no version stays as it is, and is not found."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def _quoted(name: str) -> str:
    return quote(canonicalize_name(name), safe="")
