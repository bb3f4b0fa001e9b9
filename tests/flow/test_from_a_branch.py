"""A release from a maintenance branch: its own files and checks, the default branch's rules about who may."""

from bot.release.model import Phase
from tests.play import play

LINE = "release/0.4"
UNCHECKED = {".github/release.toml": "[release]\nrequired = []\n"}


async def with_a_line(on, config):
    """A branch where 0.4.0 is, and a main that is past it."""
    head = await on.world.head(on.repository)
    await on.world.push(on.repository, LINE, {"notes": "kept", **config}, "Keep 0.4", by="morgan")
    await on.world.push_tag(on.repository, "v0.6.0", head, by="morgan")
    await on.settle()


async def test_release_from_a_maintenance_branch_is_tagged_there_and_never_the_latest(tmp_path):
    async with play(tmp_path) as on:
        await with_a_line(on, UNCHECKED)
        latest = on.repository.latest_release
        await on.comment(f"/release tidewater 0.4.1 from {LINE}")
        assert on.pull_request.base == LINE, on.thread()
        merged = await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert (await on.tags())["v0.4.1"] == merged
        assert on.repository.latest_release == latest
        carried = on.pull_request
        assert (carried.base, carried.head) == ("main", "shipmate/carried/v0.4.1")
        git = on.world.git(on.repository)
        changelog = (await git.read_file(carried.head_sha, "CHANGELOG.md")).decode()
        assert changelog.index("## [0.4.1]") < changelog.index("## [0.4.0]")
        assert changelog.index("## [Unreleased]") < changelog.index("## [0.4.1]")
        assert f"#{carried.number} carries what changed" in on.thread()


async def test_a_branch_that_is_not_there_is_said(tmp_path):
    async with play(tmp_path) as on:
        await on.comment("/release tidewater 0.4.1 from release/9")
        assert "there is no such branch" in on.milestones()[-1], on.thread()


async def test_who_may_release_is_the_default_branch_s_word_and_what_must_be_green_the_line_s(tmp_path):
    async with play(tmp_path) as on:
        on.world.grant(on.repository, "passerby", "write")
        ours = {".github/release.toml": "[release]\npermission = 'write'\nrequired = []\n"}
        await with_a_line(on, ours)
        await on.comment(f"/release tidewater 0.4.1 from {LINE}", by="passerby")
        assert "maintain" in on.thread()
        assert on.pull_requests == []
