"""What a repository releases: read from the tree, overridden by `.github/release.toml`, each fact with its source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.packaging.names import mistake_in_name
from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry
from bot.plan.changelog.find import assign_changelogs
from bot.plan.changelog.retired import Retired
from bot.plan.config import CONFIG_PATH, Config, read_config
from bot.plan.groups import Configured, find_groups, is_beside, most_used_first
from bot.plan.last_tag import released_versions
from bot.plan.manifests.declared_metadata import promises
from bot.plan.model import Discovery, Group, Package, Tag, Tree
from bot.plan.paths import depth
from bot.plan.publishing.publishers import Publisher, Publishers, likely
from bot.plan.repository import Repository, Source
from bot.plan.tags import History, TagFormat, TagFormats, Ties
from bot.workflows.building.promises import Expected
from bot.workflows.files import FOLDER
from bot.workflows.releasing import read_workflows


def discover(tree: Tree, tags: Iterable[Tag | str] = (), repository: str = "") -> Discovery:
    """Everything that the tree, its configuration and its existing tags say about releasing.

    `tags` are all of the repository; one that is only named has no date that is known. `repository` is its full name,
    for which workflows may ask; empty when it is not known.

    Never raises for what the files hold: what cannot be read or is ambiguous is in `problems`.
    """
    dated = [Tag(tag) if isinstance(tag, str) else tag for tag in tags]
    return _Discoverer(Repository(tree), tree, dated, repository).discovery()


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


class _Discoverer:
    def __init__(self, repository: Repository, tree: Tree, tags: list[Tag], full_name: str) -> None:
        self._repository = repository
        self._tree = tree
        self._tags = [tag.name for tag in tags]
        self._history = History(tags)
        self._workflows, workflow_problems = read_workflows(tree, full_name)
        self._full_name = full_name
        self._config: Config = read_config(tree)
        self._publishers = Publishers(repository, self._workflows, ignores_robots=self._config.policy.ignores_robots)
        self._problems = [*repository.problems, *workflow_problems, *self._config.problems]
        self._configured = Configured(repository, self._config)
        self._releases: Mapping[str, tuple[str, ...]] = {}

    def discovery(self) -> Discovery:
        sources = self._ordered()
        self._problems += [problem for source in sources if (problem := self._wrong_name(source))]
        formats = TagFormats(sources, self._history, self._workflows, Ties(self._repository, sources))
        tags = self._with_configured(formats.find())
        named = {key: found.format for key, found in tags.items()}
        self._releases = {
            source.key: released_versions(source.registry, named[source.key], self._tags, source.version)
            for source in sources
        }
        changelogs = assign_changelogs(self._repository, sources, named, self._releases)
        packages = [self._package(source, tags[source.key], changelogs) for source in sources]
        self._problems += [p for p in formats.problems if not any(map(self._configured.tag, tags))]
        packages = self._with_order(packages, sources)
        self._configured.check_names((package.name, package.key) for package in packages)
        groups = find_groups(packages, sources, self._configured.groups, self._history)
        is_clear = self._has_clear_primary(sources, groups)
        first, rest = (groups[:1], groups[1:]) if is_clear else ([], groups)
        rest = most_used_first(rest, sources, self._history, self._full_name)
        return Discovery(
            tuple(packages),
            self._config.policy,
            self._config.downstream,
            (*self._problems, *self._configured.problems),
            is_clear,
            self._full_name,
            groups=(*first, *rest),
        )

    def _has_clear_primary(self, sources: Sequence[Source], groups: Sequence[Group]) -> bool:
        """Whether the first group is configured, holds the root of the repository, or is the only one that counts."""
        if self._configured or not sources or sources[0].folder == ".":
            return True
        if any(depth(left.folder) < depth(sources[0].folder) for left in self._repository.unplaced):
            return False
        beside = {source.key for source in sources if is_beside(source)}
        return sum(not beside.issuperset(group.packages) for group in groups) <= 1

    def _ordered(self) -> list[Source]:
        """Configured packages in their order, then the root's, then what lies nearest to it; helpers last."""
        registries = list(REGISTRIES.values())
        return sorted(
            self._configured.sources.values(),
            key=lambda source: (
                self._configured.position(source.key),
                is_beside(source),
                depth(source.folder),
                registries.index(source.registry),
                source.folder,
            ),
        )

    def _with_configured(self, found: Mapping[str, TagFormat]) -> Mapping[str, TagFormat]:
        """The formats that are written down; of a group without one all get its first package's."""
        first: dict[int, TagFormat] = {}
        tags = {}
        for key, inferred in found.items():
            tag = self._configured.tag(key)
            tags[key] = TagFormat(tag, CONFIG_PATH) if tag else inferred
            if table := self._configured.groups.get(key):
                tags[key] = first.setdefault(table.line, tags[key])
        return tags

    def _package(self, source: Source, tag: TagFormat, changelogs: Mapping[str, str | Retired]) -> Package:
        entry = self._configured.packages.get(source.key)
        releases = self._releases[source.key]
        publisher, workflow_source = self._publisher(source, tag)
        workflow = publisher.workflow
        found = changelogs.get(source.key)
        changelog = None if isinstance(found, Retired) else found
        facts = {
            "name": source.project.file.path if source.project else source.manifest,
            "version": source.place.path if source.place else "tags",
            "tag": tag.source,
            "changelog": f"{found.path} {found.why}" if isinstance(found, Retired) else changelog or "none found",
            "workflow": workflow_source,
        }
        if entry and entry.changelog:
            changelog, facts["changelog"] = entry.changelog, CONFIG_PATH
            if changelog not in self._tree:
                what, fix = f"its changelog {changelog} does not exist", "Create the file or correct the path."
                self._configured.wrong(entry.line, what, fix)
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
            version=source.version or next(iter(releases), "0.0.0"),
            tag=tag.format,
            changelog=changelog,
            workflow=workflow.name if workflow else None,
            start=publisher.start,
            robot=publisher.robot,
            asks=tuple(workflow.workflow.asks) if workflow else (),
            files=expected.files if files is None else files,
            after=(entry.after if entry else None) or (),
            follows=entry.follows if entry else None,
            also=entry.also if entry else (),
            inputs=entry.inputs if entry else None,
            promises=promises(source, self._repository.crates, expected),
            releases=releases,
            include=(entry.include if entry else None) or (),
            exclude=(entry.exclude if entry else None) or (),
            sources=facts | {name: CONFIG_PATH for name in ("after", "follows") if entry and getattr(entry, name)},
        )

    def _publisher(self, source: Source, tag: TagFormat) -> tuple[Publisher, str]:
        written = self._configured.publish(source.key)
        if written is None:
            found = self._publishers.of(source, tag)
            return found, found.source
        name, line = written
        named = next((workflow for workflow in self._workflows if workflow.name == name), None)
        if named is None and FOLDER + name not in self._tree:
            known = ", ".join(workflow.name for workflow in self._workflows) or "none"
            what = f"its workflow {name} does not exist"
            self._configured.wrong(line, what, f"Workflows that could publish: {known}.")
        return self._publishers.by(named, source, likely(named, tag, source)) if named else Publisher(), CONFIG_PATH

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
