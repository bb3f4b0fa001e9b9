"""Files at a commit, byte for byte. GraphQL is fast but shows text; whatever it does not show exactly, REST does."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from bot.github.documents import files_document
from bot.github.errors import GitHubError
from bot.github.facts import RepositoryRef
from bot.github.transport.client import Client, Json

BLOBS_AT_ONCE = 50
"""Files in one GraphQL request."""
Listing: TypeAlias = Mapping[str, tuple[str, str]]
"""What a commit holds: by path the mode and the id of a file, link or submodule."""
REGULAR = frozenset({"100644", "100755"})
"""Modes of files that can be read and edited; links and submodules are neither.

https://docs.github.com/en/rest/git/trees
"""


async def list_tree(client: Client, repository: RepositoryRef, commit: str) -> Listing:
    """Everything that a commit holds. GitHubError for a tree too large to be shown whole."""
    tree = await client.get(
        "/repos/{owner}/{repo}/git/trees/{commit}{?recursive}",
        owner=repository.owner,
        repo=repository.name,
        commit=commit,
        recursive=1,
    )
    if tree["truncated"]:
        raise GitHubError(f"{repository.full_name} has more files than GitHub lists at once")
    return {entry["path"]: (entry["mode"], entry["sha"]) for entry in tree["tree"] if entry["type"] != "tree"}


async def read_files(client: Client, repository: RepositoryRef, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
    """The content of each path at a commit; a path that is no file there is left out."""
    found: dict[str, bytes] = {}
    remaining = iter(dict.fromkeys(paths))
    while batch := list(islice(remaining, BLOBS_AT_ONCE)):
        expressions = {f"e{index}": f"{commit}:{path}" for index, path in enumerate(batch)}
        answer = await client.graphql(
            files_document(len(batch)), owner=repository.owner, name=repository.name, **expressions
        )
        blobs = answer.complete()["repository"]
        for index, path in enumerate(batch):
            blob = blobs[f"f{index}"]
            if blob and blob["__typename"] == "Blob":
                exact = _exact(blob)
                found[path] = await _raw(client, repository, blob["oid"]) if exact is None else exact
    return found


def _exact(blob: Json) -> bytes | None:
    """The file's bytes if the text shows them all unchanged, proven by git's own hash of them."""
    if blob["text"] is None or blob["isTruncated"]:
        return None
    data: bytes = blob["text"].encode()
    if len(data) != blob["byteSize"]:
        return None
    return data if blob_id(data, "sha1" if len(blob["oid"]) == 40 else "sha256") == blob["oid"] else None


def blob_id(content: bytes, algorithm: str = "sha1") -> str:
    """The id that git gives to a file of that content."""
    return hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


async def _raw(client: Client, repository: RepositoryRef, oid: str) -> bytes:
    blob = await client.get(
        "/repos/{owner}/{repo}/git/blobs/{oid}", owner=repository.owner, repo=repository.name, oid=oid
    )
    return base64.b64decode(blob["content"])
