"""crates.io: its API, its sparse index (what cargo reads), its files and rendered READMEs; and docs.rs beside it.

Facts about the service: https://crates.io/data-access (one API request a second, a User-Agent that says who asks).
"""

import asyncio
import re
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec
from cachetools import LRUCache

from bot.plan.downstream.lock import IndexedVersion
from bot.registries.access import Access
from bot.registries.adapter import Adapter, Refused
from bot.registries.crates_io.archive import read_crate
from bot.registries.crates_io.facts import CrateArchive, DocsBuild, PathDependency, PreviousCrate, TrustedRun
from bot.registries.crates_io.found import CrateVersion
from bot.registries.crates_io.publishers import takes_tokens
from bot.registries.crates_io.sparse_index import (
    IndexLine,
    WholeLine,
    index_path,
    indexed,
    line_of,
    same,
    version_before,
    what_cargo_adds,
)
from bot.registries.crates_io.yanking import yank
from bot.registries.reader import Pace, Reader
from bot.registries.times import in_utc
from bot.release.found import Unreachable

MOST_PATH_DEPENDENCIES = 5
"""So many dependencies that live in the same repository are looked up."""
REMEMBERED_CRATES = 256
"""So many files and releases that can no longer change are kept in mind."""

_ABSENT_FILE = (403, 404)
"""The storage behind the CDN answers 403 for what it does not have."""
_MARKUP = re.compile(r"<[^>]*>|\s+")


Line = TypeVar("Line", bound=IndexLine)


class _Trusted(msgspec.Struct):
    repository: str | None = None
    project_path: str | None = None
    run_id: str | int | None = None
    job_id: str | int | None = None
    sha: str | None = None


class _Version(msgspec.Struct):
    num: str
    yanked: bool
    checksum: str | None = None
    yank_message: str | None = None
    created_at: datetime | None = None
    crate_size: int | None = None
    license: str | None = None
    repository: str | None = None
    rust_version: str | None = None
    has_lib: bool | None = None
    trustpub_data: _Trusted | None = None


class _VersionAnswer(msgspec.Struct):
    version: _Version


class _DocsStatus(msgspec.Struct):
    version: str
    doc_status: bool


class CratesIO(Adapter):
    """Reads crates.io, or a registry that answers like it. A process has one, for the API's interval to hold in it."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._reader = Reader(access.session, registry="crates.io", user_agent=access.user_agent, clock=access.clock)
        self._docs = Reader(access.session, registry="docs.rs", user_agent=access.user_agent, clock=access.clock)
        self._api_url = access.crates_api_url.rstrip("/")
        self._index_url = access.crates_index_url.rstrip("/")
        self._static_url = access.crates_static_url.rstrip("/")
        self._docs_url = access.docs_url.rstrip("/")
        self._pace = Pace(access.clock, access.crates_api_interval)
        self._archives: LRUCache[tuple[str, str], tuple[CrateArchive, tuple[tuple[str, str], ...]]] = LRUCache(
            REMEMBERED_CRATES
        )
        self._previous: LRUCache[tuple[str, str], PreviousCrate] = LRUCache(REMEMBERED_CRATES)

    async def look(self, name: str, version: str, *, evidence: bool = True) -> CrateVersion | Unreachable:
        """What API and index say of one version; both are asked, since cargo works only when both have it.

        The `evidence` (the file, the README, docs.rs, the release before) is asked for only once the index has the
        version: it is made after that, and an earlier "not there" could stay in a cache.
        """
        in_api, lines = await asyncio.gather(self._in_api(name, version), self._index(name))
        if isinstance(in_api, Unreachable):
            return in_api
        if isinstance(lines, Unreachable):
            return lines
        line = line_of(lines, version)
        found = CrateVersion(
            name=name,
            version=version,
            in_api=in_api is not None,
            in_index=line is not None,
            api_checksum=in_api.checksum if in_api else None,
            index_checksum=line.cksum if line else None,
            yanked=any(each is not None and each.yanked for each in (in_api, line)),
            readme=None,
            url=f"{self._api_url}/crates/{quote(name, safe='')}/{quote(version, safe='')}",
            gets=what_cargo_adds(lines),
        )
        if in_api is not None:
            found = _told(found, in_api)
        if not (evidence and line):
            return found
        return await self._with_evidence(found, lines, line.cksum)

    async def exists(self, name: str, version: str) -> bool | Unreachable:
        """Whether the version number is used up, yanked or not; the index is asked first, since it has no limit."""
        lines = await self._index(name)
        if not isinstance(lines, Unreachable) and line_of(lines, version):
            return True
        in_api = await self._in_api(name, version)
        if isinstance(in_api, _Version):
            return True
        return next((found for found in (in_api, lines) if isinstance(found, Unreachable)), False)

    async def knows(self, name: str) -> bool | Unreachable:
        """Whether the index has the crate."""
        lines = await self._index(name)
        return lines if isinstance(lines, Unreachable) else bool(lines)

    async def takes_tokens(self, name: str) -> bool | Unreachable:
        """Whether the crate is not for trusted publishers alone."""
        return await takes_tokens(self._reader, self._pace, self._api_url, name)

    @property
    def can_yank(self) -> bool:
        """Whether the operator gave a token for it."""
        return self._access.yank_token is not None

    async def yank(self, name: str, version: str, message: str) -> Refused | Unreachable | None:
        """Yank a version with the operator's token."""
        return await yank(self._access, name, version, message)

    async def _with_evidence(
        self, found: CrateVersion, lines: list[IndexLine], checksum: str
    ) -> CrateVersion | Unreachable:
        readme, archive, docs, previous = await asyncio.gather(
            self._readme(found.name, found.version),
            self._archive(found.name, found.version, checksum),
            self._docs_build(found),
            self._before(found, version_before(lines, found.version)),
        )
        for each in (readme, archive, previous):
            if isinstance(each, Unreachable):
                return each
        assert not isinstance(readme, Unreachable)  # noqa: S101 - for mypy, which does not follow the loop
        assert not isinstance(archive, Unreachable)  # noqa: S101
        assert not isinstance(previous, Unreachable)  # noqa: S101
        found = replace(found, readme=readme is not None, readme_text_size=readme, docs=docs, previous=previous)
        if archive is None:
            return found
        dependencies = await self._dependencies(archive[1])
        if isinstance(dependencies, Unreachable):
            return dependencies
        return replace(found, archive=archive[0], path_dependencies=dependencies)

    async def _in_api(self, name: str, version: str) -> _Version | None | Unreachable:
        url = f"{self._api_url}/api/v1/crates/{quote(name, safe='')}/{quote(version, safe='')}"
        body = await self._reader.get(url, accept="application/json", pace=self._pace)
        if not isinstance(body, bytes):
            return body
        answer = self._reader.decode(body, _VersionAnswer)
        if isinstance(answer, Unreachable):
            return answer
        if not same(answer.version.num, version):
            return self._reader.unreachable(f"asked for {version}, it answered about {answer.version.num}")
        return answer.version

    async def _index(self, name: str) -> list[IndexLine] | Unreachable:
        """Every version that cargo sees; none when the crate is not there."""
        return await self._index_lines(name, IndexLine)

    async def index(self, name: str) -> tuple[IndexedVersion, ...] | Unreachable:
        """Every version of a crate in the sparse index, with what it needs; none for a crate that is not there."""
        lines = await self._index_lines(name, WholeLine)
        return lines if isinstance(lines, Unreachable) else tuple(indexed(line) for line in lines)

    async def _index_lines(self, name: str, shape: type[Line]) -> list[Line] | Unreachable:
        body = await self._reader.get(f"{self._index_url}/{index_path(name)}", absent=(404, 410, 451))
        if not isinstance(body, bytes):
            return body or []
        lines = []
        for text in filter(None, body.splitlines()):
            line = self._reader.decode(text, shape)
            if isinstance(line, Unreachable):
                return line
            lines.append(line)
        return lines

    async def _readme(self, name: str, version: str) -> int | None | Unreachable:
        """Characters of text in the rendered README; None when there is none."""
        url = self._static("readmes", name, f"{name}-{version}.html")
        body = await self._reader.get(url, accept="text/html", absent=_ABSENT_FILE)
        if not isinstance(body, bytes):
            return body
        return len(_MARKUP.sub("", body.decode("utf-8", "replace"))) if body.strip() else None

    async def _archive(
        self, name: str, version: str, checksum: str
    ) -> tuple[CrateArchive, tuple[tuple[str, str], ...]] | None | Unreachable:
        url = self._static("crates", name, f"{name}-{version}.crate")
        if (url, checksum) in self._archives:
            return self._archives[url, checksum]
        body = await self._reader.get(url, absent=_ABSENT_FILE)
        if not isinstance(body, bytes):
            return body
        read = await asyncio.to_thread(read_crate, body)
        if read[0].sha256 == checksum:
            self._archives[url, checksum] = read
        return read

    async def _docs_build(self, found: CrateVersion) -> DocsBuild | None:
        """None also when docs.rs does not answer: it holds no release up."""
        if not self._docs_url or found.has_lib is False:
            return None
        page = f"{self._docs_url}/crate/{quote(found.name, safe='')}/{quote(found.version, safe='')}"
        body = await self._docs.get(f"{page}/status.json", accept="application/json")
        if isinstance(body, Unreachable):
            return None
        status = self._docs.decode(body, _DocsStatus) if body is not None else None
        if isinstance(status, Unreachable):
            return None
        return DocsBuild(status.version if status else None, bool(status and status.doc_status), f"{page}/builds")

    async def _before(self, found: CrateVersion, version: str | None) -> PreviousCrate | None | Unreachable:
        """The release before, if this one has no trusted publisher: whether it had one."""
        if version is None or found.trusted is not None:
            return None
        key = (found.name, version)
        if key not in self._previous:
            told = await self._in_api(found.name, version)
            if not isinstance(told, _Version):
                return told
            self._previous[key] = PreviousCrate(version, told.trustpub_data is not None, told.crate_size)
        return self._previous[key]

    async def _dependencies(self, wanted: tuple[tuple[str, str], ...]) -> tuple[PathDependency, ...] | Unreachable:
        found = []
        for name, requirement in wanted[:MOST_PATH_DEPENDENCIES]:
            lines = await self._index(name)
            if isinstance(lines, Unreachable):
                return lines
            versions = tuple(line.vers for line in lines if not line.yanked)
            found.append(PathDependency(name, requirement, versions))
        return tuple(found)

    def _static(self, folder: str, name: str, file: str) -> str:
        return f"{self._static_url}/{folder}/{quote(name, safe='')}/{quote(file, safe='')}"


def _told(found: CrateVersion, version: _Version) -> CrateVersion:
    """With what only the API says."""
    return replace(
        found,
        yank_message=version.yank_message,
        created_at=in_utc(version.created_at),
        size=version.crate_size,
        license=version.license,
        repository=version.repository,
        rust_version=version.rust_version,
        has_lib=version.has_lib,
        trusted=_trusted(version.trustpub_data) if version.trustpub_data else None,
    )


def _trusted(told: _Trusted) -> TrustedRun:
    """On GitHub it is a run that publishes, on GitLab a job."""
    run = told.run_id if told.run_id is not None else told.job_id
    return TrustedRun(told.repository or told.project_path, None if run is None else str(run), told.sha)
