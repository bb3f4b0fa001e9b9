"""The edits of a release in manifests, version files and lock files."""

from collections.abc import Iterator, Mapping, Sequence

from bot.packaging.problem import Problem
from bot.packaging.registry import Scheme
from bot.packaging.versions import python_spelling, semver_of
from bot.plan.listed import listed
from bot.plan.manifests.cargo import Crate, Place
from bot.plan.manifests.cargo_lock import lock_edits
from bot.plan.manifests.cargo_pins import pin_edits
from bot.plan.manifests.lockstep import lockstep_places
from bot.plan.manifests.npm.edits import NpmEdits
from bot.plan.manifests.python_pins import python_lock_edits, python_pin_edits
from bot.plan.manifests.text_versions import TextPlace, unreadable_version, with_version
from bot.plan.manifests.toml import KeyPath, TomlFile, string
from bot.plan.model import FileEdit
from bot.plan.paths import is_product, parent
from bot.plan.policy import Policy
from bot.plan.repository import Repository
from bot.plan.request import Target

MOST_NAMED = 4


class FileEdits:
    """Every file but the changelogs, after the release; `problems` is not empty when one cannot be edited."""

    def __init__(self, repository: Repository, targets: Sequence[Target], policy: Policy) -> None:
        self._repository = repository
        self._targets = targets
        self._policy = policy
        npm = NpmEdits(repository, targets)
        beside = {each.folder: (each.old, each.new) for each in npm.followers}
        self._places: dict[Place | TextPlace, str] = {
            **dict(lockstep_places(repository, targets, beside)),
            **dict(_places(targets)),
        }
        self._manifests = {file.path: file for file in (*repository.crates.files.values(), *repository.pyprojects)}
        self.problems: list[Problem] = []
        self.problems += self._unreadable()
        self.problems += npm.problems
        self.warnings = tuple(npm.warnings)
        self.followers = tuple(npm.followers)
        """The package.json files that get a released package's version."""
        self.versions = new_crate_versions(repository, self._places)
        """New version of every crate that gets one, by manifest, bindings and workspace members included."""
        self.edits = (
            *self._manifest_edits(),
            *self._text_edits(),
            *self._locks(),
            *npm.edits,
        )

    def _manifest_edits(self) -> Iterator[FileEdit]:
        values: dict[str, dict[KeyPath, str]] = {}
        reasons: dict[str, list[str]] = {}
        for place, new in self._places.items():
            if isinstance(place, Place):
                values.setdefault(place.path, {})[place.keys] = new
                reasons.setdefault(place.path, []).append("version")
        moved, problems = pin_edits(self._repository.crates, self.versions, always=self._policy.lift_all_pins)
        self.problems += problems
        for pin, text in moved:
            values.setdefault(pin.path, {})[pin.keys] = text
            reasons.setdefault(pin.path, []).append(pin.crate.name)
        for path, keys, name, text in python_pin_edits(self._repository.pyprojects, self._python_targets()):
            values.setdefault(path, {})[keys] = text
            reasons.setdefault(path, []).append(name)
        for path in sorted(values, key=lambda path: (path.count("/"), path)):
            yield from self._toml_edit(self._manifests[path], values[path], self._why(path, reasons[path]))

    def _why(self, path: str, reasons: Sequence[str]) -> str:
        required = list(dict.fromkeys(reason for reason in reasons if reason != "version"))
        if not required:
            return "version"
        if "version" in reasons:
            return f"version and its requirement on {listed(required, most=MOST_NAMED)}"
        crate = self._repository.crates.by_manifest.get(path)
        aside = f"; {crate.name} itself is not released" if crate and crate.manifest not in self.versions else ""
        return f"requirement on {listed(required, most=MOST_NAMED)}{aside}"

    def _text_edits(self) -> Iterator[FileEdit]:
        for place, new in self._places.items():
            if isinstance(place, TextPlace) and place.version != new:
                before = self._repository.tree[place.path]
                changes = (f"version: {place.version} → {new}",)
                yield FileEdit(place.path, before, with_version(before, place, new), "version", changes)

    def _locks(self) -> Iterator[FileEdit]:
        for lock in self._repository.locks("Cargo.lock"):
            yield from self._lock_edit(lock, lock_edits(lock, self._repository.crates, self.versions))
        for name in ("uv.lock", "poetry.lock"):
            for lock in self._repository.locks(name):
                yield from self._lock_edit(lock, python_lock_edits(lock, self._python_targets()))

    def _unreadable(self) -> Iterator[Problem]:
        """The files of the released Python projects that should say the version, but cannot be read."""
        for project in (target.source.project for target in self._targets):
            for path in self._repository.version_files(project) if project else ():
                problem = unreadable_version(path, self._repository.tree[path])
                if problem is not None and is_product(parent(path)):
                    yield problem

    def _lock_edit(self, lock: TomlFile, values: Mapping[KeyPath, str]) -> Iterator[FileEdit]:
        names = [string(lock.value((*keys[:-1], "name"))) for keys in values if keys[-1] == "version"]
        yield from self._toml_edit(lock, values, f"locked version of {listed(dict.fromkeys(names), most=MOST_NAMED)}")

    def _toml_edit(self, file: TomlFile, values: Mapping[KeyPath, str], why: str) -> Iterator[FileEdit]:
        values = {keys: new for keys, new in values.items() if file.value(keys) != new}
        if not values:
            return
        after = file.replaced(values)
        if isinstance(after, Problem):
            self.problems.append(after)
            return
        changes = tuple(f"{_named(file, keys)}: {file.value(keys)} → {new}" for keys, new in values.items())
        yield FileEdit(file.path, self._repository.tree[file.path], after, why, changes)

    def _python_targets(self) -> list[Target]:
        return [target for target in self._targets if target.source.project is not None]


def new_crate_versions(repository: Repository, places: Mapping[Place | TextPlace, str]) -> dict[str, str]:
    """The new version of every crate whose version stands at one of the places, by manifest."""
    found: dict[str, str] = {}
    for crate in repository.crates:
        new = places.get(crate.place) if isinstance(crate, Crate) and crate.place else None
        if new is not None:
            found[crate.manifest] = new
    return found


def _places(targets: Sequence[Target]) -> Iterator[tuple[Place | TextPlace, str]]:
    """Every place that must say a new version, and how it spells it."""
    for target in targets:
        for place in (target.source.place, *target.source.repeats):
            if place is None:
                continue
            if place.path.endswith("Cargo.toml"):
                yield place, semver_of(target.new) or target.new
            elif isinstance(place, TextPlace) and target.package.registry.scheme is Scheme.PEP440:
                yield place, python_spelling(target.new, place.version)
            else:
                yield place, target.new


def _named(file: TomlFile, keys: KeyPath) -> str:
    """A key path as a person says it: `dependencies.serde`, and for lock files the package's name."""
    if keys[:2] == ("patch", "unused"):
        return f"{file.value((*keys[:-1], 'name'))} (unused patch)"
    if keys[0] == "package" and len(keys) > 2 and isinstance(keys[1], int):
        name = string(file.value((*keys[:2], "name")))
        return name if len(keys) == 3 else f"{name}: reference"
    words = [str(key) for key in keys if not isinstance(key, int)]
    return ".".join(words[:-1] if words[-1] == "version" and len(words) > 2 and words[-2] != "package" else words)
