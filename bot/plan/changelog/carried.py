"""The section of a maintenance release, carried to the changelog of the default branch. Pure."""

from collections.abc import Iterator, Mapping

from bot.packaging.registry import Scheme
from bot.packaging.versions import is_valid, order
from bot.plan.changelog.find import heading_names
from bot.plan.changelog.parse import Changelog, LinkReference, Release, read_changelog
from bot.plan.discovery import discover
from bot.plan.model import Package, Tree


def carried(line: Tree, default: Tree, versions: Mapping[str, str]) -> Mapping[str, bytes]:
    """The default branch's changelogs that have to change, by path, to tell of what was released from a line.

    `versions` are by package key. A section stands before the first of an earlier version of the package. A changelog
    that the default branch does not have, or that tells of the version already, is left alone.
    """
    found = dict(default)
    for package in discover(line).packages:
        path = package.changelog
        if package.key not in versions or path is None or path not in found:
            continue
        names = heading_names(package.name, package.tag)
        there, here = read_changelog(path, line, names), read_changelog(path, found, names)
        if isinstance(there, Changelog) and isinstance(here, Changelog):
            found[path] = _with_section(there, here, package, versions[package.key])
    return {path: content for path, content in found.items() if content != default[path]}


def _with_section(there: Changelog, here: Changelog, package: Package, version: str) -> bytes:
    names, registry = heading_names(package.name, package.tag), str(package.registry)
    section = there.release(version, names, registry)
    if section is None or here.release(version, names, registry) is not None:
        return here.encoded(here.lines)
    scheme = package.registry.scheme
    following = next(_earlier(here.of(names, registry), scheme, version), None)
    at = following.heading.top if following else here.end_of_text
    written = _lines(there, section, here.newline)
    lines = [*here.lines[:at], *([] if following else [here.newline]), *written, *here.lines[at:]]
    return here.encoded(_with_link(there, here, section, following, lines, len(lines) - len(here.lines)))


def _earlier(releases: tuple[Release, ...], scheme: Scheme, version: str) -> Iterator[Release]:
    known = (release for release in releases if is_valid(scheme, release.version))
    return (release for release in known if order(scheme, release.version, version) < 0)


def _lines(there: Changelog, section: Release, newline: str) -> list[str]:
    references = {reference.line for reference in there.references}
    numbers = range(section.heading.top, there.end_of(section.heading))
    text = "".join(there.lines[number] for number in numbers if number not in references).rstrip()
    return [f"{line}{newline}" for line in (*text.splitlines(), "")]


def _with_link(
    there: Changelog, here: Changelog, section: Release, following: Release | None, lines: list[str], added: int
) -> list[str]:
    """With the line that says where the heading's link leads, where there is one."""
    link, before = _link(there, section), _link(here, following) if following else None
    if link is None:
        return lines
    text = f"{link.lead}{link.url}{here.newline}"
    at = before.line + added if before else len(lines)
    return [*lines[:at], text, *lines[at:]]


def _link(changelog: Changelog, release: Release) -> LinkReference | None:
    labels = {release.label.lower(), release.version.lower()}
    return next((each for each in changelog.references if each.label.lower() in labels), None)
