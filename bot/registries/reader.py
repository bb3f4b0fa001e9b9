"""Polite, bounded, patient GET requests: the one way in which the registries are read.

What callers may rely on: a request ends within `TIME_OUT` seconds and an answer within `MOST_BYTES`; a read that
failed by chance is tried again a few times; a registry that asks for a pause gets it; what it gave with an ETag is
transferred again only if it changed; "not there" and "could not be asked" are different answers; nothing raises.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import aiohttp
import msgspec
import stamina
from yarl import URL

from bot.clock import Clock
from bot.registries.cache import Cache
from bot.release.found import Unreachable

TIME_OUT = 10.0
"""Seconds for one request, body included."""
MOST_BYTES = 32 * 1024 * 1024
"""The simple index of the largest projects is some 20 MB."""
LONGEST_PAUSE = 5.0
"""Seconds. A longer Retry-After is not waited for: the read fails, and so does each read until then, unsent."""
PAUSE_UNSAID = 30.0
"""Seconds to keep away after a 429 that names no time."""

T = TypeVar("T")


class Pace:
    """Turns at least `interval` seconds of the clock's time apart, in the order of asking."""

    def __init__(self, clock: Clock, interval: float) -> None:
        self._clock = clock
        self._interval = timedelta(seconds=interval)
        self._free_at: datetime | None = None

    async def turn(self) -> None:
        """Return when it is the caller's turn."""
        now = self._clock.now()
        start = max(now, self._free_at or now)
        self._free_at = start + self._interval
        if start > now:
            await self._clock.sleep((start - now).total_seconds())


class _Failed(Exception):
    """A read that did not succeed; with `retry`, another try may."""

    def __init__(self, why: str, *, retry: bool = False) -> None:
        super().__init__(why)
        self.retry = retry


def _worth_another_try(failure: Exception) -> bool:
    if isinstance(failure, _Failed):
        return failure.retry
    return isinstance(failure, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | TimeoutError)


_patiently = stamina.AsyncRetryingCaller(attempts=3, timeout=15.0, wait_initial=0.3, wait_max=2.0, wait_jitter=0.3).on(
    _worth_another_try
)


class Reader:
    """Reads one registry. `registry` is the name people know it by, `user_agent` says who asks."""

    def __init__(self, session: aiohttp.ClientSession, *, registry: str, user_agent: str, clock: Clock) -> None:
        self._session = session
        self._registry = registry
        self._user_agent = user_agent
        self._clock = clock
        self._cache = Cache()
        self._closed_until: dict[str, datetime] = {}
        """By host: when a registry that asked for a pause may be asked again."""

    async def get(
        self, url: str, *, accept: str = "*/*", absent: Collection[int] = (404,), pace: Pace | None = None
    ) -> bytes | None | Unreachable:
        """The body at `url`, None when the registry says that it is not there (by a status in `absent`).

        `url` is percent-encoded already.
        """
        target = URL(url, encoded=True)
        try:
            return await _patiently(self._get_once, target, accept, absent, pace)
        except TimeoutError:
            return self.unreachable(f"{target.host} did not answer within {TIME_OUT:.0f} s")
        except _Failed as failed:
            return self.unreachable(str(failed))
        except aiohttp.ClientError as failure:
            return self.unreachable(f"{target.host} could not be read ({type(failure).__name__})")

    def decode(self, body: bytes, shape: type[T]) -> T | Unreachable:
        """JSON as `shape`; an answer of another shape tells nothing about the release."""
        try:
            return msgspec.json.decode(body, type=shape)
        except (ValueError, RecursionError) as mistake:
            return self.unreachable(f"an answer of an unexpected shape ({mistake})")

    def unreachable(self, why: str) -> Unreachable:
        """That this registry could not be asked."""
        return Unreachable(self._registry, why)

    async def _get_once(self, url: URL, accept: str, absent: Collection[int], pace: Pace | None) -> bytes | None:
        await self._keep_pause(url)
        if pace is not None:
            await pace.turn()
        headers = {"Accept": accept, "User-Agent": self._user_agent}
        kept = self._cache.get(str(url), accept)
        if kept is not None:
            headers["If-None-Match"] = kept.etag
        timeout = aiohttp.ClientTimeout(total=TIME_OUT)
        async with self._session.get(url, headers=headers, timeout=timeout, max_redirects=3) as response:
            if response.status == 304 and kept is not None:
                return kept.body
            if response.status == 200:
                body = await _bounded(response.content)
                self._cache.keep(str(url), accept, response.headers.get("ETag"), body)
                return body
            if response.status in absent:
                return None
            if response.status == 429:
                seconds = _seconds(response.headers.get("Retry-After"), self._clock.now())
                self._closed_until[url.authority] = self._clock.now() + timedelta(seconds=seconds)
                raise _Failed(f"{url.host} limits requests", retry=True)
            raise _Failed(f"HTTP {response.status} from {url.host}", retry=response.status >= 500)

    async def _keep_pause(self, url: URL) -> None:
        """Wait out a short pause that the registry asked for; a long one is an answer of its own."""
        until = self._closed_until.get(url.authority)
        seconds = (until - self._clock.now()).total_seconds() if until else 0.0
        if seconds > LONGEST_PAUSE:
            raise _Failed(f"{url.host} limits requests and asks for a pause until {until:%H:%M:%S} UTC")
        if seconds > 0:
            await self._clock.sleep(seconds)


async def _bounded(stream: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in stream.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > MOST_BYTES:
            raise _Failed(f"an answer of more than {MOST_BYTES // 1024**2} MiB")
    return bytes(body)


def _seconds(retry_after: str | None, now: datetime) -> float:
    """`Retry-After` in either of its forms: seconds (PyPI) or an HTTP date (crates.io)."""
    if retry_after is None:
        return PAUSE_UNSAID
    if retry_after.strip().isdecimal():
        return float(min(int(retry_after.strip()[:9]), 86_400))
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return PAUSE_UNSAID
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), 86_400.0)
