"""Webhooks that fail, come late, or never come: the release goes on all the same, and nothing is done twice."""

from datetime import timedelta

import pytest

from bot.reconcile.deliveries import intake
from bot.reconcile.deliveries.missed_comments import MissedComments
from bot.reconcile.deliveries.redelivery import Redelivery
from bot.release.model import Phase
from bot.sandbox.world.webhooks import on_time
from bot.store import Scan
from tests.contract import openapi
from tests.play import EXAMPLE, play


def never(delivery):
    """No webhook arrives."""
    return ()


class LaterClock:
    """The sandbox's, some time ahead."""

    def __init__(self, on, ahead):
        self.clock = on.world.clock
        self.ahead = ahead

    def now(self):
        return self.clock.now() + self.ahead


async def redeliver(on, clock=None):
    """What the bot does every few minutes about failed webhooks; how many it asked for."""
    return await Redelivery(on.bot.github, on.bot.store, clock or on.world.clock).look()


async def missed_comments(on):
    """What it does about comments without a webhook; how many it took."""
    taken = await MissedComments(on.bot.github, on.bot.store, on.world.clock, leave=0).look()
    await on.settle()
    return taken


def proposals(on):
    return sum("proposes" in body for body in on.said())


async def test_nothing_lost_while_the_bot_was_down_is_lost(tmp_path):
    async with play(tmp_path) as on:
        on.world.webhooks.fate = never
        await on.comment(EXAMPLE)
        assert on.said() == []
        on.world.webhooks.fate = on_time
        assert await redeliver(on) == 1
        await on.settle()
        assert (proposals(on), len(on.pull_requests)) == (1, 1)
        on.world.webhooks.fate = never
        commit = await on.merge()
        on.world.webhooks.fate = on_time
        assert await redeliver(on) >= 1
        await on.settle()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED]


async def test_a_webhook_that_failed_although_it_was_kept_is_not_asked_for(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        asked = next(d for d in on.world.deliveries if d.event == "issue_comment")
        asked.status = 502  # the answer was lost
        assert await redeliver(on) == 0


async def test_a_redelivery_that_comes_twice_does_the_work_once(tmp_path):
    async with play(tmp_path) as on:
        on.world.webhooks.fate = never
        await on.comment(EXAMPLE)
        on.world.webhooks.fate = lambda delivery: (0.0, 0.0)
        assert await redeliver(on) == 1
        assert await redeliver(on) == 0
        await on.settle()
        assert (proposals(on), len(on.pull_requests)) == (1, 1)


async def test_a_redelivery_that_fails_is_asked_for_again_later(tmp_path):
    async with play(tmp_path) as on:
        on.world.webhooks.fate = never
        await on.comment(EXAMPLE)
        assert await redeliver(on) == 1
        await on.world.webhooks.drain()
        assert await redeliver(on) == 0
        on.world.webhooks.fate = on_time
        assert await redeliver(on, LaterClock(on, timedelta(minutes=6))) == 1
        await on.settle()
        assert proposals(on) == 1


async def test_a_webhook_of_more_than_three_days_ago_is_lost_and_its_comment_old(tmp_path, caplog):
    async with play(tmp_path) as on:
        await redeliver(on)
        on.world.webhooks.fate = never
        await on.comment(EXAMPLE)
        on.world.webhooks.fate = on_time
        assert await redeliver(on, LaterClock(on, timedelta(days=3, minutes=5))) == 0
        assert "can no longer be redelivered" in caplog.text
        assert on.said() == []


async def test_a_command_whose_webhook_never_came_is_found_when_the_store_is_new(tmp_path):
    async with play(tmp_path) as on:
        await on.forget_everything()
        on.world.webhooks.fate = never
        await on.comment(EXAMPLE)
        on.world.deliveries.clear()
        assert await missed_comments(on) == 1
        assert (proposals(on), len(on.pull_requests)) == (1, 1)
        assert await missed_comments(on) == 0


async def test_a_command_where_nothing_is_open_is_found_in_its_turn(tmp_path):
    async with play(tmp_path) as on:
        assert await missed_comments(on) == 0
        on.world.webhooks.fate = never
        await on.comment(EXAMPLE)
        on.world.deliveries.clear()
        quiet = MissedComments(on.bot.github, on.bot.store, on.world.clock, leave=0, pause=0)
        assert await quiet.look() == 1
        await on.settle()
        assert (proposals(on), len(on.pull_requests)) == (1, 1)
        assert await quiet.look() == 0


async def test_commands_on_an_open_release_are_found_in_their_order(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.world.webhooks.fate = never
        await on.comment("/release status")
        await on.comment("/release cancel")
        on.world.deliveries.clear()
        assert await missed_comments(on) == 2
        assert "Cancelled" in "".join(on.milestones())
        assert [on.reactions(each) for each in on.issue.comments if each.app_id is None][1:] == [{"eyes", "+1"}] * 2
        assert [release.phase for release in await on.releases()] == [Phase.CANCELLED]


async def test_a_webhook_that_comes_after_its_comment_was_found_does_nothing(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        on.sandbox.actions.scenario.failures.clear()
        on.world.webhooks.fate = never
        await on.comment("/release retry", settle=False)
        await on.world.webhooks.drain()
        on.world.webhooks.fate = on_time
        assert await missed_comments(on) == 1
        said = len(on.said())
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED]
        for delivery in [d for d in on.world.deliveries if d.event == "issue_comment"]:
            on.world.webhooks.send_again(delivery)
        await on.settle()
        assert len(on.said()) == said, on.thread()


async def test_what_was_finally_answered_is_never_taken_again(tmp_path):
    async with play(tmp_path) as on:
        on.world.grant(on.repository, "passerby", "read")
        await on.comment("/release banana")
        await on.comment("/release help")
        await on.comment(EXAMPLE, by="passerby")
        await on.comment(EXAMPLE)
        await on.comment("/release cancel")
        said = len(on.said())
        await on.forget_everything()
        assert await missed_comments(on) == 0
        assert len(on.said()) == said


async def test_a_release_that_was_cancelled_before_it_had_a_pull_request_stays_so(tmp_path):
    async with play(tmp_path) as on:
        asked = await on.comment(f"{EXAMPLE}\n/release cancel")
        assert on.pull_requests == []
        asked.reactions = [r for r in asked.reactions if r.content == "eyes"]
        await on.forget_everything()
        assert await missed_comments(on) == 0


async def test_a_webhook_that_comes_again_to_a_store_that_was_lost_does_nothing_again(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "COMES_LATE", timedelta(0))
    async with play(tmp_path) as on:
        await on.comment("/release banana")
        await on.comment("/release help")
        asked = await on.comment(f"{EXAMPLE}\n/release cancel")
        asked.reactions = [r for r in asked.reactions if r.content == "eyes"]
        await on.comment(EXAMPLE)
        await on.comment("/release cancel")
        said, pulls = len(on.said()), len(on.pull_requests)
        await on.forget_everything()
        for delivery in [d for d in on.world.deliveries if d.event == "issue_comment"]:
            on.world.webhooks.send_again(delivery)
        await on.settle()
        assert (len(on.said()), len(on.pull_requests)) == (said, pulls), on.thread()


async def test_a_late_webhook_is_taken_when_its_command_was_not_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "COMES_LATE", timedelta(0))
    async with play(tmp_path) as on:
        await on.comment("/release help\n/release banana")
        assert len(on.said()) == 2


async def test_what_is_no_persons_unedited_command_is_not_taken(tmp_path):
    async with play(tmp_path) as on:
        await on.forget_everything()
        on.world.webhooks.fate = never
        edited = await on.comment("hello")
        await on.world.edit_comment(on.repository, edited.id, EXAMPLE, by="morgan")
        await on.comment(f"> {EXAMPLE}")
        await on.comment(EXAMPLE, by="helper[bot]")
        via_an_app = await on.comment(EXAMPLE)
        via_an_app.app_id = on.world.app.id
        assert await missed_comments(on) == 0


async def test_a_young_comment_is_left_to_its_webhook(tmp_path):
    async with play(tmp_path) as on:
        await on.forget_everything()
        on.world.webhooks.fate = never
        await on.comment(EXAMPLE)
        assert await MissedComments(on.bot.github, on.bot.store, on.world.clock).look() == 0


async def test_a_repository_that_cannot_be_read_does_not_keep_others_from_it(tmp_path):
    async with play(tmp_path) as on:
        other = await on.world.create_repository("hub/other", files={"a": "1"})
        installation = on.world.installation_of(other)
        assert installation
        await on.world.suspend(installation)
        await on.forget_everything()
        on.world.webhooks.fate = never
        await on.comment("/release help")
        assert await missed_comments(on) == 1
        assert await missed_comments(on) == 0


@pytest.mark.parametrize(
    ("part", "method", "when"),
    [
        (lambda store: store, "keep", lambda delivery: delivery.guid.startswith("comment-")),
        (lambda store: store.bookmarks, "move", lambda scan, number=0, **to: scan is Scan.COMMENTS),
        (lambda store: store.bookmarks, "move", lambda scan, number=0, **to: scan is Scan.INSTALLATIONS),
    ],
    ids=["first kept", "repository read", "all read"],
)
async def test_a_crash_while_comments_are_found_loses_none_and_doubles_none(tmp_path, monkeypatch, part, method, when):
    async with play(tmp_path) as on:
        await on.forget_everything()
        on.world.webhooks.fate = never
        await on.comment("/release help")
        await on.comment("/release banana")
        with monkeypatch.context() as patched:
            crash_after(patched, part(on.bot.store), method, when)
            with pytest.raises(OSError, match="plug"):
                await missed_comments(on)
        await missed_comments(on)
        assert len(on.said()) == 2, on.thread()


def crash_after(monkeypatch, store, method, when):
    """The process ends when this was done."""
    real = getattr(store, method)

    async def plugged(*args, **named):
        result = await real(*args, **named)
        if when(*args, **named):
            raise OSError("pulled the plug")
        return result

    monkeypatch.setattr(store, method, plugged)


async def test_a_release_goes_on_under_the_new_name_of_its_repository(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.rename_repository(on.repository, "renamed")
        await on.settle()
        (known,) = await on.bot.store.repositories_with_something_open()
        assert known.full_name == "morgan/renamed"
        commit = await on.merge()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}


async def test_a_release_goes_on_with_the_new_owner_of_its_repository(tmp_path):
    async with play(tmp_path) as on:
        await on.world.create_repository("hub/other", files={"a": "1"})
        await on.comment(EXAMPLE)
        await on.world.transfer_repository(on.repository, "hub")
        on.world.grant(on.repository, "morgan", "maintain")
        await on.settle()
        (known,) = await on.bot.store.repositories_with_something_open()
        installation = on.world.installation_of(on.repository)
        assert installation
        assert (known.full_name, known.installation_id) == ("hub/tidewater", installation.id)
        commit = await on.merge()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}


async def test_a_release_goes_on_when_its_repository_is_selected_again(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.uninstall(on.repository)
        await on.settle()
        commit = await on.merge()
        assert await on.tags() == {}
        await on.world.install(on.repository)
        await on.until(lambda: "Released" in on.status())
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}


async def test_a_release_goes_on_when_a_suspended_app_is_taken_up_again(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        installation = on.world.installation_of(on.repository)
        assert installation
        await on.world.suspend(installation)
        await on.settle()
        commit = await on.merge()
        assert await on.tags() == {}
        await on.world.unsuspend(installation)
        await on.until(lambda: "Released" in on.status())
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}


async def test_what_is_asked_and_answered_is_as_github_describes_it(tmp_path):
    async with play(tmp_path) as on:
        await on.forget_everything()
        on.world.webhooks.fate = never
        await on.comment("/release help")
        await redeliver(on)
        await missed_comments(on)
        calls = list(on.world.calls)
    contract = openapi.RestContract()
    for call in calls:
        if call.path != "/graphql":
            contract.check(call.method, call.path, call.status, call.request, call.response)
    asked = {contract.template(call.method, call.path) for call in calls if call.path != "/graphql"}
    assert asked >= {
        "GET /app/hook/deliveries",
        "POST /app/hook/deliveries/{delivery_id}/attempts",
        "GET /app/installations",
        "GET /installation/repositories",
        "GET /repos/{owner}/{repo}/issues/comments",
    }
