"""What was released, by its tags, and since when something is new."""

from collections.abc import Iterable
from functools import lru_cache

from bot.packaging.registry import Registry, Scheme
from bot.packaging.versions import by_age, is_prerelease, is_valid, order, parse_pep440, parse_semver
from bot.plan.model import Package

_FIRST_YEAR = 1990
"""The first number of a version from here on is a year."""


def released_versions(registry: Registry, tag: str, tags: Iterable[str], current: str | None) -> tuple[str, ...]:
    """The versions that tags of this format name, newest first.

    A calendar version is not newer than one that counts: `v2023.4.1` does not make a package at 0.5.0 an old one.
    """
    prefix, _, suffix = tag.partition("{version}")
    named = (known for known in tags if known.startswith(prefix) and known.endswith(suffix))
    versions = {known[len(prefix) : len(known) - len(suffix)] for known in named if len(known) > len(prefix + suffix)}
    counts = current is not None and not _has_year(current)
    valid = [each for each in versions if is_valid(registry.scheme, each) and not (counts and _has_year(each))]
    return tuple(by_age(registry.scheme, sorted(valid)))


def release_before(package: Package, new: str) -> str | None:
    """The newest release that is older than a version, on the registry or tagged; None where none is known."""
    return _before(package.registry.scheme, _known(package), new)


def final_before(package: Package, new: str) -> str | None:
    """The release from which a version counts: the newest before it, and for a final one the newest final, if any."""
    return _counted_from(package.registry.scheme, _known(package), new)


def last_tag(package: Package, new: str) -> str | None:
    """The tag since which everything is new in a version: that of the release from which it counts.

    None when no tag of the package's format is there: then nobody can say what was merged since its last release.
    """
    found = _counted_from(package.registry.scheme, tuple(package.releases), new)
    return package.tag_for(found) if found else None


def _known(package: Package) -> tuple[str, ...]:
    return (*package.releases, *([package.published] if package.published else []))


def _counted_from(scheme: Scheme, releases: tuple[str, ...], new: str) -> str | None:
    return _before(scheme, _finals(releases, new), new) or _before(scheme, releases, new)


@lru_cache(maxsize=256)
def _finals(releases: tuple[str, ...], new: str) -> tuple[str, ...]:
    return releases if is_prerelease(new) else tuple(each for each in releases if not is_prerelease(each))


@lru_cache(maxsize=1024)
def _before(scheme: Scheme, releases: tuple[str, ...], new: str) -> str | None:
    """Remembered: the packages of a large workspace have hundreds of releases, and all the same."""
    if not is_valid(scheme, new):
        return None
    return next((each for each in by_age(scheme, releases) if order(scheme, each, new) < 0), None)


def _has_year(version: str) -> bool:
    semantic, python = parse_semver(version), parse_pep440(version)
    return (semantic.major if semantic else python.major if python else 0) >= _FIRST_YEAR
