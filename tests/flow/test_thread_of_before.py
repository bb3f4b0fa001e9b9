"""A thread that the version before wrote, whose store is lost, is taken up by this one as if it had written it.

tests/threads_of_before holds what that version said, as it was recorded then: its marks have no version. Each test
plays the same scene, puts the recorded texts in the place of today's, with today's ids in their marks, and loses the
store.
"""

import json
import re
from pathlib import Path

import pytest

from bot import ledger
from bot.release.model import Phase
from tests.flow.test_ledger import ended, lose_everything
from tests.play import EXAMPLE, play

RECORDED = Path(__file__).parents[1] / "threads_of_before"
BACK = "/release rollback tidewater 0.5.0 tidewater-py 0.4.0"
SCENES = {
    "cancelled": ((), ("/release cancel",), False, []),
    "ci_red": (("ci",), (), True, [Phase.MERGED]),
    "publish_failed": (("publish",), ("/release retry",), True, [Phase.TAGGED]),
    "incomplete": (("wheel=linux-aarch64",), (), True, [Phase.PUBLISHED]),
    "yank_wanted": (("wheel=linux-aarch64",), (BACK,), True, [Phase.ROLLING_BACK]),
}
"""By the recording: what fails, what is commanded, whether the pull request is merged, and what is open at the end."""


def texts(name):
    """What the version before wrote."""
    return [said["body"] for said in json.loads((RECORDED / f"{name}.json").read_text("utf-8"))["said"] if by_us(said)]


def by_us(said):
    return said["by"] == "us"


def holders(on):
    """What holds our own texts today, wherever they stand."""
    for issue in on.repository.issues.values():
        if issue.app_id is not None:
            yield issue
        yield from (comment for comment in issue.comments if comment.app_id is not None)


def shape(mark):
    """A mark without its ids, commits and digests."""
    return re.sub(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{8}\b|\b[0-9]{3,}\b|(?<=[rc])[0-9]{3,}", "#", mark)


def mark_of(text):
    """The last line, without a version."""
    return text.splitlines()[-1].replace("shipmate v1 ", "shipmate ")


def write_as_before(on, name):
    """Have the thread say what the version before said."""
    today = sorted(holders(on), key=lambda holder: shape(mark_of(holder.body)))
    before = sorted(texts(name), key=lambda text: shape(mark_of(text)))
    assert [shape(mark_of(holder.body)) for holder in today] == [shape(mark_of(text)) for text in before]
    for holder, recorded in zip(today, before, strict=True):
        holder.body = recorded.removesuffix(mark_of(recorded)) + mark_of(holder.body)


def marks(on):
    return [ledger.mark(holder.body) for holder in holders(on)]


@pytest.mark.parametrize("name", SCENES)
async def test_nothing_lost_a_release_of_which_the_version_before_told_is_taken_up_and_nothing_said_again(
    tmp_path, name
):
    fail, commands, merged, left = SCENES[name]
    async with play(tmp_path, *fail) as on:
        await on.comment(EXAMPLE)
        if merged:
            await on.merge()
        for command in commands:
            await on.comment(command)
        write_as_before(on, name)
        told = marks(on)
        await lose_everything(on)
        assert await ended(on) == left, on.thread()
        assert marks(on) == told, on.thread()


@pytest.mark.parametrize("name", sorted(path.stem for path in RECORDED.iterdir()))
def test_every_text_that_the_version_before_wrote_has_a_mark_that_is_read(name):
    recorded = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    for text in [*texts(name), *recorded["discussions"]]:
        mark = ledger.mark(text)
        assert mark is not None and not isinstance(mark.key, ledger.Other)
        assert mark.text.replace("shipmate v1 ", "shipmate ") == text.splitlines()[-1]
