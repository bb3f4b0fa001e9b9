"""A command that fails again and again is deferred: what has nothing to do with it passes, its own thread waits."""

from datetime import UTC, datetime

import pytest

from bot.github.errors import Forbidden, GitHubError, NoAccess, RateLimited, Unavailable
from bot.reconcile.deliveries import queue as module
from bot.reconcile.deliveries.filter import DeliveryFilter
from bot.reconcile.deliveries.queue import DEFERRED_FOR, MOST_TRIES
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Phase
from tests.reconcile.deliveries.test_intake import BLOCKED, IN_REVIEW, World, look, on_the_thread, prepare, take
from tests.release.builders import release

LOST = Forbidden("Resource not accessible by integration")
BROKEN = Unavailable("GitHub answered 502")


async def keep(store, *comments):
    """Each a number, a thread and a text."""
    for number, issue, text in comments:
        await DeliveryFilter(store, store._clock).keep(
            "issue_comment", f"g{number}", on_the_thread(text, number, issue)
        )


async def looks(store, world, lease, count):
    """So many, of which some may fail."""
    for _ in range(count):
        try:
            await look(store, world, lease)
        except (GitHubError, Unsettled):
            continue


def answered(world):
    """The comments that were, in that order."""
    return [subject for subject, key, _ in world.said if key.startswith("answer-")]


@pytest.mark.parametrize("failure", [LOST, BROKEN])
async def test_no_silence_a_command_that_fails_again_and_again_holds_up_no_other_thread(store, failure):
    world, lease = World(), await prepare(store, None)
    world.failing[9] = failure
    await keep(store, (9, 7, "/release help"), (10, 70, "/release banana"))
    await looks(store, world, lease, MOST_TRIES - 1)
    assert answered(world) == []
    await looks(store, world, lease, 1)
    assert answered(world) == ["c10"]
    world.failing.clear()
    await looks(store, world, lease, 1)
    assert answered(world) == ["c10", "c9"]


@pytest.mark.parametrize("failure", [LOST, BROKEN])
async def test_what_comes_later_on_the_thread_of_a_command_that_is_deferred_waits_for_it(store, failure):
    world, lease = World(), await prepare(store, None)
    world.failing[9] = failure
    await keep(store, (9, 7, "/release 0.5.0"), (10, 7, "/release cancel"), (11, 70, "/release help"))
    await looks(store, world, lease, MOST_TRIES + 2)
    assert answered(world) == ["c11"]
    world.failing.clear()
    await look(store, world, lease)
    assert [(r.id, r.asked.cancel_by) for r in await store.open_releases(7)] == [("r9", "ann")]
    assert answered(world) == ["c11"]


async def test_a_cancel_passes_what_is_deferred_before_it_for_its_release_goes_on_meanwhile(store):
    world, lease = World(), await prepare(store, release(Phase.PROPOSED, review_pull_request=8))
    world.failing[9] = BROKEN
    await keep(store, (9, 7, "/release help"), (10, 8, "/release cancel"), (11, 7, "/release status"))
    await looks(store, world, lease, MOST_TRIES)
    assert [r.asked.cancel_by for r in await store.open_releases(7)] == ["ann"]
    assert [r.asked.status_questions for r in await store.open_releases(7)] == [()]


async def test_a_releases_issue_and_its_pull_request_are_one_thread(store):
    world, lease = World(), await prepare(store, release(Phase.PROPOSED, review_pull_request=8))
    world.failing[9] = BROKEN
    await keep(store, (9, 8, "/release cancel"), (10, 7, "/release retry"))
    await looks(store, world, lease, MOST_TRIES + 2)
    assert answered(world) == []


async def test_while_github_does_not_answer_at_all_no_command_passes_another_and_none_is_dead_lettered(store, clock):
    world, lease = World(), await prepare(store, None)
    await keep(store, (9, 7, "/release help"), (10, 70, "/release banana"))
    world.outage = BROKEN
    await looks(store, world, lease, 2 * MOST_TRIES)
    await clock.turn(DEFERRED_FOR.total_seconds() + 1)
    await looks(store, world, lease, 2 * MOST_TRIES)
    world.outage = None
    await look(store, world, lease)
    assert answered(world) == ["c9", "c10"]


async def test_an_outage_that_ends_during_a_look_lets_no_command_pass_another(store):
    world, lease = World(), await prepare(store, None)
    await keep(store, (9, 7, "/release help"), (10, 70, "/release banana"))
    world.outage = BROKEN
    await looks(store, world, lease, MOST_TRIES)
    world.last_of_outage = True
    await looks(store, world, lease, 2)
    assert answered(world) == ["c9", "c10"]


async def test_an_outage_that_begins_during_a_look_sets_nothing_aside(store, clock):
    world, lease = World(), await prepare(store, None)
    await keep(store, (9, 7, "/release help"))
    world.failing[9] = BROKEN
    await looks(store, world, lease, MOST_TRIES)
    await clock.turn(DEFERRED_FOR.total_seconds() + 1)
    world.first_of_outage = BROKEN
    await looks(store, world, lease, 1)
    assert len(await store.unhandled(7)) == 1


LATER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("failure", [RateLimited(LATER), Unsettled("not yet", LATER), NoAccess("suspended")])
async def test_what_all_must_wait_for_is_no_failure_of_the_command_that_meets_it(store, clock, failure):
    world, lease = World(), await prepare(store, None)
    await keep(store, (9, 7, "/release help"), (10, 70, "/release banana"))
    world.failing[9] = failure
    await looks(store, world, lease, 2 * MOST_TRIES)
    await clock.turn(DEFERRED_FOR.total_seconds() + 1)
    await looks(store, world, lease, 2 * MOST_TRIES)
    assert world.said == []
    world.failing[9] = BROKEN
    await looks(store, world, lease, MOST_TRIES - 1)
    assert answered(world) == []
    world.failing.clear()
    await look(store, world, lease)
    assert answered(world) == ["c9", "c10"]


async def test_a_command_that_is_deferred_is_not_given_up_for_another_failure_before_that_came_as_often(
    store,
):
    world, lease = World(), await prepare(store, None)
    await keep(store, (9, 7, "/release help"), (10, 70, "/release banana"))
    world.failing[9] = BROKEN
    await looks(store, world, lease, MOST_TRIES)
    world.failing[9] = GitHubError("odd")
    await looks(store, world, lease, MOST_TRIES - 1)
    assert answered(world) == ["c10"]
    assert len(await store.unhandled(7)) == 1
    await looks(store, world, lease, 1)
    assert await store.unhandled(7) == ()


@pytest.mark.parametrize("failure", [LOST, BROKEN])
async def test_no_silence_who_wrote_a_command_that_failed_for_three_days_is_told_so(store, clock, failure):
    world, lease = World(), await prepare(store, None)
    world.failing[9] = failure
    await keep(store, (9, 7, "/release help"))
    await looks(store, world, lease, MOST_TRIES)
    await clock.turn(DEFERRED_FOR.total_seconds() + 1)
    await look(store, world, lease)
    assert not await store.unhandled(7)
    ((subject, key, text),) = world.said
    assert (subject, key) == ("c9", "set-aside")
    assert str(failure).rstrip(".") in text


async def test_what_is_deferred_makes_nothing_else_be_dead_lettered_sooner(store):
    world, lease = World(), await prepare(store, None)
    world.failing = {9: BROKEN, 10: GitHubError("once")}
    await keep(store, (9, 7, "/release help"))
    await looks(store, world, lease, 2 * MOST_TRIES)
    await keep(store, (10, 70, "/release banana"))
    await looks(store, world, lease, 1)
    del world.failing[10]
    await looks(store, world, lease, 1)
    assert answered(world) == ["c10"]


async def test_what_is_deferred_is_tried_again_after_growing_pauses(store):
    world, lease = World(), await prepare(store, None)
    world.failing[9] = BROKEN
    await keep(store, (9, 7, "/release help"))
    await looks(store, world, lease, MOST_TRIES)
    assert [await look(store, world, lease) for _ in range(2)] == [MOST_TRIES + 1, MOST_TRIES + 2]
    world.failing[10] = BROKEN
    await keep(store, (10, 70, "/release help"))
    await looks(store, world, lease, MOST_TRIES - 1)
    assert await look(store, world, lease) == MOST_TRIES  # as soon as the youngest of them


@pytest.mark.parametrize(("text", "before"), [("/release cancel", IN_REVIEW), ("/release retry", BLOCKED)])
async def test_a_command_that_is_deferred_has_changed_no_release(store, monkeypatch, text, before):
    monkeypatch.setattr(module, "MOST_TRIES", 1)
    world, lease = World(), await prepare(store, before)
    world.crash_before, world.failure = 4, LOST
    await keep(store, (9, 7, text))
    assert await look(store, world, lease)
    assert await store.open_releases(7) == (before,)
    await take(store, world, lease)
    assert await store.open_releases(7) != (before,)


async def test_no_silence_who_wrote_a_command_that_is_dead_lettered_sees_that_it_failed(store, monkeypatch):
    monkeypatch.setattr(module, "MOST_TRIES", 1)
    world, lease = World(), await prepare(store, None)
    world.crash_before, world.failure = 2, RuntimeError("a fault of ours")
    await keep(store, (9, 7, "/release help"))
    await take(store, world, lease)
    assert (9, "confused") in world.reactions
    assert "an error of my own" in world.said[0][2]
