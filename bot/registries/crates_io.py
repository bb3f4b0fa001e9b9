"""crates.io: its API, its sparse index (what cargo reads) and its rendered READMEs.

Facts about the service: https://crates.io/data-access (one API request a second, a User-Agent that says who asks)
and https://doc.rust-lang.org/cargo/reference/registry-index.html.
"""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from bot.clock import Clock
from bot.registries.facts import CrateVersion, IndexedNeed, IndexedVersion, Unreachable
from bot.registries.reader import Pace, Reader

API_URL = "https://crates.io"
INDEX_URL = "https://index.crates.io"
STATIC_URL = "https://static.crates.io"
API_INTERVAL = 1.0
"""Seconds between API requests that crates.io asks every crawler to keep."""


class _Version(msgspec.Struct):
    num: str
    yanked: bool
    checksum: str | None = None


class _VersionAnswer(msgspec.Struct):
    version: _Version


class _IndexLine(msgspec.Struct):
    vers: str
    cksum: str
    yanked: bool


class _WholeLine(_IndexLine):
    deps: list[dict[str, Any]]
    features: dict[str, list[str]] = {}
    features2: dict[str, list[str]] | None = None


class CratesIO:
    """Reads crates.io, or a registry that answers like it. A process has one, for `api_interval` to hold in it.

    The addresses are origins without a path below which the real service's paths follow: `/api/v1/crates/…` on
    `api_url`, `/ed/ge/edgequake-llm` on `index_url`, `/readmes/…` on `static_url`.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        user_agent: str,
        clock: Clock,
        api_url: str = API_URL,
        index_url: str = INDEX_URL,
        static_url: str = STATIC_URL,
        api_interval: float = API_INTERVAL,
    ) -> None:
        self._reader = Reader(session, registry="crates.io", user_agent=user_agent, clock=clock)
        self._api_url = api_url.rstrip("/")
        self._index_url = index_url.rstrip("/")
        self._static_url = static_url.rstrip("/")
        self._pace = Pace(clock, api_interval)

    async def version(self, name: str, version: str, *, readme: bool = True) -> CrateVersion | Unreachable:
        """What API and index say of one version; both are asked, since cargo works only when both have it.

        The README is asked for (when `readme`) only once the index has the version: it is rendered after that, and
        an earlier "not there" could stay in a cache.
        """
        in_api, in_index = await asyncio.gather(self._in_api(name, version), self._in_index(name, version))
        if isinstance(in_api, Unreachable):
            return in_api
        if isinstance(in_index, Unreachable):
            return in_index
        rendered = await self._readme(name, version) if readme and in_index else None
        if isinstance(rendered, Unreachable):
            return rendered
        return CrateVersion(
            name=name,
            version=version,
            in_api=in_api is not None,
            in_index=in_index is not None,
            api_checksum=in_api.checksum if in_api else None,
            index_checksum=in_index.cksum if in_index else None,
            yanked=any(found is not None and found.yanked for found in (in_api, in_index)),
            readme=rendered,
            url=f"{self._api_url}/crates/{quote(name, safe='')}/{quote(version, safe='')}",
        )

    async def exists(self, name: str, version: str) -> bool | Unreachable:
        """Whether the version number is used up, yanked or not; the index is asked first, since it has no limit."""
        in_index = await self._in_index(name, version)
        if isinstance(in_index, _IndexLine):
            return True
        in_api = await self._in_api(name, version)
        if isinstance(in_api, _Version):
            return True
        return next((found for found in (in_api, in_index) if isinstance(found, Unreachable)), False)

    async def _in_api(self, name: str, version: str) -> _Version | None | Unreachable:
        url = f"{self._api_url}/api/v1/crates/{quote(name, safe='')}/{quote(version, safe='')}"
        body = await self._reader.get(url, accept="application/json", pace=self._pace)
        if not isinstance(body, bytes):
            return body
        answer = self._reader.decode(body, _VersionAnswer)
        if isinstance(answer, Unreachable):
            return answer
        if not _same(answer.version.num, version):
            return self._reader.unreachable(f"asked for {version}, it answered about {answer.version.num}")
        return answer.version

    async def _in_index(self, name: str, version: str) -> _IndexLine | None | Unreachable:
        body = await self._reader.get(f"{self._index_url}/{index_path(name)}", absent=(404, 410, 451))
        if not isinstance(body, bytes):
            return body
        for text in filter(None, body.splitlines()):
            line = self._reader.decode(text, _IndexLine)
            if isinstance(line, Unreachable) or _same(line.vers, version):
                return line
        return None

    async def index(self, name: str) -> tuple[IndexedVersion, ...] | Unreachable:
        """Every version of a crate in the sparse index, with what it needs; none for a crate that is not there."""
        body = await self._reader.get(f"{self._index_url}/{index_path(name)}", absent=(404, 410, 451))
        if not isinstance(body, bytes):
            return body or ()
        lines = [self._reader.decode(text, _WholeLine) for text in body.splitlines() if text]
        broken = next((line for line in lines if isinstance(line, Unreachable)), None)
        return broken or tuple(_indexed(line) for line in lines if isinstance(line, _WholeLine))

    async def _readme(self, name: str, version: str) -> bool | Unreachable:
        path = f"{quote(name, safe='')}/{quote(name, safe='')}-{quote(version, safe='')}.html"
        # The storage behind the CDN answers 403 for what it does not have.
        body = await self._reader.get(f"{self._static_url}/readmes/{path}", accept="text/html", absent=(403, 404))
        return body if isinstance(body, Unreachable) else bool(body and body.strip())


def index_path(name: str) -> str:
    """Where the sparse index keeps a crate: `edgequake-llm` → `ed/ge/edgequake-llm`, percent-encoded."""
    lower = name.lower()
    parts = {0: (), 1: ("1",), 2: ("2",), 3: ("3", lower[:1])}.get(len(lower), (lower[:2], lower[2:4]))
    return "/".join(quote(part, safe="") for part in (*parts, lower))


def _indexed(line: _WholeLine) -> IndexedVersion:
    needs = (
        IndexedNeed(
            str(need.get("package") or need.get("name")),
            str(need.get("req")),
            json.dumps({key: value for key, value in need.items() if key != "req"}, sort_keys=True),
        )
        for need in line.deps
    )
    features = json.dumps({**line.features, **(line.features2 or {})}, sort_keys=True)
    return IndexedVersion(line.vers, line.cksum, line.yanked, tuple(needs), features)


def _same(one: str, other: str) -> bool:
    """Whether two SemVer versions take the same place: crates.io ignores build metadata there."""
    return one.partition("+")[0] == other.partition("+")[0]
