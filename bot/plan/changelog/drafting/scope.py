"""Which files are a package's: a change that touches none of them is not told in its changelog."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.plan.manifests.cargo import Crate
from bot.plan.model import Package
from bot.plan.paths import ancestors, is_changelog, matches_glob, parent
from bot.plan.repository import Repository, Source

MOST_COVERING = 24
"""Paths that are asked about at once; of a tree that needs more, a few folders are taken whole."""

_IN_NONE = {
    *("test", "tests", "testing", "doc", "docs", "bench", "benches", "benchmark", "benchmarks", "example", "examples"),
    *("fuzz", "xtask", "ci", "scripts", "tools"),
}
"""Folders right below a package's own that serve the repository and ship in no package, or only to be read."""
_TOOLS = {
    *("noxfile.py", "tox.ini", "Makefile", "justfile", "Justfile", "rustfmt.toml", "clippy.toml", "deny.toml"),
    *("codecov.yml", "mkdocs.yml", "renovate.json", "release-plz.toml", "cliff.toml", "release.toml"),
    *("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "RELEASING.md"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The files of one package."""

    folders: frozenset[str]
    """Its own folder, and those of what it is built from and what is not released by itself."""
    others: frozenset[str] = frozenset()
    """Folders of what belongs to other packages or to none."""
    include: tuple[str, ...] = ()
    """Patterns of the configuration: files that are its own besides."""
    exclude: tuple[str, ...] = ()
    """Patterns of the configuration: files that are not."""

    def covers(self, path: str) -> bool:
        """Whether a change of this file is a change of the package."""
        if any(_matches(path, pattern) for pattern in self.exclude):
            return False
        if any(_matches(path, pattern) for pattern in self.include):
            return True
        folder = parent(path)
        home = next((each for each in (folder, *ancestors(folder)) if each in self.folders or each in self.others), "")
        if home not in self.folders:
            return False
        first, inside, _ = (path if home == "." else path.removeprefix(f"{home}/")).partition("/")
        if inside:
            return first.lower() not in _IN_NONE and not first.startswith(".")
        return not first.startswith(".") and first not in _TOOLS and not is_changelog(path)


def _matches(path: str, pattern: str) -> bool:
    """Whether a path is what a pattern means: files, or a folder with all that is in it."""
    return matches_glob(path, pattern) or matches_glob(path, f"{pattern.rstrip('/')}/**")


def scope_of(repository: Repository, released: Mapping[str, Source], package: Package) -> Scope:
    """The files of a package; `released` says where each package of the repository keeps its version."""
    source = released.get(package.key)
    crates = {
        one.crate.manifest for key, one in released.items() if one.crate and not one.project and key != package.key
    }
    built_from = _built_from(repository, source.crate, crates) if source and source.crate else []
    folders = frozenset((package.path, *(crate.folder for crate in built_from)))
    crate_folders = (crate.folder for crate in repository.crates)
    others = frozenset((*crate_folders, *(parent(file.path) for file in repository.pyprojects))) - folders
    return Scope(folders, others, package.include, package.exclude)


def _built_from(repository: Repository, own: Crate, released: Iterable[str]) -> list[Crate]:
    """The crate and those that it requires by path, however far, up to those that are released by themselves."""
    found, waiting, others = {own.manifest: own}, [own], set(released)
    while waiting:
        for crate in repository.crates.required_by(waiting.pop(), dev=False):
            if crate.manifest not in found and crate.manifest not in others:
                found[crate.manifest] = crate
                waiting.append(crate)
    return list(found.values())


def covering(paths: Iterable[str], covers: Callable[[str], bool]) -> tuple[str, ...]:
    """The fewest files and folders that hold all the files that are covered, and only those; `.` for a whole tree.

    At most `MOST_COVERING`: where it takes more, the deepest are widened to their folders, and hold other files, too.
    """
    known = {path: covers(path) for path in paths}
    mixed = {folder for path, own in known.items() if not own for folder in (parent(path), *ancestors(parent(path)))}
    found = {_widest(path, mixed) for path, own in known.items() if own}
    while len(found) > MOST_COVERING:
        deepest = max(path.count("/") for path in found)
        found = {parent(path) if path.count("/") == deepest else path for path in found}
        found = {path for path in found if not any(above in found for above in ancestors(path))}
    return tuple(sorted(found))


def _widest(path: str, mixed: Iterable[str]) -> str:
    """The topmost folder of a file that holds nothing else."""
    widest = path
    for folder in (parent(path), *ancestors(parent(path))):
        if folder in mixed:
            break
        widest = folder
    return widest


def together(scopes: Sequence[Scope]) -> Callable[[str], bool]:
    """Whether a file is one of any of these packages."""
    if any(scope.exclude for scope in scopes):
        return lambda path: any(scope.covers(path) for scope in scopes)
    folders = frozenset(folder for scope in scopes for folder in scope.folders)
    others = frozenset(folder for scope in scopes for folder in scope.others) - folders
    include = dict.fromkeys(pattern for scope in scopes for pattern in scope.include)
    return Scope(folders, others, tuple(include)).covers
