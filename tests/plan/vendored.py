"""Stand-ins for the external crates of a lock file, so that real cargo resolves a real tree without a network."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CONFIG = '[source.crates-io]\nreplace-with = "stubs"\n[source.stubs]\ndirectory = "stubs"\n'
TABLES = ("dependencies", "dev-dependencies", "build-dependencies")
TARGETS = {"bin": "src/bin", "bench": "benches", "test": "tests", "example": "examples"}


def vendor(folder: Path, lock: bytes, manifests: Mapping[str, bytes]) -> None:
    """Below `folder`, an empty crate for each external entry of the lock: its version, dependencies and features."""
    entries = tomllib.loads(lock.decode())["package"]
    features = wanted_features([tomllib.loads(content.decode()) for content in manifests.values()])
    (folder / ".cargo").mkdir(exist_ok=True)
    (folder / ".cargo/config.toml").write_text(CONFIG)
    for entry in (entry for entry in entries if "source" in entry):
        stub = folder / "stubs" / f"{entry['name']}-{entry['version']}"
        (stub / "src").mkdir(parents=True)
        (stub / "src/lib.rs").touch()
        (stub / "Cargo.toml").write_text(stub_manifest(entry, entries, features.get(entry["name"], set())))
        (stub / ".cargo-checksum.json").write_text(json.dumps({"files": {}, "package": entry.get("checksum")}))


def stub_manifest(entry: dict[str, Any], entries: list[dict[str, Any]], features: set[str]) -> str:
    """A manifest that requires exactly what the lock says, and has every feature that anybody asks for."""
    requires = [
        f'd{number} = {{ package = "{name}", version = "={version}" }}'
        for number, (name, version) in enumerate(locked_dependencies(entry, entries))
    ]
    lines = ["[package]", f'name = "{entry["name"]}"', f'version = "{entry["version"]}"', "[dependencies]", *requires]
    return "\n".join([*lines, "[features]", *(f'"{feature}" = []' for feature in sorted(features)), ""])


def locked_dependencies(entry: dict[str, Any], entries: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for text in entry.get("dependencies", []):
        name, *version = text.split()[:2]
        yield name, version[0] if version else next(other["version"] for other in entries if other["name"] == name)


def wanted_features(manifests: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The features that these manifests ask of each crate, in dependency tables and as `crate/feature`."""
    found: dict[str, set[str]] = {}
    for data in manifests:
        holders = [data, *data.get("target", {}).values(), data.get("workspace", {})]
        asked = [item for items in data.get("features", {}).values() for item in items if "/" in item]
        names = {}
        for holder in holders:
            for key, entry in (pair for kind in TABLES for pair in holder.get(kind, {}).items()):
                detail = entry if isinstance(entry, dict) else {}
                names[key] = detail.get("package", key)
                found.setdefault(names[key], set()).update(detail.get("features", []))
        for key, _, feature in (item.partition("/") for item in asked):
            found.setdefault(names.get(key.rstrip("?"), key.rstrip("?")), set()).add(feature)
    return found


def put_targets(folder: Path, manifest: bytes) -> None:
    """The empty source files that a manifest promises; cargo looks whether they are there."""
    data = tomllib.loads(manifest.decode())
    promised = [data.get("lib", {}).get("path", "src/lib.rs"), data.get("package", {}).get("build") or "build.rs"]
    for kind, place in TARGETS.items():
        promised += [target.get("path", f"{place}/{target['name']}.rs") for target in data.get(kind, [])]
    for path in promised:
        if isinstance(path, str) and "package" in data:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
