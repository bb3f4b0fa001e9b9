"""PyPI: its JSON API (what was uploaded) and its simple index (what pip reads).

Formats: https://docs.pypi.org/api/json/ and
https://packaging.python.org/en/latest/specifications/simple-repository-api/.
"""

import asyncio
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

import aiohttp
import msgspec
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    canonicalize_version,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from bot.clock import Clock
from bot.registries.facts import PyPIRelease, ReleaseFile, Unreachable
from bot.registries.reader import Reader

BASE_URL = "https://pypi.org"
PIP_ACCEPTS = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
"""Exactly what pip sends: the CDN keeps one cached index for each Accept header, and pip's is the one that counts."""


class _Digests(msgspec.Struct):
    sha256: str


class _File(msgspec.Struct):
    filename: str
    digests: _Digests
    size: int | None = None
    upload_time_iso_8601: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    requires_python: str | None = None
    yanked: bool = False


class _Info(msgspec.Struct):
    version: str
    yanked: bool = False
    description: str | None = None
    requires_python: str | None = None


class _Release(msgspec.Struct):
    info: _Info
    urls: list[_File]


class _IndexFile(msgspec.Struct):
    filename: str
    yanked: bool | str = False


class _Index(msgspec.Struct):
    files: list[_IndexFile]


class PyPI:
    """Reads PyPI, or a server that answers like it; `base_url` is its origin."""

    def __init__(
        self, session: aiohttp.ClientSession, *, user_agent: str, clock: Clock, base_url: str = BASE_URL
    ) -> None:
        self._reader = Reader(session, registry="PyPI", user_agent=user_agent, clock=clock)
        self._base_url = base_url.rstrip("/")

    async def release(self, name: str, version: str) -> PyPIRelease | Unreachable:
        """What the JSON API and pip's index say of one version. `version` may be spelt in any way PEP 440 reads."""
        in_json, in_index = await self._ask_both(name, version)
        if isinstance(in_json, Unreachable):
            return in_json
        if isinstance(in_index, Unreachable):
            return in_index
        return PyPIRelease(
            name=name,
            version=version,
            in_json=in_json is not None,
            files=tuple(_file(found) for found in in_json.urls) if in_json else (),
            index_files=tuple(found.filename for found in in_index),
            yanked=bool(in_json and in_json.info.yanked) or any(found.yanked for found in in_index),
            has_description=in_json is not None and _says_something(in_json.info.description),
            requires_python=in_json.info.requires_python if in_json else None,
            url=f"{self._base_url}/project/{canonicalize_name(name)}/{_spelt(version)}/",
        )

    async def exists(self, name: str, version: str) -> bool | Unreachable:
        """Whether the version is there, yanked or not. (A deleted one is not seen; PyPI refuses its file names.)"""
        in_json, in_index = await self._ask_both(name, version)
        if isinstance(in_json, _Release) or (isinstance(in_index, list) and in_index):
            return True
        return next((found for found in (in_json, in_index) if isinstance(found, Unreachable)), False)

    async def _ask_both(
        self, name: str, version: str
    ) -> tuple[_Release | None | Unreachable, list[_IndexFile] | Unreachable]:
        return await asyncio.gather(self._in_json(name, version), self._in_index(name, version))

    async def _in_json(self, name: str, version: str) -> _Release | None | Unreachable:
        project = quote(canonicalize_name(name), safe="")
        url = f"{self._base_url}/pypi/{project}/{quote(_spelt(version), safe='')}/json"
        body = await self._reader.get(url, accept="application/json")
        if not isinstance(body, bytes):
            return body
        found = self._reader.decode(body, _Release)
        if isinstance(found, _Release) and not _same(found.info.version, version):
            return self._reader.unreachable(f"asked for {version}, it answered about {found.info.version}")
        return found

    async def _in_index(self, name: str, version: str) -> list[_IndexFile] | Unreachable:
        """The version's files in pip's index; none when the project is not there."""
        project = quote(canonicalize_name(name), safe="")
        body = await self._reader.get(f"{self._base_url}/simple/{project}/", accept=PIP_ACCEPTS)
        if body is None:
            return []
        index = body if isinstance(body, Unreachable) else self._reader.decode(body, _Index)
        if isinstance(index, Unreachable):
            return index
        return [file for file in index.files if _same(_version_of(file.filename), version)]


def _file(found: _File) -> ReleaseFile:
    return ReleaseFile(
        filename=found.filename,
        sha256=found.digests.sha256,
        size=found.size,
        uploaded_at=found.upload_time_iso_8601,
        requires_python=found.requires_python,
        yanked=found.yanked,
    )


def _version_of(filename: str) -> str:
    """The version in a file's name; empty for names of long gone kinds (eggs, installers)."""
    try:
        version = parse_wheel_filename(filename)[1] if filename.endswith(".whl") else parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return ""
    return str(version)


def _same(one: str, other: str) -> bool:
    """Whether PEP 440 takes two spellings for one version: `1.0.0-rc.1` is `1.0rc1`."""
    return canonicalize_version(one) == canonicalize_version(other)


def _spelt(version: str) -> str:
    """The version as PyPI spells it; what is no version stays as it is, and is not found."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def _says_something(description: str | None) -> bool:
    """Whether there is a description; old tools upload the word UNKNOWN when there is none."""
    return (description or "").strip() not in ("", "UNKNOWN")
