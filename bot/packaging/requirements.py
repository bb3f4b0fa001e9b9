"""Requirements on a version: whether they hold, and how they move with a release while keeping their form."""

import re
from dataclasses import dataclass, replace

import semver
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier

from bot.packaging.names import same_name
from bot.packaging.registry import Registry
from bot.packaging.versions import parse_pep440, parse_semver, semver_of

_NUMBER = r"(\d{1,9}|[*xX])"
_COMPARATOR = re.compile(
    rf"(?P<before>\s*)(?P<operator>\^|~|>=|<=|=|>|<|)(?P<space>\s*)"
    rf"{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER}(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)?)?(?P<after>\s*)"
)


@dataclass(frozen=True, slots=True)
class _Comparator:
    """One part of a Cargo requirement, such as `>=0.4` of `>=0.4, <0.6`."""

    operator: str
    """As written; `*` for wildcards, empty for Cargo's default, which means `^`."""
    parts: tuple[int, ...]
    pre: str | None = None
    stars: int = 0
    margins: tuple[str, str, str] = ("", "", "")

    def __str__(self) -> str:
        before, space, after = self.margins
        operator = "" if self.operator == "*" else self.operator
        number = ".".join([*map(str, self.parts), *["*"] * self.stars])
        return f"{before}{operator}{space}{number}{f'-{self.pre}' if self.pre else ''}{after}"

    def matches(self, version: semver.Version) -> bool:
        """Whether the version is inside this bound alone (Cargo's rules, semver crate's eval.rs)."""
        given = (version.major, version.minor, version.patch)
        cut = given[: len(self.parts)]
        exact = cut == self.parts and (len(self.parts) < 3 or _order(version, self) == 0)
        above = cut > self.parts or (cut == self.parts and len(self.parts) == 3 and _order(version, self) > 0)
        match self.operator:
            case "*" | "=":
                return exact
            case ">":
                return above
            case ">=":
                return exact or above
            case "<":
                return not exact and not above
            case "<=":
                return not above
            case "~":
                return (exact or above) and given[: min(2, len(self.parts))] == self.parts[:2]
            case _:
                return (exact or above) and given[: self._fixed] == self.parts[: self._fixed]

    @property
    def _fixed(self) -> int:
        """How many leading numbers `^` keeps: up to the first that is not zero."""
        return next((index + 1 for index, part in enumerate(self.parts) if part), len(self.parts))


def holds(requirement: str, version: str) -> bool | None:
    """Whether a Cargo requirement accepts a version; None when either cannot be read.

    As in Cargo, a prerelease is accepted only where the requirement names a prerelease of the same three numbers.
    """
    comparators, parsed = _parse(requirement), parse_semver(version)
    if comparators is None or parsed is None:
        return None
    if parsed.prerelease and not any(_names_prerelease_of(comparator, parsed) for comparator in comparators):
        return False
    return all(comparator.matches(parsed) for comparator in comparators)


def is_fixed(requirement: str) -> bool:
    """Whether a Cargo requirement has a part with `=` or `~`, or a wildcard below a number, as `0.4.*`."""
    comparators = _parse(requirement) or ()
    return any(one.operator in ("=", "~") or (one.operator == "*" and one.parts) for one in comparators)


def moved(requirement: str, old: str, new: str) -> str | None:
    """A Cargo requirement after the release of `new`; None when it cannot be read.

    Operators and the number of parts stay; a prerelease is named in full, because nothing shorter accepts it. Lower
    bounds move when they stood at the old version or no longer fit, upper bounds only when they would refuse `new`.
    """
    comparators, before, after = _parse(requirement), parse_semver(old), parse_semver(new)
    if comparators is None or before is None or after is None:
        return None
    placed = [_moved(comparator, before, after) for comparator in comparators]
    if placed == comparators:
        return requirement
    text = ",".join(map(str, placed))
    return text if holds(text, new) else new.partition("+")[0]


def moved_python(requirement: str, name: str, old: str, new: str) -> str | None:
    """A PEP 508 requirement on `name` after the release of `new`; None when it need not or cannot change.

    Only a requirement that accepts the old version and would refuse the new one is moved.
    """
    after = parse_pep440(new)
    if len(requirement) > 1000:
        return None
    try:
        parsed = Requirement(requirement)
    except InvalidRequirement:
        return None
    if not same_name(Registry.PYPI, parsed.name, name) or after is None or parsed.url:
        return None
    if not parsed.specifier.contains(old, prereleases=True) or parsed.specifier.contains(new, prereleases=True):
        return None
    head, marker, tail = requirement.partition(";")
    text = re.sub(r"(===?|~=|<=?)(\s*)([0-9][^\s,;)]*)", lambda clause: _moved_clause(clause, old, new), head)
    made = text + marker + tail
    try:  # `==0.4.0,!=0.5.0` accepts no 0.5.0 wherever its pin stands, and `~=2` is no clause at all
        return made if Requirement(made).specifier.contains(new, prereleases=True) else None
    except InvalidRequirement:
        return None


def moved_poetry(requirement: str, old: str, new: str) -> str | None:
    """A Poetry constraint after the release of `new`; None when it need not or cannot change.

    As with the other Python requirements, only one that accepts the old version and would refuse the new one moves.
    `^` and `~` mean in Poetry what they mean in Cargo; a bare version means exactly that one.
    """
    if re.match(r"\s*[\^~](?!=)", requirement):
        before, after = semver_of(old), semver_of(new)
        if before is None or after is None or not holds(requirement, before) or holds(requirement, after):
            return None
        text = moved(requirement, before, after)
        return text and text.replace(after, new)
    bare = re.match(r"\s*\d", requirement) is not None
    text = moved_python(f"it{'==' if bare else ''}{requirement.strip()}", "it", old, new)
    return text and text.removeprefix("it==" if bare else "it")


def _parse(requirement: str) -> list[_Comparator] | None:
    if len(requirement) > 200:
        return None
    comparators = []
    for part in requirement.split(","):
        found = _COMPARATOR.fullmatch(part)
        if found is None:
            return None
        written = [number for number in found.group(4, 5, 6) if number]
        numbers = tuple(int(number) for number in written if number.isdigit())
        stars = len(written) - len(numbers)
        if stars and (found["pre"] or any(number.isdigit() for number in written[len(numbers) :])):
            return None
        operator = "*" if stars and not found["operator"] else found["operator"]
        margins = (found["before"], found["space"], found["after"])
        comparators.append(_Comparator(operator, numbers, found["pre"], stars, margins))
    return comparators


def _order(version: semver.Version, comparator: _Comparator) -> int:
    major, minor, patch = comparator.parts
    return version.replace(build=None).compare(semver.Version(major, minor, patch, comparator.pre))


def _names_prerelease_of(comparator: _Comparator, version: semver.Version) -> bool:
    return comparator.pre is not None and comparator.parts == (version.major, version.minor, version.patch)


def _moved(comparator: _Comparator, old: semver.Version, new: semver.Version) -> _Comparator:
    if comparator.operator in ("<", "<="):
        return comparator if comparator.matches(new) else _raised(comparator, old, new)
    if comparator.operator in (">", ">="):
        stood = comparator.operator == ">=" and comparator.parts == _numbers(old)[: len(comparator.parts)]
        if comparator.matches(new) and not stood and not new.prerelease:
            return comparator
        return replace(_at(comparator, new), operator=">=")
    if comparator.operator == "*" and not comparator.parts and not new.prerelease:
        return comparator
    return _at(comparator, new)


def _at(comparator: _Comparator, new: semver.Version) -> _Comparator:
    """The comparator with the new numbers in as many places as before, or in full for a prerelease."""
    if new.prerelease:
        operator = "" if comparator.operator == "*" else comparator.operator
        return replace(comparator, operator=operator, parts=_numbers(new), pre=new.prerelease, stars=0)
    return replace(comparator, parts=_numbers(new)[: len(comparator.parts)], pre=None)


def _raised(comparator: _Comparator, old: semver.Version, new: semver.Version) -> _Comparator:
    """An upper bound as far above the new version as it was above the old one."""
    if comparator.operator == "<=":
        return _at(comparator, new)
    return replace(comparator, parts=_raised_parts(comparator.parts, _numbers(old), _numbers(new)), pre=None)


def _raised_parts(bound: tuple[int, ...], old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    place = next((index for index, (part, was) in enumerate(zip(bound, old, strict=False)) if part != was), 0)
    raised = (*new[:place], new[place] + 1)
    return (*raised, *[0] * (len(bound) - len(raised)))


def _moved_clause(clause: re.Match[str], old: str, new: str) -> str:
    operator, space, version = clause.groups()
    try:
        if Specifier(f"{operator}{version}").contains(new, prereleases=True):
            return clause[0]
    except InvalidSpecifier:
        return clause[0]
    before, after = parse_pep440(old), parse_pep440(new)
    if before is None or after is None:
        return clause[0]
    numbers = version.removesuffix(".*")
    if not re.fullmatch(r"\d+(\.\d+)*", numbers):
        return f"{operator}{space}{new}"
    parts = tuple(int(part) for part in numbers.split("."))
    release, was = (*after.release, 0, 0, 0), (*before.release, 0, 0, 0)
    if operator == "<":
        return f"{operator}{space}{'.'.join(map(str, _raised_parts(parts[:3], was, release)))}"
    if after.is_prerelease or (
        operator in ("==", "===", "<=") and numbers == version and len(parts) >= len(before.release)
    ):
        return f"{operator}{space}{new}"
    return f"{operator}{space}{'.'.join(map(str, release[: len(parts)]))}{version[len(numbers) :]}"


def _numbers(version: semver.Version) -> tuple[int, int, int]:
    return version.major, version.minor, version.patch
