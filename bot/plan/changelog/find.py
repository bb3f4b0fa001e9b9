"""Which changelog belongs to which package."""

from collections.abc import Mapping, Sequence

from bot.packaging.versions import same_version
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.paths import ancestors, is_changelog, parent
from bot.plan.repository import Repository, Source

_ORDER = ("changelog", "changes", "history", "releases", "release", "news")


def assign_changelogs(
    repository: Repository,
    sources: Sequence[Source],
    formats: Mapping[str, str],
    releases: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """The changelog of each package, by package key; packages without one are absent.

    A package's own folder comes first. A changelog further up is shared only by packages of one version, or when its
    headings name the package: two packages that count differently would write over each other in it. Whether it tells
    of a package is seen by the version in its files, or by its newest release where that is still to be released.
    """
    by_folder = _by_folder(repository)
    nearest = {source.key: _nearest(source, by_folder) for source in sources}
    names = [source.name for source in sources]
    found = {}
    for source in sources:
        path = nearest[source.key]
        if path is None:
            continue
        sharing = [other for other in sources if nearest[other.key] == path]
        own = parent(path) == source.folder
        if own or all(other.place == source.place for other in sharing):
            found[source.key] = path
        elif isinstance(changelog := read_changelog(path, repository.tree, names), Changelog):
            resident = any(parent(path) == other.folder for other in sharing)
            versions = [source.version or "", *releases[source.key][:1]]
            if _is_about(changelog, source, formats[source.key], versions, resident=resident):
                found[source.key] = path
    return found


def heading_names(name: str, tag: str) -> tuple[str, str]:
    """What a release heading may carry before the version of a package: its name, and its tag's prefix."""
    return name, tag.partition("{version}")[0]


def _is_about(changelog: Changelog, source: Source, tag: str, versions: Sequence[str], *, resident: bool) -> bool:
    names = {name.lower().strip("-_/@ ").removesuffix("-v") for name in heading_names(source.name, tag)} - {"", "v"}
    if any(release.name in names for release in changelog.releases):
        return True
    return not resident and any(
        not release.name and any(same_version(release.version, version) for version in versions)
        for release in changelog.releases
    )


def _nearest(source: Source, by_folder: Mapping[str, str]) -> str | None:
    folders = (source.folder, *ancestors(source.folder))
    return next((by_folder[folder] for folder in folders if folder in by_folder), None)


def _by_folder(repository: Repository) -> dict[str, str]:
    """The changelog of each folder; of several, the one with the likeliest name."""
    paths = [path for path in repository.paths if is_changelog(path) and not path.startswith(".github/")]
    found: dict[str, str] = {}
    for path in sorted(paths, key=lambda path: (_rank(path), path)):
        found.setdefault(parent(path), path)
    return found


def _rank(path: str) -> int:
    name = path.rpartition("/")[2].lower()
    return next((rank for rank, stem in enumerate(_ORDER) if name.startswith(stem)), len(_ORDER))
