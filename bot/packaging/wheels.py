"""What a distribution's file name promises: for which platforms, and for which Pythons.

Names and tags are parsed by `packaging`, the library that pip decides with.
"""

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import TypeAlias

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags, parse_tag
from packaging.utils import parse_wheel_filename

from bot.packaging.platforms import of_tag

Python: TypeAlias = tuple[int, int]
"""A CPython with the GIL, such as (3, 12)."""

CPYTHONS: tuple[Python, ...] = ((2, 6), (2, 7), *((3, minor) for minor in range(2, 20)))
"""The CPythons that wheels are judged by: those that old releases served, and some that are still to come."""

_SDIST = re.compile(r"\.(?:tar\.gz|tgz|zip|tar\.bz2|tbz|tar\.xz|txz|tar\.Z|tar)$")


def platform_keys(filename: str) -> frozenset[str]:
    """The platforms that a file serves; empty for a file that is neither an sdist nor a wheel for a known platform."""
    if filename.endswith(".whl"):
        return frozenset(key for tag in tags_of(filename) for key in of_tag(tag.platform) or ())
    # `name-1.0.win32.zip` is what bdist_dumb made of one machine.
    is_source = _SDIST.search(filename) and not re.search(r"\.(?:win32|win-amd64|linux-\w+|macosx-[\w.]+)\.", filename)
    return frozenset({"sdist"}) if is_source else frozenset()


def by_platform(filenames: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The files of each platform key, in the order given."""
    found: dict[str, tuple[str, ...]] = {}
    for filename in filenames:
        for key in sorted(platform_keys(filename)):
            found[key] = (*found.get(key, ()), filename)
    return found


@cache
def pythons(filename: str) -> frozenset[Python]:
    """On which CPythons (with the GIL) a wheel installs by its interpreter and ABI, whatever its platform."""
    pairs = _pairs(filename)
    return frozenset(python for python in CPYTHONS if not pairs.isdisjoint(_accepted_by(python)))


def served(filenames: Iterable[str]) -> frozenset[Python]:
    """The CPythons that one of these wheels serves."""
    return frozenset(python for filename in filenames for python in pythons(filename))


def is_stable(filename: str) -> bool:
    """Whether a wheel serves every later CPython too: it is for the stable ABI, or for none."""
    return CPYTHONS[-1] in pythons(filename)


def other_pythons(filenames: Iterable[str]) -> frozenset[str]:
    """The Pythons besides plain CPython that these wheels are for: `cp314t`, `pp310`."""
    pairs = (pair for filename in filenames for pair in _pairs(filename))
    return frozenset(
        abi if abi.endswith("t") else interpreter
        for interpreter, abi in pairs
        if abi.endswith("t") or interpreter.startswith(("pp", "graalpy"))
    )


def tag_text(filenames: Iterable[str]) -> str:
    """The interpreter and ABI tags of wheels as people read them: `cp39-abi3`."""
    return ", ".join(sorted({_text(filename) for filename in filenames}, key=_natural))


def allowed_by(requires_python: str | None) -> frozenset[Python]:
    """The CPythons that `requires-python` lets in; all of them when it is absent or cannot be read."""
    try:
        wanted = SpecifierSet(requires_python or "")
    except InvalidSpecifier:
        return frozenset(CPYTHONS)
    # A bound may lie within a minor version (>=3.9.2): its first and a late patch release tell.
    return frozenset(
        python
        for python in CPYTHONS
        if any(wanted.contains(f"{python[0]}.{python[1]}.{patch}") for patch in (0, 2, 5, 99))
    )


def written(found: Collection[Python]) -> str:
    """Pythons as people write them: `3.9–3.12, 3.14`."""
    ordered = [python for python in CPYTHONS if python in found]
    runs: list[list[Python]] = []
    for python in ordered:
        if runs and CPYTHONS.index(python) == CPYTHONS.index(runs[-1][-1]) + 1:
            runs[-1].append(python)
        else:
            runs.append([python])
    return ", ".join(_run(run) for run in runs)


@cache
def tags_of(filename: str) -> frozenset[Tag]:
    """The tags of a wheel; none for what is no wheel. Names older than today's rules are still read."""
    try:
        return parse_wheel_filename(filename)[3]
    except ValueError:  # InvalidWheelFilename and InvalidTag are some
        parts = filename.removesuffix(".whl").split("-")
    if not filename.endswith(".whl") or len(parts) not in (5, 6):
        return frozenset()
    try:
        return parse_tag("-".join(parts[-3:]))
    except ValueError:
        return frozenset()


def _run(run: list[Python]) -> str:
    first, last = f"{run[0][0]}.{run[0][1]}", f"{run[-1][0]}.{run[-1][1]}"
    if len(run) == 1:
        return first
    return f"{first}, {last}" if len(run) == 2 else f"{first}–{last}"


def _natural(text: str) -> list[tuple[bool, int, str]]:
    """`cp39` before `cp310`."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(?<=p)(\d+)", text)]


def _pairs(filename: str) -> frozenset[tuple[str, str]]:
    return frozenset((tag.interpreter, tag.abi) for tag in tags_of(filename))


def _text(filename: str) -> str:
    pairs = _pairs(filename)
    interpreters, abis = sorted({one for one, _ in pairs}), sorted({other for _, other in pairs})
    return f"{'.'.join(interpreters)}-{'.'.join(abis)}"


@cache
def _accepted_by(python: Python) -> frozenset[tuple[str, str]]:
    """The (interpreter, ABI) pairs that a CPython installs, by pip's rules; the platform plays no part."""
    interpreter = f"cp{python[0]}{python[1]}"
    # Before 3.8 the ABI told how the interpreter was built.
    abis = [interpreter, *(f"{interpreter}{flags}" for flags in ("m", "mu", "dm") if python < (3, 8))]
    tags = [
        *cpython_tags(python, abis=abis, platforms=["here"]),
        *compatible_tags(python, interpreter=interpreter, platforms=["here"]),
    ]
    return frozenset((tag.interpreter, tag.abi) for tag in tags)
