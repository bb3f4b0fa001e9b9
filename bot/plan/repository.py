"""A whole tree, read once: crates, Python projects, lock files, and what could not be read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.manifests.cargo import Crate, Crates, Place
from bot.plan.manifests.cargo_published import PublishedCrates
from bot.plan.manifests.python import PythonProject, VersionFrom, crate_of, python_projects, unplaced_projects
from bot.plan.manifests.text_versions import TextPlace, repeated_versions
from bot.plan.manifests.toml import KeyPath, TomlFile, read_toml
from bot.plan.manifests.unplaced import Unplaced
from bot.plan.model import Tree
from bot.plan.paths import inside, is_below, is_imitation, is_script, parent, wants_path


@dataclass(frozen=True)
class Source:
    """A package's version and every place that must say it."""

    registry: Registry
    name: str
    folder: str
    manifest: str
    """The file that holds the version."""
    version: str | None
    """The current version as the manifest writes it; None when only a tag decides it."""
    place: Place | TextPlace | None
    """The leading place; packages that share it are released together."""
    crate: Crate | None
    """The crate itself, or the crate of the Python bindings."""
    project: PythonProject | None
    repeats: tuple[Place | TextPlace, ...] = ()
    """Other places that must say the same version."""

    @property
    def key(self) -> str:
        """`crates.io:NAME` or `pypi:NAME`."""
        return f"{self.registry}:{self.name}"

    @property
    def file(self) -> str:
        """The file that makes it a package: its Cargo.toml or pyproject.toml."""
        return self.project.file.path if self.project else self.manifest


class Repository:
    """Everything that the planner reads of a tree; pure, and read once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.paths = sorted(path for path in tree if wants_path(path))
        """The paths of the files that discovery looks at."""
        self.problems: list[Problem] = []
        """What could not be read and a release depends on."""
        self.notes: list[Problem] = []
        """What could not be read besides."""
        self._unread: list[Problem] = []
        self._locks: dict[str, list[TomlFile]] = {}
        self.crates = Crates(self._read("Cargo.toml"))
        self._pyprojects = self._read("pyproject.toml")
        self._sort_unread()
        self._bindings = {crate.manifest for file in self._pyprojects if (crate := crate_of(file, self.crates))}
        self.published = PublishedCrates(self.crates, self._bindings, self._project_folders())
        self.projects = tuple(python_projects(self._pyprojects, self.crates, self.tree))
        self.unplaced = tuple(unplaced_projects(self._pyprojects, self.crates, self.tree))
        """Projects that would be packages, but whose version was not found."""
        self.doubles: list[Unplaced] = []
        """Packages that are none because two folders have their name."""
        self.contested: list[Source] = []
        """The same as sources, of which the configuration may choose one."""
        found = [source for sources_in in FINDERS.values() for source in sources_in(self)]
        self.sources: Mapping[str, Source] = self._by_key(found)
        """Every package that would be published, by package key."""

    @property
    def pyprojects(self) -> list[TomlFile]:
        """Every pyproject.toml, tool configurations included."""
        return self._pyprojects

    def locks(self, name: str) -> list[TomlFile]:
        """The lock files of this name; those that cannot be read become problems. Read on demand: they are long."""
        if name not in self._locks:
            self._locks[name] = self._read(name)
            self._sort_unread()
        return self._locks[name]

    def crate_source(self, crate: Crate) -> Source:
        """How a crate would be released, whether or not it is published by itself."""
        return Source(
            Registry.CRATES_IO, crate.name, crate.folder, crate.manifest, crate.version, crate.place, crate, None
        )

    def place_of_name(self, source: Source) -> str:
        """File and line of a package's name."""
        holder = source.project or source.crate
        keys: tuple[KeyPath, ...] = (("package", "name"), ("project", "name"), ("tool", "poetry", "name"))
        for key in keys:
            if holder and holder.file.value(key) == source.name:
                return f"{holder.file.path}:{holder.file.line(key)}"
        for name in ("setup.cfg", "setup.py"):
            path = inside(source.folder, name)
            before, found, _ = self.tree.get(path, b"").partition(source.name.encode())
            if found:
                return f"{path}:{len(before.splitlines()) or 1}"
        return source.file

    def _read(self, name: str) -> list[TomlFile]:
        files = []
        for path in self.paths:
            if path == name or path.endswith(f"/{name}"):
                read = read_toml(path, self.tree)
                if isinstance(read, Problem):
                    self._unread.append(read)
                else:
                    files.append(read)
        return files

    def _sort_unread(self) -> None:
        """A manifest or lock file of the root or of a workspace may be the release's; any other is only noted."""
        for problem in self._unread:
            folder = parent(problem.where)
            if folder == "." or self.crates.lists(folder):
                self.problems.append(problem)
            elif not is_imitation(folder):
                self.notes.append(problem)
        self._unread = []

    def crate_sources(self) -> Iterator[Source]:
        """The crates that are published."""
        yield from (self.crate_source(crate) for crate in self.crates if crate in self.published)

    def project_sources(self) -> Iterator[Source]:
        """The Python projects that are published."""
        yield from (self._project_source(project) for project in self.projects)

    def _by_key(self, sources: Sequence[Source]) -> dict[str, Source]:
        """The packages by key; a name that two folders publish is nobody's to choose between, and no package."""
        named: dict[tuple[Registry, str], list[Source]] = {}
        for source in sources:
            named.setdefault((source.registry, source.registry.canonical(source.name)), []).append(source)
        for first, *others in named.values():
            for source in others:
                what = f"{first.folder} and {source.folder} would both be published as {source.name}"
                fix = "Mark the one that is not published: `publish = false`, or for Python `Private :: Do Not Upload`."
                problem = Problem(source.file, what, fix)
                self.doubles.append(Unplaced(source.name, source.folder, problem, source.registry))
            self.contested += [first, *others] if others else []
        return {alike[0].key: alike[0] for alike in named.values() if len(alike) == 1}

    def _project_source(self, project: PythonProject) -> Source:
        manifest = project.place.path if project.place else project.file.path
        repeats: list[Place | TextPlace] = []
        crate = project.crate
        if project.version_from is VersionFrom.PYPROJECT and crate and crate.place and not self._has_other_owner(crate):
            repeats.append(crate.place)
        if project.version is not None:
            below = self.version_files(project)
            leading = project.place.path if project.place else ""
            repeats += [
                place for place in repeated_versions(self.tree, below, project.version) if place.path != leading
            ]
        return Source(
            Registry.PYPI,
            project.name,
            project.folder,
            manifest,
            project.version,
            project.place,
            crate,
            project,
            tuple(repeats),
        )

    def _project_folders(self) -> set[str]:
        return {parent(file.path) for file in self._pyprojects if "build-system" in file.data}

    def version_files(self, project: PythonProject) -> list[str]:
        """The files of a project, and of no project further down, that may say its version once more."""
        return [path for path in self.paths if self._belongs(path, project) and not is_script(path)]

    def _has_other_owner(self, crate: Crate) -> bool:
        """Whether the bindings' version is also the version of a crate that is released by itself."""
        return any(other.place == crate.place and other in self.published for other in self.crates)

    def _belongs(self, path: str, project: PythonProject) -> bool:
        """Whether a file lies in this project and in no project further down."""
        folder = path.rpartition("/")[0] or "."
        if not is_below(folder, project.folder) or not path.endswith((".py", "VERSION", ".txt")):
            return False
        nearer = [other.folder for other in self.projects if is_below(folder, other.folder)]
        return max(nearer, key=len, default=".") == project.folder


FINDERS: dict[Registry, Callable[[Repository], Iterable[Source]]] = {
    Registry.CRATES_IO: Repository.crate_sources,
    Registry.PYPI: Repository.project_sources,
}
"""How the packages of each registry are found in a tree. One of any other kind is a `Source` without crate and project,
whose version stands at a `TextPlace`.
"""
