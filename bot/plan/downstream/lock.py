"""Cargo.lock after a crate's new version, where crates.io's index tells all that the lock file says.

The entry of a crate holds its version, its checksum and the names of what it needs. The first two stand in the index;
the third stays as it is only when the new version needs the same crates in the same way and what is locked still fits.
Otherwise cargo has to resolve, and nothing is guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.packaging.problem import Problem
from bot.packaging.requirements import holds
from bot.plan.manifests.toml import KeyPath, TomlFile, string, strings

_CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"


@dataclass(frozen=True, slots=True)
class IndexedNeed:
    """One dependency of a crate's version."""

    name: str
    """The package's own name, also where it is renamed."""
    requirement: str
    rest: str
    """Everything else that the index says of it, to be compared."""


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """One version of a crate as the sparse index has it: what a lock file needs."""

    version: str
    checksum: str
    yanked: bool
    needs: tuple[IndexedNeed, ...]
    features: str
    """The feature tables, to be compared."""


def locked(lock: TomlFile, name: str, new: str, index: Mapping[str, IndexedVersion]) -> bytes | None:
    """The lock file with the crate at `new`; None when only cargo can tell what it must say.

    The same bytes when the crate is not locked here, or is at that version already.
    """
    entries = [(n, entry) for n, entry in enumerate(_entries(lock)) if entry.get("name") == name]
    if not entries:
        return _bytes(lock)
    number, entry = entries[0]
    after = index.get(new)
    if len(entries) > 1 or entry.get("source") != _CRATES_IO or after is None or after.yanked:
        return None
    if entry.get("version") == new:
        return _bytes(lock)
    before = index.get(string(entry.get("version")))
    if before is None or entry.get("checksum") != before.checksum or _needed_by_others(lock, name):
        return None
    if before.features != after.features or not _fits(lock, before, after):
        return None
    keys: KeyPath = ("package", number)
    changed = lock.replaced({(*keys, "version"): new, (*keys, "checksum"): after.checksum})
    return None if isinstance(changed, Problem) else changed


def _needed_by_others(lock: TomlFile, name: str) -> bool:
    """Whether a crate from elsewhere needs it too: that may not accept the new version."""
    return any(
        "source" in entry and any(re.split(" ", text)[0] == name for text in strings(entry.get("dependencies")))
        for entry in _entries(lock)
    )


def _fits(lock: TomlFile, before: IndexedVersion, after: IndexedVersion) -> bool:
    """Whether the new version needs what the old one did, in versions that are locked."""
    if sorted((n.name, n.rest) for n in before.needs) != sorted((n.name, n.rest) for n in after.needs):
        return False
    asked = {(each.name, each.requirement) for each in before.needs}
    versions: dict[str, list[str]] = {}
    for entry in _entries(lock):
        versions.setdefault(string(entry.get("name")), []).append(string(entry.get("version")))
    for need in after.needs:
        if (need.name, need.requirement) in asked:
            continue
        locked = versions.get(need.name, [])
        if len(locked) > 1 or any(holds(need.requirement, version) is not True for version in locked):
            return False
    return True


def _entries(lock: TomlFile) -> list[Mapping[str, Any]]:
    entries = lock.data.get("package")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _bytes(lock: TomlFile) -> bytes:
    return (("\ufeff" if lock.bom else "") + lock.text).encode()
