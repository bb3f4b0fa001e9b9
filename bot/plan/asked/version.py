"""The version that a request means for one package, held against what was released of it."""

from dataclasses import dataclass

from bot.packaging.levels import LEVELS, STEPS, bumped, is_level
from bot.packaging.problem import OlderVersion, Problem
from bot.packaging.registry import Scheme
from bot.packaging.versions import (
    is_prerelease,
    is_valid,
    order,
    parse_pep440,
    parse_semver,
    pep440_of,
    python_spelling,
    same_version,
    semver_of,
)
from bot.plan.asked.current import Current
from bot.plan.model import Package
from bot.plan.repository import Source


@dataclass(frozen=True, slots=True)
class Asked:
    """A version as its manifest will spell it."""

    version: str
    notes: tuple[str, ...] = ()
    """What the request did not say and a person should know."""


def asked_version(package: Package, source: Source, asked: str) -> Asked | Problem:
    """The version of a request (`0.5.0`, `minor`) for a package, or why it cannot be released."""
    in_cargo = source.place is not None and source.place.path.endswith("Cargo.toml")
    spelled = Scheme.SEMVER if in_cargo else package.registry.scheme
    if not is_valid(spelled, package.version):
        what = f"its current version `{package.version}` is not one that {package.registry.label} knows"
        return Problem(package.manifest, what, "Correct it first.")
    current = Current.of(package, spelled)
    new = current.next(asked) or _no_next(package, current, asked) if is_level(asked) else None
    new = new or _typed(package, current, asked.removeprefix("v"))
    if isinstance(new, Problem):
        return new
    written = python_spelling(new, package.version) if spelled is Scheme.PEP440 else new
    problem = _unwritable(package, source, written, spelled) or _released(package, current, written)
    return problem or Asked(written, _notes(package, source, current, asked, written))


def unmappable(package: Package, version: str) -> Problem:
    """A version that only SemVer knows, for a Python package."""
    what = f"{version} has no equal among Python versions, so {package.name} cannot have it"
    return Problem(package.key, what, "Use a release or `-alpha.N`, `-beta.N`, `-rc.N`, `-dev.N`.")


def _typed(package: Package, current: Current, asked: str) -> str | Problem:
    """A version as a person typed it, as the manifest would write it."""
    if current.scheme is Scheme.PEP440:
        semantic = parse_semver(asked)
        if semantic is not None and (semantic.prerelease or semantic.build) and pep440_of(asked) is None:
            return unmappable(package, asked)
        if parse_pep440(asked) is not None:
            return asked
        what = f"`{asked}` is not a version"
        return Problem(package.key, what, f"Write three numbers, such as {_choices(current)}.")
    if parse_semver(asked) is not None:
        return asked
    converted = semver_of(asked)
    if converted is not None and package.registry.scheme is Scheme.PEP440:
        return converted
    hint = (
        f"Did you mean {converted}?"
        if converted
        else f"Write three numbers, such as {_choices(current)}, or a level: {', '.join(LEVELS)}."
    )
    whose = "Cargo" if package.manifest.endswith("Cargo.toml") else package.registry.label
    return Problem(package.key, f"`{asked}` is not a version that {whose} accepts", hint)


def _unwritable(package: Package, source: Source, new: str, spelled: Scheme) -> Problem | None:
    """Why a version cannot stand everywhere it has to."""
    if package.registry.scheme is Scheme.PEP440 and "+" in new:
        what = f"{package.registry.label} refuses {new}: it has a local part"
        return Problem(package.key, what, f"Leave out `+{new.partition('+')[2]}`.")
    if (
        spelled is Scheme.PEP440
        and semver_of(new) is None
        and any(p.path.endswith("Cargo.toml") for p in source.repeats)
    ):
        what = f"{new} cannot be written in the bindings' Cargo.toml"
        return Problem(package.key, what, "Use a version that SemVer knows.")
    return None


def _released(package: Package, current: Current, new: str) -> Problem | None:
    """Why a version does not follow what was released."""
    name, newest = package.name, current.released
    newer = f"Ask for a newer version, such as {_choices(current)}."
    if taken := current.taken_by(new):
        if taken != new and "+" in new:
            what = f"{name} {taken} was released already, and {new} differs from it in build metadata only"
        else:
            tag = next((package.tag_for(each) for each in package.releases if same_version(each, new)), None)
            seen = f"the tag {tag} exists" if tag else f"it is on {package.registry.label}"
            what = f"{name} {new} was released already: {seen}"
        return Problem(package.key, what, newer)
    if newest is None:
        if current.goes_back(new):
            what = f"{new} is older than {package.version}, the version of {name} in {package.manifest}"
            return OlderVersion(package.key, what, newer)
        return None
    if order(current.scheme, new, newest) > 0 or (current.is_older_line and not current.goes_back(new)):
        return None
    what = f"{new} is older than {newest}, the newest released version of {name}"
    if "-dev" in newest and is_prerelease(new) and current.scheme is Scheme.SEMVER:
        what += " (SemVer sorts `-dev` after `-alpha` and `-beta`)"
    return OlderVersion(package.key, what, newer)


def _notes(package: Package, source: Source, current: Current, asked: str, new: str) -> tuple[str, ...]:
    name, tree, where = package.name, package.version, package.manifest
    if source.place is None:
        return ()
    if current.released is None:
        if asked not in STEPS or is_prerelease(tree):
            return ()
        return (f"No tag says that {name} {tree} was released: if it never was, ask for {tree} instead of `{asked}`.",)
    if current.is_ahead and new == tree and is_level(asked):
        return (f"{name} {tree} was never released, so `{asked}` means it.",)
    if current.is_ahead and current.goes_back(new):
        return (f"{where} says {tree}, which was never released, and goes back to {new}.",)
    if current.is_older_line and order(current.scheme, new, current.released) < 0:
        return (f"{name} {current.released} is released; {new} follows {tree} on an older line.",)
    return ()


def _no_next(package: Package, current: Current, level: str) -> Problem:
    """Why a level leads nowhere."""
    version = current.version
    if "+" in version:
        plain, _, made = version.partition("+")
        following = bumped(current.scheme, plain, level) or plain
        fix = f"Name the version in full: {following}+{made}, or with what it is made of then."
        return Problem(package.key, f"{version} has build metadata, and no level says what follows +{made}", fix)
    if level == "post" and current.scheme is not Scheme.PEP440:
        return Problem(package.key, f"{version} can have no post-release: SemVer has none", "Ask for `patch`.")
    if level == "stable" and not is_prerelease(version):
        what = f"{version} is no prerelease, so it has no stable version"
        return Problem(package.key, what, "Take another level.")
    return Problem(package.key, f"{version} has no next {level} version", "Name the version in full.")


def _choices(current: Current) -> str:
    choices = (current.next(level) for level in reversed(STEPS))
    newer = dict.fromkeys(choice for choice in choices if choice and not current.taken_by(choice))
    return " or ".join(newer) or "1.0.0"
