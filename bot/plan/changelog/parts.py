"""Which of the released packages one section of a changelog is about, and which lines are others'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.versions import same_version
from bot.plan.changelog.find import heading_names
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.changelog.promote import needs_draft, written_section
from bot.plan.changelog.shared import Title, held, is_parted, newest
from bot.plan.model import Discovery, Package
from bot.plan.request import Target


@dataclass(frozen=True, slots=True)
class Part:
    """The released packages that one section is about, and the lines under Unreleased that are other packages'."""

    targets: tuple[Target, ...]
    held: tuple[range, ...]


def read_of(tree: Mapping[str, bytes], discovery: Discovery, package: Package) -> Changelog | Problem | None:
    """A package's changelog as it is in a tree; None when it has none."""
    if package.changelog is None:
        return None
    if package.changelog not in tree:
        return Problem(package.changelog, "does not exist", "Create the file, or correct the configuration.")
    return read_changelog(package.changelog, tree, [known.name for known in discovery.packages])


def names_of(package: Package) -> tuple[str, ...]:
    """What a heading may call it: its name, and its tag's prefix."""
    return heading_names(package.name, package.tag)


def title_of(target: Target) -> Title:
    """What a heading says of a released package."""
    return Title(target.new, names_of(target.package), str(target.package.registry))


def part_of(changelog: Changelog, discovery: Discovery, targets: Sequence[Target], target: Target) -> Part:
    """Who shares the section of a target.

    Packages that the newest heading names together get one heading again; and so do packages whose text under
    Unreleased nobody parted, for it is about all of them and must not be drafted over for any.
    """
    path = target.package.changelog
    releasing = [other for other in targets if other.package.changelog == path]
    keys = {other.package.key for other in releasing}
    absent = [
        Title(package.version, names_of(package), str(package.registry))
        for package in discovery.packages
        if package.changelog == path and package.key not in keys
    ]
    titles = [title_of(other) for other in releasing]
    written = {other.package.key: _written_place(changelog, other) for other in releasing}
    unwritten = [other for other in releasing if written[other.package.key] == written[target.package.key]]
    joined = len({(release.name, release.registry) for release in newest(changelog, titles)}) > 1
    waiting = changelog.unreleased is not None and not changelog.is_empty(
        changelog.unreleased, {number for lines in held(changelog, titles, absent) for number in lines}
    )
    several = _count_apart(unwritten) and waiting and not is_parted(changelog, [*titles, *absent])
    together = tuple(unwritten) if joined or several else (target,)
    others = [title_of(other) for other in releasing if other not in together]
    return Part(together, held(changelog, [title_of(other) for other in together], [*absent, *others]))


def _count_apart(targets: Sequence[Target]) -> bool:
    """Whether targets get versions that are not one, however each registry spells it."""
    return any(not same_version(target.new, targets[0].new) for target in targets[1:])


def is_unwritten(changelog: Changelog, discovery: Discovery, targets: Sequence[Target], target: Target) -> bool:
    """Whether nobody has written what its section would say."""
    kept, package = part_of(changelog, discovery, targets, target).held, target.package
    return needs_draft(changelog, target.new, names_of(package), str(package.registry), kept)


def _written_place(changelog: Changelog, target: Target) -> int | None:
    """The line of the heading that a person wrote for a package; None without one."""
    found = written_section(changelog, target.new, names_of(target.package), str(target.package.registry))
    return found.heading.start if found else None
