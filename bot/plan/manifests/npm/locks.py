"""npm's lock files: what they repeat of the package.json files of one tree, and where they take a package from.

https://docs.npmjs.com/cli/configuring-npm/package-lock-json
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import relpath

from bot.packaging.problem import Problem
from bot.plan.manifests.npm.json_text import JsonFile, Keys, read_json
from bot.plan.manifests.npm.requirements import TABLES
from bot.plan.model import Tree
from bot.plan.paths import ancestors, inside, is_below, parent

NAMES = ("package-lock.json", "npm-shrinkwrap.json")
OTHERS = {
    "pnpm-lock.yaml": "pnpm install --lockfile-only",
    "yarn.lock": "yarn install",
    "bun.lock": "bun install --lockfile-only",
}
"""Lock files of other tools, which are not edited, each with the command that brings it up to date."""


@dataclass(frozen=True)
class NpmLock:
    """One lock file of npm."""

    file: JsonFile

    @property
    def folder(self) -> str:
        """The folder that its paths are seen from."""
        return parent(self.file.path)

    def entry(self, folder: str) -> Keys | None:
        """Where it repeats the package.json of a folder; None where it does not."""
        if not is_below(folder, self.folder):
            return None
        path = "" if folder == self.folder else relpath(folder, self.folder)
        return ("packages", path) if isinstance(self.file.value(("packages", path)), dict) else None

    def governs(self, folder: str) -> bool:
        """Whether `npm ci` compares it with the package.json of a folder; a lock file of npm 6 has only its own."""
        return self.entry(folder) is not None or (folder == self.folder and bool(self.file.data))

    def links(self, name: str, to: str, holder: str) -> bool:
        """Whether a package of that name, required from the folder `holder`, is the one in the folder `to`."""
        above = [each for each in (holder, *ancestors(holder)) if is_below(each, self.folder)]
        for folder in above:
            path = relpath(inside(folder, f"node_modules/{name}"), self.folder)
            found = self.file.value(("packages", path))
            if isinstance(found, dict):
                return found.get("link") is True and found.get("resolved") == relpath(to, self.folder)
        return False

    def places(self, folder: str, keys: Keys) -> Iterator[Keys]:
        """Every place that repeats what stands at `keys` in the package.json of a folder."""
        entry = self.entry(folder)
        if keys == ("version",) and folder == self.folder:
            yield keys
        if entry is None:
            return
        yield (*entry, *keys)
        if keys[0] in TABLES and entry[1]:
            yield from self._of_npm_7(entry[1], keys[1])

    def _of_npm_7(self, path: str, required: str) -> Iterator[Keys]:
        """The same in the part that npm 7 writes for npm 6 (`lockfileVersion` 2)."""
        old_form = self.file.value(("dependencies",))
        for name, entry in (old_form if isinstance(old_form, dict) else {}).items():
            if isinstance(entry, dict) and entry.get("version") == f"file:{path}":
                yield ("dependencies", name, "requires", required)


def npm_locks(tree: Tree, paths: Sequence[str], folders: Sequence[str]) -> Iterator[NpmLock | Problem]:
    """The lock files beside or above the folders."""
    for path in paths:
        if path.rpartition("/")[2] in NAMES and any(is_below(folder, parent(path)) for folder in folders):
            file = read_json(tree, path)
            yield file if isinstance(file, Problem) else NpmLock(file)


def lock_values(lock: NpmLock, changed: Mapping[str, Mapping[Keys, tuple[str, str]]]) -> dict[Keys, str]:
    """What changes in a lock file with the package.json files at the paths of `changed`, each from old to new."""
    values: dict[Keys, str] = {}
    for path, edits in changed.items():
        for keys, (old, new) in edits.items():
            places = lock.places(parent(path), keys)
            values |= {place: new for place in places if lock.file.value(place) == old}
    return values
