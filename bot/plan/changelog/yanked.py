"""Marking yanked versions in changelogs, as Keep a Changelog writes them: `## [0.5.0] - 2026-04-04 [YANKED]`."""

import re
from collections.abc import Mapping

from bot.plan.changelog.find import heading_names
from bot.plan.changelog.parse import Changelog, Release, read_changelog
from bot.plan.discovery import discover
from bot.plan.model import Tree

MARK = "[YANKED]"
_MARKED = re.compile(r"\[yanked\]", re.IGNORECASE)


def marked_as_yanked(tree: Tree, versions: Mapping[str, str]) -> Mapping[str, bytes]:
    """The changelogs that have to change, by path, for those versions (by package key) to be marked as yanked.

    A version without a heading of its own is left out: so is one that is marked already, and one that shares its
    heading with a version that is not yanked.
    """
    found: dict[str, bytes] = {}
    packages = discover(tree).packages
    known = [package.name for package in packages]
    for path in dict.fromkeys(package.changelog for package in packages if package.changelog):
        mine = [package for package in packages if package.changelog == path]
        names = [name for package in mine for name in heading_names(package.name, package.tag)]
        changelog = read_changelog(path, tree, [*known, *names])
        if not isinstance(changelog, Changelog):
            continue
        yanked = [
            changelog.release(versions[package.key], heading_names(package.name, package.tag), str(package.registry))
            for package in mine
            if package.key in versions
        ]
        content = with_marks(changelog, [release for release in yanked if release is not None])
        if content != tree[path]:
            found[path] = content
    return found


def with_marks(changelog: Changelog, yanked: list[Release]) -> bytes:
    """The changelog with the headings of these releases marked; every other byte as it was."""
    lines = list(changelog.lines)
    for release in yanked:
        heading = release.heading
        beside = [other for other in changelog.releases if other.heading == heading]
        if _MARKED.search(heading.text) or any(other not in yanked for other in beside):
            continue
        lead, text, rest = lines[heading.start].partition(heading.text)
        if text and MARK not in rest:
            lines[heading.start] = f"{lead}{text} {MARK}{rest}"
    return changelog.encoded(lines)
