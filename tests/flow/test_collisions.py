"""People, releases and commands that get in each other's way."""

import pytest

from bot.release.model import Phase
from tests.play import EXAMPLE, play


async def asked_on_two_threads(on):
    """The same release asked for on two issues before the bot looked at either; the issues."""
    issues = [await on.world.open_issue(on.repository, title, "", by="morgan") for title in ("One", "Two")]
    for issue in issues:
        await on.world.comment(on.repository, issue.number, EXAMPLE, by="morgan")
    await on.settle()
    return issues


async def test_of_two_requests_for_one_package_at_once_the_second_is_refused(tmp_path):
    async with play(tmp_path) as on:
        first, second = await asked_on_two_threads(on)
        phases = {release.request.issue: release.phase for release in await on.releases()}
        assert phases == {first.number: Phase.PROPOSED, second.number: Phase.REFUSED}
        assert f"under way on #{first.number}" in second.comments[-1].body.replace("\\", "")


async def test_a_release_stopped_by_somebody_elses_tag_can_be_cancelled(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.push_tag(on.repository, "v0.5.0", await on.world.head(on.repository), by="morgan")
        await on.merge()
        assert "Tags are never moved" in on.milestones()[-1]
        await on.comment("/release cancel")
        assert [release.phase for release in await on.releases()] == [Phase.CANCELLED]


async def test_a_tag_deleted_by_hand_is_pushed_again_by_a_retry(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        commit = await on.merge()
        on.sandbox.actions.scenario.failures.clear()
        await on.world.delete_tag(on.repository, "v0.5.0", by="morgan")
        await on.settle()
        await on.comment("/release retry")
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_somebody_who_may_can_take_over_from_one_who_may_no_longer(tmp_path):
    async with play(tmp_path) as on:
        on.world.grant(on.repository, "robin", "maintain")
        await on.comment(EXAMPLE, by="robin")
        on.world.grant(on.repository, "robin", "read")
        commit = await on.merge()
        assert "may no longer release" in on.milestones()[-1]
        await on.comment("/release retry")
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}


async def test_the_next_version_can_be_released_when_a_tagged_one_is_stuck(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        on.sandbox.actions.scenario.failures.clear()
        await on.comment("/release tidewater 0.5.1")
        assert "another issue" in on.milestones()[-1]
        on.issue = None
        await on.comment("/release tidewater 0.5.1")
        commit = await on.merge()
        assert (await on.tags())["v0.5.1"] == commit
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED, Phase.TAGGED], on.thread()


async def test_two_packages_asked_for_at_once_are_released_beside_each_other(tmp_path):
    async with play(tmp_path) as on:
        commands = {"Crate": "/release tidewater 0.5.0", "Wheels": "/release tidewater-py 0.4.0"}
        for title, command in commands.items():
            issue = await on.world.open_issue(on.repository, title, "", by="morgan")
            await on.world.comment(on.repository, issue.number, command, by="morgan")
        await on.settle()
        for pull in list(on.pull_requests):
            await on.world.merge(on.repository, pull.number, by="morgan")
            await on.settle()
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED] * 2, on.thread()
        assert (await on.tags()).keys() == {"v0.5.0", "py-v0.4.0"}


@pytest.mark.parametrize("first", ["cancel", "merge"])
async def test_a_cancel_and_a_merge_at_once_end_in_one_of_the_two_and_never_in_both(tmp_path, first):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        if first == "cancel":
            await on.comment("/release cancel", settle=False)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        if first == "merge":
            await on.comment("/release cancel", settle=False)
        await on.settle()
        phase = (await on.releases())[0].phase
        assert phase in (Phase.CANCELLED, Phase.RELEASED), on.thread()
        assert (await on.tags() == {}) is (phase is Phase.CANCELLED)
        assert ("Nothing was tagged" in on.milestones()[-1]) is (phase is Phase.CANCELLED)


async def test_a_retry_beside_a_run_that_somebody_started_again_by_hand_does_no_harm(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        on.sandbox.actions.scenario.failures.clear()
        failed = next(run for run in on.repository.runs.values() if run.conclusion == "failure")
        for listener in on.world.on_rerun:
            await listener(on.repository, failed, on.world.user("morgan"))
        await on.comment("/release retry")
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert sum("🎉" in body for body in on.said()) == 1


async def test_tags_that_a_person_pushed_first_to_the_right_commit_are_those_of_the_release(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        commit = on.pull_request.merge_commit_sha or ""
        await on.world.push_tag(on.repository, "v0.5.0", commit, by="morgan")
        await on.settle()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_no_silence_a_cancel_that_a_tag_pushed_by_hand_overtakes_is_told_so(tmp_path):
    async with play(tmp_path, "ci") as on:
        await on.comment("/release tidewater 0.5.0")
        commit = await on.merge()
        await on.world.push_tag(on.repository, "v0.5.0", commit, by="morgan")
        await on.comment("/release cancel")
        assert [release.phase for release in await on.releases()] == [Phase.MERGED], on.thread()
        assert "comes too late" in on.milestones()[-1]
        assert not any("Nothing was tagged" in body for body in on.said())
