"""The tags of a repository by their formats: how many of each, the newest, and which format is out of use."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from bot.packaging.registry import Scheme
from bot.packaging.versions import is_prerelease, is_valid, order, parse_semver, pep440_of, semver_of
from bot.plan.model import Tag

OUT_OF_USE = timedelta(days=548)
"""A format whose newest tag is so much older than the repository's is taken to be given up: a year and a half."""

_NUMBERS = re.compile(r"(?<![\d.])\d+\.\d+")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tagged:
    """One tag, read as a version."""

    tag: Tag
    version: str

    @property
    def date(self) -> datetime:
        """When its commit was made; long ago where that is not known."""
        return self.tag.date or _LONG_AGO


@dataclass(frozen=True)
class Used:
    """A format as the repository used it: what stands before the version, and the tags with it."""

    prefix: str
    tags: tuple[Tagged, ...]
    alive: bool
    """Whether it is still in use."""

    @property
    def format(self) -> str:
        """With `{version}` in it."""
        return f"{self.prefix.replace('{', '').replace('}', '')}{{version}}"

    @cached_property
    def finals(self) -> tuple[Tagged, ...]:
        """Without prereleases."""
        return tuple(each for each in self.tags if not is_prerelease(each.version))

    @cached_property
    def by_version(self) -> Mapping[str, Tagged]:
        """The tags by the canonical form of their versions."""
        return {canonical(each.version): each for each in self.tags}

    @cached_property
    def latest(self) -> Tagged:
        """The last one that was made; of several of one commit, and where no dates are known, the highest version."""
        return max(self.tags, key=lambda each: (each.date, _Ordered(each.version)))

    @cached_property
    def highest(self) -> Tagged:
        """Of the highest version."""
        return max(self.tags, key=lambda each: _Ordered(each.version))

    @cached_property
    def last(self) -> frozenset[str]:
        """The version that was tagged last, the highest, and the last that is no prerelease, in canonical form."""
        finals = sorted(self.finals, key=lambda each: each.date)[-1:]
        return frozenset(canonical(each.version) for each in (self.latest, self.highest, *finals))

    @property
    def spelled(self) -> Scheme | None:
        """How its newest prerelease is spelled; None where there is none."""
        early = [each for each in self.tags if is_prerelease(each.version)]
        if not early:
            return None
        newest = max(early, key=lambda each: (each.date, _Ordered(each.version)))
        return Scheme.SEMVER if parse_semver(newest.version) else Scheme.PEP440

    def told(self) -> str:
        """In words: how often, and the last one."""
        date = f" of {self.latest.tag.date:%Y-%m-%d}" if self.latest.tag.date else ""
        more = f" and {len(self.tags) - 1} before" if len(self.tags) > 1 else ""
        return f"{self.latest.tag.name}{date}{more}"


class History:
    """Every tag that holds a version, by format."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        tags = list(tags)
        self.names = frozenset(tag.name for tag in tags)
        found: dict[str, list[Tagged]] = defaultdict(list)
        for tag in tags:
            if read := _read(tag.name):
                found[read[0]].append(Tagged(tag, read[1]))
        last = max((each.date for tags_of in found.values() for each in tags_of), default=_LONG_AGO)
        self.formats: Mapping[str, Used] = {
            prefix: Used(prefix, tuple(read), _is_alive(max(each.date for each in read), last))
            for prefix, read in found.items()
        }
        """By what stands before the version."""

    def of(self, tag_format: str) -> Used | None:
        """The tags of a format; one with something behind the version is looked for among all tags."""
        prefix, _, suffix = tag_format.partition("{version}")
        if not suffix:
            return self.formats.get(prefix)
        return next(iter(self._with_suffix(prefix, suffix)), None)

    def _with_suffix(self, prefix: str, suffix: str) -> Iterator[Used]:
        tags = [each.tag for used in self.formats.values() for each in used.tags]
        named = [tag for tag in tags if tag.name.startswith(prefix) and tag.name.endswith(suffix)]
        inner = [Tagged(tag, tag.name[len(prefix) : len(tag.name) - len(suffix)]) for tag in named]
        read = tuple(each for each in inner if _is_version(each.version))
        if read:
            yield Used(prefix, read, True)


@lru_cache(4096)
def canonical(version: str) -> str:
    """One spelling for what is the same version: `26.3` and `26.3.0`, `0.5.0rc1` and `0.5.0-rc.1`."""
    return semver_of(pep440_of(version) or version) or version


def is_near(version: str, last: str) -> bool:
    """Whether a version may be the one that follows `last`, or is of the same minor line."""
    one, before = parse_semver(canonical(version)), parse_semver(canonical(last))
    if one is None or before is None:
        return version == last
    base = before.finalize_version()
    in_line = (one.major, one.minor) == (base.major, base.minor)
    return in_line or str(one.finalize_version()) in (str(base.bump_minor()), str(base.bump_major()))


def is_in_line(version: str, last: str) -> bool:
    """Whether both are of one minor line."""
    one, other = parse_semver(canonical(version)), parse_semver(canonical(last))
    return one is not None and other is not None and (one.major, one.minor) == (other.major, other.minor)


def _is_alive(newest: datetime, last: datetime) -> bool:
    return newest == last or (newest != _LONG_AGO and last - newest <= OUT_OF_USE)


def _read(name: str) -> tuple[str, str] | None:
    """What stands before the version, and the version: the longest that is one."""
    for found in _NUMBERS.finditer(name):
        if _is_version(name[found.start() :]):
            return name[: found.start()], name[found.start() :]
    return None


def _is_version(text: str) -> bool:
    return text[:1].isdecimal() and (is_valid(Scheme.SEMVER, text) or is_valid(Scheme.PEP440, text))


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A version of either spelling, to be compared."""

    version: str

    def __lt__(self, other: "_Ordered") -> bool:
        one, two = canonical(self.version), canonical(other.version)
        for scheme in (Scheme.SEMVER, Scheme.PEP440):
            if is_valid(scheme, one) and is_valid(scheme, two):
                return order(scheme, one, two) < 0
        return one < two
