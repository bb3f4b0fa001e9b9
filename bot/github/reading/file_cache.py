"""Files that were seen before, which need not be asked for again: what a commit holds never changes."""

from collections.abc import Sequence

import cachetools

from bot.github.facts import RepositoryRef
from bot.github.reading.files import REGULAR, Listing, blob_id, list_tree, read_files
from bot.github.transport.client import Client

MOST_PATHS = 50_000
"""Paths that are remembered, of all commits together."""
MOST_REMEMBERED_BYTES = 32 * 1024 * 1024
"""Content that is remembered."""
OVERHEAD = 100
"""Bytes that an empty file counts for."""


class FileCache:
    """Listings by their commit, and contents by git's own hash of them, apart for each repository."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._listings: cachetools.LRUCache[tuple[int, str], Listing] = cachetools.LRUCache(MOST_PATHS, getsizeof=len)
        self._blobs: cachetools.LRUCache[tuple[int, str], bytes] = cachetools.LRUCache(
            MOST_REMEMBERED_BYTES, getsizeof=lambda content: len(content) + OVERHEAD
        )

    def remember(self, repository: RepositoryRef, content: bytes) -> None:
        """Keep content that a commit of the repository may hold."""
        if len(content) + OVERHEAD <= MOST_REMEMBERED_BYTES:
            self._blobs[repository.id, blob_id(content)] = content

    async def paths(self, client: Client, repository: RepositoryRef, commit: str) -> tuple[str, ...]:
        """Every regular file at a commit, given by its full id; asked for once."""
        listing = await self._listing(client, repository, commit)
        return tuple(path for path, (mode, _) in listing.items() if mode in REGULAR)

    async def changed(self, client: Client, repository: RepositoryRef, before: str, after: str) -> frozenset[str]:
        """The paths of everything that differs between two commits, given by their full ids.

        Both listings are compared: exact, whatever their size, and one request where the other one is known. GitHub's
        own comparison names 300 files a page and 3,000 in all.
        https://docs.github.com/en/rest/commits/commits#get-a-commit
        """
        old, new = [await self._listing(client, repository, commit) for commit in (before, after)]
        return frozenset(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))

    async def _listing(self, client: Client, repository: RepositoryRef, commit: str) -> Listing:
        listing = self._listings.get((repository.id, commit))
        if listing is None:
            listing = await list_tree(client, repository, commit)
            if len(listing) <= MOST_PATHS:
                self._listings[repository.id, commit] = listing
        return listing

    async def files(
        self, client: Client, repository: RepositoryRef, commit: str, paths: Sequence[str]
    ) -> dict[str, bytes]:
        """The content of each path at a commit; a path that is no file there is left out.

        When the commit's paths were asked for before, only content that is not known is asked for.
        """
        listing = self._listings.get((repository.id, commit), {})
        known = {path: self._blobs.get((repository.id, listing.get(path, ("", ""))[1])) for path in paths}
        found = {path: content for path, content in known.items() if content is not None}
        read = await read_files(client, repository, commit, [path for path in known if path not in found])
        for content in read.values():
            self.remember(repository, content)
        whole = found | read
        return {path: whole[path] for path in known if path in whole}
