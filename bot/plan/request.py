"""What was asked for: names and versions, or levels, made into one new version per package."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.packaging.levels import is_level, level_between
from bot.packaging.problem import Problem
from bot.packaging.registry import Scheme
from bot.packaging.versions import parse_pep440, parse_semver, pep440_of, same_version, semver_of
from bot.plan.asked.version import Asked, asked_version, unmappable
from bot.plan.groups.meant import Meant
from bot.plan.groups.spelling import tag_of
from bot.plan.last_tag import final_before, release_before
from bot.plan.model import Bump, Discovery, Package, Wanted
from bot.plan.paths import CONFIG_PATH
from bot.plan.repository import Repository, Source
from bot.plan.tags import canonical


@dataclass(frozen=True, slots=True)
class Target:
    """A package to release, and the version it gets, spelled as its manifest will spell it."""

    package: Package
    source: Source
    new: str
    tag: str
    """The tag that releases it, which it may share."""
    notes: tuple[str, ...] = ()
    """What the request did not say and a person should know."""

    @property
    def old(self) -> str:
        """The release before it, as the files spell it where they say it; what they say where no release is known."""
        released, tree = release_before(self.package, self.new), self.package.version
        return tree if released is None or same_version(released, tree) else released

    @property
    def bump(self) -> Bump:
        """The same for the plan."""
        return Bump(self.package, self.old, self.new, self.tag)


def resolve(
    repository: Repository, discovery: Discovery, sources: Mapping[str, Source], wanted: Sequence[Wanted]
) -> tuple[list[Target], list[Problem]]:
    """The packages that a request releases, in the repository's order, and what is wrong with the request.

    Packages of one group are released together, as are those that read one version source; packages that follow
    another come along unless the request gives them a version of their own.
    """
    return _Resolver(repository, discovery, sources).resolve(wanted)


class _Resolver:
    def __init__(self, repository: Repository, discovery: Discovery, sources: Mapping[str, Source]) -> None:
        self._packages = [package for package in discovery.packages if package.key in sources]
        self._meant = Meant(repository, discovery, sources)
        self._discovery = discovery
        self._sources = sources
        self._new: dict[str, str] = {}
        self._notes: dict[str, tuple[str, ...]] = {}
        self._problems: list[Problem] = []

    def resolve(self, wanted: Sequence[Wanted]) -> tuple[list[Target], list[Problem]]:
        if not wanted:
            self._problems.append(
                Problem("request", "nothing was asked for", "Name a version, such as `/release 0.5.0`.")
            )
        for want in wanted:
            for package in self._meant.by(want):
                self._ask(package, want.version.strip())
        self._problems += self._meant.problems
        if not self._problems:
            self._add_groups()
        if not self._problems:
            self._add_followers()
        return list(self._targets()), self._problems

    def _targets(self) -> Iterator[Target]:
        for package in self._packages:
            if package.key in self._new:
                together = [self._new[each.key] for each in self._meant.group_of(package) if each.key in self._new]
                tag = tag_of(package, self._discovery.group_of(package.key), together)
                yield Target(package, self._sources[package.key], self._new[package.key], tag, self._notes[package.key])

    def _add_groups(self) -> None:
        """What one tag releases gets one version: the rest of each group takes that of the one that is asked for."""
        for package in [each for each in self._packages if each.key in self._new]:
            new = self._new[package.key]
            for other in self._meant.group_of(package):
                if other.key not in self._new:
                    self._ask(other, self._respelled(other, new))
                elif canonical(self._new[other.key]) != canonical(new) and not self._problems:
                    what = (
                        f"{package.name} {new} and {other.name} {self._new[other.key]} would be one release: "
                        f"both have the tag {package.tag}"
                    )
                    fix = f"Ask for one version, or write a tag for each into {CONFIG_PATH}."
                    self._problems.append(Problem(other.key, what, fix))

    def _ask(self, package: Package, version: str) -> None:
        counted = self._highest(package) if is_level(version) else package
        asked = asked_version(counted, self._sources[counted.key], version)
        if isinstance(asked, Asked) and counted is not package:
            asked = asked_version(package, self._sources[package.key], self._respelled(package, asked.version))
        if isinstance(asked, Problem):
            self._problems.append(asked)
            return
        new = asked.version
        place = self._sources[package.key].place
        together = (
            [other for other in self._packages if self._sources[other.key].place == place] if place else [package]
        )
        for other in together:
            before = self._new.setdefault(other.key, new)
            self._notes.setdefault(other.key, asked.notes if other is package else ())
            if before != new:
                what = f"{other.name} was asked for at {before} and at {new}"
                shared = (
                    f" {package.name} and {other.name} take their version from one place." if other != package else ""
                )
                self._problems.append(Problem(other.key, what, f"Ask for one version.{shared}"))
            elif other.registry.scheme is Scheme.PEP440 and pep440_of(new) is None and parse_pep440(new) is None:
                self._problems.append(unmappable(other, new))

    def _highest(self, package: Package) -> Package:
        """The package of its group from whose version a level is counted: they may differ before their first tag."""
        highest, at = package, parse_semver(canonical(package.version))
        for other in self._meant.group_of(package):
            version = parse_semver(canonical(other.version))
            if at is not None and version is not None and version > at:
                highest, at = other, version
        return highest

    def _respelled(self, package: Package, version: str) -> str:
        """Another package's version as this one's manifest may take it."""
        return semver_of(version) or version if self._spelled(package) is Scheme.SEMVER else version

    def _spelled(self, package: Package) -> Scheme:
        place = self._sources[package.key].place
        in_cargo = place is not None and place.path.endswith("Cargo.toml")
        return Scheme.SEMVER if in_cargo else package.registry.scheme

    def _add_followers(self) -> None:
        """Packages that follow one that is released take its level; followers of followers too."""
        following = [package for package in self._packages if package.follows]
        added = True
        while added and not self._problems:
            added = False
            for package in following:
                leader = next((p for p in self._packages if package.follows in (p.name, p.key) and p != package), None)
                if package.key in self._new or leader is None or leader.key not in self._new:
                    continue
                old = final_before(leader, self._new[leader.key]) or leader.version
                level = level_between(old, self._new[leader.key])
                if leader.released is None and package.released is None and self._new[leader.key] == leader.version:
                    level = package.version  # both begin with what the files say
                if level is None:
                    step = f"{old} → {self._new[leader.key]}"
                    what = f"{package.name} follows {leader.name}, but {step} is no level"
                    self._problems.append(Problem(package.key, what, f"Give {package.name} a version of its own."))
                    return
                self._ask(package, level)
                added = True
