"""Where nobody can be told: locked and deleted issues, an App that was kept out, a repository that was renamed."""

from bot.release.model import Phase
from tests.play import EXAMPLE, play


async def phases(on):
    return [release.phase for release in await on.releases()]


def said_on_the_pull_request(on):
    thread = on.repository.issues[on.pull_request.number]
    return [comment.body for comment in thread.comments if comment.app_id is not None]


async def until_away(on):
    async def away():
        (release,) = await on.releases()
        return release.away_since is not None

    await on.until(away)


async def test_a_locked_issue_does_not_stop_a_release_which_is_told_on_the_pull_request(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.lock_issue(on.repository, on.issue.number)
        await on.merge()
        assert await phases(on) == [Phase.RELEASED]
        said = said_on_the_pull_request(on)
        assert [body.partition("\n\n")[2][0] for body in said] == ["🏷", "🔎", "🎉"]
        assert all("so I speak here" in body for body in said)


async def test_a_deleted_issue_does_not_stop_a_release_which_is_told_on_the_pull_request(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.repository.issues.pop(on.issue.number)
        await on.merge()
        assert await phases(on) == [Phase.RELEASED]
        assert any("🎉" in body for body in said_on_the_pull_request(on))


async def test_a_suspended_app_goes_on_where_it_stopped_and_says_why_it_was_away(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        installation = next(iter(on.world.installations.values()))
        await on.world.suspend(installation)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await until_away(on)
        await on.world.unsuspend(installation)
        await on.until(lambda: "✅ Released" in on.status())
        await on.settle()
        assert await phases(on) == [Phase.RELEASED], on.thread()
        assert sum("I had no access" in body for body in on.said()) == 1


async def test_a_renamed_repository_is_followed(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.repository.name = "renamed"
        await on.merge()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_what_is_asked_on_a_locked_issue_is_answered_on_the_pull_request(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.lock_issue(on.repository, on.issue.number)
        await on.comment("/release retry", settle=False)
        await on.until(lambda: any("/release retry" in body for body in said_on_the_pull_request(on)))
        assert "so I speak here" in said_on_the_pull_request(on)[0]
        await on.comment("/release cancel", settle=False)
        await on.until(lambda: on.repository.issues[on.pull_request.number].state == "closed")
        await on.settle()
        assert await phases(on) == [Phase.CANCELLED]


async def test_no_silence_a_retry_on_a_locked_issue_is_promised_on_the_pull_request(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        await on.world.lock_issue(on.repository, on.issue.number)
        on.sandbox.actions.scenario.failures.clear()
        await on.comment("/release retry", settle=False)
        await on.until(lambda: any("👍 `/release retry`: I go on." in body for body in said_on_the_pull_request(on)))
        await on.settle()
        assert await phases(on) == [Phase.RELEASED]


async def test_nothing_lost_what_was_commanded_while_the_app_was_suspended_comes_before_the_release_goes_on(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        (installation,) = on.world.installations.values()
        await on.world.suspend(installation)
        await until_away(on)
        await on.comment("/release cancel", settle=False)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan", method="merge")
        await on.sandbox.actions.idle()
        await on.world.unsuspend(installation)
        await on.settle()
        assert await phases(on) == [Phase.CANCELLED], on.thread()
        assert await on.tags() == {}
