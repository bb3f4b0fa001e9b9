"""The changelog sections of a release, and the changelogs that get them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.packaging.problem import Problem
from bot.packaging.versions import same_version
from bot.plan.changelog.draft import Style, drafted
from bot.plan.changelog.find import heading_names
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.changelog.promote import Entry, Promoted, bullet, needs_draft, promoted, written_section
from bot.plan.changelog.shared import Title, held, is_parted, newest
from bot.plan.model import Bump, Change, Discovery, FileEdit, Package, Section
from bot.plan.repository import Repository
from bot.plan.request import Target


@dataclass(frozen=True, slots=True)
class _Part:
    """The released packages that one section is about, and the lines under Unreleased that are other packages'."""

    targets: tuple[Target, ...]
    held: tuple[range, ...]


class Sections:
    """What each released package's changelog says, written by people where they did, drafted where nobody did."""

    def __init__(
        self,
        repository: Repository,
        discovery: Discovery,
        targets: Sequence[Target],
        day: date,
        changes: Mapping[str, Sequence[Change]],
    ) -> None:
        self._repository = repository
        self._discovery = discovery
        self._targets = targets
        self._day = day
        self._changes = changes
        self._contents: dict[str, bytes] = {}
        self._made: list[tuple[str, Target, Section]] = []
        self._why: dict[str, list[str]] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.sections = tuple(section for target in targets if (section := self._section(target)) is not None)
        self.edits = tuple(self._edit(path) for path in self._contents)

    @staticmethod
    def to_draft(repository: Repository, discovery: Discovery, targets: Sequence[Target]) -> tuple[Bump, ...]:
        """Those of the targets whose section nobody has written."""
        needed: dict[tuple[str | None, object, str], bool] = {}
        for target in targets:
            alike = target.package.changelog, target.source.place, target.new
            if alike not in needed:
                changelog = _read(repository.tree, discovery, target.package)
                needed[alike] = changelog is None or (
                    isinstance(changelog, Changelog) and _is_unwritten(changelog, discovery, targets, target)
                )
        return tuple(
            target.bump for target in targets if needed[target.package.changelog, target.source.place, target.new]
        )

    def _section(self, target: Target) -> Section | None:
        package = target.package
        changelog = _read({**self._repository.tree, **self._contents}, self._discovery, package)
        if isinstance(changelog, Problem):
            self.problems.append(changelog)
            return None
        if changelog is None:
            body = self._draft((target,), Style())
            heading = f"[{target.new}] - {self._day:%Y-%m-%d}"
            return self._required(target, Section(package.key, target.new, heading, body, drafted=True))
        shared = self._shared(target, changelog)
        if shared is not None:
            return replace(shared, package=package.key, version=target.new)
        return self._written(target, changelog)

    def _shared(self, target: Target, changelog: Changelog) -> Section | None:
        """The section that another package's turn made for this one too."""
        found = changelog.release(target.new, _names(target.package), str(target.package.registry))
        for path, other, section in self._made:
            own = other.package.key == target.package.key
            alike = same_version(other.new, target.new) and (
                other.source.place == target.source.place
                or (found is not None and found.heading.text == section.heading)
            )
            if path == changelog.path and (own or alike):
                return section
        return None

    def _written(self, target: Target, changelog: Changelog) -> Section | None:
        names, registry = _names(target.package), str(target.package.registry)
        part = _part(changelog, self._discovery, self._targets, target)
        like = changelog.of(names, registry)
        level = like[0].heading.level if like else changelog.unreleased.level if changelog.unreleased else 2
        grouped = not like or any(
            heading.level > level for heading in changelog.headings if heading.start > like[0].heading.start
        )
        style = Style(level, bullet(changelog, like), grouped)
        beside = tuple(_title(other) for other in part.targets if other is not target)
        entry = Entry(target.new, self._day, target.bump.tag, names, registry, beside, part.held)
        result = promoted(changelog, entry, self._draft(part.targets, style))
        if isinstance(result, Problem):
            self.problems.append(result)
            return None
        section = Section(target.package.key, target.new, result.heading, result.body, result.drafted)
        if result.existed:
            self._warn_about_leftovers(target, changelog, part)
        if result.content != changelog.encoded(changelog.lines):
            self._contents[changelog.path] = result.content
            self._why.setdefault(changelog.path, []).append(_why(part.targets, result))
        self._made += ((changelog.path, other, section) for other in part.targets)
        return self._required(target, section)

    def _required(self, target: Target, section: Section) -> Section | None:
        """`changelog = "require"` refuses drafts, and offers the draft to paste."""
        if not section.drafted or self._discovery.policy.changelog != "require":
            return section
        path = target.package.changelog
        what = f"nothing is written about {target.package.name} {target.new}, and the configuration requires it"
        place = f"under Unreleased in {path}" if path else "in a changelog"
        self.problems.append(
            Problem(path or target.package.key, what, f"Write it {place}. A draft to paste:\n\n{section.body}")
        )
        return None

    def _draft(self, targets: Sequence[Target], style: Style) -> str:
        """What was merged for the packages of one section, each change once."""
        changes = [change for target in targets for change in self._changes.get(target.package.key, ())]
        once = [change for index, change in enumerate(changes) if change not in changes[:index]]
        updates = dict.fromkeys(sentence for target in targets for sentence in self._updates(target, targets))
        return drafted(once, list(updates), style)

    def _updates(self, target: Target, beside: Sequence[Target]) -> list[str]:
        """One sentence for each package of this release that the package is built on and that is not told beside it."""
        crates, own = self._repository.crates, target.source.crate
        required = {crate.manifest for crate in crates.required_by(own, dev=False)} if own else set()
        return [
            f"Updated {other.package.name} to {other.new}."
            for other in self._targets
            if other.source.crate and not other.source.project and other.source.crate.manifest in required
            if other.source.place != target.source.place and other not in beside
        ]

    def _warn_about_leftovers(self, target: Target, changelog: Changelog, part: _Part) -> None:
        apart = {number for lines in part.held for number in lines}
        if changelog.unreleased is not None and not changelog.is_empty(changelog.unreleased, apart):
            self.warnings.append(
                f"{changelog.path} has a section for {target.new} already, which is used as it is; "
                "what stands under Unreleased stays there."
            )

    def _edit(self, path: str) -> FileEdit:
        whys = self._why[path]
        return FileEdit(path, self._repository.tree[path], self._contents[path], "; ".join(whys), tuple(whys))


def _read(tree: Mapping[str, bytes], discovery: Discovery, package: Package) -> Changelog | Problem | None:
    if package.changelog is None:
        return None
    if package.changelog not in tree:
        return Problem(package.changelog, "does not exist", "Create the file, or correct the configuration.")
    return read_changelog(package.changelog, tree, [known.name for known in discovery.packages])


def _names(package: Package) -> tuple[str, ...]:
    return heading_names(package.name, package.tag)


def _title(target: Target) -> Title:
    return Title(target.new, _names(target.package), str(target.package.registry))


def _part(changelog: Changelog, discovery: Discovery, targets: Sequence[Target], target: Target) -> _Part:
    """Who shares the section of a target.

    Packages that the newest heading names together get one heading again; and so do packages whose text under
    Unreleased nobody parted, for it is about all of them and must not be drafted over for any.
    """
    path = target.package.changelog
    releasing = [other for other in targets if other.package.changelog == path]
    keys = {other.package.key for other in releasing}
    absent = [
        Title(package.version, _names(package), str(package.registry))
        for package in discovery.packages
        if package.changelog == path and package.key not in keys
    ]
    titles = [_title(other) for other in releasing]
    written = {other.package.key: _written_place(changelog, other) for other in releasing}
    unwritten = [other for other in releasing if written[other.package.key] == written[target.package.key]]
    joined = len({(release.name, release.registry) for release in newest(changelog, titles)}) > 1
    waiting = changelog.unreleased is not None and not changelog.is_empty(
        changelog.unreleased, {number for lines in held(changelog, titles, absent) for number in lines}
    )
    several = _count_apart(unwritten) and waiting and not is_parted(changelog, [*titles, *absent])
    together = tuple(unwritten) if joined or several else (target,)
    others = [_title(other) for other in releasing if other not in together]
    return _Part(together, held(changelog, [_title(other) for other in together], [*absent, *others]))


def _count_apart(targets: Sequence[Target]) -> bool:
    """Whether targets get versions that are not one, however each registry spells it."""
    return any(not same_version(target.new, targets[0].new) for target in targets[1:])


def _is_unwritten(changelog: Changelog, discovery: Discovery, targets: Sequence[Target], target: Target) -> bool:
    kept, package = _part(changelog, discovery, targets, target).held, target.package
    return needs_draft(changelog, target.new, _names(package), str(package.registry), kept)


def _written_place(changelog: Changelog, target: Target) -> int | None:
    """The line of the heading that a person wrote for a package; None without one."""
    found = written_section(changelog, target.new, _names(target.package), str(target.package.registry))
    return found.heading.start if found else None


def _why(targets: Sequence[Target], result: Promoted) -> str:
    versions = " and ".join(dict.fromkeys(target.new for target in targets))
    if result.drafted:
        return f"section {versions}, drafted from what was merged"
    if result.existed:
        return f"{versions} gets its day"
    return f"Unreleased becomes {versions}"
