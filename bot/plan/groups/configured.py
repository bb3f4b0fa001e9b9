"""Which packages of the tree the tables of `.github/release.toml` mean."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from bot.packaging.names import same_name
from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.config import CONFIG_PATH, Config, GroupConfig, PackageConfig
from bot.plan.repository import Repository, Source


class Configured:
    """The tables of the configuration by the keys of the packages that they mean, and what is wrong with them."""

    def __init__(self, repository: Repository, config: Config) -> None:
        self._repository = repository
        self._config = config
        self.problems: list[Problem] = []
        self.sources: dict[str, Source] = dict(repository.sources)
        """Every package, with those that only the configuration makes one."""
        self.packages: dict[str, PackageConfig] = {}
        """Each `[[package]]`, by package key."""
        for entry in config.packages:
            self._add(entry)
        self.groups: dict[str, GroupConfig] = {}
        """The `[[group]]` of each package that is in one."""
        for group in config.groups:
            self._add_group(group)

    def __bool__(self) -> bool:
        """Whether it names any package."""
        return bool(self.packages or self.groups)

    def tag(self, key: str) -> str | None:
        """The tag format that is written for a package, or for its group."""
        one, group = self.packages.get(key), self.groups.get(key)
        return (one.tag if one else None) or (group.tag if group else None)

    def publish(self, key: str) -> tuple[str, int] | None:
        """The workflow that is written for a package, or for its group, and the line of that table."""
        tables: tuple[PackageConfig | GroupConfig | None, ...] = (self.packages.get(key), self.groups.get(key))
        return next(((each.publish, each.line) for each in tables if each and each.publish), None)

    def position(self, key: str) -> int:
        """Its place by the lines of the file; behind all of them where it is not named."""
        tables: tuple[PackageConfig | GroupConfig | None, ...] = (self.packages.get(key), self.groups.get(key))
        lines = [*(one.line for one in self._config.packages), *(group.line for group in self._config.groups)]
        return min((each.line for each in tables if each), default=max(lines, default=0) + 1)

    def check_names(self, names_of: Iterable[tuple[str, str]]) -> None:
        """That `after`, `follows` and `[[downstream]]` name packages; `names_of` is name and key of each."""
        pairs = list(names_of)
        known = {name for pair in pairs for name in pair}
        listing = ", ".join(sorted({name for name, _ in pairs})) or "none"
        for key, entry in self.packages.items():
            for field, names in (("after", entry.after or ()), ("follows", (entry.follows,) if entry.follows else ())):
                for name in names:
                    if name not in known or name in (key, entry.name):
                        fix = f"It must be another package of this repository: {listing}."
                        self.wrong(entry.line, f"`{field}` names {name!r}", fix)
        for downstream in self._config.downstream:
            if downstream.package not in known:
                what = f"`[[downstream]]` {downstream.repository} names the package {downstream.package!r}"
                self.problems.append(Problem(CONFIG_PATH, what, f"It must be a package of this repository: {listing}."))

    def wrong(self, line: int, what: str, fix: str) -> None:
        """Add a problem of that line of the file."""
        self.problems.append(Problem(f"{CONFIG_PATH}:{line}", what, fix))

    def _add(self, entry: PackageConfig) -> None:
        source = self._source_of(entry)
        if source is not None and source.key in self.packages:
            fix = "Keep one `[[package]]` of that name and registry."
            self.wrong(entry.line, f"`{entry.name}` is configured twice", fix)
        elif source is not None:
            self.sources[source.key] = source
            self.packages[source.key] = entry

    def _source_of(self, entry: PackageConfig) -> Source | None:
        """The package that a `[[package]]` means; a Problem and None when it is none, or not clear."""
        sources = [*self._repository.sources.values(), *self._repository.contested]
        named = [source for source in sources if same_name(source.registry, source.name, entry.name)]
        fitting = [
            source
            for source in named
            if entry.registry in (None, source.registry) and entry.path in (None, source.folder)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if len(fitting) > 1 and len({source.registry for source in fitting}) == 1:
            choices = " or ".join(f'`path = "{source.folder}"`' for source in fitting)
            self.wrong(entry.line, f"`{entry.name}` is the name of {len(fitting)} folders' packages", f"Add {choices}.")
            return None
        if len(fitting) > 1:
            labels = " and on ".join(source.registry.label for source in fitting)
            choices = " or ".join(f'`registry = "{source.registry}"`' for source in fitting)
            self.wrong(entry.line, f"`{entry.name}` is on {labels}", f"Add {choices}.")
            return None
        return self._hidden_crate(entry, named)

    def _hidden_crate(self, entry: PackageConfig, named: Sequence[Source]) -> Source | None:
        """A crate that discovery leaves out by itself, such as one below examples/, but the configuration names."""
        crates = self._repository.crates
        for crate in crates:
            if (
                crate.name == entry.name
                and entry.registry in (None, Registry.CRATES_IO)
                and entry.path in (None, crate.folder)
            ):
                if crates.publishable(crate):
                    return self._repository.crate_source(crate)
                what = f"`{entry.name}` has `publish = false` in {crate.manifest}"
                self.wrong(entry.line, what, "Remove it here or there.")
                return None
        left = [left for left in self._repository.unplaced if same_name(Registry.PYPI, left.name, entry.name)]
        if left and not named and entry.registry in (None, Registry.PYPI):
            self.problems += [one.problem for one in left]
            return None
        known = ", ".join(
            f"{source.name} ({source.registry}, {source.folder})"
            for source in named or self._repository.sources.values()
        )
        self.wrong(entry.line, f"no package `{entry.name}` was found", f"Known packages: {known or 'none'}.")
        return None

    def _add_group(self, group: GroupConfig) -> None:
        if not group.packages:
            members = [(group.line, source) for source in self.sources.values() if _is_of_workspace(source)]
            if not members:
                fix = 'Name the packages: `packages = ["NAME", …]`.'
                self.wrong(group.line, "there is no Cargo workspace whose packages are published", fix)
        else:
            lines = dict(zip(group.packages, group.lines, strict=True))
            members = [(line, source) for name, line in lines.items() for source in self._named(name, line)]
        for line, source in members:
            if self.groups.setdefault(source.key, group) is not group:
                self.wrong(line, f"`{source.name}` is in two groups", "Keep it in one `[[group]]`: a group is one tag.")
            own = self.packages.get(source.key)
            if own and own.tag and group.tag and own.tag != group.tag:
                fix = "Keep one of the two: a group is what one tag releases."
                self.wrong(own.line, f"`{source.name}` has the tag {own.tag}, and its group has {group.tag}", fix)

    def _named(self, name: str, line: int) -> list[Source]:
        """The packages of a name, on every registry that it is not limited to; a Problem where there is none."""
        word, _, plain = name.rpartition(":")
        found = [
            source
            for source in self.sources.values()
            if same_name(source.registry, source.name, plain) and word in ("", str(source.registry))
        ]
        if not found:
            names = list(dict.fromkeys(source.name for source in self.sources.values()))
            close = get_close_matches(plain, names, 1)
            hint = f"Did you mean `{close[0]}`? " if close else ""
            self.wrong(line, f"no package `{name}` was found", f"{hint}Known packages: {', '.join(names) or 'none'}.")
        return found


def _is_of_workspace(source: Source) -> bool:
    return source.crate is not None and source.crate.root is not None
