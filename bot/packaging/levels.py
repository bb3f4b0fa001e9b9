"""The next version of a level: `minor`, `rc`, `patch rc`, `post`, and which level leads from one version to another."""

import re

import semver
from packaging.version import Version as PythonVersion

from bot.packaging.registry import Scheme
from bot.packaging.versions import parse_pep440, parse_semver, semver_of

STEPS = ("major", "minor", "patch")
_LABELS = ("dev", "alpha", "beta", "rc")
"""Prereleases in the order that a version goes through them, which is PEP 440's
(https://packaging.python.org/en/latest/specifications/version-specifiers/). SemVer sorts `dev` after `beta`.
"""
LEVELS = (*STEPS, "rc", "alpha", "beta", "dev", "post", "stable")
"""One word each; a step and the label of a prerelease make one more: `minor rc`."""
_KINDS = {"a": "alpha", "b": "beta", "c": "rc", "pre": "rc", "preview": "rc"}
_PRERELEASE = re.compile(r"(?P<lead>(?P<kind>alpha|a|beta|b|preview|pre|rc|c|dev)[.-]?)(?P<number>\d+)?", re.IGNORECASE)


def is_level(text: str) -> bool:
    """Whether it is a level: `minor`, `rc`, `minor rc`."""
    return text in LEVELS or is_step_to(*text.partition(" ")[::2])


def is_step_to(step: str, label: str) -> bool:
    """Whether two words are one level, such as `patch` and `beta`."""
    return step in STEPS and label in _LABELS


def bumped(scheme: Scheme, current: str, level: str) -> str | None:
    """The version of the next release of a level; None when the current version does not tell.

    A prerelease is followed by its own release where the level allows it (`0.6.0-rc.2` patch or minor → `0.6.0`). A
    label starts at the next minor version (`0.5.0` rc → `0.6.0-rc.1`), or at that of the step before it (`patch rc`
    → `0.5.1-rc.1`), and then counts up. Build metadata says what a crate is made of and has no next.
    """
    if level == "post":
        return _next_post(current) if scheme is Scheme.PEP440 else None
    if scheme is Scheme.SEMVER or parse_semver(current):
        return _bumped_semver(current, level)
    version = parse_pep440(current)
    if version is None or len(version.release) > 3 or version.epoch or version.local:
        return None
    places = len(version.release)
    plain = semver_of(version.base_version if version.post is not None else str(version))
    bumped_version = _bumped_semver(plain, level) if plain else None
    if bumped_version is None:
        return None
    result = PythonVersion(bumped_version)
    short = ".".join(str(part) for part in result.release[: max(places, 2)])
    if places < 3 and result.release[2] == 0:
        return short + str(result).removeprefix(".".join(str(part) for part in result.release))
    return str(result)


def level_between(old: str, new: str) -> str | None:
    """The level that leads from `old` to `new`, for packages that follow another; None when it is none of them."""
    if (post := parse_pep440(new)) is not None and post.post is not None:
        return "post" if post.base_version == getattr(parse_pep440(old), "base_version", None) else None
    before, after = parse_semver(semver_of(old) or ""), parse_semver(semver_of(new) or "")
    if before is None or after is None:
        return None
    step = "major" if after.major != before.major else "minor" if after.minor != before.minor else "patch"
    if not after.prerelease:
        return step
    label, base, target = _kind(after), before.finalize_version(), after.finalize_version()
    begins_alone = base == target if before.prerelease else base.bump_minor() == target
    return label if label is None or begins_alone else f"{step} {label}"


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


def _next_post(current: str) -> str | None:
    version = parse_pep440(current)
    if version is None or version.is_prerelease or version.local:
        return None
    return f"{version.base_version}.post{(version.post or 0) + 1}"


def _bumped_semver(current: str, level: str) -> str | None:
    version = parse_semver(current)
    if version is None or version.build:
        return None
    final = version.finalize_version()
    if level == "stable":
        return str(final) if version.prerelease else None
    step, _, label = level.partition(" ") if level.partition(" ")[0] in STEPS else ("", "", level)
    target = final if not step and version.prerelease else _stepped(version, step or "minor")
    if not label:
        return str(target)
    return _labelled(version, label) if version.prerelease and target == final else f"{target}-{label}.1"


def _stepped(version: semver.Version, step: str) -> semver.Version:
    """The release that a step leads to: a prerelease's own where it begins such a step."""
    final = version.finalize_version()
    begins = {"major": version.minor == version.patch == 0, "minor": version.patch == 0, "patch": True}[step]
    if version.prerelease and begins:
        return final
    return {"major": final.bump_major, "minor": final.bump_minor, "patch": final.bump_patch}[step]()


def _labelled(version: semver.Version, label: str) -> str | None:
    """The next prerelease of the same release; None when it is past that label."""
    final, kind = version.finalize_version(), _kind(version)
    counted = _PRERELEASE.fullmatch(version.prerelease or "")
    if counted and counted["number"] and kind == label:
        return f"{final}-{counted['lead']}{int(counted['number']) + 1}"
    first = f"{final}-{label}.1"
    if kind is None:
        return first if semver.Version.parse(first) > version else None
    return first if _LABELS.index(kind) <= _LABELS.index(label) else None


def _kind(version: semver.Version) -> str | None:
    """The label of a prerelease in full; None for one that is none of them."""
    found = _PRERELEASE.fullmatch(version.prerelease or "")
    return _KINDS.get(found["kind"].lower(), found["kind"].lower()) if found else None
