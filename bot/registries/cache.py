"""Answers that a registry lets us keep: what has an ETag is asked for again only if it changed. Bounded."""

from collections import OrderedDict
from dataclasses import dataclass

MOST_ENTRIES = 512
MOST_CACHED_BYTES = 48 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A body and the ETag under which the server gave it."""

    etag: str
    body: bytes


class Cache:
    """The answers used last; older ones make room."""

    def __init__(self, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_CACHED_BYTES) -> None:
        self._most_entries, self._most_bytes = most_entries, most_bytes
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._bytes = 0

    def get(self, url: str, accept: str) -> Kept | None:
        """What was kept of an address, asked in that way."""
        found = self._kept.get((url, accept))
        if found is not None:
            self._kept.move_to_end((url, accept))
        return found

    def keep(self, url: str, accept: str, etag: str | None, body: bytes) -> None:
        """Keep an answer that has an ETag; one that has none replaces what was kept by nothing."""
        before = self._kept.pop((url, accept), None)
        self._bytes -= len(before.body) if before else 0
        if etag is None or len(body) > self._most_bytes:
            return
        self._kept[url, accept] = Kept(etag, body)
        self._bytes += len(body)
        while len(self._kept) > self._most_entries or self._bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body)
