"""Every file that was promised: is it there, and can the Pythons it is meant for use it?

Platform and interpreter are judged apart: a wheel for linux-x86_64 that is tagged cp38-cp38 is there, and of no use
to a project for Python 3.9 and later.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.packaging.platforms import named_platforms, position
from bot.packaging.wheels import (
    CPYTHONS,
    Python,
    allowed_by,
    by_platform,
    is_stable,
    other_pythons,
    served,
    tag_text,
    written,
)
from bot.registries.pypi.judging.history import Neighbours

LOST, HOLE, PEERS = "the release before has it", "there are wheels for older and newer ones", "most platforms have it"
"""Why a wheel is expected for a CPython."""


@dataclass(frozen=True)
class Files:
    """The files of a release, held against what is expected of it."""

    names: tuple[str, ...]
    promised: tuple[str, ...]
    """Platform keys that somebody promised; empty when nobody did."""
    may_fail: tuple[str, ...]
    requires_python: str | None
    neighbours: Neighbours
    window: frozenset[Python]
    """The CPythons that the time of the release knew."""
    is_closed: bool = False
    """Whether PyPI takes no more files for it."""
    interpreters: tuple[str, ...] = ()
    """Interpreters that each platform should have a wheel for, where the workflow says so."""
    guessed: bool = False
    """Whether what is promised rests on a guess."""
    partial: bool = False
    """Whether there may be more than what is promised."""

    @cached_property
    def there(self) -> Mapping[str, tuple[str, ...]]:
        """The files of each platform key."""
        return by_platform(self.names)

    @cached_property
    def wheels(self) -> Mapping[str, tuple[str, ...]]:
        """The wheels of each platform; not those for any."""
        return {key: names for key, names in self.there.items() if key not in ("sdist", "any")}

    @cached_property
    def expected(self) -> tuple[str, ...]:
        """Platform keys in the order in which people read them; what is there when nothing else tells."""
        keys = set(self.named)
        if not keys or self.guessed or self.partial:
            keys |= self._usual | set(self.there)
        return tuple(sorted(keys, key=position))

    def is_sure(self, key: str) -> bool:
        """Whether an expected file must be there: a guess is none without the releases before, nor they beside one."""
        if key in self.named:
            return not self.guessed or key in self._usual
        return not self.guessed or self.partial

    @cached_property
    def named(self) -> frozenset[str]:
        """The platform keys that are promised."""
        return frozenset(key for text in self.promised for key in named_platforms(text) or (text,))

    @cached_property
    def _usual(self) -> frozenset[str]:
        """What the releases around it have, and this one should."""
        return frozenset(key for key in self.neighbours.platforms() if not self._is_replaced(key))

    @cached_property
    def allowed(self) -> frozenset[Python]:
        """The CPythons that the release says it supports."""
        return allowed_by(self.requires_python) or frozenset(CPYTHONS)

    @cached_property
    def common(self) -> frozenset[Python]:
        """The CPythons that at least half of the platforms serve, and the release supports."""
        counted = Counter(python for names in self.wheels.values() for python in served(names))
        return frozenset(python for python, times in counted.items() if times * 2 >= len(self.wheels)) & self.allowed

    @cached_property
    def _wants_stable(self) -> bool:
        """Whether at least half of the platforms have a wheel for the stable ABI: then each must serve as many."""
        stable = [key for key, names in self.wheels.items() if any(map(is_stable, names))]
        return bool(stable) and len(stable) * 2 >= len(self.wheels)

    def unfit(self, key: str) -> str | None:
        """What was expected instead, when the wheels of a platform are there but of no use."""
        names = self.there[key]
        has = served(names)
        if key != "sdist" and not self._fits(key, names, has):
            return self._expected_tag(key)
        return None

    def lacking(self, key: str) -> Mapping[str, frozenset[Python]]:
        """The CPythons that the wheels of a platform do not serve and should, by the reason to expect them."""
        has = served(self.there.get(key, ()))
        if key in ("sdist", "any") or not has:
            return {}
        served_elsewhere = served(self.there.get("any", ()))
        before = (served(self.neighbours.wheels(key)) & self.allowed & self.window) - has - served_elsewhere
        # Old Pythons are dropped on purpose, everywhere at once; nobody drops the newest, or on one platform only.
        lost = frozenset(python for python in before if python in self.common or python > max(has))
        today = self.window & self.allowed - has - served_elsewhere
        hole = frozenset(python for python in today if min(has) < python < max(has)) - lost
        newest = max(self.window, default=CPYTHONS[-1])
        peers = frozenset(python for python in self.common - has - served_elsewhere if python <= newest)
        return {LOST: lost, HOLE: hole, PEERS: peers - lost - hole}

    def lost_others(self, key: str) -> tuple[frozenset[str], bool]:
        """Other Pythons (`cp314t`, `pp310`) that the release before served here, and whether most platforms do."""
        if key in ("sdist", "any"):
            return frozenset(), False
        lost = other_pythons(self.neighbours.wheels(key)) - other_pythons(self.there[key])
        kept = [name for name in lost if self._share(name) * 2 >= len(self.wheels)]
        return (frozenset(kept), True) if kept else (lost, False)

    def lacking_threaded(self, key: str) -> frozenset[str]:
        """The free-threaded CPythons (`cp314t`) that most platforms have a wheel for, and this one has not."""
        if key in ("sdist", "any") or key not in self.there:
            return frozenset()
        everywhere = other_pythons(name for names in self.wheels.values() for name in names)
        lacking = everywhere - other_pythons(self.there[key]) - self.lost_others(key)[0]
        return frozenset(name for name in lacking if name.endswith("t") and self._share(name) * 2 > len(self.wheels))

    def _share(self, name: str) -> int:
        return sum(name in other_pythons(names) for names in self.wheels.values())

    def unbuilt(self, key: str) -> tuple[str, ...]:
        """The interpreters named by the workflow that have no wheel here."""
        if key in ("sdist", "any") or key not in self.there:
            return ()
        has, others = served(self.there[key]), other_pythons(self.there[key])
        wanted = [name for name in self.interpreters if (_python(name) or min(self.allowed)) in self.allowed]
        return tuple(name for name in wanted if not (_python(name) in has or name in others))

    def _fits(self, key: str, names: tuple[str, ...], has: frozenset[Python]) -> bool:
        if not has & self.allowed:
            # Wheels for nothing but PyPy or free-threaded CPython say so, and harm nobody.
            return not has and bool(other_pythons(names))
        if key == "any":
            return True
        if self.common and not has & self.common:
            return False
        if self._are_for_most(names, has):
            return True
        if self._wants_stable and not any(map(is_stable, names)) and not self._is_meant(key, has):
            return False
        before = self.neighbours.wheels(key)
        was_stable = any(map(is_stable, before)) and not any(map(is_stable, names))
        return not was_stable or not any(python > max(has) for python in served(before) & self.allowed & self.window)

    def _are_for_most(self, names: tuple[str, ...], has: frozenset[Python]) -> bool:
        """Whether these are wheels for one interpreter each, and most of today's have one: the rest is a gap."""
        today = self.window & self.allowed
        return len(names) > 1 and len(has & today) * 2 > len(today)

    def _is_meant(self, key: str, has: frozenset[Python]) -> bool:
        """Whether wheels for single interpreters are meant: they always were, or they serve as many Pythons."""
        if self.neighbours.never_stable(key):
            return True
        today = self.common & self.window
        return bool(today) and today <= has

    def _expected_tag(self, key: str) -> str:
        others = [name for name in self.wheels if name != key]
        usual = Counter(
            tag_text(self.wheels[name])
            for name in others
            if self._fits(name, self.wheels[name], served(self.wheels[name]))
        ).most_common(1)
        if usual:
            return usual[0][0]
        before = self.neighbours.wheels(key)
        if before:
            return tag_text(before)
        return f"a wheel for Python {self.requires_python or written(self.window)}"

    def _is_replaced(self, key: str) -> bool:
        """Whether something else does what this file did: one wheel for all platforms, or one for each."""
        had = [by_platform(file.filename for file in each.files).keys() for each in self.neighbours.before]
        if key == "any":
            # Beside wheels for platforms it is what all other platforms get.
            was_beside = any("any" in keys and keys - {"sdist", "any"} for keys in had)
            return not was_beside and len({_family(name) for name in self.wheels}) > 1
        was_pure_too = any("any" in keys for keys in had)
        return key != "sdist" and "any" in self.there and not was_pure_too


def _python(name: str) -> Python | None:
    digits = name.removeprefix("cp")
    return (int(digits[0]), int(digits[1:])) if digits[:1].isdigit() and digits[1:].isdigit() else None


def _family(key: str) -> str:
    """The system of a platform key, whichever C library."""
    return "linux" if key.startswith("musllinux-") else key.partition("-")[0]
