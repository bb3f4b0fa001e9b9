"""Version numbers: SemVer for crates, PEP 440 for Python, and the way between them."""

import re
from collections.abc import Iterable

import semver
from packaging.version import InvalidVersion
from packaging.version import Version as PythonVersion

from bot.packaging.registry import Scheme

_LONGEST = 100
_BEGINNING = re.compile(r"^\d*\.?\d*")
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


def same_version(one: str, other: str) -> bool:
    """Whether both say one version, whatever the spelling: `0.5.0-rc.1` and `0.5.0rc1`, `1.0` and `1.0.0`."""
    if one == other:
        return True
    if _BEGINNING.findall(f"{one}.0")[0] != _BEGINNING.findall(f"{other}.0")[0]:  # tells most apart, and is quick
        return False
    left, right = (parse_pep440(pep440_of(text) or "" if parse_semver(text) else text) for text in (one, other))
    return left is not None and left == right


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


def newest(scheme: Scheme, versions: Iterable[str]) -> str:
    """The highest of valid versions; `0.0.0` of none."""
    return next(iter(by_age(scheme, versions)), "0.0.0")


def by_age(scheme: Scheme, versions: Iterable[str]) -> list[str]:
    """Valid versions, the newest first."""
    return sorted(versions, key=semver.Version.parse if scheme is Scheme.SEMVER else PythonVersion, reverse=True)
