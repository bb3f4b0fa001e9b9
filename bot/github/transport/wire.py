"""The way to GitHub: gidgethub's client with what a server needs beside it.

One API instance holds one credential and one cache of ETags, for GitHub's ETags differ from token to token and
gidgethub's cache knows only the address.
"""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import cachetools
import stamina
from gidgethub import sansio
from gidgethub.aiohttp import GitHubAPI

from bot.clock import Clock
from bot.github.errors import GitHubError, Unavailable

log = logging.getLogger(__name__)

API_VERSION = "2022-11-28"
"""Pull requests still have `merge_commit_sha` in it. The next one is of 2026-03-10, so this one is answered until March
2028 at least: a version is supported for 24 months after its successor (https://docs.github.com/rest/overview/api-versions).
"""
TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)
MOST_RECEIVED_BYTES = 64 * 1024**2
"""An answer longer than this is not read: fifty files of half a megabyte, with room for JSON's escapes."""
MOST_FILE_BYTES = 32 * 1024**2
"""A file that GitHub keeps elsewhere (a log) is given up when it is longer."""
TRIES = 3
"""Of a GET; anything else is sent once, for it may have happened although no answer came. (aiohttp itself sends a GET
or DELETE again when a connection it had kept turns out to be dead; what we DELETE may well be deleted twice.)
"""
SPREADING = timedelta(seconds=5)
"""A new token takes so long, at most, to be known everywhere at GitHub; refusals until then are not believed.

https://github.com/octokit/auth-app.js/issues/65 (401) and https://github.com/octokit/auth-app.js/issues/589 (403)
"""
NO_MATTER_OF_A_TOKEN = (
    *(b"over a month ago", b"cannot be retried", b"already running", b"no failed jobs"),
    *(b"archived", b"is locked", b"suspended", b"upgrade to"),
)
"""Words of refusals that are believed at once: docs/live-check.md#refusal-words."""
CACHED_ANSWERS = 256
MOST_WORDS = 500
"""Of what git's server says to a refusal in HTTP, in bytes."""
_GIT = "application/x-git-receive-pack"
"""How the media types of a push begin: https://git-scm.com/docs/gitprotocol-http."""

Authorization = Callable[[], str]
"""Gives the value of the Authorization header at the moment of sending."""


class GitRefused(Exception):
    """git's server answered no push: its status, headers and words."""

    def __init__(self, status: int, headers: Mapping[str, str], words: str) -> None:
        """`words` are plain text, often none."""
        super().__init__(words or f"GitHub answered {status}")
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they were on the wire; of the request's headers nothing is kept."""

    method: str
    url: str
    sent: bytes
    status: int
    headers: Mapping[str, str]
    received: bytes


@dataclass(slots=True)
class Wire:
    """What all clients of one bot share."""

    session: aiohttp.ClientSession
    base_url: str
    """REST's address, without a slash at the end."""
    user_agent: str
    clock: Clock
    requests: int = 0
    """HTTP requests sent until now, repetitions included."""
    limited_until: dict[str, datetime] = field(default_factory=dict)
    """By the name of a rate limit (an installation's, the App's): not to be asked before then."""
    heard: Callable[[Exchange], None] | None = None
    """Hears of every answer; only `live-check` listens."""

    @property
    def graphql_url(self) -> str:
        """GraphQL's address: beside REST, which GitHub Enterprise Server keeps under /api/v3."""
        beside = self.base_url.removesuffix("/v3") if self.base_url.endswith("/api/v3") else self.base_url
        return f"{beside}/graphql"

    @property
    def git_url(self) -> str:
        """Where repositories are cloned from: the host without the `api.` of REST's, or its `/api/v3`.

        https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
        """
        return self.base_url.removesuffix("/api/v3").replace("://api.", "://", 1)


class WireAPI(GitHubAPI):
    """gidgethub's client for one credential. Server errors and silence are Unavailable, after retries of a GET."""

    def __init__(self, wire: Wire, authorization: Authorization, *, valid_since: datetime | None = None) -> None:
        """`valid_since` is when a token was made; None for credentials that need not spread."""
        super().__init__(
            wire.session,
            wire.user_agent,
            base_url=wire.base_url,
            cache=cachetools.LRUCache(CACHED_ANSWERS),
        )
        self._wire = wire
        self._authorization = authorization
        self._valid_since = valid_since

    async def run_document(self, document: str, variables: Mapping[str, Any]) -> tuple[Any, Mapping[str, str]]:
        """Send a GraphQL document; the decoded answer and its headers. Only HTTP failures raise.

        gidgethub's own `graphql` asks api.github.com whatever the base address is, and drops partial data.
        """
        headers = sansio.create_headers(self.requester, accept=sansio.accept_format())
        headers["content-type"] = "application/json; charset=utf-8"
        body = json.dumps({"query": document, "variables": variables}).encode()
        status, answered, data = await self._request("POST", self._wire.graphql_url, headers, body)
        answer, _, _ = sansio.decipher_response(status, answered, data)
        return answer, answered

    async def git(self, method: str, path: str, body: bytes = b"") -> bytes:
        """One step of a push, with the token as git is given it; only HTTP failures raise.

        https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
        """
        token = self._authorization().partition(" ")[2]
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        headers = {"user-agent": self.requester or "", "authorization": f"Basic {basic}"}
        if method == "POST":
            headers["content-type"] = f"{_GIT}-request"
        headers["accept"] = f"{_GIT}-{'advertisement' if method == 'GET' else 'result'}"
        status, answered, data = await self._request(method, self._wire.git_url + path, headers, body)
        if status != 200:
            raise GitRefused(status, answered, data[:MOST_WORDS].decode(errors="replace").strip())
        return data

    async def location(self, path: str, variables: Mapping[str, Any]) -> str:
        """Where GitHub sends on to for a file that it keeps elsewhere. Only HTTP failures raise.

        Asked without going there: that is another host, which gets no credential.
        """
        headers = sansio.create_headers(self.requester, accept=sansio.accept_format())
        url = sansio.format_url(path, variables, base_url=self.base_url)
        status, answered, data = await self._send("GET", url, headers, b"", follow=False)
        if status != 302:
            sansio.decipher_response(status, answered, data)
            raise Unavailable(f"GitHub answered {status} where it sends on")
        return answered["location"]

    async def end_of_file(self, url: str, keep: int) -> bytes:
        """The last `keep` bytes of a file at another host, asked for without the credential."""
        self._wire.requests += 1
        try:
            async with self._wire.session.get(
                url, headers={"User-Agent": self.requester or ""}, timeout=TIMEOUT
            ) as response:
                if response.status != 200:
                    raise Unavailable(f"the file that GitHub keeps elsewhere cannot be read: {response.status}")
                data = await _read_end(response, keep)
                if self._wire.heard is not None:  # without the signature that lets anybody read it
                    told = url.partition("?")[0]
                    self._wire.heard(Exchange("GET", told, b"", response.status, response.headers, data))
                return data
        except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
            # Not chained: the address holds a signature that lets anybody read the file.
            raise Unavailable(f"a file that GitHub keeps elsewhere: {type(failure).__name__}") from None

    async def sleep(self, seconds: float) -> None:
        """Wait by the bot's clock."""
        await self._wire.clock.sleep(seconds)

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        if method != "GET":
            return await self._send_until_known(method, url, headers, body)
        async for attempt in stamina.retry_context(on=Unavailable, attempts=TRIES, wait_initial=0.2, wait_max=2.0):
            with attempt:
                return await self._send_until_known(method, url, headers, body)
        raise AssertionError("stamina raises when all tries failed")

    async def _send_until_known(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send; again after a growing pause while GitHub may not know the token yet (a refusal changed nothing)."""
        pause = 0.25
        while True:
            status, answered, data = await self._send(method, url, headers, body)
            believed = status not in (401, 403) or _is_limit(answered) or _says_why(data)
            if believed or not self._still_spreading(pause):
                return status, answered, data
            await self.sleep(pause)
            pause *= 2

    def _still_spreading(self, pause: float) -> bool:
        if self._valid_since is None:
            return False
        return self._wire.clock.now() + timedelta(seconds=pause) <= self._valid_since + SPREADING

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, follow: bool = True
    ) -> tuple[int, Mapping[str, str], bytes]:
        whole = {"authorization": self._authorization(), "x-github-api-version": API_VERSION, **headers}
        self._wire.requests += 1
        try:
            async with self._wire.session.request(
                method, url, headers=whole, data=body, timeout=TIMEOUT, allow_redirects=follow and method == "GET"
            ) as response:
                status, data = response.status, await _read(response)
                log.debug("%s %s: %d", method, url, status)
                if self._wire.heard is not None:
                    self._wire.heard(Exchange(method, url, body, status, response.headers, data))
                if status >= 500:
                    raise Unavailable(f"GitHub answered {status} to {method} {response.url.path}")
                if status < 300 and data and not _is_answer(response.content_type, headers):
                    raise Unavailable(f"GitHub answered {method} {response.url.path} with {response.content_type}")
                return status, response.headers, data
        except (aiohttp.ClientError, TimeoutError) as failure:
            # Not chained: aiohttp's errors can hold the request's headers, and so the token.
            raise Unavailable(f"GitHub did not answer: {type(failure).__name__}") from None


def _is_answer(content_type: str, headers: Mapping[str, str]) -> bool:
    """Whether that is what was asked for: JSON, or git's own answer to a push."""
    asked = headers.get("accept", "")
    return content_type == asked if asked.startswith(_GIT) else content_type.endswith("json")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MOST_RECEIVED_BYTES:
            raise GitHubError(f"GitHub's answer is longer than {MOST_RECEIVED_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


async def _read_end(response: aiohttp.ClientResponse, keep: int) -> bytes:
    end, size = bytearray(), 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MOST_FILE_BYTES:
            raise GitHubError(f"a file that GitHub keeps elsewhere is longer than {MOST_FILE_BYTES} bytes")
        end += part
        del end[:-keep]
    return bytes(end)


def _says_why(refusal: bytes) -> bool:
    """Whether a refusal names a reason that has nothing to do with the token."""
    said = refusal[:MOST_WORDS].lower()
    return any(words in said for words in NO_MATTER_OF_A_TOKEN)


def _is_limit(headers: Mapping[str, str]) -> bool:
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
