"""With an empty store, open releases are found on GitHub and carried on as if nothing had happened."""

from contextlib import asynccontextmanager

import pytest

from bot.cli.rehearsal import REHEARSAL_TIMEOUTS
from bot.github import Reader, Writer
from bot.github.errors import Unavailable
from bot.reconcile.effects.comments import Thread
from bot.reconcile.observe import Observer
from bot.release.model import Phase
from tests.flow.test_moving_base import add_entry, crash_before_ours_is_replaced
from tests.play import EXAMPLE, play

BRANCH = "shipmate/v0.5.0+py-v0.4.0"


async def lose_everything(on):
    """The store is lost, and the repository is looked at."""
    await on.forget_everything()
    await look(on)


async def look(on):
    """The repository is looked at, and once more when GitHub must show what a process that was lost may have left."""
    await on.wake()
    await on.pass_time(3 * REHEARSAL_TIMEOUTS.lag)
    await on.settle()


async def ended(on):
    return [release.phase for release in await on.releases()]


def heads(on):
    return [body.partition(" ")[0] for body in on.milestones()]


async def test_once_a_release_in_review_is_taken_up_and_nothing_is_said_twice(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await lose_everything(on)
        assert await ended(on) == [Phase.PROPOSED]
        commit = await on.merge()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        assert heads(on) == ["📦", "🏷️", "🔎", "🎉"], on.thread()
        assert sum(" status -->" in body for body in on.said()) == 1
        assert len(on.pull_requests) == 1


async def test_nothing_lost_a_release_that_a_lagging_replica_does_not_show_at_first_is_taken_up(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        real, asked = Reader.own_pull_requests, []

        async def lagging(self, since):
            asked.append(since)
            return await real(self, since) if len(asked) > 1 else ()

        monkeypatch.setattr(Reader, "own_pull_requests", lagging)
        await lose_everything(on)
        assert await ended(on) == [Phase.PROPOSED]
        assert len(asked) == 2


async def test_a_pull_request_that_nobody_was_told_of_is_announced_when_it_is_taken_up(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        real = Writer.comment

        async def deaf(self, issue, body):
            raise Unavailable("pulled the plug")

        monkeypatch.setattr(Writer, "comment", deaf)
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: bool(on.pull_requests))
        await on.forget_everything()
        monkeypatch.setattr(Writer, "comment", real)
        await look(on)
        assert heads(on) == ["📦"], on.thread()


async def test_a_release_that_is_taken_up_still_follows_its_base(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await lose_everything(on)
        log = (await on.world.files(on.repository))["CHANGELOG.md"].decode()
        new = log.replace("## [Unreleased]\n", "## [Unreleased]\n\n### Fixed\n\n- Ebb.\n", 1)
        base = await on.world.push(on.repository, "main", {"CHANGELOG.md": new}, "Note", by="morgan")
        await on.settle()
        commit = await on.world.git(on.repository).commit(f"refs/heads/{BRANCH}")
        assert commit.parents == (base,), on.thread()


@pytest.mark.parametrize("prefix", ["release/", "ship-it/", "shipmate/rel-"])
async def test_a_release_whose_branch_is_named_as_before_goes_on_under_that_name(tmp_path, prefix):
    async with play(tmp_path) as on:
        config = {".github/release.toml": f'[release]\nbranch-prefix = "{prefix}"\n'}
        await on.world.push(on.repository, "main", config, "Configure", by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        branch = f"{prefix}v0.5.0+py-v0.4.0"
        await on.world.push(on.repository, "main", {".github/release.toml": ""}, "Configure no more", by="morgan")
        await on.settle()
        await lose_everything(on)
        base = await add_entry(on)
        await on.settle()
        commit = await on.world.git(on.repository).commit(f"refs/heads/{branch}")
        assert commit.parents == (base,), on.thread()
        await lose_everything(on)
        await on.merge()
        assert await ended(on) == [Phase.RELEASED], on.thread()
        assert heads(on) == ["📦", "🏷️", "🔎", "🎉"], on.thread()
        assert list(await on.world.git(on.repository).refs("refs/heads/")) == ["refs/heads/main"]


async def test_a_pull_request_of_ours_that_follows_another_repository_is_no_release_without_a_name(tmp_path):
    async with play(tmp_path) as on:
        await on.comment("/release help")
        await on.world.push(on.repository, "shipmate/buoy-1.2.0", {"x": "x"}, "Update", by=on.world.app.bot)
        texts = {"title": "Update buoy to 1.2.0", "body": "buoy 1.2.0 was released."}
        pull = await on.world.open_pull_request(
            on.repository, head="shipmate/buoy-1.2.0", base="main", by=on.world.app.bot, **texts
        )
        await lose_everything(on)
        assert on.repository.issues[pull.number].comments == []


async def test_once_a_commit_that_a_lost_store_meant_to_take_the_place_of_ours_leaves_no_branch_behind(
    tmp_path, monkeypatch
):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await crash_before_ours_is_replaced(on, monkeypatch)
        await on.world.close_pull_request(on.repository, on.pull_request.number, by="morgan")
        await lose_everything(on)
        assert await ended(on) == [Phase.CANCELLED]
        assert await on.world.git(on.repository).refs(f"refs/heads/{BRANCH}-next") == {}


async def test_a_persons_commit_is_still_a_persons_after_the_store_was_lost(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        mine = await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        await lose_everything(on)
        await on.comment("/release cancel")
        assert await on.world.head(on.repository, BRANCH) == mine


@pytest.mark.parametrize("fail", ["ci", "publish", "wheel=linux-aarch64"])
async def test_a_blocked_release_is_taken_up_where_it_stands_and_its_block_is_not_said_again(tmp_path, fail):
    async with play(tmp_path, fail) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        before = heads(on)
        await lose_everything(on)
        assert heads(on) == before, on.thread()
        on.sandbox.actions.scenario.failures.clear()
        if fail != "wheel=linux-aarch64":
            await on.comment("/release retry")
            assert await ended(on) == [Phase.RELEASED], on.thread()


async def test_a_retry_that_waits_for_a_release_to_be_taken_up_is_not_declined(tmp_path):
    async with play(tmp_path, "ci") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        on.sandbox.actions.scenario.failures.clear()
        await on.forget_everything()
        await on.comment("/release retry", settle=False)
        await on.until(lambda: "✅ Released" in on.status())
        assert not any("not blocked" in body for body in on.said()), on.thread()


async def test_a_release_that_was_moved_to_a_newer_commit_is_taken_up_there(tmp_path):
    async with play(tmp_path, "ci", "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        on.sandbox.actions.scenario.failures.discard("ci")
        fix = await on.world.push(on.repository, "main", {"NOTES": "mended"}, "Mend", by="morgan")
        await on.settle()
        await on.comment("/release retry")
        await lose_everything(on)
        on.sandbox.actions.scenario.failures.clear()
        await on.comment("/release retry")
        assert await on.tags() == {"v0.5.0": fix, "py-v0.4.0": fix}
        assert await ended(on) == [Phase.RELEASED], on.thread()


async def test_an_ended_release_stays_ended(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.comment("/release cancel")
        said = on.said()
        await lose_everything(on)
        assert (await ended(on), on.said()) == ([], said)


async def test_markers_written_by_others_are_ignored(tmp_path):
    async with play(tmp_path) as on:
        asked = await on.comment(EXAMPLE, settle=False)
        await on.settle()
        mark = f"<!-- shipmate r{asked.id} cancelled -->"
        await on.comment(mark, by="stranger")
        head = await on.world.head(on.repository)
        await on.world.push(on.repository, "theirs", {"x": "x"}, "X", by="morgan")
        body = f"<!-- shipmate r{asked.id + 1} release {head} -->"
        await on.world.open_pull_request(on.repository, head="theirs", base="main", title="T", body=body, by="morgan")
        await lose_everything(on)
        assert [release.id for release in await on.releases()] == [f"r{asked.id}"]
        assert await ended(on) == [Phase.PROPOSED]


async def test_a_release_whose_command_was_edited_is_not_taken_up_and_that_is_said(tmp_path):
    async with play(tmp_path) as on:
        asked = await on.comment(EXAMPLE)
        await on.world.edit_comment(on.repository, asked.id, "/release tidewater 9.0.0", by="morgan")
        await lose_everything(on)
        assert await ended(on) == []
        thread = on.repository.issues[on.pull_request.number]
        assert "I lost my records" in thread.comments[-1].body


@pytest.mark.parametrize("body", ["", "<!-- shipmate r-5 release abc -->", "<!-- shipmate r1 release main:x -->"])
async def test_no_silence_a_pull_request_whose_text_was_overwritten_holds_up_nothing_and_is_told_so(tmp_path, body):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.repository.issues[on.pull_request.number].body = body
        await lose_everything(on)
        assert await ended(on) == []
        assert "I lost my records" in on.repository.issues[on.pull_request.number].comments[-1].body
        await on.comment("/release help")
        assert "What I understand" in on.said()[-1]


async def test_once_a_marker_that_was_copied_to_another_pull_request_takes_up_only_its_own(tmp_path):
    async with play(tmp_path) as on:
        await on.comment("/release tidewater 0.5.0")
        first, thread = on.pull_request, on.issue
        on.issue = None
        await on.comment("/release tidewater-py 0.4.0")
        other = on.repository.issues[on.pull_request.number]
        other.body = on.repository.issues[first.number].body
        await lose_everything(on)
        assert [(r.request.issue, r.review.pull_request) for r in await on.releases()] == [
            (thread.number, first.number)
        ]
        assert "I lost my records" in other.comments[-1].body


def test_a_thread_is_tried_on_the_issue_first():
    assert Thread(4, 5).numbers == (4, 5)
    assert Thread(5, 5).numbers == (5,)


@pytest.mark.parametrize("tagged", [False, True])
async def test_no_silence_a_merged_release_that_cannot_be_taken_up_is_told_so_unless_it_was_at_its_end(
    tmp_path, tagged
):
    async with play(tmp_path, *(() if tagged else ("ci",))) as on:
        asked = await on.comment(EXAMPLE)
        await on.merge()
        assert ("Released" in on.status()) is tagged, on.thread()
        await on.world.delete_comment(on.repository, asked.id, by="morgan")
        await lose_everything(on)
        pull = on.repository.issues[on.pull_request.number]
        lost = [comment.body for comment in pull.comments if "I lost my records" in comment.body]
        assert ["It is merged as" in body for body in lost] == ([] if tagged else [True])


async def test_nothing_lost_a_repository_that_is_out_of_reach_at_first_is_read_as_soon_as_it_is_not(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        (installation,) = on.world.installations.values()
        await on.world.suspend(installation)
        await on.forget_everything()
        await on.wake()
        await on.pass_time(0.5)
        installation.suspended = False  # and no webhook tells it
        await on.until(on.releases)
        assert await ended(on) == [Phase.PROPOSED]


@asynccontextmanager
async def promised_and_forgotten(on, monkeypatch, command, by="morgan"):
    """A command is answered with 👍, and before it is carried out everything is lost."""
    looking = Observer.look

    async def blind(self, *seen):
        raise Unavailable("pulled the plug")

    monkeypatch.setattr(Observer, "look", blind)
    asked = await on.comment(command, by=by, settle=False)
    await on.until(lambda: "+1" in on.reactions(asked))
    await on.forget_everything()
    yield
    monkeypatch.setattr(Observer, "look", looking)
    await look(on)


@pytest.mark.parametrize("fail", ["ci", "publish"])
async def test_nothing_lost_a_retry_that_was_promised_is_carried_out_by_a_store_that_never_heard_of_it(
    tmp_path, monkeypatch, fail
):
    async with play(tmp_path, fail) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        async with promised_and_forgotten(on, monkeypatch, "/release retry"):
            on.sandbox.actions.scenario.failures.clear()
        await on.until(lambda: "✅ Released" in on.status())


async def test_nothing_lost_a_cancel_that_was_promised_is_carried_out_by_a_store_that_never_heard_of_it(
    tmp_path, monkeypatch
):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        async with promised_and_forgotten(on, monkeypatch, "/release cancel"):
            pass
        assert await ended(on) == [Phase.CANCELLED]
        assert on.repository.issues[on.pull_request.number].state == "closed"


async def test_authorised_now_a_promise_to_somebody_who_may_no_longer_retry_is_not_kept(tmp_path, monkeypatch):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        on.world.grant(on.repository, "robin", "maintain")
        async with promised_and_forgotten(on, monkeypatch, "/release retry", by="robin"):
            on.world.grant(on.repository, "robin", "write")
            on.sandbox.actions.scenario.failures.clear()
        assert on.calls("POST", "rerun") == []


async def test_a_retry_that_was_carried_out_before_everything_was_lost_is_not_carried_out_again(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        await on.comment("/release retry")
        reruns = len(on.calls("POST", "rerun"))
        await lose_everything(on)
        assert len(on.calls("POST", "rerun")) == reruns > 0


async def orphan(on):
    """A pull request of ours whose release is lost: nobody knows any more what was asked for."""
    asked = await on.comment(EXAMPLE)
    await on.world.edit_comment(on.repository, asked.id, "Never mind.", by="morgan")
    await lose_everything(on)
    return on.pull_request


async def test_once_a_pull_request_of_a_lost_release_is_not_taken_for_that_of_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.reconcile.back_off.LONGEST_PAUSE", 0.5)
    async with play(tmp_path) as on:
        old = await orphan(on)
        await add_entry(on)
        on.issue = None
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: any(f"#{old.number}" in body for body in on.said()))
        assert "which is no longer carried on. Delete the branch" in on.milestones()[-1]
        await on.world.delete_branch(on.repository, old.head, by="morgan")
        await on.comment("/release retry", settle=False)
        await on.until(lambda: len(on.pull_requests) == 2)
        await on.settle()
        assert "A tide table." in on.repository.issues[on.pull_request.number].body
        merged = await on.merge()
        assert await on.tags() == {"v0.5.0": merged, "py-v0.4.0": merged}
