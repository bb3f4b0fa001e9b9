"""The sparse index, which cargo reads: one line of JSON a version.

Format: https://doc.rust-lang.org/cargo/reference/registry-index.html.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec
import semver

from bot.plan.downstream.lock import IndexedNeed, IndexedVersion


class IndexLine(msgspec.Struct):
    """One version of a crate."""

    vers: str
    cksum: str
    yanked: bool


class WholeLine(IndexLine):
    """The same, with what a lock file has to know of it."""

    deps: list[dict[str, Any]]
    features: dict[str, list[str]] = msgspec.field(default_factory=dict)
    features2: dict[str, list[str]] | None = None


def index_path(name: str) -> str:
    """Where the sparse index keeps a crate: `edgequake-llm` → `ed/ge/edgequake-llm`, percent-encoded."""
    lower = name.lower()
    parts = {0: (), 1: ("1",), 2: ("2",), 3: ("3", lower[:1])}.get(len(lower), (lower[:2], lower[2:4]))
    return "/".join(quote(part, safe="") for part in (*parts, lower))


def line_of(lines: Sequence[IndexLine], version: str) -> IndexLine | None:
    """The line of a version."""
    return next((line for line in lines if same(line.vers, version)), None)


def same(one: str, other: str) -> bool:
    """Whether two SemVer versions take the same place: crates.io ignores build metadata there."""
    return one.partition("+")[0] == other.partition("+")[0]


def indexed(line: WholeLine) -> IndexedVersion:
    """What a lock file needs of a line."""
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


def what_cargo_adds(lines: Sequence[IndexLine]) -> str | None:
    """The version that `cargo add` takes: the highest that is not yanked, and no prerelease if it can choose."""
    offered = _offered(lines)
    finals = [version for version in offered if not version.prerelease]
    newest = max(finals or offered, default=None)
    return str(newest) if newest else None


def version_before(lines: Sequence[IndexLine], version: str) -> str | None:
    """The highest version below this one that is not yanked; of a final version the final one before it."""
    try:
        this = semver.Version.parse(version)
    except ValueError:
        return None
    lower = [other for other in _offered(lines) if other < this]
    finals = [other for other in lower if not other.prerelease]
    before = max(lower if this.prerelease or not finals else finals, default=None)
    return str(before) if before else None


def _offered(lines: Sequence[IndexLine]) -> list[semver.Version]:
    return [semver.Version.parse(line.vers) for line in lines if not line.yanked and semver.Version.is_valid(line.vers)]
