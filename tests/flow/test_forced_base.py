"""A base branch that somebody forces elsewhere: what was taken off it is neither tagged nor brought back."""

import pytest

from bot.release.model import Phase
from bot.sandbox.git.objects import RefUpdate
from tests.play import EXAMPLE, play


async def force(on, commit):
    """Somebody forces the base branch to a commit."""
    await on.world.update_refs(on.repository, [RefUpdate("refs/heads/main", commit)], by="morgan")


async def merge_and_force_off(on):
    """Merge the pull request and force its merge commit off the base at once; the commit."""
    before = await on.world.head(on.repository)
    await on.world.merge(on.repository, on.pull_request.number, by="morgan")
    await force(on, before)
    await on.settle()
    return on.pull_request.merge_commit_sha


async def test_tree_says_so_a_merge_commit_off_base_by_force_is_not_tagged(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        merged = await merge_and_force_off(on)
        assert f"The merge commit {merged} is no longer on `main`" in on.milestones()[-1], on.thread()
        assert await on.tags() == {}
        await force(on, merged)
        await on.settle()
        assert await on.tags() == {"v0.5.0": merged, "py-v0.4.0": merged}
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_a_retry_moves_a_release_whose_merge_commit_was_forced_off_to_the_newest_commit(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        merged = await merge_and_force_off(on)
        git, person = on.world.git(on.repository), on.world.identity(on.world.user("morgan"))
        tree, before = await git.resolve_tree(merged) or "", await on.world.head(on.repository)
        again = await git.write_commit(
            tree, [before], "Release anew", author=person, committer=person, at=on.world.clock.now()
        )
        await force(on, again)
        await on.settle()
        assert await on.tags() == {}
        await on.comment("/release retry")
        assert await on.tags() == {"v0.5.0": again, "py-v0.4.0": again}, on.thread()


async def test_base_gone_after_the_merge_is_said_and_nothing_is_tagged(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.world.delete_branch(on.repository, "main", by="morgan")
        await on.settle()
        assert "The branch `main`, which is released from, is gone" in on.milestones()[-1], on.thread()
        assert await on.tags() == {}
        await on.comment("/release cancel")
        assert [release.phase for release in await on.releases()] == [Phase.CANCELLED]


@pytest.mark.parametrize("by_hand", [False, True], ids=["ours", "a person's"])
async def test_a_pull_request_does_not_bring_back_what_was_forced_off_its_base(tmp_path, by_hand):
    async with play(tmp_path) as on:
        kept = await on.world.head(on.repository)
        dropped = await on.world.push(on.repository, "main", {"NOTES": "a secret"}, "Notes", by="morgan")
        await on.world.webhooks.drain()
        await on.sandbox.actions.idle()
        await on.comment(EXAMPLE)
        git = on.world.git(on.repository)
        if by_hand:
            await on.world.push(on.repository, on.pull_request.head, {"MORE": "mine"}, "Mine", by="morgan")
        head = on.pull_request.head_sha
        assert await git.is_ancestor(dropped, head)
        await force(on, kept)
        await on.settle()
        if by_hand:
            assert on.pull_request.head_sha == head
            assert f"does not hold {dropped} any more" in on.milestones()[-1], on.thread()
        else:
            assert (await git.commit(on.pull_request.head_sha)).parents == (kept,)
            merged = await on.merge()
            assert await on.tags() == {"v0.5.0": merged, "py-v0.4.0": merged}
            assert not await git.is_ancestor(dropped, merged)
