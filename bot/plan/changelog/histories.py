"""For which packages a plan asks what was merged since their last release, and what of it is theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.plan.changelog.drafting.mentions import names_numbers
from bot.plan.changelog.drafting.scope import scope_of, together
from bot.plan.changelog.parse import Changelog
from bot.plan.changelog.parts import is_unwritten, names_of, read_of
from bot.plan.model import Discovery, Package
from bot.plan.repository import Repository, Source
from bot.plan.request import Target

MOST_UNTAGGED = 60
"""Changes; where no tag says since when, more than that is the history of years and drafts nothing."""
_LIKE = 3
"""Sections that show whether a changelog names pull requests."""


@dataclass(frozen=True)
class History:
    """One question: what was merged for these packages, whose section is one?"""

    packages: tuple[Package, ...]
    new: str
    """The version that is released: a final one tells what its prereleases told, too."""
    covers: Callable[[str], bool]
    """Whether a file is theirs."""


def histories(
    repository: Repository, discovery: Discovery, released: Mapping[str, Source], targets: Sequence[Target]
) -> tuple[History, ...]:
    """The questions: for sections that nobody has written, and for written ones that name pull requests by number."""
    groups: dict[tuple[object, ...], list[Target]] = {}
    for target in targets:
        changelog = read_of(repository.tree, discovery, target.package)
        like = changelog.of(names_of(target.package))[:1] if isinstance(changelog, Changelog) else ()
        alike = tuple((release.name, release.registry) for release in like) if changelog else target.source.place
        shares = sum(other.tag == target.tag for other in targets) > 1  # then one section tells of all
        key = target.package.changelog, target.new, target.tag if shares else alike
        groups.setdefault(key if changelog or target.source.place else (target.package.key,), []).append(target)
    return tuple(
        History(
            tuple(target.package for target in group),
            group[0].new,
            together([scope_of(repository, released, target.package) for target in group]),
        )
        for group in groups.values()
        if _is_needed(repository, discovery, targets, group[0])
    )


def _is_needed(repository: Repository, discovery: Discovery, targets: Sequence[Target], target: Target) -> bool:
    changelog = read_of(repository.tree, discovery, target.package)
    if not isinstance(changelog, Changelog):
        return changelog is None
    if discovery.policy.contributors or is_unwritten(changelog, discovery, targets, target):
        return True
    said = [changelog.body(release.heading) for release in changelog.of(names_of(target.package))[:_LIKE]]
    if changelog.unreleased is not None:
        said.append(changelog.body(changelog.unreleased))
    return any(names_numbers(text) for text in said)
