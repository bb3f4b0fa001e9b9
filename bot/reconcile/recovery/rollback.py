"""Taking up a rollback whose store was lost, by what our own App said of it: the keys of its comments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.github import Reader
from bot.github.errors import Gone, NotFound
from bot.ledger import Key, RollbackBegun, TagsPushed, Undone
from bot.release.model import Release
from bot.release.rollback.ladder import begin
from bot.release.rollback.model import Rollback


@dataclass(frozen=True, slots=True)
class Begun:
    """A rollback that was told of and has not ended."""

    comment: int
    packages: frozenset[int]
    """Their places in the release."""
    by: str
    """Empty when the comment is gone: then nobody has asked, and somebody has to take over."""
    at: datetime | None


async def rollback_under_way(reader: Reader, keys: Sequence[Key]) -> Begun | None:
    """The newest rollback among what was said of a release, unless its end was said too."""
    told = [key for key in keys if isinstance(key, RollbackBegun)]
    open_ones = [begun for begun in told if Undone(begun.comment) not in keys]
    if not open_ones:
        return None
    newest = max(open_ones, key=lambda begun: begun.comment)
    comment, packages = newest.comment, frozenset(newest.packages)
    try:
        asked = await reader.comment(comment)
    except (NotFound, Gone):
        return Begun(comment, packages, "", None)
    return Begun(comment, packages, asked.author, asked.created_at)


def on_its_way_back(release: Release, begun: Begun) -> Release:
    """The release as the rollback left it; looking finds out how far it got."""
    last = release.timeline[-1][1]
    keys = tuple(package.key for at, package in enumerate(release.packages) if at in begun.packages)
    rollback = Rollback(begun.by, begun.comment, begun.at or last, keys, begun=True)
    return begin(
        replace(release, publishing=replace(release.publishing, tagged_at=release.publishing.tagged_at or last)),
        rollback,
    )


def pushed_tags(release: Release, keys: Iterable[TagsPushed]) -> tuple[str, ...]:
    """The tags that this release pushed by its own word; not those of a stage of which a person had pushed one."""
    stages = {key.stage for key in keys if not key.found}
    return tuple(
        dict.fromkeys(package.tag for at, stage in enumerate(release.stages) for package in stage if at in stages)
    )
