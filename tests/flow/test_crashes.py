"""Calls that fail before or after they did their work, and looks that cannot be finished: the end is the same."""

import asyncio
from collections import Counter

import pytest

from bot.github import Reader, Writer
from bot.github.errors import Unavailable
from bot.release.model import Phase
from bot.sandbox.actions.scenario import Outcome
from bot.store import Store
from tests.flow.test_moving_base import add_entry
from tests.play import EXAMPLE, play


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """A failed look is repeated soon."""
    monkeypatch.setattr("bot.reconcile.back_off.LONGEST_PAUSE", 0.2)


def fail_once(monkeypatch, owner, method, *, after, at=1):
    """Have the `at`th call of a method raise: before it did anything, or after it did its work."""
    real, calls = getattr(owner, method), Counter[str]()

    async def failing(self, *args, **kwargs):
        calls[method] += 1
        if calls[method] != at:
            return await real(self, *args, **kwargs)
        if after:
            await real(self, *args, **kwargs)
        raise Unavailable("pulled the plug")

    monkeypatch.setattr(owner, method, failing)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "method", ["open_pull_request", "push_tags", "draft_release", "publish_release", "comment", "edit_comment"]
)
async def test_a_call_that_fails_once_changes_nothing_of_the_result(tmp_path, monkeypatch, method, after):
    async with play(tmp_path) as on:
        fail_once(monkeypatch, Writer, method, after=after)
        await on.comment(EXAMPLE)
        commit = await on.merge()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        heads = [body.partition(" ")[0] for body in on.milestones()]
        assert heads == ["📦", "🏷️", "🔎", "🎉"], on.thread()
        assert len(on.pull_requests) == 1
        assert "Released" in on.status()


async def test_the_status_comment_is_brought_to_its_end_when_that_edit_fails(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        real = Writer.edit_comment
        failures: list[int] = []

        async def failing(self, comment, body):
            if "✅ Released" in body and not failures:
                failures.append(comment)
                raise Unavailable("pulled the plug")
            await real(self, comment, body)

        monkeypatch.setattr(Writer, "edit_comment", failing)
        await on.merge()
        assert "✅ Released" in on.status()


async def test_once_a_status_comment_that_was_deleted_is_replaced_by_one(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        card = next(each for each in on.issue.comments if " status -->" in each.body)
        await on.world.delete_comment(on.repository, card.id, by="morgan")
        real = Writer.comment
        lost: list[int] = []

        async def lossy(self, issue, body):
            number = await real(self, issue, body)
            if " status -->" in body and not lost:
                lost.append(number)
                raise Unavailable("the answer is lost")
            return number

        monkeypatch.setattr(Writer, "comment", lossy)
        await on.merge()
        cards = [body for body in on.said() if " status -->" in body]
        assert lost
        assert len(cards) == 1, on.thread()
        assert "✅ Released" in cards[0]


async def test_a_release_whose_thread_is_gone_does_not_hold_up_another(tmp_path):
    async with play(tmp_path) as on:
        other = await on.world.open_issue(on.repository, "Lost", "", by="morgan")
        await on.world.comment(on.repository, other.number, "/release tidewater 0.5.0", by="morgan")
        await on.settle()
        assert on.pull_requests
        on.repository.issues.pop(other.number)
        await on.world.close_pull_request(on.repository, on.pull_request.number, by="morgan")
        await on.comment("/release tidewater-py 0.4.0", settle=False)
        await on.until(lambda: any("proposes" in body for body in on.said()))


async def test_a_command_that_cannot_be_answered_does_not_hold_up_the_next(tmp_path):
    async with play(tmp_path) as on:
        other = await on.world.open_issue(on.repository, "Lost", "", by="morgan")
        await on.world.comment(on.repository, other.number, "/release banana", by="morgan")
        await on.comment("/release help", settle=False)
        on.repository.issues.pop(other.number)
        await on.until(lambda: any("What I understand" in body for body in on.said()))


async def test_a_store_that_fails_once_does_not_end_the_worker(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        fail_once(monkeypatch, Store, "finish", after=False)
        fail_once(monkeypatch, Store, "claim", after=False)
        monkeypatch.setattr(on.bot.worker, "lease_seconds", 1.0)
        await on.comment("/release help", settle=False)
        await on.comment("/release help", settle=False)
        await on.until(lambda: len(on.said()) == 2)


async def test_what_github_refuses_is_said_with_its_words(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.world.push(on.repository, on.pull_request.head, {"NOTES": "mine"}, "Mine", by="morgan")
        await on.comment("/release cancel")
        await on.world.push(on.repository, "shipmate/v0.5.0+py-v0.4.0", {"NOTES": "mine"}, "Mine", by="morgan")
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: any("Delete the branch" in body for body in on.said()))


async def test_a_pull_request_merged_while_the_bot_was_down_is_still_carried_on(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        real = Writer.comment

        async def deaf(self, issue, body):
            raise Unavailable("pulled the plug")

        monkeypatch.setattr(Writer, "comment", deaf)
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: bool(on.pull_requests))
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.pass_time(0.5)
        monkeypatch.setattr(Writer, "comment", real)
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert "proposes" in on.milestones()[0]


async def test_the_status_comment_of_a_refused_release_says_so(tmp_path):
    async with play(tmp_path) as on:
        on.sandbox.actions.scenario.script = lambda run, job, attempt: Outcome("failure", 1.0)
        await on.world.push(on.repository, "main", {"NOTES": "red"}, "Break", by="morgan")
        await on.comment(EXAMPLE)
        assert "CI is red" in on.milestones()[-1], on.thread()
        assert "Not released" in on.status()


@pytest.mark.parametrize(
    ("command", "versions"), [(EXAMPLE, ["0.5.0", "0.4.0"]), ("/release minor", ["0.5.0"])], ids=["exact", "level"]
)
async def test_once_a_pull_request_that_is_merged_before_it_was_kept_is_still_ours(
    tmp_path, monkeypatch, command, versions
):
    async with play(tmp_path) as on:
        real, crashed = Writer.open_pull_request, asyncio.Event()

        async def open_and_crash(self, proposal):
            opened = await real(self, proposal)
            if not crashed.is_set():
                await on.world.merge(on.repository, opened.pull_request.number, by="morgan")
                crashed.set()
                raise Unavailable("pulled the plug")
            return opened

        monkeypatch.setattr(Writer, "open_pull_request", open_and_crash)
        await on.comment(command, settle=False)
        await crashed.wait()
        await on.settle()
        (release,) = await on.releases()
        assert (release.phase, [p.new for p in release.packages]) == (Phase.RELEASED, versions), on.thread()
        assert len(on.pull_requests) == 1


async def test_a_pull_request_that_is_closed_before_it_was_kept_is_not_opened_again(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        real = Writer.open_pull_request

        async def open_and_crash(self, proposal):
            opened = await real(self, proposal)
            await on.world.close_pull_request(on.repository, opened.pull_request.number, by="morgan")
            raise Unavailable("pulled the plug")

        monkeypatch.setattr(Writer, "open_pull_request", open_and_crash)
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: "Cancelled" in "".join(on.said()))
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.CANCELLED]
        assert len(on.pull_requests) == 1


async def test_no_silence_a_pull_request_opened_unnoticed_is_closed_by_a_cancel(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await open_without_an_answer(on, monkeypatch, lambda: on.comment("/release cancel", settle=False))
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.CANCELLED], on.thread()
        assert on.repository.issues[on.pull_request.number].state == "closed"
        assert "is closed. Its branch is deleted" in on.milestones()[-1]


async def test_a_pull_request_opened_and_merged_unnoticed_is_looked_for_until_github_must_show_it(
    tmp_path, monkeypatch
):
    async with play(tmp_path) as on:
        real, asked = Reader.own_pull_requests, []

        async def lagging(self, since):
            asked.append(since)
            return await real(self, since) if len(asked) > 2 else ()  # the first is asked before there is any

        monkeypatch.setattr(Reader, "own_pull_requests", lagging)
        merge = on.world.merge
        await open_without_an_answer(
            on, monkeypatch, lambda: merge(on.repository, on.pull_request.number, by="morgan", method="merge")
        )
        await on.until(lambda: any("✅ Released" in body for body in on.said()))
        assert len(asked) > 2


async def test_a_pull_request_opened_unnoticed_follows_a_base_that_moved_since(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await open_without_an_answer(on, monkeypatch, lambda: add_entry(on))
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.PROPOSED], on.thread()
        assert "A tide table." in on.repository.issues[on.pull_request.number].body
        assert len(on.pull_requests) == 1


async def open_without_an_answer(on, monkeypatch, then):
    """The pull request is opened, the answer is lost, and then something happens before the next look."""
    real = Writer.open_pull_request

    async def open_and_crash(self, proposal):
        opened = await real(self, proposal)
        monkeypatch.setattr(Writer, "open_pull_request", real)
        await then()
        raise Unavailable(f"no answer about #{opened.pull_request.number}")

    monkeypatch.setattr(Writer, "open_pull_request", open_and_crash)
    await on.comment(EXAMPLE, settle=False)
    await on.until(lambda: bool(on.pull_requests))


async def test_what_was_refused_stays_refused_although_the_look_broke_off_and_the_world_changed(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        on.sandbox.actions.scenario.script = lambda run, job, attempt: Outcome("failure", 1.0)
        await on.world.push(on.repository, "main", {"NOTES": "red"}, "Break", by="morgan")
        real = Writer.react

        async def mend_and_crash(self, comment, content):
            if content != "confused":
                return await real(self, comment, content)
            monkeypatch.setattr(Writer, "react", real)
            on.sandbox.actions.scenario.script = None
            await on.world.push(on.repository, "main", {"NOTES": "green"}, "Mend", by="morgan")
            raise Unavailable("pulled the plug")

        monkeypatch.setattr(Writer, "react", mend_and_crash)
        comment = await on.comment(EXAMPLE)
        assert [release.phase for release in await on.releases()] == [Phase.REFUSED], on.thread()
        assert "CI is red" in on.milestones()[-1]
        assert on.pull_requests == []
        assert "confused" in on.reactions(comment)
