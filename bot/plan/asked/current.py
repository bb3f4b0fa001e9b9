"""From which version a package's next one counts: what was released, and what the files say already."""

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import Version as PythonVersion

from bot.packaging.levels import bumped
from bot.packaging.registry import Scheme
from bot.packaging.versions import by_age, is_prerelease, is_valid, order, parse_pep440, pep440_of, semver_of
from bot.plan.model import Package


@dataclass(frozen=True, slots=True)
class Current:
    """A package's version in the files beside its releases, all of them in the files' way of writing."""

    scheme: Scheme
    tree: str
    """What the files say; for a version that only tags decide, the newest of them."""
    releases: Sequence[str]
    """By tags and registry, newest first."""

    @classmethod
    def of(cls, package: Package, scheme: Scheme) -> "Current":
        """The package's, in the scheme of the file that holds the version."""
        known = (*package.releases, *([package.published] if package.published else []))
        spelled = (semver_of(each) if scheme is Scheme.SEMVER else each for each in known)
        return cls(
            scheme, package.version, by_age(scheme, [each for each in spelled if each and is_valid(scheme, each)])
        )

    @property
    def released(self) -> str | None:
        """The newest release; None where none is known."""
        return self.releases[0] if self.releases else None

    @property
    def is_ahead(self) -> bool:
        """Whether the files say a version that is still to be released: bumped by hand, or a development version."""
        if self.released is None:
            return False
        return order(self.scheme, self.tree, self.released) > 0 and not self._is_trunk_of(self.released)

    @property
    def is_older_line(self) -> bool:
        """Whether the files say a released version that is not the newest: those of a branch for fixes."""
        if self.released is None or order(self.scheme, self.tree, self.released) >= 0:
            return False
        return self.taken_by(self.tree) is not None

    @property
    def version(self) -> str:
        """The version from which a level counts."""
        if self.released is None or self.is_ahead or order(self.scheme, self.tree, self.released) == 0:
            return self.tree
        line = _line(self.tree)
        alike = (each for each in self.releases if _line(each) == line)
        return next(alike, self.released) if self.is_older_line else self.released

    def taken_by(self, new: str) -> str | None:
        """The release that has this version; build metadata makes no other one (https://semver.org/#spec-item-10)."""
        return next((each for each in self.releases if order(self.scheme, each, new) == 0), None)

    def goes_back(self, new: str) -> bool:
        """Whether a version is older than what the files say, which for a trunk at `0.6.0-dev` no 0.6.0 is."""
        return order(self.scheme, new, self.tree) < 0 and not self._is_trunk_of(new)

    def next(self, level: str) -> str | None:
        """The next version of a level; None when there is none.

        A version that is in the files and was never released is the next one, where the level does not lead past it.
        """
        if not self.is_ahead:
            return bumped(self.scheme, self.version, level)
        if is_prerelease(self.tree):
            found = bumped(self.scheme, self.tree, level)
            return self.tree if found and _counts_on(self.tree, found) else found
        if self.released and is_prerelease(self.released) and _base(self.released) == _base(self.tree):
            return bumped(self.scheme, self.released, level)
        begun = f"{self.tree}-dev.0" if self.scheme is Scheme.SEMVER else f"{self.tree}.dev0"
        return bumped(self.scheme, begun if "+" not in self.tree and "post" not in self.tree else self.tree, level)

    def _is_trunk_of(self, version: str) -> bool:
        """Whether the files say the development version of this one's release."""
        tree = _python(self.tree)
        return tree is not None and tree.dev is not None and tree.pre is None and _base(version) == tree.base_version


def _python(version: str) -> PythonVersion | None:
    return parse_pep440(pep440_of(version) or version)


def _base(version: str) -> str | None:
    found = _python(version)
    return found.base_version if found else None


def _line(version: str) -> tuple[int, ...]:
    found = _python(version)
    return found.release[:2] if found else ()


def _counts_on(old: str, new: str) -> bool:
    """Whether `new` is the next prerelease of the same kind and release."""
    before, after = _python(old), _python(new)
    if before is None or after is None or before.base_version != after.base_version or not after.is_prerelease:
        return False
    return (before.pre or ("dev",))[0] == (after.pre or ("dev",))[0]
