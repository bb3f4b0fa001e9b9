"""Which crates of a tree go to crates.io, by what their manifests say, and why the others do not."""

from collections.abc import Collection, Mapping
from functools import cached_property

from bot.plan.manifests.cargo import Crate, Crates
from bot.plan.manifests.cargo_requirements import Requirement
from bot.plan.manifests.toml import strings, table
from bot.plan.paths import is_below, is_product, join, matches_glob

_LOADERS = frozenset({"jni", "magnus", "napi", "neon", "pyo3", "rustler", "wasm-bindgen"})
"""Crates that make a library for another language of one that has them as a fixed part."""
_LINKED = {"lib", "rlib", "dylib", "proc-macro"}
"""Kinds of libraries that other crates can use: https://doc.rust-lang.org/reference/linkage.html."""


class PublishedCrates:
    """The judgement on every crate of a tree.

    `bindings` are the manifests of crates that Python projects are built from, `projects` the folders of those.
    """

    def __init__(self, crates: Crates, bindings: Collection[str], projects: Collection[str]) -> None:
        self._crates = crates
        self._bindings = bindings
        self._projects = projects

    def __contains__(self, crate: Crate) -> bool:
        return crate.manifest not in self._why

    def why_not(self, crate: Crate) -> str | None:
        """What keeps a crate from crates.io, as the end of a sentence about its manifest; None when nothing does."""
        return self._why.get(crate.manifest)

    @cached_property
    def _why(self) -> Mapping[str, str]:
        found = {crate.manifest: why for crate in self._crates if (why := self._own_reason(crate))}
        while more := {
            crate.manifest: f"requires {required.name}, which is not published"
            for crate in self._crates
            if crate.manifest not in found
            for required in self._crates.required_by(crate, dev=False)
            if required.manifest in found and required is not crate
        }:
            found |= more
        return found

    def _own_reason(self, crate: Crate) -> str | None:
        if not self._crates.publishable(crate):
            return "keeps it from being published"
        if not is_product(crate.folder):
            return "lies where a repository keeps tests, examples and tools of its own"
        if (missing := self.missing_metadata(crate)) and self._must_have_metadata(crate):
            return f"has no {missing}, without which crates.io takes no crate"
        if unversioned := self._unversioned(crate):
            return f"requires {unversioned} without a version, which crates.io refuses"
        if self._is_for_another_language(crate):
            return "makes a library for another language"
        if self._is_left_out_of_root(crate):
            return "is in no workspace, and the root package excludes it"
        return None

    def _must_have_metadata(self, crate: Crate) -> bool:
        """Whether a crate without it is none to publish: others have it, or a Python project is what is published.

        Where no crate has it, it is forgotten, as before a first release.
        """
        return self._some_have_metadata or crate.folder in self._projects or crate.manifest in self._bindings

    @cached_property
    def _some_have_metadata(self) -> bool:
        crates = (crate for crate in self._crates if self._crates.publishable(crate) and is_product(crate.folder))
        return any(not self.missing_metadata(crate) for crate in crates)

    def missing_metadata(self, crate: Crate) -> str | None:
        """What crates.io demands and the manifest does not say.

        https://doc.rust-lang.org/cargo/reference/publishing.html#before-publishing-a-new-crate
        """
        if not self._crates.inherited(crate, "description"):
            return "description"
        if not (self._crates.inherited(crate, "license") or self._crates.inherited(crate, "license-file")):
            return "licence"
        return None

    def _unversioned(self, crate: Crate) -> str | None:
        """The first dependency that leads to a folder or a git repository only; those of tests do not count.

        https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html#multiple-locations
        """
        for entry in self._crates.requirements[crate.manifest]:
            if entry.is_shared or entry.is_dev:
                continue
            said = self._shared(entry, crate) if entry.inherited else entry
            if said and said.text is None and (said.folder is not None or said.by_git):
                return said.crate
        return None

    def _shared(self, entry: Requirement, crate: Crate) -> Requirement | None:
        shared = self._crates.requirements.get(crate.root or "", ())
        return next((each for each in shared if each.is_shared and each.key == entry.key), None)

    def _is_for_another_language(self, crate: Crate) -> bool:
        """Whether Python, Node, Java or C load it, and no crate can use it or has a reason to.

        The root crate of a repository that can be used as a library is what the repository is about.
        """
        if crate.manifest in self._bindings:
            return crate.is_extension_module
        kinds = {
            *strings(table(crate.file.data, "lib").get("crate-type", table(crate.file.data, "lib").get("crate_type")))
        }
        if kinds.isdisjoint({"cdylib", "staticlib"}):
            return False
        if kinds.isdisjoint(_LINKED):
            return "bin" not in crate.file.data
        dependencies = table(crate.file.data, "dependencies")
        fixed = {name for name, entry in dependencies.items() if not table(entry).get("optional")}
        return crate.folder != "." and not fixed.isdisjoint(_LOADERS)

    def _is_left_out_of_root(self, crate: Crate) -> bool:
        root = self._crates.by_folder.get(".")
        if root is None or crate is root or (crate.root == root.manifest and self._crates.is_member(crate)):
            return False
        return is_excluded(crate.folder, strings(table(root.file.data, "package").get("exclude")))


def is_excluded(folder: str, patterns: Collection[str]) -> bool:
    """Whether a root package's `exclude` keeps a whole folder out of it.

    https://doc.rust-lang.org/cargo/reference/manifest.html#the-exclude-and-include-fields
    """
    for pattern in patterns:
        whole = pattern.lstrip("/").removesuffix("/*").removesuffix("/**").rstrip("/")
        path = join(".", whole) if whole and not pattern.startswith("!") else None
        if path not in (None, ".") and (is_below(folder, path or "") or matches_glob(folder, path or "")):
            return True
    return False
