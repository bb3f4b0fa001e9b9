"""A whole release, from the comment to the verified registries, with everything real but the far ends."""

import pytest

from bot.release.model import Phase
from tests.play import EXAMPLE, play


async def test_a_release_goes_from_the_comment_to_the_github_releases(tmp_path):
    async with play(tmp_path) as on:
        asked = await on.comment(EXAMPLE)
        assert on.reactions(asked) == {"eyes", "+1"}
        commit = await on.merge()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        assert {release.tag for release in on.repository.releases.values()} >= {"v0.5.0", "py-v0.4.0"}
        assert "Released" in on.status()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED]


async def test_each_milestone_is_said_once_and_the_status_comment_is_edited(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        heads = [body.partition("\n")[0] for body in on.milestones()]
        assert [head.partition(" ")[0] for head in heads] == ["📦", "🏷️", "🔎", "🎉"], on.thread()
        assert sum(" status -->" in body for body in on.said()) == 1


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
async def test_every_way_of_merging_is_followed_to_the_commit_on_the_base_branch(tmp_path, method):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        commit = await on.merge(method=method)
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}


async def test_ci_red_on_the_merge_commit_is_never_tagged(tmp_path):
    async with play(tmp_path, "ci") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        assert await on.tags() == {}
        assert "CI failed on the merge commit" in on.milestones()[-1]
        assert "Blocked" in on.status()


async def test_a_fix_on_main_and_a_retry_release_the_newest_commit(tmp_path):
    async with play(tmp_path, "ci") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        on.sandbox.actions.scenario.failures.clear()
        fix = await on.world.push(on.repository, "main", {"NOTES": "mended"}, "Mend", by="morgan")
        await on.settle()
        await on.comment("/release retry")
        assert await on.tags() == {"v0.5.0": fix, "py-v0.4.0": fix}


async def test_publish_failed_names_the_job_and_a_retry_finishes_the_release(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        assert "A publish workflow failed" in on.milestones()[-1]
        on.sandbox.actions.scenario.failures.clear()
        await on.comment("/release retry")
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_incomplete_names_a_missing_wheel_and_the_release_does_not_end_as_released(tmp_path):
    async with play(tmp_path, "wheel=linux-aarch64") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        assert "linux-aarch64" in on.milestones()[-1]
        assert "❌" in on.milestones()[-1]
        assert [release.phase for release in await on.releases()] == [Phase.PUBLISHED]
        assert on.repository.releases.keys() == set(before_releases(on))


def before_releases(on):
    return [number for number, release in on.repository.releases.items() if release.tag not in ("v0.5.0", "py-v0.4.0")]
