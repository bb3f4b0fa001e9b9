"""What GitHub refuses for good is a block, in whatever phase: said once with a way out, and not asked for again."""

from typing import Any

import pytest

from bot.github import Reader, Writer
from bot.github.errors import (
    Forbidden,
    Invalid,
    NotFound,
    ReadOnly,
    RuleViolation,
    TooOld,
    Unavailable,
    WorkflowsDiffer,
)
from bot.release.answers import Answer
from bot.release.model import Phase
from bot.sandbox.errors import Refusal
from tests.flow.test_moving_base import BRANCH, add_entry, text
from tests.flow.test_rollback import BACK, BOTH_BACK, ONE, with_token
from tests.play import EXAMPLE, Play, play


class Refusing:
    """Stands for a method of the writer's: refuses while it is told to, and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, error: Exception) -> None:
        self.on, self.asked, self.error = True, 0, error
        self.real = getattr(Writer, method)
        monkeypatch.setattr(Writer, method, self.stand_in())

    def stand_in(self) -> Any:
        async def refuse(writer: Writer, *args: Any, **known: Any) -> Any:
            self.asked += 1
            if self.on:
                raise self.error
            return await self.real(writer, *args, **known)

        return refuse


async def the_release(on: Play) -> Any:
    (release,) = await on.releases()
    return release


OPENING = (
    (RuleViolation("Repository rule violations found: Commit message must match."), "Settings → Rules"),
    (Forbidden("Resource not accessible by integration", missing="pull_requests=write"), "Grant it to the App"),
    (ReadOnly("Repository was archived so is read-only."), "Unarchive it"),
    (Invalid("Ref cannot be created"), "Change that, then"),
    (NotFound("Not Found", missing="contents=write"), "Either it is not there, or the App lacks"),
    (Forbidden("Protected branch update failed", missing="contents=write"), "Change that, then"),
)


@pytest.mark.parametrize(("error", "way_out"), OPENING, ids=[type(error).__name__ for error, _ in OPENING])
async def test_act_refused_of_an_opening_blocks_and_a_retry_opens_the_pull_request(
    tmp_path, monkeypatch, error, way_out
):
    async with play(tmp_path) as on:
        refusing = Refusing(monkeypatch, "open_pull_request", error)
        await on.comment(EXAMPLE)
        await on.settle()
        release = await the_release(on)
        assert release.blocked.why is Answer.ACT_REFUSED, on.thread()
        for words in (str(error).partition(".")[0], "and its pull request", way_out):
            assert words in on.status()
        said, asked = len(on.said()), refusing.asked
        assert asked == (3 if isinstance(error, Invalid | NotFound) else 1)
        await on.wake()
        await on.settle()
        assert (len(on.said()), refusing.asked) == (said, asked), on.thread()
        await on.comment("/release status")
        assert "🛑 Blocked" in on.said()[-1]
        refusing.on = False
        await on.comment("/release retry")
        await on.merge()
        assert (await the_release(on)).phase is Phase.RELEASED, on.thread()


async def test_act_refused_of_an_opening_can_be_cancelled(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        Refusing(monkeypatch, "open_pull_request", RuleViolation("No."))
        await on.comment(EXAMPLE)
        assert "🛑 Blocked" in on.status()
        await on.comment("/release cancel")
        assert (await the_release(on)).phase is Phase.CANCELLED, on.thread()


@pytest.mark.parametrize("theirs", [False, True])
async def test_act_refused_of_a_pull_request_and_cancelled_leaves_no_branch_but_a_person_s(
    tmp_path, monkeypatch, theirs
):
    async with play(tmp_path) as on:

        async def refuse(*args: Any, **known: Any) -> Any:
            raise Refusal("FORBIDDEN", "Resource not accessible by integration")

        with monkeypatch.context() as now:
            now.setattr(on.world, "open_pull_request", refuse)
            await on.comment(EXAMPLE)
        assert "🛑 Blocked" in on.status()
        assert await on.world.head(on.repository, BRANCH)
        if theirs:
            await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
            await on.settle()
        await on.comment("/release cancel")
        assert (await the_release(on)).phase is Phase.CANCELLED, on.thread()
        left = await on.world.git(on.repository).ref(f"refs/heads/{BRANCH}")
        assert (left is not None) is theirs


async def test_act_refused_of_a_re_run_that_is_too_old_is_told_to_who_retries_and_asked_once(tmp_path, monkeypatch):
    async with play(tmp_path, "publish") as on:
        refusing = Refusing(monkeypatch, "rerun_failed_jobs", TooOld("It was created over a month ago"))
        await on.comment(EXAMPLE)
        await on.merge()
        assert (await the_release(on)).blocked.why is Answer.PUBLISH_FAILED
        await on.comment("/release retry")
        assert (await the_release(on)).blocked.why is Answer.ACT_REFUSED, on.thread()
        assert "over a month ago" in on.milestones()[-1] and "by hand on the tag" in on.milestones()[-1]
        await on.wake()
        await on.settle()
        assert refusing.asked == 1
        on.sandbox.actions.scenario.failures.clear()
        refusing.on = False
        await on.comment("/release retry")
        assert (await the_release(on)).phase is Phase.RELEASED, on.thread()


async def test_act_refused_of_closing_ends_when_a_person_closes_the_pull_request(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        Refusing(monkeypatch, "close_pull_request", Forbidden("No."))
        await on.comment(EXAMPLE)
        await on.comment("/release cancel")
        assert "close" in on.status() and "Blocked" in on.status(), on.thread()
        await on.world.close_pull_request(on.repository, on.pull_request.number, by="morgan")
        await on.settle()
        assert (await the_release(on)).phase is Phase.CANCELLED, on.thread()


async def test_a_status_is_answered_while_no_look_succeeds(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)

        async def silent(*_: Any, **__: Any) -> Any:
            raise Unavailable("GitHub answered 502")

        monkeypatch.setattr(Reader, "snapshot", silent)
        await on.comment("/release status", settle=False)
        await on.until(lambda: "GitHub answered 502" in on.said()[-1])
        assert "Pull request" in on.said()[-1] and "I keep trying" in on.said()[-1]


@pytest.mark.parametrize("end", [Phase.RELEASED, Phase.CANCELLED])
async def test_a_rule_that_keeps_branches_holds_neither_a_merge_nor_a_cancel_up(tmp_path, end):
    async with play(tmp_path) as on:
        on.world.restrict(on.repository, "refs/heads/**/*", rules={"deletion": {}})
        await on.comment(EXAMPLE)
        old = await text(on, "CHANGELOG.md", "refs/heads/main")
        await add_entry(on)
        await on.settle()
        assert (await the_release(on)).blocked.why is Answer.ACT_REFUSED, on.thread()
        if end is Phase.CANCELLED:
            await on.comment("/release cancel")
        else:
            await on.world.push(on.repository, "main", {"CHANGELOG.md": old}, "Take it back", by="morgan")
            await on.merge()
        assert (await the_release(on)).phase is end, on.thread()


@pytest.mark.parametrize("method", ["follow_base", "open_pull_request"])
async def test_act_refused_for_workflow_files_is_a_block_in_the_review_too(tmp_path, monkeypatch, method):
    async with play(tmp_path) as on:
        Refusing(monkeypatch, method, WorkflowsDiffer("update refs/heads/x", "refusing to allow"))
        await on.comment(EXAMPLE)
        if method == "follow_base":
            await add_entry(on)
            await on.settle()
        assert "Workflows: write" in on.status() and "🛑" in on.status(), on.thread()


async def test_a_copy_that_lags_after_outages_is_no_refusal(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        errors = [Unavailable("GitHub answered 502"), Unavailable("GitHub answered 502"), NotFound("Not Found")]
        real = Writer.open_pull_request

        async def flaky(writer: Writer, proposal: Any) -> Any:
            if errors:
                raise errors.pop(0)
            return await real(writer, proposal)

        monkeypatch.setattr(Writer, "open_pull_request", flaky)
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: on.pull_requests)
        assert "🛑" not in on.thread()


async def test_one_run_that_may_not_be_cancelled_keeps_no_other_from_it(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        on.sandbox.actions.scenario.publish_seconds = 15.0
        await on.comment(EXAMPLE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.until(lambda: len(publishing(on)) == 2)
        real, first = Writer.cancel_run, publishing(on)[0].id

        async def cancel(writer: Writer, number: int) -> None:
            if number == first:
                raise Forbidden("Resource not accessible by integration")
            await real(writer, number)

        monkeypatch.setattr(Writer, "cancel_run", cancel)
        await on.comment(BOTH_BACK)
        assert [run.conclusion for run in publishing(on)].count("cancelled") == 1, on.thread()
        assert sum("GitHub refuses what comes next" in said for said in on.milestones()) == 1


def publishing(on: Play) -> list[Any]:
    return [run for run in on.repository.runs.values() if run.head_branch in ("v0.5.0", "py-v0.4.0")]


async def test_undone_is_said_although_the_marks_of_what_is_yanked_are_refused(tmp_path, monkeypatch):
    async with play(tmp_path, prepare=with_token) as on:
        await on.comment(ONE)
        await on.merge()
        Refusing(monkeypatch, "open_pull_request", RuleViolation("Repository rule violations found"))
        await on.comment(BACK)
        assert (await the_release(on)).phase is Phase.ROLLED_BACK, on.thread()
