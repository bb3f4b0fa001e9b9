"""The packages in a repository's files, as cargo and maturin would pack them at one commit. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from packaging.version import InvalidVersion, Version

from bot.sandbox.actions.steps import Build
from bot.sandbox.registries.crate_file import CannotPackage, Manifest, build, normalised, readme_path
from bot.sandbox.registries.wheels import Project, platform_tag, sdist, wheel
from bot.workflows.publishing import Publish


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of one commit that packaging looks at, with the paths of all."""

    commit: str
    files: Mapping[str, bytes]
    """Manifests, READMEs and the roots of crates, by path."""
    paths: frozenset[str] = field(default=frozenset())
    """Every path of the commit; at least those of `files`."""
    parent: str | None = None
    """The commit before."""

    def toml(self, path: str) -> dict[str, Any]:
        """A TOML file; empty when it is not there. Raises CannotPackage when it does not parse."""
        try:
            return tomllib.loads(self.files.get(path, b"").decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as mistake:
            raise CannotPackage(f"failed to parse manifest at `{path}`: {mistake}") from mistake

    def folders(self, name: str) -> list[str]:
        """The folders that hold a file of this name, the shallowest first."""
        found = [str(PurePosixPath(path).parent) for path in self.files if PurePosixPath(path).name == name]
        return sorted(found, key=lambda folder: (len(PurePosixPath(folder).parts), folder))

    def text(self, path: str, *, title: str, summary: str) -> str:
        """A README. One that is declared and not there is made up, so that a part of a repository can be rehearsed."""
        content = self.files.get(path)
        return content.decode("utf-8", "replace") if content is not None else f"# {title}\n\n{summary}\n"


def wanted(path: str, size: int | None) -> bool:
    """Whether a `Tree` needs the content of this file (`size` in bytes)."""
    name = PurePosixPath(path).name
    if name in ("Cargo.toml", "pyproject.toml") or path.endswith(("src/lib.rs", "src/main.rs")):
        return True
    return name.endswith((".md", ".rst")) and (size or 0) < 200_000 and len(PurePosixPath(path).parts) <= 4


def _at(folder: str, name: str) -> str:
    return str(PurePosixPath(folder, name))


# Crates


@dataclass(frozen=True, slots=True)
class Crate:
    """One package of a Cargo manifest."""

    folder: str
    manifest: Manifest
    """Normalised."""

    @property
    def name(self) -> str:
        """The package's name."""
        return str(self.manifest["package"]["name"])

    @property
    def version(self) -> str:
        """The package's version."""
        return str(self.manifest["package"]["version"])

    @property
    def publishable(self) -> bool:
        """Whether `package.publish` allows it."""
        return self.manifest["package"].get("publish") not in (False, [])


def crate_at(tree: Tree, folder: str) -> Crate:
    """The crate of a folder's Cargo.toml; CannotPackage when there is none."""
    manifest = tree.toml(_at(folder, "Cargo.toml"))
    return Crate(folder, normalised(manifest, _workspace(tree, folder)))


def _workspace(tree: Tree, folder: str) -> Manifest:
    """The manifest of the workspace that a folder is in; empty without one."""
    for parent in (PurePosixPath(folder), *PurePosixPath(folder).parents):
        manifest = tree.toml(_at(str(parent), "Cargo.toml"))
        if "workspace" in manifest:
            return manifest
    return {}


def crates(tree: Tree) -> Iterator[Crate]:
    """Every crate of the repository, the shallowest first."""
    for folder in tree.folders("Cargo.toml"):
        if "package" in tree.toml(_at(folder, "Cargo.toml")):
            yield crate_at(tree, folder)


def crates_to_publish(tree: Tree, publish: Publish) -> list[Crate]:
    """What a `cargo publish` publishes; CannotPackage with cargo's words when it refuses."""
    if publish.workspace:
        return [crate for crate in crates(tree) if crate.publishable]
    if publish.package is not None:
        name = publish.package.partition("@")[0]
        found = next((crate for crate in crates(tree) if crate.name == name), None)
        if found is None:
            raise CannotPackage(f"package ID specification `{name}` did not match any packages")
    else:
        found = crate_at(tree, publish.folder)
    if not found.publishable:
        raise CannotPackage(
            f"`{found.name}` cannot be published.\n"
            "`package.publish` must be set to `true` or a non-empty list in Cargo.toml to publish."
        )
    return [found]


def crate_file(
    tree: Tree, crate: Crate, *, commit: str | None = None, dirty: bool = False, with_readme: bool = True
) -> bytes:
    """The .crate that a clean checkout of the commit gives.

    It may claim another `commit`, or a `dirty` checkout, and may go without its README.
    """
    path = readme_path(crate.manifest, crate.folder, dict.fromkeys(tree.paths)) if with_readme else None
    summary = str(crate.manifest["package"].get("description", ""))
    readme = tree.text(path, title=crate.name, summary=summary) if path else None
    roots = {name: tree.files.get(_at(crate.folder, name)) for name in ("src/lib.rs", "src/main.rs")}
    sources = {name: content for name, content in roots.items() if content is not None}
    original = tree.files[_at(crate.folder, "Cargo.toml")]
    claimed = commit or tree.commit
    return build(crate.manifest, original, readme, sources, commit=claimed, folder=crate.folder, dirty=dirty)


def sibling(crate: Crate) -> Crate:
    """A crate beside this one, in the version with which its name was reserved."""
    package = {**crate.manifest["package"], "name": f"{crate.name}-sibling", "version": "0.0.0-reserved"}
    return replace(crate, manifest={"package": package})


def with_sibling(tree: Tree, crate: Crate) -> tuple[Tree, Crate]:
    """The crate as it is when it needs a crate beside it, with the tree that has it so."""
    name, version = sibling(crate).name, crate.version
    path = _at(crate.folder, "Cargo.toml")
    table = f'\n[dependencies.{name}]\npath = "{name}"\nversion = "{version}"\n'
    needs = {**crate.manifest.get("dependencies", {}), name: {"version": version}}
    files = {**tree.files, path: tree.files[path] + table.encode()}
    return replace(tree, files=files), replace(crate, manifest={**crate.manifest, "dependencies": needs})


# Python projects


@dataclass(frozen=True, slots=True)
class PythonPackage:
    """One Python project and the kind of wheels that it has."""

    project: Project
    tags: tuple[str, ...]
    """Interpreter and ABI of its wheels, `cp39-abi3`; one wheel is built for each."""
    native: bool
    """Whether there is a wheel for each platform; else there is one for all."""
    pyproject: bytes


def python_package(tree: Tree, build: Build, ref_name: str) -> PythonPackage:
    """The project that a build step builds; CannotPackage when there is none.

    A version that only a tool of the project's would know (setuptools-scm, …) is taken from the tag, `ref_name`.
    """
    folder = _project_folder(tree, build.folder)
    document = tree.toml(_at(folder, "pyproject.toml"))
    system = document.get("build-system", {})
    maturin = "maturin" in system.get("build-backend", "")
    native = maturin or build.compiles or _needs_a_compiler(system)
    crate = _bindings(tree, folder, document) if maturin else None
    table = document.get("project") or document.get("tool", {}).get("poetry") or {}
    name = table.get("name") or (crate.name if crate else None)
    if not name:
        raise CannotPackage(f"{_at(folder, 'pyproject.toml')} has no project name")
    project = Project(
        name=str(name),
        version=_version(table, crate, ref_name),
        summary=str(table.get("description") or (crate.manifest["package"].get("description", "") if crate else "")),
        requires_python=str(table.get("requires-python", "")),
        license=table["license"] if isinstance(table.get("license"), str) else "",
        **_readme(tree, folder, table, native=maturin),
        urls={str(label): str(url) for label, url in table.get("urls", {}).items()},
    )
    tags = _tags(tree, document, crate, build) if native else ("py3-none",)
    return PythonPackage(project, tags, native, tree.files[_at(folder, "pyproject.toml")])


def _project_folder(tree: Tree, folder: str) -> str:
    """The project that is meant by a folder: its own, else the shallowest in the repository."""
    folders = [each for each in tree.folders("pyproject.toml") if _is_project(tree.toml(_at(each, "pyproject.toml")))]
    if not folders:
        raise CannotPackage(f"{_at(folder, 'pyproject.toml')} does not appear to be a Python project")
    wanted = str(PurePosixPath(folder))
    return wanted if wanted in folders else folders[0]


def _is_project(document: Mapping[str, Any]) -> bool:
    """A pyproject.toml may also hold nothing but the settings of tools."""
    return bool(document.get("project") or document.get("build-system") or document.get("tool", {}).get("poetry"))


def _needs_a_compiler(system: Mapping[str, Any]) -> bool:
    """Whether what builds a project is only there for compiled code."""
    listed = " ".join(str(each).lower() for each in system.get("requires", ()))
    return re.search(r"setuptools[-_]rust|cython|cffi|scikit[-_]build|meson[-_]python|pybind11", listed) is not None


def _bindings(tree: Tree, folder: str, document: Mapping[str, Any]) -> Crate | None:
    """The crate that maturin compiles for a project."""
    manifest = document.get("tool", {}).get("maturin", {}).get("manifest-path", "Cargo.toml")
    path = re.sub(r"[^/]+/\.\./", "", _at(folder, manifest))
    return crate_at(tree, str(PurePosixPath(path).parent)) if path in tree.files else None


def _version(table: Mapping[str, Any], crate: Crate | None, ref_name: str) -> str:
    """The project's version as PEP 440 spells it: its own, else its crate's, else the tag's."""
    for candidate in (table.get("version"), crate.version if crate else None):
        if isinstance(candidate, str):
            break
    else:
        found = re.search(r"\d+(\.\d+)+\S*", ref_name)
        candidate = found[0] if found else "0.0.0"
    try:
        return str(Version(candidate))
    except InvalidVersion as mistake:
        raise CannotPackage(f"`{candidate}` is not a valid PEP 440 version") from mistake


def _readme(tree: Tree, folder: str, table: Mapping[str, Any], *, native: bool) -> dict[str, str]:
    """`readme` and `readme_type` of the project."""
    declared = table.get("readme")
    if isinstance(declared, dict) and "text" in declared:
        return {"readme": str(declared["text"]), "readme_type": str(declared.get("content-type", "text/markdown"))}
    if isinstance(declared, dict):
        declared = declared.get("file")
    if not declared and native and _at(folder, "README.md") in tree.files:
        declared = "README.md"  # which maturin takes by itself
    if not isinstance(declared, str):
        return {}
    text = tree.text(_at(folder, declared), title=str(table.get("name", "")), summary=str(table.get("description", "")))
    return {"readme": text, "readme_type": "text/x-rst" if declared.endswith(".rst") else "text/markdown"}


def _tags(tree: Tree, document: Mapping[str, Any], crate: Crate | None, build: Build) -> tuple[str, ...]:
    """Interpreter and ABI as maturin chooses them: by its bindings, pyo3's abi3 feature, and `-i`."""
    limited = document.get("tool", {}).get("distutils", {}).get("bdist_wheel", {}).get("py-limited-api")
    if isinstance(limited, str):
        return (f"{limited}-abi3",)  # https://setuptools.pypa.io/en/latest/userguide/ext_modules.html
    dependencies = crate.manifest.get("dependencies", {}) if crate else {}
    if crate and not {"pyo3", "pyo3-ffi"} & dependencies.keys():
        return ("py3-none",)
    features = repr((dependencies, crate.manifest.get("features") if crate else None, document.get("tool")))
    if found := re.search(r"\babi3-py(3\d+)\b", features):
        return (f"cp{found[1]}-abi3",)
    named = [each.removeprefix("python") for each in build.interpreters]
    if not named:
        return ("cp312-cp312",)
    versions = ["3.10", "3.11", "3.12", "3.13", "3.14"] if "*" in named else named
    plain = [version.replace(".", "") for version in versions]
    return tuple(f"cp{each.rstrip('t')}-cp{each}" for each in plain)


def distributions(package: PythonPackage, build: Build, *, stamp: str) -> dict[str, bytes]:
    """The files that a build step makes, by name. Two builds of compiled code with different `stamp`s differ."""
    project, module = package.project, re.sub(r"[-.]+", "_", package.project.name).lower()
    if build.platform == "sdist":
        return dict([sdist(project, {"pyproject.toml": package.pyproject})])
    files = {f"{module}/__init__.py": f'"""{project.summary}"""\n'.encode()}
    if not package.native:
        return dict(wheel(project, f"{tag}-any", files) for tag in package.tags)
    files[f"{module}/_native.bin"] = f"{project.name} {project.version} for {build.platform}, {stamp}\n".encode()
    return dict(wheel(project, f"{tag}-{platform_tag(build.platform)}", files) for tag in package.tags)
