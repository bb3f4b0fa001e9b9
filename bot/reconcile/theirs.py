"""What people put on the release branch: it is theirs to change, and everybody is told of it before the tags."""

from dataclasses import replace

from bot.github import Reader
from bot.github.errors import NotFound
from bot.github.facts import CommitAt
from bot.release.facts import Facts
from bot.release.model import Release
from bot.release.records import Theirs
from bot.workflows.files import is_workflow

MOST_COMMITS = 20
"""Commits that are looked through; a person who merges the base brings many."""


async def with_theirs(reader: Reader, release: Release, facts: Facts) -> Facts:
    """The facts with the commits that are not ours, where the branch ends in another commit than was looked at last.

    Of a release that was taken up with a person's commit on it nobody knows which was ours.
    """
    pull, known, ours = facts.snapshot.pull_request, release.review.theirs, release.review.ours
    if pull is None or not ours or (known is not None and known.head == pull.head):
        return facts
    if pull.head in ours:
        return replace(facts, theirs=Theirs(pull.head)) if known is not None else facts
    commits, more = _not_ours(
        await reader.history(pull.head, MOST_COMMITS), pull.head, {*ours, release.plan.base_commit}
    )
    paths = await _changed(reader, ours[-1], pull.head) if all(len(each.parents) == 1 for each in commits) else ()
    told = tuple(f"{each.oid[:10]} {each.headline}" for each in commits)
    return replace(facts, theirs=Theirs(pull.head, told, paths, more))


def _not_ours(history: tuple[CommitAt, ...], head: str, known: set[str]) -> tuple[list[CommitAt], bool]:
    """The commits of the branch's own line down to one that is known, and whether that was not reached."""
    commits, found, at = {each.oid: each for each in history}, [], head
    while at not in known and at in commits:
        found.append(commits[at])
        at = next(iter(commits[at].parents), "")
    return found, at not in known


async def _changed(reader: Reader, before: str, after: str) -> tuple[str, ...]:
    """Nothing where our commit was pushed away and GitHub has forgotten it."""
    try:
        paths = await reader.changed(before, after)
    except NotFound:
        return ()
    return tuple(sorted(paths, key=lambda path: (not is_workflow(path), path)))
