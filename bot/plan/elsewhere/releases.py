"""Which package of a release a version outside of its manifest is about."""

from collections.abc import Iterable, Sequence

from bot.packaging.registry import Registry, Scheme
from bot.packaging.versions import is_prerelease, parse_pep440, python_spelling, semver_of
from bot.plan.last_tag import final_before
from bot.plan.paths import is_below
from bot.plan.repository import Repository
from bot.plan.request import Target


class Releases:
    """The packages that are released, asked by what a file says."""

    def __init__(self, repository: Repository, targets: Sequence[Target]) -> None:
        self.targets = tuple(targets)
        self._by_key = {target.package.key: target for target in targets}
        versions = {target.package.key: olds(target) for target in targets}
        self._packages = [
            (source.key, source.folder, versions.get(source.key, (source.version or "",)))
            for source in repository.sources.values()
        ]

    def at(self, folder: str, said: str) -> Target | None:
        """The released package that a file in this folder means, which says a version and no name.

        That is the one of the folder itself that is at this version, else the one below; None where another package
        at this version is not released, or gets another one.
        """
        alike = [(key, where) for key, where, versions in self._packages if any_same(versions, said)]
        here = [key for key, where in alike if where == folder] or [
            key for key, where in alike if is_below(where, folder)
        ]
        found = [self._by_key.get(key) for key in here]
        released = [target for target in found if target is not None]
        if not released or len(released) < len(found):
            return None
        return released[0] if len({semver_of(target.new) or target.new for target in released}) == 1 else None

    def has_crate(self, name: str) -> bool:
        """Whether a crate of that name is a package of the repository, released now or not."""
        keys = [key for key, _, _ in self._packages]
        crates = (key.partition(":")[2] for key in keys if key.startswith(f"{Registry.CRATES_IO}:"))
        return Registry.PYPI.canonical(name) in map(Registry.PYPI.canonical, crates)

    def alone(self, folder: str) -> Target | None:
        """The one package of a folder, where it is released; None where there are several, or it is not."""
        here = [key for key, where, _ in self._packages if where == folder]
        return self._by_key.get(here[0]) if len(here) == 1 else None


def olds(target: Target) -> tuple[str, ...]:
    """The versions that a file may say and is to leave: the tree's, and for a final release that of the last final."""
    package, new = target.package, target.new
    last = None if is_prerelease(new) else final_before(package, new)
    return tuple(dict.fromkeys(version for version in (package.version, last) if version))


def any_same(versions: Iterable[str], said: str) -> bool:
    """Whether one of the versions is the one that a file says."""
    return any(same(version, said) for version in versions)


def same(one: str, other: str) -> bool:
    """Whether two texts are one version, however they spell it."""
    if one == other:
        return bool(one)
    left, right = parse_pep440(one), parse_pep440(other)
    if left is not None and right is not None:
        return left == right
    return semver_of(one) is not None and semver_of(one) == semver_of(other)


def spelled(target: Target, said: str) -> str:
    """The new version as a file spells it that said the old one as `said`."""
    if target.package.registry.scheme is Scheme.PEP440:
        return python_spelling(target.new, said)
    return target.new


def with_precision(target: Target, said: str) -> str | None:
    """The new version with as many parts as a file says of the old one; None where it says another version.

    For a final release only: nothing short names a prerelease.
    """
    if is_prerelease(target.new):
        return None
    versions = olds(target)
    if said in versions or (any_same(versions, said) and said.count(".") > 1):
        return spelled(target, said)
    new, parts = parse_pep440(target.new), said.split(".")
    if new is None or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    count, numbers = len(parts), [int(part) for part in parts]
    known = [old for version in versions if (old := parse_pep440(version)) is not None]
    if not any(numbers == [*old.release, 0, 0][:count] for old in known):
        return None
    return ".".join(str(part) for part in [*new.release, 0, 0][:count])
