"""What was asked for: names and versions, or levels, made into one new version per package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.packaging.levels import level_between
from bot.packaging.names import same_name
from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry, Scheme
from bot.packaging.versions import parse_pep440, pep440_of, same_version
from bot.plan.asked.version import asked_version, unmappable
from bot.plan.last_tag import final_before, release_before
from bot.plan.listed import listed
from bot.plan.model import Bump, Discovery, Package, Wanted
from bot.plan.paths import CONFIG_PATH, is_product
from bot.plan.repository import Repository, Source

_MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class Target:
    """A package to release, and the version it gets, spelled as its manifest will spell it."""

    package: Package
    source: Source
    new: str
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
        return Bump(self.package, self.old, self.new, self.package.tag_for(self.new))


def resolve(
    repository: Repository, discovery: Discovery, sources: Mapping[str, Source], wanted: Sequence[Wanted]
) -> tuple[list[Target], list[Problem]]:
    """The packages that a request releases, in the repository's order, and what is wrong with the request.

    Packages that read one version source are released together; packages that follow another come along unless the
    request gives them a version of their own.
    """
    return _Resolver(repository, discovery, sources).resolve(wanted)


class _Resolver:
    def __init__(self, repository: Repository, discovery: Discovery, sources: Mapping[str, Source]) -> None:
        self._repository = repository
        self._packages = [package for package in discovery.packages if package.key in sources]
        self._has_clear_primary = discovery.has_clear_primary
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
            for package in self._meant(want.package):
                self._ask(package, want.version.strip())
        if not self._problems:
            self._add_followers()
        targets = [
            Target(package, self._sources[package.key], self._new[package.key], self._notes[package.key])
            for package in self._packages
            if package.key in self._new
        ]
        return targets, self._problems

    def _meant(self, name: str | None) -> list[Package]:
        if not self._packages:
            left_out = [*self._repository.unplaced, *self._repository.doubles]
            self._problems += [left.problem for left in left_out]
            if left_out:
                return []
            what = "no package that would be published was found in this repository"
            manifests = listed(registry.manifest for registry in REGISTRIES.values())
            self._problems.append(Problem("repository", what, f"Shipmate looks for {manifests}."))
            self._problems += [
                Problem(crate.manifest, why, f"Then `{crate.name}` is a package.")
                for crate in self._repository.crates
                if is_product(crate.folder) and (why := self._repository.published.why_not(crate))
            ][:_MOST_REASONS]
            return []
        if name is None:
            return self._primary()
        registry, _, plain = name.rpartition(":")
        named = [p for p in self._named(plain) if registry.lower() in ("", str(p.registry))]
        if not named:
            self._unknown(name, plain)
        elif len({self._sources[package.key].place for package in named}) > 1:
            choices = " or ".join(f"`{package.key}`" for package in named)
            what = f"{plain} is the name of {len(named)} packages with versions of their own"
            self._problems.append(Problem(name, what, f"Write {choices}."))
            return []
        return named

    def _primary(self) -> list[Package]:
        if self._has_clear_primary:
            return self._packages[:1]
        what = (
            "it is not clear which package is meant: no package lies at the root, and none is configured as the first"
        )
        fix = f"Name it, such as `{self._choices()[0]}`. Packages: {', '.join(self._choices())}."
        self._problems.append(Problem("request", what, fix))
        return []

    def _choices(self) -> list[str]:
        """How each package is asked for without doubt."""
        names = [package.name for package in self._packages]
        return [package.key if names.count(package.name) > 1 else package.name for package in self._packages]

    def _named(self, name: str) -> list[Package]:
        """The packages of a name; the name of the bindings' crate means the Python package that is built from it."""
        named = [package for package in self._packages if same_name(package.registry, package.name, name)]
        crates = ((package, self._sources[package.key].crate) for package in self._packages)
        return named or [
            package for package, crate in crates if crate and same_name(Registry.CRATES_IO, crate.name, name)
        ]

    def _unknown(self, name: str, plain: str) -> None:
        registry = name.rpartition(":")[0].lower()
        left = [
            one
            for one in (*self._repository.unplaced, *self._repository.doubles)
            if same_name(one.registry, one.name, plain) and registry in ("", str(one.registry))
        ]
        if left:
            self._problems += [one.problem for one in left]
            return
        choices = self._choices()
        hidden = next((crate for crate in self._repository.crates if crate.name == plain), None)
        if hidden is not None and not self._repository.crates.publishable(hidden):
            what = f"{hidden.manifest} keeps `{plain}` from being published, so it has no releases"
        elif hidden is not None and (why := self._repository.published.why_not(hidden)):
            what = f"{hidden.manifest} {why}, so `{plain}` is no package; a `[[package]]` in {CONFIG_PATH} makes it one"
        else:
            what = f"there is no package `{name}` here"
        close = get_close_matches(name.lower(), choices, 1, 0.6)
        hint = f"Did you mean `{close[0]}`? " if close else ""
        self._problems.append(Problem(name, what, f"{hint}Packages: {', '.join(choices)}."))

    def _ask(self, package: Package, version: str) -> None:
        asked = asked_version(package, self._sources[package.key], version)
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
