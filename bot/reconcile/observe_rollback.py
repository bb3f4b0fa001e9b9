"""The facts of a rollback: the runs first, then the registries, so that what a run published until it ended is seen."""

import asyncio
from dataclasses import replace

from bot.github import Reader
from bot.github.errors import NotFound
from bot.plan.changelog.yanked import marked_as_yanked
from bot.reconcile.planning import read_tree
from bot.reconcile.publishing import runs_of
from bot.reconcile.snapshot import snapshot_of
from bot.registries import Registries
from bot.release.facts import ChangelogEdits, Facts
from bot.release.model import Release
from bot.release.rollback.ladder import on_registry, wants_marks
from bot.release.rollback.model import OnRegistry


async def look_back(reader: Reader, registries: Registries, release: Release, facts: Facts) -> Facts:
    """Everything that deciding about a rollback takes, read now and kept from no earlier look."""
    tags = tuple(package.tag for package in release.packages)
    authority = await reader.permission(release.on_behalf_of) if release.on_behalf_of else None
    runs = await runs_of(reader, release, facts)
    facts = replace(
        facts,
        authority=authority,
        checks=runs,
        snapshot=await snapshot_of(reader, release),
        releases=await reader.all_releases(tags),
        registries={package.key: await registries.look(package) for package in release.packages},
        can_yank=registries.can_yank,
    )
    return replace(facts, marks=await _marks(reader, release, facts)) if wants_marks(release, facts) else facts


async def _marks(reader: Reader, release: Release, facts: Facts) -> ChangelogEdits | None:
    """The changelogs on the newest commit of the base branch; None when there is no such branch any more."""
    yanked = {
        package.key: package.new
        for package in release.packages
        if package.key in (release.rollback.packages if release.rollback else ())
        and on_registry(package, facts) is OnRegistry.YANKED
    }
    try:
        base = await reader.base(release.plan.base)
    except NotFound:
        return None
    tree = await read_tree(reader, base.branch.head)
    return ChangelogEdits(base.branch.name, base.branch.head, await asyncio.to_thread(marked_as_yanked, tree, yanked))
