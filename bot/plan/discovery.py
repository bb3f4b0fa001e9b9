"""What a repository releases: read from the tree, overridden by `.github/release.toml`, each fact with its source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.packaging.names import mistake_in_name, same_name
from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry
from bot.packaging.versions import is_valid, newest
from bot.plan.changelog.find import assign_changelogs
from bot.plan.config import CONFIG_PATH, Config, PackageConfig, read_config
from bot.plan.manifests.declared_metadata import promises
from bot.plan.model import Discovery, Package, Tree
from bot.plan.paths import depth
from bot.plan.publishers import Publisher, Publishers, likely
from bot.plan.repository import Repository, Source
from bot.plan.tags import TagFormat, TagFormats
from bot.workflows.building.promises import Expected
from bot.workflows.files import FOLDER
from bot.workflows.releasing import read_workflows


def discover(tree: Tree, tags: Iterable[str] = (), repository: str = "") -> Discovery:
    """Everything that the tree, its configuration and its existing tags say about releasing.

    `repository` is its full name, for which workflows may ask; empty when it is not known.

    Never raises for what the files hold: what cannot be read or is ambiguous is in `problems`.
    """
    return _Discoverer(Repository(tree), tree, list(tags), repository).discovery()


def sources_of(repository: Repository, packages: Iterable[Package]) -> Mapping[str, Source]:
    """Where each discovered package keeps its version, by package key."""
    found = {}
    for package in packages:
        source = repository.sources.get(package.key)
        crate = next((crate for crate in repository.crates if crate.name == package.name), None)
        if source is None and package.registry is Registry.CRATES_IO and crate is not None:
            source = repository.crate_source(crate)
        if source is not None:
            found[package.key] = source
    return found


class _Discoverer:
    def __init__(self, repository: Repository, tree: Tree, tags: list[str], full_name: str) -> None:
        self._repository = repository
        self._tree = tree
        self._tags = tags
        self._workflows, workflow_problems = read_workflows(tree, full_name)
        self._full_name = full_name
        self._config: Config = read_config(tree)
        self._publishers = Publishers(repository, self._workflows, ignores_robots=self._config.policy.ignores_robots)
        self._problems = [*repository.problems, *workflow_problems, *self._config.problems]
        self._configured: dict[str, PackageConfig] = {}

    def discovery(self) -> Discovery:
        sources = self._ordered()
        self._problems += [problem for source in sources if (problem := self._wrong_name(source))]
        formats = TagFormats(sources, self._tags, self._workflows)
        tags = formats.find()
        tags = {key: self._tag(key, found) for key, found in tags.items()}
        changelogs = assign_changelogs(self._repository, sources, {key: found.format for key, found in tags.items()})
        packages = [self._package(source, tags[source.key], changelogs) for source in sources]
        self._problems += [p for p in formats.problems if not any(c.tag for c in self._configured.values())]
        packages = self._with_order(packages, sources)
        self._check_names(packages)
        problems, is_clear = tuple(self._problems), self._has_clear_primary(sources)
        return Discovery(
            tuple(packages), self._config.policy, self._config.downstream, problems, is_clear, self._full_name
        )

    def _has_clear_primary(self, sources: Sequence[Source]) -> bool:
        """Whether the first package is configured, the root of the repository, or beside none with another version."""
        if self._configured or not sources or sources[0].folder == ".":
            return True
        if any(depth(left.folder) < depth(sources[0].folder) for left in self._repository.unplaced):
            return False
        return all(source.place is not None and source.place == sources[0].place for source in sources[1:])

    def _ordered(self) -> list[Source]:
        """Configured packages in their order, then the root crate, then what lies nearest to the root."""
        found = dict(self._repository.sources)
        for entry in self._config.packages:
            source = self._source_of(entry)
            if source is not None and source.key in self._configured:
                self._wrong(
                    entry, f"`{entry.name}` is configured twice", "Keep one `[[package]]` of that name and registry."
                )
            elif source is not None:
                found[source.key] = source
                self._configured[source.key] = entry
        position = {key: index for index, key in enumerate(self._configured)}
        registries = list(REGISTRIES.values())
        return sorted(
            found.values(),
            key=lambda source: (
                position.get(source.key, len(position)),
                depth(source.folder),
                registries.index(source.registry),
                source.folder,
            ),
        )

    def _source_of(self, entry: PackageConfig) -> Source | None:
        """The package that a `[[package]]` means; a Problem and None when it is none, or not clear."""
        sources = self._repository.sources.values()
        named = [source for source in sources if same_name(source.registry, source.name, entry.name)]
        fitting = [
            source
            for source in named
            if entry.registry in (None, source.registry) and entry.path in (None, source.folder)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if len(fitting) > 1:
            labels = " and on ".join(source.registry.label for source in fitting)
            choices = " or ".join(f'`registry = "{source.registry}"`' for source in fitting)
            self._wrong(entry, f"`{entry.name}` is on {labels}", f"Add {choices}.")
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
                self._wrong(
                    entry, f"`{entry.name}` has `publish = false` in {crate.manifest}", "Remove it here or there."
                )
                return None
        left = [left for left in self._repository.unplaced if same_name(Registry.PYPI, left.name, entry.name)]
        if left and not named and entry.registry in (None, Registry.PYPI):
            self._problems += [one.problem for one in left]
            return None
        known = ", ".join(
            f"{source.name} ({source.registry}, {source.folder})"
            for source in named or self._repository.sources.values()
        )
        self._wrong(entry, f"no package `{entry.name}` was found", f"Known packages: {known or 'none'}.")
        return None

    def _tag(self, key: str, found: TagFormat) -> TagFormat:
        entry = self._configured.get(key)
        return TagFormat(entry.tag, CONFIG_PATH) if entry and entry.tag else found

    def _package(self, source: Source, tag: TagFormat, changelogs: Mapping[str, str]) -> Package:
        entry = self._configured.get(source.key)
        version = source.version or newest(source.registry.scheme, self._tagged_versions(source.registry, tag))
        publisher, workflow_source = self._publisher(source, entry, tag)
        workflow = publisher.workflow
        changelog = changelogs.get(source.key)
        facts = {
            "name": source.project.file.path if source.project else source.manifest,
            "version": source.place.path if source.place else "tags",
            "tag": tag.source,
            "changelog": changelog or "none found",
            "workflow": workflow_source,
        }
        if entry and entry.changelog:
            changelog, facts["changelog"] = entry.changelog, CONFIG_PATH
            if changelog not in self._tree:
                self._wrong(entry, f"its changelog {changelog} does not exist", "Create the file or correct the path.")
        expected, files = Expected(), entry.files if entry else None
        if source.registry.several_files:
            expected, origin = self._publishers.expected(source, workflow, likely(workflow, tag, source))
            if expected.files or workflow is not None or files is not None:
                facts["files"] = CONFIG_PATH if files is not None else origin
        return Package(
            name=source.name,
            registry=source.registry,
            path=source.folder,
            manifest=source.manifest,
            version=version,
            tag=tag.format,
            changelog=changelog,
            workflow=workflow.name if workflow else None,
            start=publisher.start,
            robot=publisher.robot,
            asks=workflow.workflow.asks if workflow else (),
            files=expected.files if files is None else files,
            after=(entry.after if entry else None) or (),
            follows=entry.follows if entry else None,
            promises=promises(source, self._repository.crates, expected),
            sources=facts | {name: CONFIG_PATH for name in ("after", "follows") if entry and getattr(entry, name)},
        )

    def _publisher(self, source: Source, entry: PackageConfig | None, tag: TagFormat) -> tuple[Publisher, str]:
        if not entry or not entry.publish:
            found = self._publishers.of(source, tag)
            return found, found.source
        named = next((workflow for workflow in self._workflows if workflow.name == entry.publish), None)
        if named is None and FOLDER + entry.publish not in self._tree:
            known = ", ".join(workflow.name for workflow in self._workflows) or "none"
            self._wrong(
                entry, f"its workflow {entry.publish} does not exist", f"Workflows that could publish: {known}."
            )
        return self._publishers.by(named, source, likely(named, tag, source)) if named else Publisher(), CONFIG_PATH

    def _tagged_versions(self, registry: Registry, tag: TagFormat) -> list[str]:
        prefix, _, suffix = tag.format.partition("{version}")
        named = (known for known in self._tags if known.startswith(prefix) and known.endswith(suffix))
        versions = (known[len(prefix) : len(known) - len(suffix)] for known in named)
        return [version for version in versions if is_valid(registry.scheme, version)]

    def _with_order(self, packages: list[Package], sources: list[Source]) -> list[Package]:
        """A crate waits for the crates it requires, when each has a tag and so a publish run of its own."""
        by_key = {package.key: package for package in packages}
        by_manifest = {source.crate.manifest: source.key for source in sources if source.crate and not source.project}
        ordered = []
        for package, source in zip(packages, sources, strict=True):
            after = package.after
            if source.crate and not source.project and not after:
                required = self._repository.crates.required_by(source.crate, dev=False)
                others = [by_key[key] for crate in required if (key := by_manifest.get(crate.manifest))]
                after = tuple(dict.fromkeys(o.name for o in others if o.tag != package.tag and o.name != package.name))
            origin = {} if after == package.after else {"after": package.manifest}
            ordered.append(replace(package, after=after, sources={**package.sources, **origin}))
        return ordered

    def _wrong_name(self, source: Source) -> Problem | None:
        """The name that its registry takes no package of."""
        mistake = mistake_in_name(source.registry, source.name)
        if mistake is None:
            return None
        what = f"the name {source.name!r} {mistake}"
        return Problem(self._repository.place_of_name(source), what, "Rename the package, or do not publish it.")

    def _check_names(self, packages: list[Package]) -> None:
        known = {name for package in packages for name in (package.name, package.key)}
        listing = ", ".join(sorted({package.name for package in packages})) or "none"
        for key, entry in self._configured.items():
            for field, names in (("after", entry.after or ()), ("follows", (entry.follows,) if entry.follows else ())):
                for name in names:
                    if name not in known or name in (key, entry.name):
                        self._wrong(
                            entry,
                            f"`{field}` names {name!r}",
                            f"It must be another package of this repository: {listing}.",
                        )
        for downstream in self._config.downstream:
            if downstream.package not in known:
                what = f"`[[downstream]]` {downstream.repository} names the package {downstream.package!r}"
                self._problems.append(
                    Problem(CONFIG_PATH, what, f"It must be a package of this repository: {listing}.")
                )

    def _wrong(self, entry: PackageConfig, what: str, fix: str) -> None:
        self._problems.append(Problem(f"{CONFIG_PATH}:{entry.line}", what, fix))
