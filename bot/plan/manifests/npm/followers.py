"""Which package.json files share a released package's version.

Recognised by three things together: the file is not `private`, it says the very version that is released from, and
it lies in the package's folder (and in no other package's further down), or in that of an unpublished crate that
requires the package by path or inherits its version. Not below examples and tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.versions import semver_of
from bot.plan.manifests.npm.json_text import JsonFile, read_json
from bot.plan.manifests.toml import string
from bot.plan.paths import depth, is_below, is_product, parent
from bot.plan.repository import Repository, Source
from bot.plan.request import Target

MANIFEST = "package.json"


@dataclass(frozen=True, slots=True)
class Follower:
    """One package.json that gets a released package's new version."""

    file: JsonFile
    name: str
    """Empty where it has none."""
    old: str
    new: str
    leader: str
    """Name of the released package; of several that share their version the first."""

    @property
    def folder(self) -> str:
        """Where it lies."""
        return parent(self.file.path)


def followers(repository: Repository, targets: Sequence[Target]) -> Iterator[Follower | Problem]:
    """Every package.json that follows one of the targets.

    A Problem for a file that may do so and cannot be read: whether it follows is then not known.
    """
    released: dict[object, Target] = {}
    for target in targets:
        released.setdefault(target.source.place, target)
    for path in repository.paths:
        if path.rpartition("/")[2] != MANIFEST:
            continue
        file = read_json(repository.tree, path)
        if isinstance(file, Problem):
            if is_product(parent(path)) and any(source.place in released for source in _possible(repository, path)):
                yield file
            continue
        owner = _owner(repository, path, file.data)
        leader = released.get(owner.place) if owner else None
        if leader is not None:
            new = semver_of(leader.new) or leader.new
            name = string(file.data.get("name"))
            yield Follower(file, name, string(file.data["version"]), new, leader.package.name)


def _owner(repository: Repository, path: str, manifest: Mapping[str, object]) -> Source | None:
    """The package at this version that the file belongs to.

    That is the one that the bindings' own crate is made from, else the nearest above; of two in one folder the one
    that is at this version.
    """
    version = manifest.get("version")
    if not isinstance(version, str) or manifest.get("private") is True:
        return None
    above = _nearest(repository, path)
    bound = [source for source in _bound(repository, path, above) if _is_at(source, version)]
    if len({source.place for source in bound}) == 1:
        return bound[0]
    return next((source for source in above if _is_at(source, version)), None)


def _possible(repository: Repository, path: str) -> list[Source]:
    """The packages to which the file would belong at one version or another."""
    above = _nearest(repository, path)
    return [*above, *_bound(repository, path, above)]


def _nearest(repository: Repository, path: str) -> list[Source]:
    """The packages of the nearest folder above that has any."""
    above = [source for source in repository.sources.values() if is_below(parent(path), source.folder)]
    nearest = max((source.folder for source in above), key=depth, default=None)
    return [source for source in above if source.folder == nearest]


def _bound(repository: Repository, path: str, nearest: Sequence[Source]) -> list[Source]:
    """The packages whose crates the bindings' own crate requires by path, or whose version it inherits.

    The bindings' own crate is the nearest one around the file; none where the `nearest` packages are as near.
    """
    around = [crate for crate in repository.crates if is_below(parent(path), crate.folder)]
    crate = max(around, key=lambda crate: depth(crate.folder), default=None)
    if crate is None or any(depth(source.folder) >= depth(crate.folder) for source in nearest):
        return []
    required = {other.manifest for other in repository.crates.required_by(crate, dev=False)}
    return [
        source
        for source in repository.sources.values()
        if source.crate and not source.project and (source.place == crate.place or source.crate.manifest in required)
    ]


def _is_at(source: Source, version: str) -> bool:
    return bool(source.version) and (semver_of(source.version or "") or source.version) == version
