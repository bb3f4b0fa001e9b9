"""What a commit's changelogs say about the released versions: the notes that people see, as they were merged."""

from collections.abc import Mapping

from bot.plan.changelog.find import heading_names
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.discovery import discover
from bot.plan.model import Tree


def notes(tree: Tree, versions: Mapping[str, str]) -> Mapping[str, str]:
    """The Markdown below each version's heading, by package key; nothing for a package whose changelog has none."""
    found = {}
    packages = discover(tree).packages
    known = [package.name for package in packages]
    for package in packages:
        version = versions.get(package.key)
        if version is None or package.changelog is None:
            continue
        names = heading_names(package.name, package.tag)
        changelog = read_changelog(package.changelog, tree, [*known, *names])
        if isinstance(changelog, Changelog) and (release := changelog.release(version, names, str(package.registry))):
            found[package.key] = changelog.body(release.heading)
    return found
