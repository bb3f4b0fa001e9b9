"""Python projects: who publishes, and where the version comes from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.plan.manifests.cargo import Crate, Crates, Place
from bot.plan.manifests.text_versions import TextPlace, assigned_version, metadata_place, metadata_value, only_version
from bot.plan.manifests.toml import TomlFile, string, strings, table
from bot.plan.manifests.unplaced import Unplaced, setup_name, unplaced
from bot.plan.model import Tree
from bot.plan.paths import inside, is_product, join, parent

_MATURIN_MANIFESTS = ("Cargo.toml", "rust/Cargo.toml", "native/Cargo.toml")
_SOURCES = (".", "src", "python", "py_src", "lib")
_TAG_TOOLS = (
    "setuptools-scm",
    "setuptools_scm",
    "hatch-vcs",
    "versioningit",
    "poetry-dynamic-versioning",
    "versioneer",
)
_LONGEST_PATTERN = 300
_ASSIGNED = re.compile(r"\b([A-Za-z_]\w*+)(?: |\\s|[*+?])*+=(?!=)")


class VersionFrom(StrEnum):
    """Where a Python project's version comes from; the value says it in a sentence."""

    PYPROJECT = "pyproject.toml"
    CRATE = "the crate"
    FILE = "a file"
    TAG = "the tag"


@dataclass(frozen=True)
class PythonProject:
    """One `[project]` (or `[tool.poetry]`) that would be published."""

    file: TomlFile
    name: str
    version: str | None
    """The current version as written; None for one that only a tag decides."""
    version_from: VersionFrom
    place: Place | TextPlace | None
    """Where the version is written; None when only a tag decides it."""
    crate: Crate | None
    """The crate that its extension module is built from."""

    @property
    def folder(self) -> str:
        """Folder of its pyproject.toml."""
        return parent(self.file.path)


def python_projects(files: Sequence[TomlFile], crates: Crates, tree: Tree) -> Iterator[PythonProject]:
    """The projects that would be published to PyPI.

    Not those that only configure tools: without a name or a build system, marked private, below examples and tests.
    (uv's `package = false` says whether uv installs the project into its environment, and nothing about publishing:
    https://docs.astral.sh/uv/reference/settings/#package.) Nor those whose version stands where the planner does not
    look: see `unplaced_projects`.
    """
    for file, name in _published(files, crates, tree):
        project = _project(file, name, crates, tree)
        if project is not None:
            yield project


def unplaced_projects(files: Sequence[TomlFile], crates: Crates, tree: Tree) -> Iterator[Unplaced]:
    """The projects that would be published too, if it were known where their version stands."""
    for file, name in _published(files, crates, tree):
        if _project(file, name, crates, tree) is None:
            yield unplaced(file, name, tree)


def _published(files: Sequence[TomlFile], crates: Crates, tree: Tree) -> Iterator[tuple[TomlFile, str]]:
    for file in files:
        name = _name(file, crates, tree)
        if isinstance(name, str) and _is_published(file) and is_product(parent(file.path)):
            yield file, name


def _name(file: TomlFile, crates: Crates, tree: Tree) -> object:
    """The project's name.

    Without `[project]` it is the crate's where maturin builds it (https://maturin.rs/metadata.html), and that in
    setup.cfg or setup.py where setuptools does.
    """
    if "project" not in file.data and (crate := crate_of(file, crates)) is not None:
        return crate.name
    project, poetry = table(file.data, "project"), table(file.data, "tool", "poetry")
    if project or poetry or not _is_setuptools(file):
        return project.get("name") or poetry.get("name")
    return metadata_value(tree.get(inside(parent(file.path), "setup.cfg"), b""), "name") or setup_name(file, tree)


def _is_setuptools(file: TomlFile) -> bool:
    """Whether setuptools builds the project, by name or because nothing else is named."""
    backend = table(file.data, "build-system").get("build-backend", "setuptools.build_meta")
    return string(backend).startswith("setuptools")


def crate_of(file: TomlFile, crates: Crates) -> Crate | None:
    """The crate that a pyproject.toml builds through maturin, where maturin itself looks for it."""
    if "maturin" not in string(table(file.data, "build-system").get("build-backend")):
        return None
    folder = parent(file.path)
    configured = table(file.data, "tool", "maturin").get("manifest-path")
    candidates = [join(folder, configured)] if isinstance(configured, str) else []
    candidates += [inside(folder, name) for name in _MATURIN_MANIFESTS]
    return next((crates.by_manifest[path] for path in candidates if path in crates.by_manifest), None)


def _is_published(file: TomlFile) -> bool:
    project = table(file.data, "project")
    if table(file.data, "tool", "poetry").get("package-mode") is False:
        return False
    if any(word.startswith("Private ::") for word in strings(project.get("classifiers"))):
        return False
    if project.get("description") == "" and parent(file.path) != ".":
        return False  # as `hatch new` begins a project: nobody has thought of publishing it yet
    return "build-system" in file.data


def _project(file: TomlFile, name: str, crates: Crates, tree: Tree) -> PythonProject | None:
    crate = crate_of(file, crates)
    if _tag_decides(file):
        return PythonProject(file, name, None, VersionFrom.TAG, None, crate)
    for keys in (("project", "version"), ("tool", "poetry", "version")):
        version = file.value(keys)
        if isinstance(version, str):
            return PythonProject(file, name, version, VersionFrom.PYPROJECT, Place(file.path, keys), crate)
    if crate is not None and crate.version is not None:
        return PythonProject(file, name, crate.version, VersionFrom.CRATE, crate.place, crate)
    place = _version_file(file, name, tree)
    return PythonProject(file, name, place.version, VersionFrom.FILE, place, crate) if place else None


def _tag_decides(file: TomlFile) -> bool:
    if isinstance(file.value(("project", "version")), str):
        return False
    tool, requires = table(file.data, "tool"), strings(table(file.data, "build-system").get("requires"))
    if table(tool, "pdm", "version").get("source") == "scm" or "setuptools_scm" in tool:
        return True
    return any(requirement.startswith(name) for requirement in requires for name in _TAG_TOOLS)


def _version_file(file: TomlFile, name: str, tree: Tree) -> TextPlace | None:
    """The file that `tool.setuptools.dynamic`, `tool.hatch.version`, `tool.pdm.version` or flit names."""
    folder, tool = parent(file.path), table(file.data, "tool")
    setuptools = table(tool, "setuptools", "dynamic", "version")
    attribute, plain = setuptools.get("attr"), setuptools.get("file")
    named = table(tool, "hatch", "version").get("path") or table(tool, "pdm", "version").get("path")
    if isinstance(attribute, str) and "." in attribute:
        module, _, variable = attribute.rpartition(".")
        return _first(_module_files(folder, module), variable, tree)
    if plain := plain if isinstance(plain, str) else next(iter(strings(plain)), None):
        path = join(folder, plain)
        return only_version(path, tree[path]) if path is not None and path in tree else None
    if isinstance(named, str):
        variables = _hatch_variables(table(tool, "hatch", "version").get("pattern"))
        places = (_first([join(folder, named)], variable, tree) for variable in variables)
        return next((place for place in places if place is not None), None)
    if "flit" in string(table(file.data, "build-system").get("build-backend")):
        module = table(tool, "flit", "module").get("name") or name.replace("-", "_")
        return _first(_module_files(folder, string(module)), "__version__", tree)
    return _setup_cfg_version(folder, tree) if _is_setuptools(file) else None


def _hatch_variables(pattern: object) -> Sequence[str]:
    """The variables that may hold the version: hatch's own two, or the one that a pattern assigns."""
    if pattern is None:
        return ("__version__", "VERSION")
    found = _ASSIGNED.findall(string(pattern)[:_LONGEST_PATTERN])
    return found if len(found) == 1 else ()


def _setup_cfg_version(folder: str, tree: Tree) -> TextPlace | None:
    """The version that a setup.cfg states, or that of the module or file it names."""
    path = inside(folder, "setup.cfg")
    kind, _, named = (metadata_value(tree.get(path, b""), "version") or "").partition(":")
    module, _, variable = named.strip().rpartition(".")
    if kind == "attr" and module:
        return _first(_module_files(folder, module), variable, tree)
    if kind == "file":
        plain = join(folder, named.strip())
        return only_version(plain, tree[plain]) if plain is not None and plain in tree else None
    return metadata_place(path, tree[path]) if path in tree else None


def _module_files(folder: str, module: str) -> list[str | None]:
    path = module.replace(".", "/")
    return [join(folder, f"{source}/{path}{tail}") for source in _SOURCES for tail in ("/__init__.py", ".py")]


def _first(paths: Sequence[str | None], variable: str, tree: Tree) -> TextPlace | None:
    found = (assigned_version(path, tree[path], variable) for path in paths if path is not None and path in tree)
    return next((place for place in found if place is not None), None)
