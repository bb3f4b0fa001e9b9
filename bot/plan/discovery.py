"""What a repository releases: read from the tree, overridden by `.github/release.toml`, each fact with its source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.packaging.names import mistake_in_name, same_name
from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry
from bot.plan.changelog.find import assign_changelogs
from bot.plan.config import CONFIG_PATH, Config, PackageConfig, read_config
from bot.plan.declared_metadata import promises
from bot.plan.last_tag import released_versions
from bot.plan.model import Discovery, Package, Tree
from bot.plan.paths import depth
from bot.plan.repository import Repository, Source
from bot.plan.tags import TagFormat, TagFormats
from bot.workflows.files import FOLDER
from bot.workflows.promises import Expected, generated_files
from bot.workflows.releasing import Releasing, read_workflows


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
        crate = repository.crates.by_folder.get(package.path)
        if source is not None and source.folder != package.path:
            source = None
        source = source or next((one for one in repository.contested if one.folder == package.path), None)
        if source is None and package.registry is Registry.CRATES_IO and crate is not None:
            source = repository.crate_source(crate)
        if source is not None:
            found[package.key] = source
    return found


def expected_of(source: Source, workflow: Releasing | None, tag: str) -> tuple[Expected, str]:
    """The files that a publish workflow makes when this tag is released, and where that stands."""
    if workflow is None:
        return Expected(), "none found"
    pyproject = source.project.file.data if source.project else {}
    expected = workflow.expected(tag, extension=source.crate is not None, pyproject=pyproject)
    if expected.files:
        return expected, workflow.path
    generated = replace(generated_files(pyproject), unknown=expected.unknown)
    return generated, source.file if generated.files else "none found"


def _examples(tag: TagFormat, source: Source) -> list[str]:
    return [tag.example(version) for version in ("1.2.3", source.version or "")]


def _likely(workflow: Releasing | None, tag: TagFormat, source: Source) -> str:
    """A tag as the next release may have it: one that starts the workflow, if any does."""
    examples = _examples(tag, source)
    return next((each for each in examples if workflow and workflow.starts_for(each)), examples[0])


class _Discoverer:
    def __init__(self, repository: Repository, tree: Tree, tags: list[str], full_name: str) -> None:
        self._repository = repository
        self._tree = tree
        self._tags = tags
        self._workflows, workflow_problems = read_workflows(tree, full_name)
        self._full_name = full_name
        self._config: Config = read_config(tree)
        self._problems = [*repository.problems, *workflow_problems, *self._config.problems]
        self._configured: dict[str, PackageConfig] = {}
        self._releases: Mapping[str, tuple[str, ...]] = {}

    def discovery(self) -> Discovery:
        sources = self._ordered()
        self._problems += [problem for source in sources if (problem := self._wrong_name(source))]
        formats = TagFormats(sources, self._tags, self._workflows)
        tags = formats.find()
        tags = {key: self._tag(key, found) for key, found in tags.items()}
        found = {key: tag.format for key, tag in tags.items()}
        self._releases = {
            source.key: released_versions(source.registry, found[source.key], self._tags, source.version)
            for source in sources
        }
        changelogs = assign_changelogs(self._repository, sources, found, self._releases)
        packages = [self._package(source, tags[source.key], changelogs, formats) for source in sources]
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
            self._wrong(entry, f"`{entry.name}` is the name of {len(fitting)} folders' packages", f"Add {choices}.")
            return None
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

    def _package(self, source: Source, tag: TagFormat, changelogs: Mapping[str, str], formats: TagFormats) -> Package:
        entry = self._configured.get(source.key)
        releases = self._releases[source.key]
        workflow, workflow_source = self._workflow(source, entry, tag, formats)
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
            expected, origin = expected_of(source, workflow, _likely(workflow, tag, source))
            if workflow is not None or files is not None:
                facts["files"] = CONFIG_PATH if files is not None else origin
        return Package(
            name=source.name,
            registry=source.registry,
            path=source.folder,
            manifest=source.manifest,
            version=source.version or next(iter(releases), "0.0.0"),
            tag=tag.format,
            changelog=changelog,
            workflow=workflow.name if workflow else None,
            files=expected.files if files is None else files,
            after=(entry.after if entry else None) or (),
            follows=entry.follows if entry else None,
            promises=promises(source, self._repository.crates, expected),
            releases=releases,
            sources=facts | {name: CONFIG_PATH for name in ("after", "follows") if entry and getattr(entry, name)},
        )

    def _workflow(
        self, source: Source, entry: PackageConfig | None, tag: TagFormat, formats: TagFormats
    ) -> tuple[Releasing | None, str]:
        if entry and entry.publish:
            named = next((workflow for workflow in self._workflows if workflow.name == entry.publish), None)
            if named is None and FOLDER + entry.publish not in self._tree:
                known = ", ".join(workflow.name for workflow in self._workflows) or "none"
                self._wrong(
                    entry, f"its workflow {entry.publish} does not exist", f"Workflows that could publish: {known}."
                )
            return named, CONFIG_PATH
        publishers = formats.publishers(source.registry)
        examples = _examples(tag, source)
        waiting = [workflow for workflow in publishers if any(workflow.starts_for(example) for example in examples)]
        doing = (each for each in waiting if any(each.publishes_for(source.registry, example) for example in examples))
        others = [workflow for workflow in publishers if workflow.publishes and not workflow.tag_patterns]
        found = next(doing, None) or next(iter(waiting), None) or (others[0] if len(others) == 1 else None)
        return found, found.path if found else "none found"

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
