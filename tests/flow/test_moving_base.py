"""What happens around an open pull request: its base moves, people push to its branch, retarget it, or tag by hand."""

import asyncio

import pytest

from bot.github import Writer
from bot.github.errors import Unavailable
from bot.release.model import Phase
from bot.sandbox.git.objects import RefUpdate
from tests.play import EXAMPLE, play

BRANCH = "shipmate/v0.5.0+py-v0.4.0"


async def text(on, path, rev):
    return (await on.world.git(on.repository).read_file(rev, path)).decode()


async def add_entry(on, line="- A tide table."):
    """Somebody merges a changelog entry into the base branch."""
    log = await text(on, "CHANGELOG.md", "refs/heads/main")
    new = log.replace("## [Unreleased]\n", f"## [Unreleased]\n\n### Fixed\n\n{line}\n", 1)
    return await on.world.push(on.repository, "main", {"CHANGELOG.md": new}, "Note it", by="morgan")


async def phases(on):
    return [release.phase for release in await on.releases()]


async def test_base_moved_with_newly_merged_entries_has_the_pull_request_follow(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        base = await add_entry(on)
        await on.settle()
        commit = await on.world.git(on.repository).commit(f"refs/heads/{BRANCH}")
        assert commit.parents == (base,)
        assert "A tide table." in (await text(on, "CHANGELOG.md", commit.sha)).partition("## [0.5.0]")[2]
        assert "A tide table." in on.repository.issues[on.pull_request.number].body
        assert await on.world.git(on.repository).refs(f"refs/heads/{BRANCH}-next") == {}
        merged = await on.merge()
        assert await on.tags() == {"v0.5.0": merged, "py-v0.4.0": merged}
        assert len(on.pull_requests) == 1


async def crash_before_ours_is_replaced(on, monkeypatch):
    """The base moves, a commit for it is made, and each try to put it in the place of ours fails."""
    made = asyncio.Event()

    async def crash(self, *args, **more):
        made.set()
        raise Unavailable("pulled the plug")

    monkeypatch.setattr(Writer, "follow_base", crash)
    await add_entry(on)
    await made.wait()


@pytest.mark.parametrize("end", ["cancelled", "closed"])
async def test_once_a_commit_that_was_to_take_the_place_of_ours_leaves_no_branch_behind(tmp_path, monkeypatch, end):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await crash_before_ours_is_replaced(on, monkeypatch)
        assert await on.world.git(on.repository).refs(f"refs/heads/{BRANCH}-next")
        if end == "closed":
            await on.world.close_pull_request(on.repository, on.pull_request.number, by="morgan")
        else:
            await on.comment("/release cancel", settle=False)
        await on.settle()
        assert await on.world.git(on.repository).refs(f"refs/heads/{BRANCH}-next") == {}, on.thread()


async def test_a_base_that_moved_elsewhere_leaves_the_pull_request_alone(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        head = on.pull_request.head_sha
        await on.world.push(on.repository, "main", {"NOTES": "more"}, "Notes", by="morgan")
        await on.settle()
        assert on.pull_request.head_sha == head


async def test_once_a_persons_commit_on_the_release_branch_stays_and_is_released(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        mine = await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        await add_entry(on)
        await on.settle()
        assert on.pull_request.head_sha == mine
        assert "commits that are not mine" in on.milestones()[-1], on.thread()
        await on.comment("/release cancel")
        assert "left alone" in on.milestones()[-1]
        assert await on.world.head(on.repository, BRANCH) == mine


async def test_a_release_branch_into_which_a_person_merges_the_base_is_in_review_again(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        mine = await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        base = await add_entry(on)
        await on.settle()
        assert "Blocked" in on.status()
        git, person = on.world.git(on.repository), on.world.identity(on.world.user("morgan"))
        tree = await git.resolve_tree(mine) or ""
        merge = await git.write_commit(
            tree, [mine, base], "Merge main", author=person, committer=person, at=on.world.clock.now()
        )
        await on.world.update_refs(on.repository, [RefUpdate(f"refs/heads/{BRANCH}", merge)], by="morgan")
        await on.settle()
        assert "Blocked" not in on.status(), on.thread()
        merged = await on.merge()
        assert await on.tags() == {"v0.5.0": merged, "py-v0.4.0": merged}, on.thread()


async def test_plan_stale_by_a_newer_version_tagged_by_hand_is_said_before_the_merge(tmp_path):
    async with play(tmp_path) as on:
        await on.comment("/release tidewater 0.5.0")
        toml = (await text(on, "Cargo.toml", "refs/heads/main")).replace("0.4.0", "0.6.0", 1)
        bumped = await on.world.push(on.repository, "main", {"Cargo.toml": toml}, "Bump", by="morgan")
        await on.world.push_tag(on.repository, "v0.6.0", bumped, by="morgan")
        await on.settle()
        assert "cannot be planned on its newest commit" in on.milestones()[-1], on.thread()


async def test_a_tag_elsewhere_pushed_by_hand_is_said_before_the_merge(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.push_tag(on.repository, "v0.5.0", await on.world.head(on.repository), by="morgan")
        await on.settle()
        assert "Tags are never moved" in on.milestones()[-1], on.thread()


async def test_closed_by_a_deleted_release_branch_ends_the_release(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.delete_branch(on.repository, BRANCH, by="morgan")
        await on.settle()
        assert await phases(on) == [Phase.CANCELLED]
        assert "closed without being merged" in on.milestones()[-1]


async def test_a_configured_commit_message_and_title_are_the_release_s_own_until_it_ends(tmp_path):
    async with play(tmp_path) as on:
        config = '[release]\ncommit-message = "chore: release {versions}"\npull-request-title = "Release {tags}"\n'
        await on.world.push(on.repository, "main", {".github/release.toml": config}, "Configure", by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        assert on.repository.issues[on.pull_request.number].title == "Release v0.5.0 + py-v0.4.0"
        await on.world.push(on.repository, "main", {".github/release.toml": ""}, "Configure no more", by="morgan")
        await on.settle()
        base = await add_entry(on)
        await on.settle()
        commit = await on.world.git(on.repository).commit(f"refs/heads/{BRANCH}")
        assert (commit.headline, commit.parents) == ("chore: release 0.5.0 + 0.4.0", (base,)), on.thread()
        await on.comment("/release cancel")
        assert await on.world.git(on.repository).refs(f"refs/heads/{BRANCH}") == {}
