"""The loop itself: nothing that fails ends it, and nothing that failed is forgotten."""

import pytest

from bot.github import Writer
from bot.github.errors import Unavailable
from bot.release.model import Phase
from tests.play import EXAMPLE, play


async def test_a_look_that_fails_is_repeated_and_says_nothing_twice(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        comment = Writer.comment
        failures: list[int] = []

        async def lost_answer(self, issue, body):
            number = await comment(self, issue, body)
            if len(failures) < 2:
                failures.append(number)
                raise Unavailable("the answer was lost")
            return number

        monkeypatch.setattr(Writer, "comment", lost_answer)
        await on.comment(EXAMPLE, settle=False)
        await on.until(lambda: len(failures) == 2 and " status -->" in "".join(on.said()))
        await on.settle()
        assert sum("proposes" in body for body in on.said()) == 1, on.thread()
        assert sum(" status -->" in body for body in on.said()) == 1
        assert len(on.pull_requests) == 1


async def test_a_fault_of_ours_is_told_to_the_thread_once(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.reconcile.back_off.LONGEST_PAUSE", 0.02)
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        monkeypatch.setattr("bot.reconcile.reconciler.decide", lambda *args: 1 // 0)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.until(lambda: any("error of my own" in body for body in on.said()))
        await on.pass_time(1.0)
        assert sum("error of my own" in body for body in on.said()) == 1
        assert [release.phase for release in await on.releases()] == [Phase.PROPOSED]


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level("CRITICAL")
