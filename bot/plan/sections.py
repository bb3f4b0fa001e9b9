"""The changelog sections of a release, and the changelogs that get them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.plan.changelog import Changelog, read_changelog
from bot.plan.changelogs import heading_names
from bot.plan.draft import Style, drafted
from bot.plan.model import Change, Discovery, FileEdit, Package, Problem, Section
from bot.plan.promote import Entry, Promoted, bullet, needs_draft, promoted
from bot.plan.repository import Repository
from bot.plan.request import Target


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
        self._done: dict[tuple[str, str], Section] = {}
        self._why: dict[str, list[str]] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.sections = tuple(section for target in targets if (section := self._section(target)) is not None)
        self.edits = tuple(self._edit(path) for path in self._contents)

    @staticmethod
    def to_draft(repository: Repository, discovery: Discovery, targets: Sequence[Target]) -> tuple[Package, ...]:
        """The packages among the targets whose section nobody has written."""
        found = []
        for target in targets:
            changelog = _read(repository.tree, discovery, target.package)
            if changelog is None or (
                isinstance(changelog, Changelog) and needs_draft(changelog, target.new, _names(target.package))
            ):
                found.append(target.package)
        return tuple(found)

    def _section(self, target: Target) -> Section | None:
        package = target.package
        changelog = _read({**self._repository.tree, **self._contents}, self._discovery, package)
        if isinstance(changelog, Problem):
            self.problems.append(changelog)
            return None
        if changelog is None:
            body = self._draft(target, Style())
            heading = f"[{target.new}] - {self._day:%Y-%m-%d}"
            return self._required(target, Section(package.key, target.new, heading, body, drafted=True))
        shared = self._done.get((changelog.path, target.new))
        if shared is not None:
            return replace(shared, package=package.key)
        return self._written(target, changelog)

    def _written(self, target: Target, changelog: Changelog) -> Section | None:
        names = _names(target.package)
        like = changelog.of(names)
        level = like[0].heading.level if like else changelog.unreleased.level if changelog.unreleased else 2
        grouped = not like or any(
            heading.level > level for heading in changelog.headings if heading.start > like[0].heading.start
        )
        style = Style(level, bullet(changelog, like), grouped)
        entry = Entry(target.new, self._day, target.bump.tag, names)
        result = promoted(changelog, entry, self._draft(target, style))
        if isinstance(result, Problem):
            self.problems.append(result)
            return None
        section = Section(target.package.key, target.new, result.heading, result.body, result.drafted)
        if result.existed:
            self._warn_about_leftovers(target, changelog)
        if result.content != changelog.encoded(changelog.lines):
            self._contents[changelog.path] = result.content
            self._why.setdefault(changelog.path, []).append(_why(target, result))
        self._done[changelog.path, target.new] = section
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

    def _draft(self, target: Target, style: Style) -> str:
        return drafted(self._changes.get(target.package.key, ()), self._updates(target), style)

    def _updates(self, target: Target) -> list[str]:
        """One sentence for each package of this release that the package is built on."""
        crates, own = self._repository.crates, target.source.crate
        required = {crate.manifest for crate in crates.required_by(own, dev=False)} if own else set()
        return [
            f"Updated {other.package.name} to {other.new}."
            for other in self._targets
            if other.source.crate and not other.source.project and other.source.crate.manifest in required
            if other.source.place != target.source.place
        ]

    def _warn_about_leftovers(self, target: Target, changelog: Changelog) -> None:
        if changelog.unreleased is not None and not changelog.is_empty(changelog.unreleased):
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


def _why(target: Target, result: Promoted) -> str:
    if result.drafted:
        return f"section {target.new}, drafted from what was merged"
    if result.existed:
        return f"{target.new} gets its day"
    return f"Unreleased becomes {target.new}"
