"""The changelog sections of a release, and the changelogs that get them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.packaging.problem import Problem
from bot.packaging.versions import same_version
from bot.plan.changelog.drafting.credits import credited
from bot.plan.changelog.drafting.draft import Style, drafted
from bot.plan.changelog.drafting.mentions import not_mentioned
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.changelog.parts import Part, names_of, part_of, read_of, title_of
from bot.plan.changelog.promote import Entry, Promoted, promoted, written_section
from bot.plan.changelog.style import style_of
from bot.plan.fragments.collect import Collected, collected
from bot.plan.listed import listed
from bot.plan.model import Change, Discovery, FileEdit, Section
from bot.plan.repository import Repository
from bot.plan.request import Target

_MOST_NAMED = 4


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
        self._deleted: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.sections = tuple(section for target in targets if (section := self._section(target)) is not None)
        self.edits = (*(self._edit(path) for path in self._contents), *self._deletions())

    def _section(self, target: Target) -> Section | None:
        package = target.package
        changelog = read_of({**self._repository.tree, **self._contents}, self._discovery, package)
        if isinstance(changelog, Problem):
            self.problems.append(changelog)
            return None
        if changelog is None:
            if (why := package.sources.get("changelog", "none found")).partition(" ")[0] in self._repository.tree:
                self.warnings.append(f"{why}, so it is left alone; the notes are for the GitHub Release only.")
            body = self._draft((target,), Style())
            if self._merged((target,)) is None:
                self.warnings.append(_unknown((target,)))
            heading = f"[{target.new}] - {self._day:%Y-%m-%d}"
            return self._required(target, Section(package.key, target.new, heading, body, drafted=True))
        shared = self._shared(target, changelog)
        if shared is not None:
            return replace(shared, package=package.key, version=target.new)
        return self._written(target, changelog)

    def _shared(self, target: Target, changelog: Changelog) -> Section | None:
        """The section that another package's turn made for this one too."""
        found = changelog.release(target.new, names_of(target.package), str(target.package.registry))
        for path, other, section in self._made:
            own = other.package.key == target.package.key
            alike = other.tag == target.tag or (
                same_version(other.new, target.new)
                and (
                    other.source.place == target.source.place
                    or (found is not None and found.heading.text == section.heading)
                )
            )
            if path == changelog.path and (own or alike):
                return section
        return None

    def _written(self, target: Target, changelog: Changelog) -> Section | None:
        names, registry = names_of(target.package), str(target.package.registry)
        part = part_of(changelog, self._discovery, self._targets, target)
        like = changelog.of(names, registry)
        style = style_of(changelog, like)
        beside = tuple(title_of(other) for other in part.targets if other is not target)
        closing = self._credits(part.targets, style)
        entry = Entry(target.new, self._day, target.bump.tag, names, registry, beside, part.held, closing)
        waiting = self._collected(target, changelog)
        result = waiting or promoted(changelog, entry, self._draft(part.targets, style))
        if isinstance(result, Problem):
            self.problems.append(result)
            return None
        section = Section(target.package.key, target.new, result.heading, result.body, result.drafted)
        if result.existed:
            self._warn_about_leftovers(target, changelog, part)
        if result.drafted and self._merged(part.targets) is None:
            self.warnings.append(_unknown(part.targets))
        elif not result.drafted:
            self.warnings += not_mentioned(result.body, self._merged(part.targets) or (), part.targets[0].package)
        if result.content != changelog.encoded(changelog.lines):
            self._contents[changelog.path] = result.content
            why = f"fragments become {target.new}" if waiting else _why(part.targets, result)
            self._why.setdefault(changelog.path, []).append(why)
        self._made += ((changelog.path, other, section) for other in part.targets)
        return self._required(target, section)

    def _collected(self, target: Target, changelog: Changelog) -> Promoted | Problem | None:
        """The changelog with the fragments that wait, as their tool writes it; None where none do."""
        names, registry = names_of(target.package), str(target.package.registry)
        why = f"collected into {changelog.path}"
        tree = {path: content for path, content in self._repository.tree.items() if self._deleted.get(path) != why}
        alike = [other for other in self._targets if other.package.changelog == changelog.path]
        mine = [other.package for other in alike if other is not target and other.new == target.new]
        released = [other.package for other in self._targets]
        found = collected({**tree, **self._contents}, [target.package, *mine], released, target.new, self._day)
        if not isinstance(found, Collected):
            return found
        if written_section(changelog, target.new, names, registry) is not None:
            self.warnings.append(
                f"{changelog.path} has a section for {target.new} already, which is used as it is; "
                f"what waits for {found.tool} stays: {listed(found.deleted, most=_MOST_NAMED)}."
            )
            return None
        again = read_changelog(changelog.path, {changelog.path: found.content}, sorted(changelog.names))
        made = again.release(target.new, names, registry) if isinstance(again, Changelog) else None
        if not isinstance(again, Changelog) or made is None:
            what = f"what {found.tool} would write has no heading for {target.new} that is read as one"
            return Problem(changelog.path, what, f"Run {found.tool} by hand and merge that; then ask again.")
        self._deleted |= dict.fromkeys(found.deleted, why)
        return Promoted(found.content, made.heading.text, again.body(made.heading), drafted=False, existed=False)

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
        updates = dict.fromkeys(sentence for target in targets for sentence in self._updates(target, targets))
        draft = drafted(self._merged(targets), list(updates), style)
        closing = self._credits(targets, style)
        parted = "\n" if style.rst or not style.grouped else "\n\n"
        return f"{draft}{parted}{closing}" if closing else draft

    def _credits(self, targets: Sequence[Target], style: Style) -> str:
        return credited(self._merged(targets) or (), style) if self._discovery.policy.contributors else ""

    def _merged(self, targets: Sequence[Target]) -> list[Change] | None:
        """What was merged for the packages of one section, each change once; None where nobody knows."""
        known = [self._changes[target.package.key] for target in targets if target.package.key in self._changes]
        return list(dict.fromkeys(change for changes in known for change in changes)) if known else None

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

    def _warn_about_leftovers(self, target: Target, changelog: Changelog, part: Part) -> None:
        apart = {number for lines in part.held for number in lines}
        if changelog.unreleased is not None and not changelog.is_empty(changelog.unreleased, apart):
            self.warnings.append(
                f"{changelog.path} has a section for {target.new} already, which is used as it is; "
                "what stands under Unreleased stays there."
            )

    def _edit(self, path: str) -> FileEdit:
        whys = self._why[path]
        return FileEdit(path, self._repository.tree[path], self._contents[path], "; ".join(whys), tuple(whys))

    def _deletions(self) -> Iterator[FileEdit]:
        for path, why in self._deleted.items():
            yield FileEdit(path, self._repository.tree[path], None, why, ("deleted",))


def _why(targets: Sequence[Target], result: Promoted) -> str:
    versions = " and ".join(dict.fromkeys(target.new for target in targets))
    if result.drafted:
        return f"section {versions}, drafted from what was merged"
    if result.existed:
        return f"{versions} gets its day"
    return f"Unreleased becomes {versions}"


def _unknown(targets: Sequence[Target]) -> str:
    named = " and ".join(dict.fromkeys(target.package.name for target in targets))
    what = f"Nothing is known of what was merged for {named} since its last release"
    return f"{what}: write its section in the pull request."
