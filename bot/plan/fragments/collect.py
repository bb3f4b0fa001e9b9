"""Fragments that wait for a release, whatever tool they are for: which files they are, and the changelog with them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.packaging.problem import Problem
from bot.plan.fragments import changesets
from bot.plan.fragments.towncrier import fragments_of, rendered, written
from bot.plan.fragments.towncrier_settings import Settings, folders_with_settings, settings_in
from bot.plan.model import Package, Tree
from bot.plan.paths import parent

_VERSION = "Run `npx changeset version`"


@dataclass(frozen=True, slots=True)
class Collected:
    """A changelog with what waited."""

    content: bytes
    deleted: tuple[str, ...]
    """The fragments, which are in it now."""
    tool: str


def further_paths(tree: Tree, paths: Iterable[str]) -> list[str]:
    """The paths, of all in a repository, that a configuration in the tree names as fragments or as their changelog.

    Which files these are is only known when the configuration was read.
    """
    found = [settings for folder in folders_with_settings(tree) if (settings := settings_in(tree, folder))]
    folders = {folder for settings in found for folder in settings.directories.values()}
    files = {settings.filename for settings in found}
    return [path for path in paths if path not in tree and (path in files or parent(path) in folders)]


def changelog_of_fragments(tree: Tree, folder: str) -> str | None:
    """The changelog that the configuration in a folder collects into; None without one, or before its first release."""
    settings = settings_in(tree, folder)
    return settings.filename if settings and settings.filename in tree else None


def collected(
    tree: Tree, packages: Sequence[Package], released: Sequence[Package], version: str, day: date
) -> Collected | Problem | None:
    """The changelog of packages that share it, with the fragments that wait for them; None where none do.

    `released` are all that this release is of. A Problem where only the tool can do it, with what to run.
    """
    return _of_towncrier(tree, packages[0], version, day) or _of_changesets(tree, packages, released, version, day)


def _of_towncrier(tree: Tree, package: Package, version: str, day: date) -> Collected | Problem | None:
    found = _waiting(tree, package)
    if found is None:
        return None
    settings, fragments = found
    if settings.beyond is not None:
        what = f"`{settings.beyond}` of [tool.towncrier] is its own, so what waits in {_counted(fragments)} is not read"
        fix = f"Run `towncrier build --version {version} --date {day.isoformat()}` and merge that; then ask again."
        return Problem(settings.path, what, fix)
    content = tree[settings.filename].decode("utf-8", "replace")
    made = written(content, settings, rendered(tree, settings, version, day))
    return Collected(made.encode(), fragments, "towncrier")


def _of_changesets(
    tree: Tree, packages: Sequence[Package], released: Sequence[Package], version: str, day: date
) -> Collected | Problem | None:
    names = tuple(dict.fromkeys(name for package in packages for name in changesets.names_of(tree, package)))
    every = changesets.changesets(tree) if changesets.is_used(tree) else []
    mine = [each for each in every if isinstance(each, Problem) or not each.types.keys().isdisjoint(names)]
    path = packages[0].changelog
    if not mine or path is None:
        return None
    tool, fix = ("knope", "Run `knope release`") if changesets.is_knope(tree) else ("changesets", _VERSION)
    known = {name for package in released for name in changesets.names_of(tree, package)}
    for each in mine:
        if isinstance(each, Problem):
            return each
        if others := [name for name in each.types if name not in known]:
            what = f"is about {', '.join(others)}, too, which this release is not of"
            return Problem(each.path, what, "Release them together, or split the file.")
        if odd := [kind for kind in each.types.values() if kind not in (*changesets.KINDS, "none")]:
            return Problem(each.path, f"has the type {odd[0]!r}, which is its own", f"{fix} and merge that first.")
    if why := changesets.beyond(tree):
        what = f"{why} is beyond what I render, and {len(mine)} {'file waits' if len(mine) == 1 else 'files wait'}"
        return Problem(changesets.CHANGESETS.rstrip("/"), what, f"{fix} and merge that; then ask again.")
    waiting = [each for each in mine if not isinstance(each, Problem)]
    content = tree.get(path, b"").decode("utf-8", "replace")
    made = changesets.collected(tree, waiting, names, content, version, day)
    return Collected(made.encode(), tuple(each.path for each in waiting), tool)


def _waiting(tree: Tree, package: Package) -> tuple[Settings, tuple[str, ...]] | None:
    """The configuration whose changelog is the package's, and its fragments, where there are any."""
    for settings in _all(tree):
        fragments = tuple(path for waiting in fragments_of(tree, settings).values() for path in waiting)
        if settings.filename == package.changelog and fragments:
            return settings, fragments
    return None


def _all(tree: Tree) -> Iterator[Settings]:
    for folder in folders_with_settings(tree):
        if settings := settings_in(tree, folder):
            yield settings


def _counted(fragments: tuple[str, ...]) -> str:
    return f"{parent(fragments[0])} ({len(fragments)} {'file' if len(fragments) == 1 else 'files'})"
