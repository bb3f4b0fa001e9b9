"""Which packages a request means by a name, by no name, or by `all`."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from bot.packaging.names import same_name
from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry
from bot.plan.groups.choices import choices_of, names_of
from bot.plan.listed import listed
from bot.plan.model import EVERY_GROUP, Discovery, Group, Package, Wanted
from bot.plan.paths import CONFIG_PATH, is_product
from bot.plan.repository import Repository, Source

_MOST_REASONS = 5


class Meant:
    """Finds the packages that a request names; what is wrong with it is in `problems`."""

    def __init__(self, repository: Repository, discovery: Discovery, sources: Mapping[str, Source]) -> None:
        self._repository = repository
        self._discovery = discovery
        self._sources = sources
        self._packages = [package for package in discovery.packages if package.key in sources]
        self.problems: list[Problem] = []

    def by(self, want: Wanted) -> list[Package]:
        """The packages that are asked for themselves; the rest of their groups comes with them."""
        if not self._packages:
            self._nothing_there()
            return []
        if want.package == EVERY_GROUP:
            firsts = {self.group_of(package)[0].key for package in self._packages}
            return [package for package in self._packages if package.key in firsts]
        if want.package is None:
            return self._primary(want.version)
        return self._by_name(want.package)

    def group_of(self, package: Package) -> list[Package]:
        """The packages that one tag releases with it, itself included, in the repository's order."""
        group = self._discovery.group_of(package.key)
        keys = group.packages if group else ()
        return [each for each in self._packages if each is package or each.key in keys]

    def _nothing_there(self) -> None:
        left_out = [*self._repository.unplaced, *self._repository.doubles]
        if left_out:
            self.problems += [left.problem for left in left_out]
            return
        what = "no package that would be published was found in this repository"
        manifests = listed(registry.manifest for registry in REGISTRIES.values())
        self.problems.append(Problem("repository", what, f"Shipmate looks for {manifests}."))
        self.problems += [
            Problem(crate.manifest, why, f"Then `{crate.name}` is a package.")
            for crate in self._repository.crates
            if is_product(crate.folder) and (why := self._repository.published.why_not(crate))
        ][:_MOST_REASONS]

    def _primary(self, version: str) -> list[Package]:
        if self._discovery.has_clear_primary:
            return self._packages[:1]
        self.problems.append(choices_of(self._groups(), self._packages, version))
        return []

    def _groups(self) -> Sequence[Group]:
        return self._discovery.groups or tuple(Group((package.key,), package.tag) for package in self._packages)

    def _by_name(self, name: str) -> list[Package]:
        registry, _, plain = name.rpartition(":")
        named = [p for p in self._named(plain) if registry.lower() in ("", str(p.registry))]
        if not named:
            self._unknown(name, plain)
            return []
        together = self.group_of(named[0])
        apart = [p for p in named if p not in together and self._place(p) != self._place(named[0])]
        if apart:
            choices = " or ".join(f"`{package.key}`" for package in named)
            what = f"{plain} is the name of {len(named)} packages with versions of their own"
            self.problems.append(Problem(name, what, f"Write {choices}."))
            return []
        return named

    def _place(self, package: Package) -> object:
        """Where its version stands; a place of its own where only its tag says it."""
        return self._sources[package.key].place or package.key

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
            self.problems += [one.problem for one in left]
            return
        choices = names_of(self._packages)
        hidden = next((crate for crate in self._repository.crates if crate.name == plain), None)
        if hidden is not None and not self._repository.crates.publishable(hidden):
            what = f"{hidden.manifest} keeps `{plain}` from being published, so it has no releases"
        elif hidden is not None and (why := self._repository.published.why_not(hidden)):
            what = f"{hidden.manifest} {why}, so `{plain}` is no package; a `[[package]]` in {CONFIG_PATH} makes it one"
        else:
            what = f"there is no package `{name}` here"
        close = get_close_matches(name.lower(), choices, 1, 0.6)
        hint = f"Did you mean `{close[0]}`? " if close else ""
        self.problems.append(Problem(name, what, f"{hint}Packages: {', '.join(choices)}."))
