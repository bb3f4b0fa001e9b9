"""What crates.io keeps of a version, and the JSON that it shows of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import semver

from bot.sandbox.registries.crate_file import DEPENDENCY_TABLES, CrateFile


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody did to a version: publish, yank or unyank."""

    action: str
    user: str
    time: datetime


@dataclass
class Version:
    """One published version."""

    id: int
    name: str
    """As it was published."""
    num: str
    content: bytes
    file: CrateFile
    created_at: datetime
    published_by: str | None
    trustpub: Mapping[str, str] | None
    """`trustpub_data`: provider, repository, run_id, sha."""
    actions: list[Action] = field(default_factory=list)
    """Oldest first. A trusted publish leaves none."""
    yanked: bool = False
    yank_message: str | None = None
    docs: bool | None = True
    """Whether docs.rs has built the documentation; False also while it builds, None before it is queued."""

    def yanked_before(self, instant: datetime) -> bool:
        """Whether it was yanked at an instant."""
        done = [each.action for each in self.actions if each.time <= instant]
        return bool(done) and done[-1] == "yank"

    @property
    def updated_at(self) -> datetime:
        """When it was changed last."""
        return max([self.created_at, *(each.time for each in self.actions)])

    @property
    def has_lib(self) -> bool:
        """Whether there is something to document."""
        return "lib" in self.file.manifest or "src/lib.rs" in self.file.paths

    @property
    def checksum(self) -> str:
        """SHA-256 of the .crate, in hex."""
        return hashlib.sha256(self.content).hexdigest()


def index_path(name: str) -> str:
    """Where the sparse index keeps a crate, by its exact name in lower case."""
    folders = {1: "1", 2: "2", 3: f"3/{name[:1]}"}.get(len(name), f"{name[:2]}/{name[2:4]}")
    return f"{folders}/{name}"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def user_json(login: str) -> dict[str, Any]:
    """A person as crates.io shows one."""
    return {"id": 1, "login": login, "name": login, "avatar": None, "url": f"https://github.com/{login}"}


def version_json(version: Version) -> dict[str, Any]:
    """Every field of crates.io's EncodableVersion."""
    package, path = version.file.manifest["package"], f"/api/v1/crates/{version.name}/{version.num}"
    license_text = package.get("license") or ("non-standard" if package.get("license-file") else None)
    return {
        "id": version.id,
        "crate": version.name,
        "num": version.num,
        "dl_path": f"{path}/download",
        "readme_path": f"{path}/readme",
        "updated_at": _stamp(version.updated_at),
        "created_at": _stamp(version.created_at),
        "downloads": 0,
        "features": version.file.manifest.get("features", {}),
        "yanked": version.yanked,
        "yank_message": version.yank_message,
        "lib_links": package.get("links"),
        "license": license_text,
        "links": {name: f"{path}/{name}" for name in ("dependencies", "authors")},
        "crate_size": len(version.content),
        "published_by": user_json(version.published_by) if version.published_by else None,
        "audit_actions": [
            {"action": each.action, "user": user_json(each.user), "time": _stamp(each.time)} for each in version.actions
        ],
        "checksum": version.checksum,
        "rust_version": package.get("rust-version"),
        "has_lib": version.has_lib,
        "bin_names": [str(version.name)] if "src/main.rs" in version.file.paths else [],
        "edition": package.get("edition", "2015"),
        **_described(package),
        "trustpub_data": dict(version.trustpub) if version.trustpub else None,
        "linecounts": None,
    }


def _described(package: Mapping[str, Any]) -> dict[str, Any]:
    return {key: package.get(key) for key in ("description", "homepage", "documentation", "repository")}


def crate_json(newest: Sequence[Version], *, trusted_only: bool = False) -> dict[str, Any]:
    """The crate itself; its versions come with the highest first."""
    first, stable = newest[0], [each.num for each in newest if not semver.Version.parse(each.num).prerelease]
    package, link = first.file.manifest["package"], f"/api/v1/crates/{first.name}"
    default = next((each.num for each in newest if not each.yanked), first.num)
    return {
        "id": first.name,
        "name": first.name,
        "updated_at": _stamp(max(each.updated_at for each in newest)),
        "created_at": _stamp(min(each.created_at for each in newest)),
        "versions": [each.id for each in newest],
        "keywords": package.get("keywords", []),
        "categories": package.get("categories", []),
        "badges": [],
        "downloads": 0,
        "recent_downloads": 0,
        "default_version": default,
        "num_versions": len(newest),
        "yanked": all(each.yanked for each in newest),
        "max_version": first.num,
        "max_stable_version": stable[0] if stable else None,
        "newest_version": max(newest, key=lambda each: each.id).num,
        **_described(package),
        "links": {"version_downloads": f"{link}/downloads", "versions": f"{link}/versions", "owners": f"{link}/owners"},
        "exact_match": False,
        "trustpub_only": trusted_only,
    }


def index_line(version: Version, *, yanked: bool) -> dict[str, Any]:
    """The line of the sparse index that cargo reads; `yanked` is what the index knows of that."""
    manifest = version.file.manifest
    deps = [
        {
            "name": name,
            "req": _requirement(spec["version"]),
            "features": spec.get("features", []),
            "optional": spec.get("optional", False),
            "default_features": spec.get("default-features", True),
            "target": None,
            **({"package": spec["package"]} if "package" in spec else {}),
            "kind": {"dependencies": "normal", "dev-dependencies": "dev", "build-dependencies": "build"}[table],
        }
        for table in DEPENDENCY_TABLES
        for name, spec in manifest.get(table, {}).items()
    ]
    return {
        "name": version.name,
        "vers": version.num,
        "deps": deps,
        "cksum": version.checksum,
        "features": manifest.get("features", {}),
        "yanked": yanked,
        "rust_version": manifest["package"].get("rust-version"),
        "v": 2,
    }


def _requirement(text: str) -> str:
    """A requirement as cargo sends it: with its operator."""
    return f"^{text}" if text[:1].isdigit() else text
