"""Cargo manifests as Cargo reads them: crates and the workspaces they belong to."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.plan.manifests.cargo_requirements import Requirement, patches, requirements
from bot.plan.manifests.toml import KeyPath, TomlFile, strings, table
from bot.plan.paths import ancestors, inside, is_below, join, matches_glob, parent

_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a version is written: a file, and the key path of the string in it."""

    path: str
    keys: KeyPath


@dataclass(frozen=True)
class Crate:
    """One `[package]` of the tree."""

    file: TomlFile
    root: str | None
    """Path of the manifest of its workspace's root, which may be its own; None outside every workspace."""
    name: str
    version: str | None
    """The effective version, also where the workspace gives it; None when there is none."""
    place: Place | None
    """Where that version is written."""

    @property
    def manifest(self) -> str:
        """Path of its Cargo.toml."""
        return self.file.path

    @property
    def folder(self) -> str:
        """Folder of its Cargo.toml."""
        return parent(self.file.path)

    @property
    def is_extension_module(self) -> bool:
        """Whether only Python could load it: a cdylib without a Rust library, or one with PyO3 as a fixed part."""
        library = table(self.file.data, "lib")
        kinds = strings(library.get("crate-type", library.get("crate_type")))
        if "cdylib" not in kinds:
            return False
        pyo3 = table(self.file.data, "dependencies").get("pyo3")
        return not {"lib", "rlib"} & set(kinds) or (pyo3 is not None and not table(pyo3).get("optional"))


class Crates:
    """All crates of a tree, with the questions that the planner asks about them."""

    def __init__(self, manifests: Sequence[TomlFile]) -> None:
        self.files = {file.path: file for file in manifests}
        """Every Cargo.toml by its path, virtual ones included."""
        self._roots = {parent(file.path): file for file in manifests if "workspace" in file.data}
        found = (self._crate(file) for file in manifests)
        self.by_manifest = {crate.manifest: crate for crate in found if crate is not None}
        self.by_folder = {crate.folder: crate for crate in self.by_manifest.values()}
        self.requirements = {file.path: tuple(requirements(file)) for file in manifests}
        """Every dependency entry of every manifest, by the manifest's path."""
        self._local: dict[str, Mapping[str, Crate]] = {}

    def __iter__(self) -> Iterator[Crate]:
        return iter(self.by_manifest.values())

    def publishable(self, crate: Crate) -> bool:
        """Whether `cargo publish` would send it to crates.io: it has a version, and `publish` does not forbid it."""
        publish = self.inherited(crate, "publish")
        if isinstance(publish, list):
            return crate.version is not None and "crates-io" in publish
        return crate.version is not None and publish is not False

    def is_member(self, crate: Crate) -> bool:
        """Whether its workspace holds it, by listing or as a path dependency of a member."""
        return crate.root is not None and crate.manifest in self.local_to(crate.root)

    def lists(self, folder: str) -> bool:
        """Whether a workspace above a folder has it, or one above it, among its members."""
        roots = (above for above in (folder, *ancestors(folder)) if above in self._roots)
        return any(
            self._listed(self._roots[root].path)(each) for root in roots for each in (folder, *ancestors(folder))
        )

    def reads_lock_beside(self, manifest: str) -> bool:
        """Whether Cargo reads a Cargo.lock in this manifest's folder: only a workspace's root has one that counts."""
        crate = self.by_manifest.get(manifest)
        return manifest in self.files and (crate is None or crate.root == manifest or not self.is_member(crate))

    def local_to(self, root: str) -> Mapping[str, Crate]:
        """The crates of the tree that a lock file beside the manifest `root` holds, by manifest path.

        These are the workspace's members and whatever they reach by `path`, patches included.
        """
        if root not in self._local:
            self._local[root] = self._reachable(root)
        return self._local[root]

    def folder_of(self, requirement: Requirement, root: str | None) -> str | None:
        """The folder in this tree that a requirement leads to; None when it leads to a registry or elsewhere.

        `root` is the workspace's root manifest: its table answers `workspace = true`, its patches the plain ones.
        """
        if requirement.inherited:
            shared = self.requirements.get(root or "", ())
            entry = next((entry for entry in shared if entry.is_shared and entry.key == requirement.key), None)
            return self.folder_of(entry, root) if entry and not entry.inherited else None
        if requirement.folder is not None or requirement.foreign or root not in self.files:
            return requirement.folder
        patched = patches(self.files[root])
        return next((patch.folder for patch in patched if patch.crate == requirement.crate), None)

    def _reachable(self, root: str) -> Mapping[str, Crate]:
        listed = self._listed(root)
        queue = [crate for crate in self if crate.manifest == root or (crate.root == root and listed(crate.folder))]
        if root in self.files:
            queue += [
                self.by_folder[patch.folder] for patch in patches(self.files[root]) if patch.folder in self.by_folder
            ]
        found: dict[str, Crate] = {}
        while queue:
            crate = queue.pop()
            if crate.manifest not in found:
                found[crate.manifest] = crate
                queue += self.required_by(crate)
        return found

    def required_by(self, crate: Crate, *, dev: bool = True) -> list[Crate]:
        """The crates of this tree that a crate requires, without its dev-dependencies when `dev` is false."""
        entries = [
            entry for entry in self.requirements[crate.manifest] if not entry.is_shared and (dev or not entry.is_dev)
        ]
        folders = [self.folder_of(entry, crate.root) for entry in entries]
        return [self.by_folder[folder] for folder in folders if folder in self.by_folder]

    def _crate(self, file: TomlFile) -> Crate | None:
        package = table(file.data, "package")
        name, version = package.get("name"), package.get("version")
        if not isinstance(name, str):
            return None
        root, place = self._root_of(file), Place(file.path, ("package", "version"))
        if isinstance(version, dict) and root:
            version = table(self.files[root].data, "workspace", "package").get("version")
            place = Place(root, ("workspace", "package", "version"))
        if not isinstance(version, str):
            return Crate(file, root, name, None, None)
        return Crate(file, root, name, version, place)

    def _root_of(self, file: TomlFile) -> str | None:
        folder = parent(file.path)
        if folder in self._roots:
            return file.path
        pointer = table(file.data, "package").get("workspace")
        if isinstance(pointer, str):
            target = join(folder, pointer)
            return inside(target, "Cargo.toml") if target in self._roots else None
        for above in ancestors(folder):
            if above in self._roots and not self._excluded(folder, above):
                return self._roots[above].path
        return None

    def _excluded(self, folder: str, above: str) -> bool:
        workspace = table(self._roots[above].data, "workspace")
        excluded = [join(above, path) for path in strings(workspace.get("exclude"))]
        if not any(path is not None and is_below(folder, path) for path in excluded):
            return False
        # Cargo lets a folder that is listed by name back in; a glob does not.
        return not any(join(above, member) == folder for member in strings(workspace.get("members")))

    def _listed(self, root: str) -> Callable[[str], bool]:
        """Whether a folder is listed in `members`; most lists name folders, and a set answers those at once."""
        members = strings(table(self.files[root].data, "workspace").get("members")) if root in self.files else []
        paths = {path for member in members if (path := join(parent(root), member)) is not None}
        globs = [path for path in paths if _GLOB.search(path)]
        return lambda folder: folder in paths or any(matches_glob(folder, pattern) for pattern in globs)

    def inherited(self, crate: Crate, key: str) -> Any:
        """A value of `[package]`, from the workspace where it is inherited from there."""
        value = table(crate.file.data, "package").get(key)
        if isinstance(value, dict) and crate.root:
            return table(self.files[crate.root].data, "workspace", "package").get(key)
        return value
