"""What GitHub refuses for good is a block, in whatever phase: said once with a way out, and not asked for again."""

from typing import Any

import pytest

from bot.github import Reader, Writer
from bot.github.errors import Forbidden, Invalid, NotFound, ReadOnly, RuleViolation, TooOld, Unavailable
from bot.release.answers import Answer
from bot.release.model import Phase
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
    (NotFound("Not Found", missing="contents=write"), "Grant it to the App"),
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
