"""The edits of package.json files that follow a release, of what requires them, and of npm's lock files."""

from collections.abc import Iterator, Mapping, Sequence

from bot.packaging.problem import Problem
from bot.plan.listed import listed
from bot.plan.manifests.npm.followers import MANIFEST, Follower, followers
from bot.plan.manifests.npm.json_text import JsonFile, Keys, read_json
from bot.plan.manifests.npm.locks import OTHERS, NpmLock, lock_values, npm_locks
from bot.plan.manifests.npm.requirements import accepts, moved_requirement, requirements
from bot.plan.manifests.toml import string, strings, table
from bot.plan.model import FileEdit
from bot.plan.paths import ancestors, inside, join, matches_glob, parent
from bot.plan.repository import Repository
from bot.plan.request import Target

_MOST_NAMED = 3


class NpmEdits:
    """What a release changes for npm; `problems` is not empty where a file that may follow cannot be read."""

    def __init__(self, repository: Repository, targets: Sequence[Target]) -> None:
        self._repository = repository
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        found = list(followers(repository, targets))
        self.problems += [each for each in found if isinstance(each, Problem)]
        self.followers = [each for each in found if isinstance(each, Follower)]
        """The package.json files that get a new version."""
        self._by_name = _by_name(self.followers)
        self._files = {each.file.path: each.file for each in self.followers}
        self._changed: dict[str, dict[Keys, tuple[str, str]]] = {
            each.file.path: {("version",): (each.old, each.new)} for each in self.followers
        }
        self._locks: list[NpmLock] = []
        if self.followers:
            self._read_others()
            self._move_requirements()
        self.edits = (*self._manifest_edits(), *self._lock_edits())

    def _read_others(self) -> None:
        """Every other package.json that could require a follower, and the lock files around them all."""
        for path in self._repository.paths:
            if path.rpartition("/")[2] == MANIFEST and path not in self._files:
                file = read_json(self._repository.tree, path)
                if isinstance(file, JsonFile):
                    self._files[path] = file
        folders = [parent(path) for path in self._files]
        for lock in npm_locks(self._repository.tree, self._repository.paths, folders):
            if isinstance(lock, NpmLock):
                self._locks.append(lock)
            elif any(parent(lock.where) in (each.folder, *ancestors(each.folder)) for each in self.followers):
                self.problems.append(lock)

    def _move_requirements(self) -> None:
        for path, file in self._files.items():
            left: dict[tuple[str, str], list[Follower]] = {}
            moved: list[Follower] = []
            for keys, required, text, new in self._movable(file):
                lock = self._lock_of(parent(path))
                if lock is None or lock.links(required.name, required.folder, parent(path)):
                    self._changed.setdefault(path, {})[keys] = (text, new)
                    moved.append(required)
                else:
                    left.setdefault((lock.file.path, keys[0]), []).append(required)
            self.warnings += [self._left(path, lock, where, names) for (lock, where), names in left.items()]
            self.warnings += self._other_locks(path, moved)

    def _movable(self, file: JsonFile) -> Iterator[tuple[Keys, Follower, str, str]]:
        """The requirements that should move: of a file that is released too, and in a workspace what would not hold.

        https://pnpm.io/workspaces#workspace-protocol-workspace
        """
        together = any(each.file.path == file.path for each in self.followers)
        for keys, name, text in requirements(file):
            required = self._by_name.get(name)
            new = moved_requirement(text, required.old, required.new) if required else None
            if required is None or new is None or new == text:
                continue
            holds = accepts(text, required.new)
            linked = text.startswith("workspace:") or self._share_a_workspace(parent(file.path), required.folder)
            if together or (linked and not holds):
                yield keys, required, text, new

    def _lock_of(self, folder: str) -> NpmLock | None:
        """The lock file of npm that holds what a folder's package.json requires: the nearest."""
        return next((lock for lock in reversed(self._locks_by_depth()) if lock.governs(folder)), None)

    def _locks_by_depth(self) -> list[NpmLock]:
        return sorted(self._locks, key=lambda lock: lock.file.path.count("/"))

    def _share_a_workspace(self, one: str, other: str) -> bool:
        """Whether some package.json above lists both folders in `workspaces`.

        https://docs.npmjs.com/cli/using-npm/workspaces
        """
        for path, file in self._files.items():
            said = file.data.get("workspaces")
            patterns = strings(said) or strings(table(said).get("packages"))
            globs = [glob for pattern in patterns if (glob := join(parent(path), pattern)) is not None]
            members = {one, other} - {parent(path)}
            if globs and all(any(matches_glob(folder, glob) for glob in globs) for folder in members):
                return True
        return False

    def _left(self, path: str, lock: str, where: str, required: Sequence[Follower]) -> str:
        names = listed([each.name for each in required], most=_MOST_NAMED)
        them = "it" if len(required) == 1 else "them"
        return (
            f"{path} still has {names} at {required[0].old} in {where}: {lock} takes {them} from npm, which has "
            f"{required[0].new} only after publishing. Move that then, with `npm install --package-lock-only`."
        )

    def _other_locks(self, path: str, moved: Sequence[Follower]) -> Iterator[str]:
        """The lock file of another tool that names what a moved requirement is on."""
        tree = self._repository.tree
        for folder in (parent(path), *ancestors(parent(path))):
            for name, command in OTHERS.items():
                lock = inside(folder, name)
                if lock in tree and any(each.name.encode() in tree[lock] for each in moved):
                    names = listed([each.name for each in moved], most=_MOST_NAMED)
                    yield f"{path} requires {names} at {moved[0].new} now, so {lock} is stale: run `{command}`."
                    return

    def _manifest_edits(self) -> Iterator[FileEdit]:
        for path in sorted(self._changed):
            yield self._edit(self._files[path], {keys: new for keys, (_, new) in self._changed[path].items()}, "")

    def _lock_edits(self) -> Iterator[FileEdit]:
        for lock in self._locks:
            values = lock_values(lock, self._changed)
            if values:
                yield self._edit(lock.file, values, "locked ")

    def _edit(self, file: JsonFile, values: Mapping[Keys, str], locked: str) -> FileEdit:
        changes = tuple(
            f"{'.'.join(word or '(root)' for word in keys)}: {string(file.value(keys))} → {new}"
            for keys, new in values.items()
        )
        why = f"{locked}{self._why(values)}"
        return FileEdit(file.path, self._repository.tree[file.path], file.replaced(values), why, changes)

    def _why(self, values: Mapping[Keys, str]) -> str:
        required = list(dict.fromkeys(keys[-1] for keys in values if keys[-1] in self._by_name))
        named = f"requirement on {listed(required, most=_MOST_NAMED)}"
        has_version = any(keys[-1] == "version" for keys in values)
        leaders = dict.fromkeys(each.leader for each in self.followers if each.new in values.values())
        version = f"version, which follows {listed(leaders, most=_MOST_NAMED)}"
        if not has_version:
            return named
        return f"{version}, and its {named}" if required else version


def _by_name(found: Sequence[Follower]) -> dict[str, Follower]:
    """The followers by their names; two of one name are nobody's to choose between."""
    names = [each.name for each in found]
    return {each.name: each for each in found if each.name and names.count(each.name) == 1}
