"""Version numbers: SemVer for crates, PEP 440 for Python, the way between them, and the next one of a level."""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

import semver
from packaging.version import InvalidVersion
from packaging.version import Version as PythonVersion

from bot.packaging.registry import Scheme

Level: TypeAlias = Literal["major", "minor", "patch", "rc"]
LEVELS: tuple[Level, ...] = ("major", "minor", "patch", "rc")

_LONGEST = 100
_SEMVER_LABELS = {"a": "alpha", "b": "beta", "rc": "rc"}
_LABEL = re.compile(r"(alpha|a|beta|b|preview|pre|rc|c|dev)[.-]?(\d+)?", re.IGNORECASE)
_PEP440_LABELS = {"alpha": "a", "a": "a", "beta": "b", "b": "b", "preview": "rc", "pre": "rc", "rc": "rc", "c": "rc"}


def parse_semver(text: str) -> semver.Version | None:
    """A crate's version; None when it is not SemVer (three numbers, no leading `v`)."""
    try:
        return semver.Version.parse(text) if len(text) <= _LONGEST else None
    except ValueError:
        return None


def parse_pep440(text: str) -> PythonVersion | None:
    """A Python version in any spelling that PEP 440 normalises; None when it has none."""
    try:
        return PythonVersion(text) if len(text) <= _LONGEST else None
    except (InvalidVersion, ValueError):
        return None


def is_valid(scheme: Scheme, text: str) -> bool:
    """Whether it is a version of that scheme."""
    return (parse_semver(text) if scheme is Scheme.SEMVER else parse_pep440(text)) is not None


def is_prerelease(text: str) -> bool:
    """Whether the version is a prerelease, in either spelling."""
    if found := parse_semver(text):
        return found.prerelease is not None
    version = parse_pep440(text)
    return version is not None and version.is_prerelease


def pep440_of(text: str) -> str | None:
    """A SemVer version in PEP 440's normal form: `0.5.0-rc.1` → `0.5.0rc1`.

    None where the order would not survive (`1.0.0-1` would become a post-release, newer than 1.0.0), where PEP 440
    has no such version (`-rc.1.2`, `-nightly.1`), and for build metadata, which PyPI refuses.
    """
    version = parse_semver(text)
    if version is None or version.build:
        return None
    release = f"{version.major}.{version.minor}.{version.patch}"
    if not version.prerelease:
        return release
    label = _LABEL.fullmatch(version.prerelease)
    if label is None:
        return None
    number = int(label[2] or 0)
    kind = label[1].lower()
    return f"{release}.dev{number}" if kind == "dev" else f"{release}{_PEP440_LABELS[kind]}{number}"


def semver_of(text: str) -> str | None:
    """A Python version as SemVer: `0.5.0rc1` → `0.5.0-rc.1`; SemVer itself stays as it is spelled.

    None for what SemVer cannot say: epochs, post-releases, local versions, four numbers, `rc1.dev2`.
    """
    if parse_semver(text) is not None:
        return text
    version = parse_pep440(text)
    if version is None or version.epoch or version.local or len(version.release) > 3:
        return None
    if version.post is not None or (version.pre and version.dev is not None):
        return None
    release = ".".join(str(part) for part in (*version.release, 0, 0)[:3])
    if version.pre:
        return f"{release}-{_SEMVER_LABELS[version.pre[0]]}.{version.pre[1]}"
    return release if version.dev is None else f"{release}-dev.{version.dev}"


def python_spelling(new: str, like: str) -> str:
    """`new` as a pyproject.toml that says `like` would spell it.

    Files that spell prereleases as SemVer does keep doing so; otherwise a SemVer prerelease is normalised.
    """
    if "-" in like and semver_of(new):
        return semver_of(new) or new
    return str(parse_pep440(new)) if "-" in new else new


def order(scheme: Scheme, one: str, other: str) -> int:
    """-1, 0 or 1 by the scheme's precedence; versions that differ only in build metadata are the same release.

    Both must be valid.
    """
    if scheme is Scheme.SEMVER:
        return semver.Version.parse(one).compare(other)
    left, right = PythonVersion(one), PythonVersion(other)
    return (left > right) - (left < right)


def bumped(scheme: Scheme, current: str, level: Level) -> str | None:
    """The version of the next release of a level; None when the current version does not tell.

    A prerelease is followed by its own release where the level allows it (`0.6.0-rc.2` patch or minor → `0.6.0`);
    `rc` starts at the next minor version (`0.5.0` → `0.6.0-rc.1`) and then counts up.
    """
    if scheme is Scheme.SEMVER or parse_semver(current):
        return _bumped_semver(current, level)
    version = parse_pep440(current)
    if version is None or len(version.release) > 3 or version.epoch or version.post is not None:
        return None
    places = len(version.release)
    plain = semver_of(str(version)) if not version.local else None
    bumped_version = _bumped_semver(plain, level) if plain else None
    if bumped_version is None:
        return None
    result = PythonVersion(bumped_version)
    short = ".".join(str(part) for part in result.release[: max(places, 2)])
    if places < 3 and result.release[2] == 0:
        return short + str(result).removeprefix(".".join(str(part) for part in result.release))
    return str(result)


def _bumped_semver(current: str, level: Level) -> str | None:
    version = parse_semver(current)
    if version is None:
        return None
    final = version.finalize_version()
    if level == "rc":
        return _next_candidate(version)
    at_level = {"major": version.minor == version.patch == 0, "minor": version.patch == 0, "patch": True}[level]
    if version.prerelease and at_level:
        return str(final)
    return str({"major": final.bump_major, "minor": final.bump_minor, "patch": final.bump_patch}[level]())


def _next_candidate(version: semver.Version) -> str:
    final = version.finalize_version()
    if not version.prerelease:
        return f"{final.bump_minor()}-rc.1"
    counted = re.fullmatch(r"(rc\.?)(\d+)", version.prerelease)
    return f"{final}-{counted[1]}{int(counted[2]) + 1}" if counted else f"{final}-rc.1"


def level_between(old: str, new: str) -> Level | None:
    """The level that leads from `old` to `new`, for packages that follow another; None when it is none of them."""
    before, after = parse_semver(semver_of(old) or ""), parse_semver(semver_of(new) or "")
    if before is None or after is None:
        return None
    if after.prerelease:
        return "rc" if re.match(r"rc\b|rc\d", after.prerelease) else None
    if after.major != before.major:
        return "major"
    if after.minor != before.minor:
        return "minor"
    return "patch"


def skipped(old: str, new: str) -> str | None:
    """The version that a careful reader would have expected instead, when `new` jumps over it; None otherwise."""
    before, after = parse_semver(semver_of(old) or ""), parse_semver(semver_of(new) or "")
    if before is None or after is None:
        return None
    base, target = before.finalize_version(), after.finalize_version()
    if before.prerelease and target == base:
        return None
    expected = {base.bump_patch(), base.bump_minor(), base.bump_major(), *({base} if before.prerelease else ())}
    if target in expected:
        return None
    nearest = max((version for version in expected if version < target), default=None)
    return str(nearest) if nearest else None


def newest(scheme: Scheme, versions: list[str]) -> str:
    """The highest of valid versions; `0.0.0` of none."""
    key = semver.Version.parse if scheme is Scheme.SEMVER else PythonVersion
    return max(versions, key=key, default="0.0.0")


def in_order(scheme: Scheme, versions: Iterable[str]) -> list[str]:
    """Valid versions, the lowest first."""
    return sorted(versions, key=semver.Version.parse if scheme is Scheme.SEMVER else PythonVersion)
