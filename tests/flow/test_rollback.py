"""The rollback ladder from the comment to its end: before, during and after publishing."""

from dataclasses import replace

import pytest

from bot.github import Writer
from bot.registries import Registries
from bot.registries.crates_io.client import CratesIO
from bot.release.found import Unreachable
from bot.release.model import Phase
from bot.settings import Secret
from tests.flow.test_crashes import fail_once
from tests.flow.test_ledger import lose_everything
from tests.play import EXAMPLE, play

ONE = "/release tidewater 0.5.0"
BACK = "/release rollback tidewater 0.5.0"
BOTH_BACK = "/release rollback tidewater 0.5.0 tidewater-py 0.4.0"


def with_token(sandbox, settings):
    """The operator lets crates be yanked."""
    sandbox.crates.issue_token("morgan", scopes=("yank",), text="yank-me")
    return replace(settings, crates_io_yank_token=Secret("yank-me"))


async def failed(on, command=ONE):
    """A release whose publish run failed: the tags stand, and nothing is published."""
    await on.comment(command)
    return await on.merge()


def phases(releases):
    return [release.phase for release in releases]


def yank_on_pypi(on, project, version, reason="broken"):
    for file in on.sandbox.pypi.release(project, version):
        file.yanked = reason


async def test_what_was_never_published_is_taken_back_with_its_tag(tmp_path):
    async with play(tmp_path, "publish") as on:
        await failed(on)
        assert "v0.5.0" in await on.tags()
        comment = await on.comment(BACK)
        assert await on.tags() == {}
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        begun, end = on.milestones()[-2:]
        assert "not published" in begun
        assert "never published, and its tag `v0.5.0` is deleted" in end
        assert "Revert #" in end
        assert "/release tidewater patch" in end
        assert on.status().startswith("### ↩️ Rolled back: tidewater 0.5.0")
        assert on.reactions(comment) == {"eyes", "+1"}


async def test_a_run_under_way_is_cancelled_before_its_tag_is_deleted(tmp_path):
    async with play(tmp_path) as on:
        on.sandbox.actions.scenario.publish_seconds = 2.0
        await on.comment(ONE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.until(lambda: any(r.head_branch == "v0.5.0" for r in on.repository.runs.values()))
        await on.comment(BACK)
        assert await on.tags() == {}
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        run = next(run for run in on.repository.runs.values() if run.head_branch == "v0.5.0")
        assert (run.conclusion, on.sandbox.crates.find("tidewater", "0.5.0")) == ("cancelled", None)
        assert on.calls("POST", f"runs/{run.id}/cancel")


async def test_a_run_that_waits_for_an_approval_is_cancelled_before_its_tag_is_deleted(tmp_path):
    async with play(tmp_path, "approval") as on:
        await failed(on)
        await on.comment(BACK)
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        assert await on.tags() == {}
        run = next(run for run in on.repository.runs.values() if run.head_branch == "v0.5.0")
        assert (run.conclusion, on.sandbox.crates.find("tidewater", "0.5.0")) == ("cancelled", None)


async def test_published_keeps_its_tag_what_a_run_publishes_while_it_is_cancelled_is_only_yanked(tmp_path):
    async with play(tmp_path, prepare=with_token) as on:
        on.sandbox.actions.scenario.publish_seconds = 2.0
        on.world.on_cancel.clear()  # it cannot be stopped any more
        await on.comment(ONE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.until(lambda: any(r.head_branch == "v0.5.0" for r in on.repository.runs.values()))
        await on.comment(BACK)
        assert "v0.5.0" in await on.tags()
        assert on.sandbox.crates.find("tidewater", "0.5.0").yanked
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()


async def test_a_released_crate_is_yanked_with_the_operators_token(tmp_path):
    async with play(tmp_path, prepare=with_token) as on:
        await on.comment(ONE)
        await on.merge()
        assert phases(await on.releases()) == [Phase.RELEASED]
        await on.comment(BACK)
        version = on.sandbox.crates.find("tidewater", "0.5.0")
        assert version.yanked
        assert f"issues/{on.issue.number}" in str(version.yank_message)
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        assert "v0.5.0" in await on.tags()
        end = on.milestones()[-1]
        assert "yanked" in end
        marking = on.pull_request
        assert f"#{marking.number} marks it" in end
        files = await on.world.files(on.repository, f"refs/heads/{marking.head}")
        assert b"## [0.5.0] - " in files["CHANGELOG.md"]
        assert any(
            line.startswith(b"## [0.5.0]") and line.endswith(b" [YANKED]")
            for line in files["CHANGELOG.md"].splitlines()
        )
        assert "yank-me" not in on.thread()


async def test_a_branch_of_a_person_in_the_way_of_the_changelogs_mark_does_not_hold_the_rollback_up(tmp_path):
    async with play(tmp_path, prepare=with_token) as on:
        await on.comment(ONE)
        await on.merge()
        theirs = await on.world.push(
            on.repository, "shipmate/yanked/v0.5.0", {"mine.txt": "mine\n"}, "Mine", by="morgan"
        )
        await on.comment(BACK)
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        assert "In the changelog, add ` [YANKED]`" in on.milestones()[-1]
        assert await on.world.head(on.repository, "shipmate/yanked/v0.5.0") == theirs


async def test_without_a_token_the_command_is_shown_and_its_effect_watched(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(ONE)
        await on.merge()
        await on.comment(BACK)
        assert "cargo yank tidewater@0.5.0" in on.milestones()[-1]
        assert phases(await on.releases()) == [Phase.ROLLING_BACK]
        on.sandbox.crates.find("tidewater", "0.5.0").yanked = True
        await on.comment("/release retry")
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        assert sum("has to be yanked by one of its owners" in said for said in on.milestones()) == 1


async def test_a_token_that_crates_io_refuses_leaves_it_to_a_person(tmp_path):
    async with play(tmp_path, prepare=with_token) as on:
        on.sandbox.crates.issue_token("morgan", scopes=("publish-update",), text="yank-me")
        await on.comment(ONE)
        await on.merge()
        await on.comment(BACK)
        said = on.milestones()[-1]
        assert "crates.io refuses my token" in said
        assert "does not have the required permissions" in said
        assert "cargo yank tidewater@0.5.0" in said


async def test_on_pypi_the_page_is_shown_and_the_yank_noticed(tmp_path):
    async with play(tmp_path) as on:
        await on.comment("/release tidewater-py 0.4.0")
        await on.merge()
        await on.comment("/release rollback tidewater-py 0.4.0")
        said = on.milestones()[-1]
        assert "/manage/project/tidewater-py/release/0.4.0/" in said
        assert "Rolled back by its maintainers" in said
        yank_on_pypi(on, "tidewater-py", "0.4.0")
        await on.until(lambda: "Rolled back: tidewater-py" in on.milestones()[-1].replace("\\", ""))
        await on.settle()
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()


async def test_a_fixed_version_is_released_on_the_same_issue_while_the_yank_is_awaited(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(ONE)
        await on.merge()
        await on.comment(BACK)
        await on.comment("/release tidewater patch")
        await on.merge()
        assert phases(await on.releases()) == [Phase.RELEASED, Phase.ROLLING_BACK], on.thread()


async def test_each_package_goes_back_as_far_as_it_got(tmp_path):
    async with play(tmp_path, "wheel=linux-aarch64", prepare=with_token) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        await on.comment(BOTH_BACK)
        assert on.sandbox.crates.find("tidewater", "0.5.0").yanked
        assert "/manage/project/tidewater-py/release/0.4.0/" in on.milestones()[-1]
        assert (await on.tags()).keys() == {"v0.5.0", "py-v0.4.0"}


@pytest.mark.parametrize("typed", ["/release rollback", "/release rollback 0.5.1", "/release rollback tidewater 0.4.0"])
async def test_without_the_right_version_nothing_changes_and_the_right_command_is_shown(tmp_path, typed):
    async with play(tmp_path, "publish") as on:
        await failed(on)
        comment = await on.comment(typed)
        assert BACK in on.milestones()[-1]
        assert "Nothing was changed" in on.milestones()[-1]
        assert on.reactions(comment) == {"eyes", "confused"}
        assert phases(await on.releases()) == [Phase.TAGGED]
        assert "v0.5.0" in await on.tags()


async def test_a_release_under_way_goes_back_as_a_whole(tmp_path):
    async with play(tmp_path, "publish") as on:
        await failed(on, EXAMPLE)
        await on.comment(BACK)
        assert BOTH_BACK in on.milestones()[-1]
        assert phases(await on.releases()) == [Phase.TAGGED]


async def test_what_nobody_remembers_is_explained_by_hand(tmp_path):
    async with play(tmp_path) as on:
        await on.comment("/release rollback tidewater 0.4.0")
        said = on.milestones()[-1]
        assert "cargo yank tidewater@0.4.0" in said
        assert "https://pypi.org/manage/project/tidewater/release/0.4.0/" in said
        assert "git push --delete origin TAG" in said


async def test_before_there_is_a_tag_a_release_is_cancelled_instead(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(ONE)
        await on.comment(BACK)
        assert "/release cancel" in on.milestones()[-1]
        assert phases(await on.releases()) == [Phase.PROPOSED]


async def test_authorised_now_an_outsider_rolls_nothing_back(tmp_path):
    async with play(tmp_path, "publish") as on:
        await failed(on)
        await on.comment(BACK, by="stranger")
        assert "needs the **" in on.milestones()[-1]
        assert "v0.5.0" in await on.tags()
        assert phases(await on.releases()) == [Phase.TAGGED]


async def test_published_keeps_its_tag_a_tag_that_a_person_moved_is_left_to_them(tmp_path):
    async with play(tmp_path, "publish") as on:
        await failed(on)
        other = await on.world.push(on.repository, "main", {"more.txt": "more\n"}, by="morgan")
        await on.world.delete_tag(on.repository, "v0.5.0", by="morgan")
        await on.world.push_tag(on.repository, "v0.5.0", other, by="morgan")
        await on.settle()
        await on.comment(BACK)
        assert await on.tags() == {"v0.5.0": other}
        assert "somebody moved it" in on.milestones()[-1]
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()


async def test_published_keeps_its_tag_no_tag_is_deleted_while_a_registry_does_not_answer(tmp_path, monkeypatch):
    async with play(tmp_path, "publish") as on:
        await failed(on)

        async def silent(self, name, version):
            return Unreachable("crates.io", "asleep")

        monkeypatch.setattr(CratesIO, "_in_api", silent)
        await on.comment(BACK, settle=False)
        await on.until(lambda: "nothing is undone before it answers" in on.milestones()[-1])
        assert "v0.5.0" in await on.tags()
        monkeypatch.undo()
        await on.until(lambda: "Rolled back: tidewater" in on.milestones()[-1])
        assert await on.tags() == {}


async def test_a_machines_draft_goes_with_its_tag_and_a_persons_stays(tmp_path):
    async with play(tmp_path, "publish") as on:
        await failed(on)
        bot = on.world.app.bot
        for by in ("morgan", bot, "morgan", bot):
            await on.world.create_release(on.repository, tag="v0.5.0", draft=True, by=by)
        await on.comment(BACK)
        left = [page.author.login for page in on.repository.releases.values() if page.tag == "v0.5.0"]
        assert left == ["morgan", "morgan"]
        assert await on.tags() == {}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", ["cancel_run", "delete_tags", "delete_release", "comment"])
async def test_a_call_of_a_rollback_that_fails_once_changes_nothing_of_the_result(tmp_path, monkeypatch, method, after):
    monkeypatch.setattr("bot.reconcile.back_off.LONGEST_PAUSE", 0.2)
    async with play(tmp_path) as on:
        on.sandbox.actions.scenario.publish_seconds = 2.0
        await on.comment(ONE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.until(lambda: any(r.head_branch == "v0.5.0" for r in on.repository.runs.values()))
        await on.world.create_release(on.repository, tag="v0.5.0", draft=True, by=on.world.app.bot)
        fail_once(monkeypatch, Writer, method, after=after)
        await on.comment(BACK)
        assert await on.tags() == {}
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        assert sum("↩️ **Roll" in said for said in on.milestones()) == 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_yank_that_is_cut_off_is_done_once(tmp_path, monkeypatch, after):
    monkeypatch.setattr("bot.reconcile.back_off.LONGEST_PAUSE", 0.2)
    async with play(tmp_path, prepare=with_token) as on:
        await on.comment(ONE)
        await on.merge()
        fail_once(monkeypatch, Registries, "yank", after=after)
        await on.comment(BACK)
        assert on.sandbox.crates.find("tidewater", "0.5.0").yanked
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        assert len(on.pull_requests) == 2


async def test_nothing_lost_a_rollback_under_way_is_taken_up_with_an_empty_store(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(ONE)
        await on.merge()
        await on.comment(BACK)
        await lose_everything(on)
        assert phases(await on.releases()) == [Phase.ROLLING_BACK], on.thread()
        on.sandbox.crates.find("tidewater", "0.5.0").yanked = True
        await on.comment("/release retry")
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
        assert sum("What I find" in said for said in on.milestones()) == 1
        assert "- ✅ GitHub Releases" in on.status()  # it had been released, whatever the store forgot


async def test_what_was_rolled_back_is_not_tagged_again_with_an_empty_store(tmp_path):
    async with play(tmp_path, "publish") as on:
        await failed(on)
        await on.comment(BACK)
        on.sandbox.actions.scenario.failures.clear()
        await lose_everything(on)
        assert await on.tags() == {}
        assert await on.releases() == ()


async def test_a_release_that_ended_is_rolled_back_with_an_empty_store(tmp_path):
    async with play(tmp_path, prepare=with_token) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        await lose_everything(on)
        assert await on.releases() == ()
        await on.comment(BACK)
        assert on.sandbox.crates.find("tidewater", "0.5.0").yanked
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()


async def test_a_tag_that_a_person_had_pushed_is_theirs_to_delete(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(ONE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.world.push_tag(on.repository, "v0.5.0", on.pull_request.merge_commit_sha or "", by="morgan")
        await on.settle()
        await on.comment(BACK)
        assert "v0.5.0" in await on.tags()
        assert "git push --delete origin v0.5.0" in on.milestones()[-1]


async def test_authorised_now_who_lost_the_role_since_the_command_undoes_nothing(tmp_path):
    async with play(tmp_path, "publish") as on:
        on.world.grant(on.repository, "robin", "maintain")
        on.sandbox.actions.scenario.publish_seconds = 1.0
        await on.comment(ONE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.until(lambda: any(r.head_branch == "v0.5.0" for r in on.repository.runs.values()))
        on.world.on_cancel.clear()
        await on.comment(BACK, by="robin", settle=False)
        await on.until(lambda: "What I find" in on.milestones()[-1])
        on.world.grant(on.repository, "robin", "read")
        await on.settle()
        assert "v0.5.0" in await on.tags()
        assert "may no longer release here" in on.milestones()[-1]
        await on.comment("/release retry")
        assert await on.tags() == {}
        assert phases(await on.releases()) == [Phase.ROLLED_BACK], on.thread()
