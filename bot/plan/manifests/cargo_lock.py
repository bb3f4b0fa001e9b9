"""Cargo.lock: the entries of our own crates, and the references to them by version."""

import re
from collections.abc import Mapping
from typing import Any

from bot.plan.manifests.cargo import Crate, Crates
from bot.plan.manifests.toml import KeyPath, TomlFile, string, strings, table
from bot.plan.paths import inside, parent

_REFERENCE = re.compile(r"(?P<name>[^ ]+) (?P<version>[^ ]+)")


def locked_crates(lock: TomlFile, crates: Crates) -> Mapping[int, Crate]:
    """Which `[[package]]` entries of a lock file are crates of this tree, by the entry's number.

    Empty for a lock file that Cargo does not read, because its folder belongs to another workspace. An entry with a
    `source` is somebody else's crate even when it has the same name.
    """
    manifest = inside(parent(lock.path), "Cargo.toml")
    if manifest in crates.files and not crates.reads_lock_beside(manifest):
        return {}
    ours: dict[str, list[Crate]] = {}
    for crate in (crates.local_to(manifest) if manifest in crates.files else crates.by_manifest).values():
        ours.setdefault(crate.name, []).append(crate)
    found = {}
    for number, entry in enumerate(_entries(lock)):
        is_ours = "source" not in entry and isinstance(entry.get("version"), str)
        candidates = ours.get(entry["name"], []) if is_ours else []
        same = [crate for crate in candidates if crate.version == entry.get("version")]
        if len(candidates) == 1 or len(same) == 1:
            found[number] = (same or candidates)[0]
    return found


def lock_edits(lock: TomlFile, crates: Crates, versions: Mapping[str, str]) -> dict[KeyPath, str]:
    """The strings of a lock file that change when crates get new versions.

    `versions` maps a crate's manifest path to its new version. A lock file that was already behind is brought to the
    new version too, since Cargo would do the same. Where a name occurs twice, others refer to it with its version.
    """
    edits: dict[KeyPath, str] = {}
    entries = _entries(lock)
    renumbered: dict[tuple[str, str], str] = {}
    for number, crate in locked_crates(lock, crates).items():
        old, new = entries[number].get("version"), versions.get(crate.manifest)
        if new is not None and old is not None and old != new:
            edits["package", number, "version"] = new
            renumbered[crate.name, old] = new
    edits |= _unused_patches(lock, crates, versions)
    if not renumbered:
        return edits
    for number, entry in enumerate(entries):
        for place, text in enumerate(strings(entry.get("dependencies"))):
            reference = _REFERENCE.fullmatch(text)
            if reference and (new := renumbered.get((reference["name"], reference["version"]))):
                edits["package", number, "dependencies", place] = f"{reference['name']} {new}"
    return edits


def _unused_patches(lock: TomlFile, crates: Crates, versions: Mapping[str, str]) -> dict[KeyPath, str]:
    """The `[[patch.unused]]` entries of our crates: Cargo records there each `[patch]` that nothing requires."""
    unused = table(lock.data, "patch").get("unused")
    ours = crates.local_to(inside(parent(lock.path), "Cargo.toml")).values()
    named = {crate.name: new for crate in ours if (new := versions.get(crate.manifest))}
    edits: dict[KeyPath, str] = {}
    for number, entry in enumerate(unused if isinstance(unused, list) else ()):
        new = named.get(string(table(entry).get("name")))
        if new and "source" not in entry and isinstance(entry.get("version"), str):
            edits["patch", "unused", number, "version"] = new
    return edits


def _entries(lock: TomlFile) -> list[Mapping[str, Any]]:
    entries = lock.data.get("package")
    if not isinstance(entries, list):
        return []
    return [
        entry if isinstance(entry, dict) and isinstance(entry.get("name"), str) else {"name": ""} for entry in entries
    ]
