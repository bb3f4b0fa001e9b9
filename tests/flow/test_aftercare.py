"""A release that has ended, and a registry that changes after it."""

from datetime import timedelta

import pytest

from bot.github import Writer
from bot.github.errors import Unavailable
from bot.release import aftercare
from tests.play import EXAMPLE, play


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """The four looks come within seconds."""
    monkeypatch.setattr(aftercare, "AFTER", tuple(timedelta(seconds=n) for n in (0.5, 3, 4, 5)))


def changes(on):
    """What was said of changes."""
    return [body for body in on.milestones() if "registries have changed" in body]


def yank(on):
    """Somebody yanks the crate."""
    (version,) = (each for each in on.sandbox.crates.versions if (each.name, each.num) == ("tidewater", "0.5.0"))
    version.yanked = True


async def looked_after(on):
    """Wait for the last of the four looks."""

    async def over():
        return not await on.bot.store.releases_to_recheck(on.repository.id)

    await on.until(over)


async def test_a_version_that_is_yanked_after_the_end_is_told_once(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        assert "Released" in on.status()
        yank(on)
        await looked_after(on)
        assert len(changes(on)) == 1
        assert "0.5.0 is yanked" in changes(on)[0]


async def test_a_release_that_stays_as_it_was_is_not_spoken_of_again(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        said = on.said()
        await looked_after(on)
        assert on.said() == said


async def test_once_a_change_that_was_told_is_not_told_again_by_the_look_that_broke_off(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        real = Writer.comment
        lost: list[int] = []

        async def lossy(self, issue, body):
            number = await real(self, issue, body)
            if not lost:
                lost.append(number)
                raise Unavailable("the answer is lost")
            return number

        monkeypatch.setattr(Writer, "comment", lossy)
        monkeypatch.setattr("bot.reconcile.reconciler.POSTPONED", timedelta(seconds=0.2))
        yank(on)
        await looked_after(on)
        assert lost
        assert len(changes(on)) == 1


async def test_once_a_change_that_was_told_is_not_told_again_when_the_look_is_repeated_after_the_next_was_due(
    tmp_path, monkeypatch
):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        real = on.bot.store.save
        lost: list[int] = []

        async def lossy(lease, release):
            if release.aftercare.troubles and len(lost) < 1:
                lost.append(1)
                monkeypatch.setattr("bot.reconcile.reconciler.POSTPONED", timedelta(seconds=4))
                raise OSError("the disk is full")
            await real(lease, release)

        monkeypatch.setattr(on.bot.store, "save", lossy)
        yank(on)
        await looked_after(on)
        assert lost
        assert len(changes(on)) == 1
