"""Which changelog belongs to which package."""

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from bot.packaging.versions import same_version
from bot.plan.changelog.parse import Changelog, read_changelog
from bot.plan.changelog.retired import Retired, retired
from bot.plan.fragments.collect import changelog_of_fragments
from bot.plan.fragments.towncrier_settings import folders_with_settings
from bot.plan.paths import ancestors, is_changelog, parent
from bot.plan.repository import Repository, Source
from bot.plan.tags import canonical

_DOCS = re.compile(r"(?:(?P<folder>.+)/)?docs?(?:/(?:source|src|en|en/docs|about|project))?")
"""Folders of a package's documentation."""
_ORDER = ("changelog", "changes", "history", "releases", "release", "news")


def assign_changelogs(
    repository: Repository,
    sources: Sequence[Source],
    formats: Mapping[str, str],
    tagged: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, str | Retired]:
    """The changelog of each package, by package key, or why it is none; packages without one are absent. `tagged` are
    the versions of each that have a tag, newest first: the tree may say the next one already.

    A package's own folder comes first. A changelog further up is shared only by packages that move together, or when
    its headings name the package: two packages that count differently would write over each other in it.
    """
    by_folder = _by_folder(repository)
    nearest = {source.key: _nearest(source, by_folder) for source in sources}
    names = [source.name for source in sources]
    found: dict[str, str | Retired] = {}
    for source in sources:
        path = nearest[source.key]
        if path is None:
            continue
        sharing = [other for other in sources if nearest[other.key] == path]
        own = parent(path) == source.folder or by_folder.get(source.folder) == path
        residents = [other for other in sharing if by_folder.get(other.folder) == path]
        with_them = [other for other in sharing if _moves_with(other, source, formats)]
        if own or with_them == sharing or any(other in with_them for other in residents):
            found[source.key] = path
        elif isinstance(changelog := read_changelog(path, repository.tree, names), Changelog):
            versions = {source.version, *tagged.get(source.key, ())[:1]} - {None}
            if _is_about(changelog, source, formats[source.key], versions, resident=bool(residents)):
                found[source.key] = path
        if source.key in found:
            found[source.key] = _in_use(
                repository, path, source, formats[source.key], names, tagged.get(source.key, ())
            )
    return found


def _in_use(
    repository: Repository, path: str, source: Source, tag: str, names: Sequence[str], tagged: Sequence[str]
) -> str | Retired:
    """The changelog, unless nobody writes it any more."""
    changelog = read_changelog(path, repository.tree, names)
    why = retired(changelog, heading_names(source.name, tag), tagged) if isinstance(changelog, Changelog) else None
    return Retired(path, why) if why else path


def heading_names(name: str, tag: str) -> tuple[str, str]:
    """What a release heading may carry before the version of a package: its name, and its tag's prefix."""
    return name, tag.partition("{version}")[0]


def _moves_with(source: Source, other: Source, formats: Mapping[str, str]) -> bool:
    """Whether both always have one version: it stands in one place, or one tag releases both."""
    same = canonical(source.version or "") == canonical(other.version or "")
    return source.place == other.place or (same and formats[source.key] == formats[other.key])


def _is_about(
    changelog: Changelog, source: Source, tag: str, versions: Collection[str | None], *, resident: bool
) -> bool:
    names = {name.lower().strip("-_/@ ").removesuffix("-v") for name in heading_names(source.name, tag)} - {"", "v"}
    if any(release.name in names for release in changelog.releases):
        return True
    return not resident and any(
        not release.name and any(same_version(release.version, version or "") for version in versions)
        for release in changelog.releases
    )


def _nearest(source: Source, by_folder: Mapping[str, str]) -> str | None:
    folders = (source.folder, *ancestors(source.folder))
    return next((by_folder[folder] for folder in folders if folder in by_folder), None)


def _by_folder(repository: Repository) -> dict[str, str]:
    """The changelog of each folder; of several, the one with the likeliest name, and one in its docs last."""
    paths = [path for path in repository.paths if is_changelog(path) and not path.startswith(".github/")]
    found: dict[str, str] = {}
    in_docs = []
    for path in sorted(paths, key=lambda path: (_rank(path), path)):
        docs = _DOCS.fullmatch(parent(path))
        if docs is None:
            found.setdefault(parent(path), path)
        elif _has_releases(repository, path):
            in_docs.append((docs["folder"] or ".", path))
    for folder, path in in_docs:
        found.setdefault(folder, path)
    for folder in folders_with_settings(repository.tree):
        if collecting := changelog_of_fragments(repository.tree, folder):
            found[folder] = collecting
    return found


def _has_releases(repository: Repository, path: str) -> bool:
    """Whether it is one itself: the page of a documentation often only includes it."""
    changelog = read_changelog(path, repository.tree)
    return isinstance(changelog, Changelog) and bool(changelog.releases)


def _rank(path: str) -> int:
    name = path.rpartition("/")[2].lower()
    return next((rank for rank, stem in enumerate(_ORDER) if name.startswith(stem)), len(_ORDER))
