"""What a distribution's file name promises: for which platforms, and for which Pythons. Pure.

Names and tags are parsed by `packaging`, the library that pip decides with. A platform key is the name that people
give a platform in `.github/release.toml`: `sdist`, `any`, `linux-x86_64`, `musllinux-aarch64`, `macos-arm64`,
`windows-x86_64`, …
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

MINORS = range(8, 20)
"""The CPythons 3.x that wheels are judged by: the oldest that is still seen, and some that are still to come."""

_LINUX = re.compile(r"(?:manylinux(?:1|2010|2014|_\d+_\d+)|linux)_(?P<arch>\w+)")
_MUSL = re.compile(r"musllinux_\d+_\d+_(?P<arch>\w+)")
_MAC = re.compile(r"macosx_\d+_\d+_(?P<arch>\w+)")
_MAC_ARCHS: Mapping[str, tuple[str, ...]] = {
    "universal2": ("x86_64", "arm64"),
    "universal": ("x86_64",),
    "intel": ("x86_64",),
}
_WINDOWS: Mapping[str, str] = {"win_amd64": "x86_64", "win_arm64": "arm64", "win32": "i686"}


def platform_keys(filename: str) -> frozenset[str]:
    """The platforms that a file serves; empty for a file that is neither an sdist nor a wheel for a known platform."""
    try:
        parse_sdist_filename(filename)
    except InvalidSdistFilename:
        return frozenset(key for tag in _tags(filename) for key in _platform_keys(tag.platform))
    return frozenset({"sdist"})


def by_platform(filenames: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The files of each platform key, in the order given."""
    found: dict[str, tuple[str, ...]] = {}
    for filename in filenames:
        for key in sorted(platform_keys(filename)):
            found[key] = (*found.get(key, ()), filename)
    return found


def pythons(filename: str) -> frozenset[int]:
    """On which CPythons (3.x, with the GIL) a wheel installs by its interpreter and ABI, whatever its platform."""
    pairs = _pairs(filename)
    return frozenset(minor for minor in MINORS if not pairs.isdisjoint(_accepted_by(minor)))


def is_stable(filename: str) -> bool:
    """Whether a wheel serves every later CPython too: it is for the stable ABI, or for none."""
    return MINORS[-1] in pythons(filename)


def tag_text(filenames: Iterable[str]) -> str:
    """The interpreter and ABI tags of wheels as people read them: `cp39-abi3`."""
    return ", ".join(sorted({_text(filename) for filename in filenames}))


def misfits(wheels: Mapping[str, tuple[str, ...]], requires_python: str | None) -> dict[str, str]:
    """The platform keys whose wheels are there but of no use, each with what was expected instead.

    What is expected is what the release itself promises. When at least half of its platforms have a wheel for the
    stable ABI, each must: a build that fell back to one interpreter (cp38-cp38) serves almost nobody. Else each
    platform must serve one of the CPythons that at least half of the platforms serve. In any case a platform must
    serve a CPython that `requires_python` allows.
    """
    served = {key: _served(names) for key, names in wheels.items()}
    common, allowed = _common(served), _allowed(requires_python)
    stable = {key for key, names in wheels.items() if any(map(is_stable, names))}
    wants_stable = len(stable) * 2 >= len(wheels)

    def fits(key: str) -> bool:
        if wants_stable and key not in stable:
            return False
        return bool(served[key] & allowed) and (not common or bool(served[key] & common))

    usual = Counter(tag_text(names) for key, names in wheels.items() if fits(key)).most_common(1)
    expected = usual[0][0] if usual else f"a wheel for Python {requires_python or ''}".rstrip()
    return {key: expected for key in wheels if not fits(key)}


def gaps(wheels: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """For each platform key that serves fewer CPythons than most do: the missing ones, as `3.12`."""
    served = {key: _served(names) for key, names in wheels.items()}
    common = _common(served)
    missing = {key: sorted(common - pythons) for key, pythons in served.items()}
    return {key: tuple(f"3.{minor}" for minor in minors) for key, minors in missing.items() if minors}


def _served(filenames: Iterable[str]) -> frozenset[int]:
    return frozenset(minor for filename in filenames for minor in pythons(filename))


def _common(served: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """The CPythons that at least half of the platforms serve."""
    counted = Counter(minor for minors in served.values() for minor in minors)
    return frozenset(minor for minor, times in counted.items() if times * 2 >= len(served))


def _allowed(requires_python: str | None) -> frozenset[int]:
    try:
        wanted = SpecifierSet(requires_python or "")
    except InvalidSpecifier:
        return frozenset(MINORS)
    # A bound may lie within a minor version (>=3.9.2): its first and a late patch release tell.
    return frozenset(m for m in MINORS if wanted.contains(f"3.{m}.0") or wanted.contains(f"3.{m}.99"))


@cache
def _tags(filename: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return frozenset()


def _pairs(filename: str) -> frozenset[tuple[str, str]]:
    return frozenset((tag.interpreter, tag.abi) for tag in _tags(filename))


def _text(filename: str) -> str:
    pairs = _pairs(filename)
    interpreters, abis = sorted({one for one, _ in pairs}), sorted({other for _, other in pairs})
    return f"{'.'.join(interpreters)}-{'.'.join(abis)}"


@cache
def _accepted_by(minor: int) -> frozenset[tuple[str, str]]:
    """The (interpreter, ABI) pairs that CPython 3.`minor` installs, by pip's rules; the platform plays no part."""
    interpreter = f"cp3{minor}"
    tags = [
        *cpython_tags((3, minor), abis=[interpreter], platforms=["here"]),
        *compatible_tags((3, minor), interpreter=interpreter, platforms=["here"]),
    ]
    return frozenset((tag.interpreter, tag.abi) for tag in tags)


def _platform_keys(platform: str) -> tuple[str, ...]:
    if platform == "any":
        return ("any",)
    if platform in _WINDOWS:
        return (f"windows-{_WINDOWS[platform]}",)
    if found := _LINUX.fullmatch(platform):
        return (f"linux-{found['arch']}",)
    if found := _MUSL.fullmatch(platform):
        return (f"musllinux-{found['arch']}",)
    if found := _MAC.fullmatch(platform):
        return tuple(f"macos-{arch}" for arch in _MAC_ARCHS.get(found["arch"], (found["arch"],)))
    return ()
