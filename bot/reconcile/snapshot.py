"""A release's branches, tags and pull request in a single request, and what people have put on its branch."""

import asyncio
from dataclasses import replace

from bot.github import Reader
from bot.github.errors import NotFound
from bot.github.facts import CommitAt, ReleaseSnapshot
from bot.plan import disagreements
from bot.reconcile.planning import read_tree
from bot.release.facts import Facts
from bot.release.model import Release
from bot.release.records import Theirs
from bot.workflows.files import is_workflow

MOST_COMMITS = 20
"""Commits that are looked through; a person who merges the base brings many."""


async def snapshot_of(reader: Reader, release: Release, *, with_checks: bool = False) -> ReleaseSnapshot:
    """The release's snapshot: whether the base holds its merge commit, before the merge the commit that it was planned
    from; `with_checks` of the merge commit, too, also where it is only found now.
    """
    merge_is_known = release.merge.commit is not None
    return await reader.snapshot(
        base=release.plan.base,
        held=release.merge.commit or release.plan.base_commit,
        branch=release.review.branch,
        pull_request=release.review.pull_request,
        tags=[package.tag for package in release.packages],
        with_checks=with_checks and merge_is_known,
        with_merged_checks=with_checks and not merge_is_known,
    )


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
    return replace(facts, theirs=Theirs(pull.head, told, paths, more, await _wrong(reader, release, pull.head)))


async def _wrong(reader: Reader, release: Release, head: str) -> tuple[str, ...]:
    versions = {package.key: package.new for package in release.packages}
    found = await asyncio.to_thread(disagreements, await read_tree(reader, head), versions)
    return tuple(f"{problem.where}: {problem.what}" for problem in found)


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
