"""A .crate: what `cargo package` makes of a package in a repository, and what crates.io reads in it.

Format: https://doc.rust-lang.org/cargo/commands/cargo-package.html.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import tomlkit

from bot.sandbox.registries.archives import read_tar_gz, tar_gz

Manifest: TypeAlias = dict[str, Any]
"""A Cargo.toml as tomllib reads it."""

DEPENDENCY_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")


class CannotPackage(Exception):
    """cargo refuses to package this; the message is cargo's."""


@dataclass(frozen=True, slots=True)
class CrateFile:
    """A .crate, read."""

    manifest: Manifest
    """Its normalised Cargo.toml: nothing inherited, no paths."""
    readme: str | None
    commit: str | None
    """The commit that `.cargo_vcs_info.json` names."""
    dirty: bool
    """Whether it was packaged from a tree with uncommitted changes."""
    paths: tuple[str, ...]
    """Its files, without the leading folder."""

    @property
    def name(self) -> str:
        """The package's name."""
        return str(self.manifest["package"]["name"])

    @property
    def version(self) -> str:
        """The package's version."""
        return str(self.manifest["package"]["version"])


def normalised(manifest: Manifest, workspace: Manifest) -> Manifest:
    """A manifest with everything that it inherits from its workspace's, and without paths, as cargo publishes it."""
    package = manifest.get("package")
    if not isinstance(package, dict):
        raise CannotPackage("manifest is missing either a `[package]` or a `[workspace]`")
    shared = workspace.get("workspace", {})
    inherited = shared.get("package", {})
    full = {key: inherited.get(key) if _inherits(value) else value for key, value in package.items()}
    full = {key: value for key, value in full.items() if value is not None and key != "workspace"}
    if "version" not in full:
        full |= {"version": "0.0.0", "publish": False}  # cargo's rule for a package without a version
    result: Manifest = {"package": full}
    result |= {key: manifest[key] for key in ("lib", "bin", "features") if key in manifest}
    for table in DEPENDENCY_TABLES:
        if dependencies := _dependencies(manifest.get(table, {}), shared.get("dependencies", {})):
            result[table] = dependencies
    return result


def _inherits(value: object) -> bool:
    return isinstance(value, dict) and value.get("workspace") is True


def _dependencies(own: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for name, value in own.items():
        spec = {"version": value} if isinstance(value, str) else dict(value)
        if spec.pop("workspace", False):
            base = shared.get(name, {})
            spec = {**({"version": base} if isinstance(base, str) else base), **spec}
        found[name] = {key: each for key, each in spec.items() if key not in ("path", "git", "branch", "tag", "rev")}
    return found


def _versioned(manifest: Manifest) -> Manifest:
    """The manifest without unversioned dev-dependencies, which cargo drops; others without a version it refuses."""
    kept = dict(manifest)
    for table in DEPENDENCY_TABLES:
        without = [name for name, spec in manifest.get(table, {}).items() if "version" not in spec]
        if without and table != "dev-dependencies":
            raise CannotPackage(
                "all dependencies must have a version requirement specified when publishing.\n"
                f"dependency `{without[0]}` does not specify a version"
            )
        if without:
            kept[table] = {name: spec for name, spec in manifest[table].items() if name not in without}
    return kept


def readme_path(manifest: Manifest, folder: str, paths: Mapping[str, object]) -> str | None:
    """Where a package's README is in the repository; it may be declared and not be there.

    `manifest` is the normalised one, `folder` the package's, `paths` all of the repository's.
    """
    declared = manifest["package"].get("readme")
    if declared is False:
        return None
    if isinstance(declared, str):
        return _joined(folder, declared)
    names = ("README.md", "README.txt", "README")
    return next((path for name in names if (path := _joined(folder, name)) in paths), None)


def _joined(folder: str, path: str) -> str:
    parts: list[str] = []
    for part in PurePosixPath(folder, path).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", ".."):
            parts.append(part)
    return "/".join(parts)


def build(
    manifest: Manifest,
    original: bytes,
    readme: str | None,
    sources: Mapping[str, bytes],
    *,
    commit: str,
    folder: str,
    dirty: bool = False,
) -> bytes:
    """A .crate of a checkout of `commit`, which is clean unless it is `dirty`.

    `manifest` is the normalised one, `original` the Cargo.toml as it is in `folder`, `sources` go beside it. Raises
    CannotPackage for a dependency without a version.
    """
    manifest = _versioned(manifest)
    package = {**manifest["package"], "readme": "README.md" if readme is not None else False}
    git: dict[str, str | bool] = {"sha1": commit}
    if dirty:
        git["dirty"] = True  # cargo leaves it out when it is false
    vcs = {"git": git, "path_in_vcs": "" if folder == "." else folder}
    files = {
        ".cargo_vcs_info.json": json.dumps(vcs, indent=2).encode(),
        "Cargo.toml": tomlkit.dumps({**manifest, "package": package}).encode(),
        "Cargo.toml.orig": original,
        **({"README.md": readme.encode()} if readme is not None else {}),
        **sources,
    }
    root = f"{package['name']}-{package['version']}"
    return tar_gz({f"{root}/{name}": content for name, content in files.items()})


def read(content: bytes) -> CrateFile:
    """Read a .crate; ValueError when it is none."""
    files = {name.partition("/")[2]: data for name, data in read_tar_gz(content).items()}
    if "Cargo.toml" not in files:
        raise ValueError("no Cargo.toml in it")
    manifest = tomllib.loads(files["Cargo.toml"].decode())
    git = json.loads(files.get(".cargo_vcs_info.json", b"{}")).get("git", {})
    readme = manifest["package"].get("readme")
    text = files[readme].decode() if isinstance(readme, str) and readme in files else None
    return CrateFile(manifest, text, git.get("sha1"), git.get("dirty") is True, tuple(files))
