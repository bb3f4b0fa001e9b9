"""Since when something is new: the tag of a package's last release."""

from collections.abc import Iterable

from bot.packaging.versions import is_prerelease, is_valid, newest, order
from bot.plan.model import Package


def last_tag(package: Package, tags: Iterable[str], new: str | None = None) -> str | None:
    """The tag of the package's current version, else of the newest version before it that has one.

    With the version that is released next: for a final one prereleases do not count, unless there are only such.
    None when no tag of the package's format is there: then nobody can say what was merged since its last release.
    """
    prefix, _, suffix = package.tag.partition("{version}")
    versions = [
        tag[len(prefix) : len(tag) - len(suffix)]
        for tag in tags
        if tag.startswith(prefix) and tag.endswith(suffix) and len(tag) > len(prefix) + len(suffix)
    ]
    scheme = package.registry.scheme
    earlier = [v for v in versions if is_valid(scheme, v) and order(scheme, v, package.version) <= 0]
    finals = [version for version in earlier if not is_prerelease(version)]
    if new is not None and not is_prerelease(new):
        earlier = finals or earlier
    return package.tag_for(newest(scheme, earlier)) if earlier else None
