"""The project's other releases: what a release of it usually has, and what pip would take instead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from packaging.version import InvalidVersion, Version

from bot.packaging.wheels import Python, allowed_by, by_platform, is_stable, pythons, served
from bot.registries.pypi.facts import IndexRelease, PyPIFacts, ReleaseFile

NEAREST = 3
"""So many releases on either side tell what is usual."""
SETTLED = timedelta(days=120)
"""Projects take about that long to build for a new CPython."""
RELEASED = {
    (3, 9): date(2020, 10, 5),
    (3, 10): date(2021, 10, 4),
    (3, 11): date(2022, 10, 24),
    (3, 12): date(2023, 10, 2),
    (3, 13): date(2024, 10, 7),
    (3, 14): date(2025, 10, 7),
}
"""The CPythons that a release of today is held against, and when they came out: PEP 596, 619, 664, 693, 719, 745.

https://peps.python.org/pep-0745/
"""


def window(at: datetime | None) -> frozenset[Python]:
    """The CPythons 3.9 to 3.14 that a project could be expected to build for at that time; all of them without one."""
    return frozenset(python for python, day in RELEASED.items() if at is None or day + SETTLED <= at.date())


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The releases around one, each side with the nearest first."""

    before: tuple[IndexRelease, ...]
    after: tuple[IndexRelease, ...]

    def platforms(self) -> frozenset[str]:
        """The platform keys that the release should have by what is usual.

        A platform that the release before had, or two of the three before: one omission is a mistake, and repeating it
        is not yet a habit. Not what the releases after it consistently lack as well: that was dropped on purpose.
        """
        had = [_platforms(release) for release in self.before]
        usual = {key for keys in had for key in keys if key in had[0] or sum(key in keys for keys in had) >= 2}
        later = [_platforms(release) for release in self.after]
        if len(later) >= 2:
            usual = {key for key in usual if any(key in keys for keys in later)}
        return frozenset(usual)

    def wheels(self, key: str) -> tuple[str, ...]:
        """The wheels of a platform in the nearest release before whose wheels could be used there."""
        for release in self.before:
            names = by_platform(file.filename for file in release.files).get(key, ())
            allowed = allowed_by(next((file.requires_python for file in release.files if file.requires_python), None))
            if served(names) & allowed:
                return names
        return ()

    def never_stable(self, key: str) -> bool:
        """Whether each release before had wheels for a platform, and none of them for the stable ABI."""
        had = [by_platform(file.filename for file in release.files).get(key, ()) for release in self.before]
        return bool(had) and all(had) and not any(is_stable(name) for names in had for name in names)

    def sizes(self, key: str) -> tuple[int, ...]:
        """Bytes of each file of a platform in the release before."""
        files = self.before[0].files if self.before else ()
        return tuple(file.size for file in files if file.size and key in by_platform([file.filename]))


def neighbours(found: PyPIFacts) -> Neighbours:
    """The releases around this one; a final release is compared with final ones, if there are any. Not yanked ones."""
    this = parsed(found.version)
    if this is None:
        return Neighbours((), ())
    others = [release for release in found.releases if _version(release) != this and not _yanked(release)]
    began = _began(file for release in found.releases if _version(release) == this for file in release.files)
    # A version of an older line that came out later tells what is usual there, not what was usual then.
    lower = [release for release in others if _version(release) < this and not _is_after(release, began)]
    higher = [release for release in others if _version(release) > this]
    return Neighbours(
        tuple(reversed(_comparable(lower, this)[-NEAREST:])),
        tuple(_comparable(higher, this)[:NEAREST]),
    )


def what_pip_takes(releases: Sequence[IndexRelease]) -> str | None:
    """The version that `pip install NAME` takes: the highest with a file that can be installed, finals first."""
    offered = [release for release in releases if not _yanked(release) and _installable(release)]
    finals = [release for release in offered if not _version(release).is_prerelease]
    return (finals or offered)[-1].version if offered else None


def instead(neighbours: Neighbours, key: str) -> str | None:
    """The nearest version before that has a wheel for a platform; pip goes back to it where this one has no file."""
    return next((release.version for release in neighbours.before if key in _platforms(release)), None)


def parsed(version: str) -> Version | None:
    """The version; None for what PEP 440 does not know."""
    try:
        return Version(version)
    except InvalidVersion:
        return None


def _version(release: IndexRelease) -> Version:
    return Version(release.version)


def _began(files: Iterable[ReleaseFile]) -> datetime | None:
    return min((file.uploaded_at for file in files if file.uploaded_at), default=None)


def _is_after(release: IndexRelease, moment: datetime | None) -> bool:
    began = _began(release.files)
    return moment is not None and began is not None and began > moment


def _comparable(releases: list[IndexRelease], this: Version) -> list[IndexRelease]:
    finals = [release for release in releases if not _version(release).is_prerelease]
    return finals if finals and not this.is_prerelease else releases


def _platforms(release: IndexRelease) -> frozenset[str]:
    return frozenset(by_platform(file.filename for file in release.files))


def _yanked(release: IndexRelease) -> bool:
    return bool(release.files) and all(file.yanked for file in release.files)


def _installable(release: IndexRelease) -> bool:
    def usable(filename: str, requires_python: str | None) -> bool:
        if "sdist" in by_platform([filename]):
            return True
        return bool(pythons(filename) & allowed_by(requires_python))

    return any(usable(file.filename, file.requires_python) for file in release.files if not file.yanked)
