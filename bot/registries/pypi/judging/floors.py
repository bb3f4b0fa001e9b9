"""The oldest systems that a release's wheels run on: glibc on Linux, the system's version on macOS."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from bot.packaging.platforms import position
from bot.packaging.wheels import by_platform, tags_of
from bot.registries.pypi.judging.history import Neighbours
from bot.release.verification.verdict import Line, Mark

Floor: TypeAlias = tuple[int, int]

# https://peps.python.org/pep-0600/
_LEGACY: Mapping[str, Floor] = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_GLIBC = re.compile(r"(?:manylinux_(\d+)_(\d+)|(manylinux(?:1|2010|2014)))_(\w+)")
_MACOS = re.compile(r"macosx_(\d+)_(\d+)_(\w+)")
_SYSTEMS = {"linux": "glibc", "macos": "macOS"}


def floor_lines(names: Sequence[str], around: Neighbours, link: str) -> Iterator[Line]:
    """One note with the floor of each platform, and those that rose since the release before."""
    floors = _floors(names)
    if not floors:
        return
    told = "; ".join(_told(system, {k: f for k, f in floors.items() if k.startswith(system)}) for system in _SYSTEMS)
    yield Line(Mark.NOTE, f"oldest systems served: {told.strip('; ')}")
    before = _floors([file.filename for file in around.before[0].files]) if around.before else {}
    rose = [key for key, floor in floors.items() if key in before and before[key] < floor]
    if rose:
        what = ", ".join(f"{key} from {_written(before[key])} to {_written(floors[key])}" for key in rose)
        then = "Older systems build the sdist or get nothing: if that is not meant, look at the image that builds it."
        yield Line(Mark.NOTE, f"the oldest system rose since {around.before[0].version}: {what}", link, then)


def _told(system: str, floors: Mapping[str, Floor]) -> str:
    """`glibc 2.17 (linux-aarch64), 2.28 (linux-x86_64)`; without the platforms when all have the same."""
    by_floor: dict[Floor, list[str]] = {}
    for key, floor in floors.items():
        by_floor.setdefault(floor, []).append(key)
    if not by_floor:
        return ""
    if len(by_floor) == 1:
        return f"{_SYSTEMS[system]} {_written(next(iter(by_floor)))}"
    each = (f"{_written(floor)} ({', '.join(keys)})" for floor, keys in sorted(by_floor.items()))
    return f"{_SYSTEMS[system]} {', '.join(each)}"


def _floors(names: Sequence[str]) -> dict[str, Floor]:
    """By platform key; of several wheels the lowest floor counts, each wheel runs on the lowest of its tags."""
    found = {}
    for key, wheels in sorted(by_platform(names).items(), key=lambda each: position(each[0])):
        if key.partition("-")[0] in _SYSTEMS:
            floors = [floor for name in wheels if (floor := _floor(name, key.partition("-")[2]))]
            if floors:
                found[key] = min(floors)
    return found


def _floor(name: str, architecture: str) -> Floor | None:
    platforms = {tag.platform for tag in tags_of(name)}
    exact = [platform for platform in platforms if platform.endswith(f"_{architecture}")]
    floors = [floor for platform in exact or platforms if (floor := _read(platform))]
    return min(floors, default=None)


def _read(platform: str) -> Floor | None:
    if found := _GLIBC.fullmatch(platform):
        return _LEGACY[found[3]] if found[3] else (int(found[1]), int(found[2]))
    if found := _MACOS.fullmatch(platform):
        return int(found[1]), int(found[2])
    return None


def _written(floor: Floor) -> str:
    return f"{floor[0]}.{floor[1]}"
