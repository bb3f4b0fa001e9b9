"""What is asked for again, by a log of deliveries that a test writes."""

from datetime import timedelta

import pytest

from bot.github.errors import Invalid, RateLimited, Unavailable
from bot.github.facts import HookDelivery
from bot.reconcile.deliveries import redelivery as module
from bot.reconcile.deliveries.filter import DeliveryFilter
from bot.reconcile.deliveries.redelivery import Redelivery
from bot.store import Store, Tried
from tests.reconcile.deliveries.test_filter import COMMAND, REPOSITORY, open_release
from tests.store.builders import NOON, TurnedClock


class Log:
    """The App's log, newest first, and what was asked for."""

    def __init__(self, clock):
        self.clock = clock
        self.failed = []
        self.asked = []
        self.since = []
        self.refuse = {}

    @property
    def app(self):
        return self

    def fail(self, guid, event="issue_comment", action="created", repository=REPOSITORY.id):
        number = len(self.failed) + 1
        self.failed.insert(0, HookDelivery(number, guid, event, action, repository, self.clock.now()))

    async def failed_deliveries(self, since):
        self.since.append(since)
        return tuple(each for each in self.failed if each.delivered_at >= since)

    async def redeliver(self, number):
        if number in self.refuse:
            raise self.refuse[number]
        self.asked.append(number)


@pytest.fixture
def clock():
    return TurnedClock()


@pytest.fixture
async def store(tmp_path, clock):
    async with Store.open(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}", clock) as store:
        yield store


@pytest.fixture
def github(clock):
    return Log(clock)


@pytest.fixture
def missed(github, store, clock):
    return Redelivery(github, store, clock)


async def test_a_failed_command_is_asked_for_once(missed, github, clock):
    github.fail("g")
    assert [await missed.look(), await missed.look()] == [1, 0]
    assert github.asked == [1]


async def test_a_redelivery_that_never_shows_is_asked_for_once_more(missed, github, clock):
    github.fail("g")
    found = []
    for _ in range(5):
        found.append(await missed.look())
        await clock.turn(3600)
    assert found == [1, 1, 0, 0, 0]


async def test_several_attempts_at_one_webhook_are_one(missed, github):
    for guid in ("g", "h", "g"):
        github.fail(guid)
    assert await missed.look() == 2
    assert sorted(github.asked) == [2, 3]


async def test_what_the_store_has_is_not_asked_for(missed, github, store, clock):
    github.fail("g")
    await DeliveryFilter(store, clock).keep("issue_comment", "g", COMMAND)
    assert await missed.look() == 0


@pytest.mark.parametrize(
    ("event", "action"),
    [("issue_comment", "edited"), ("workflow_run", "completed"), ("push", ""), ("star", "created")],
)
async def test_what_cannot_matter_is_not_asked_for(missed, github, event, action):
    github.fail("g", event, action)
    assert await missed.look() == 0


async def test_events_of_open_releases_and_of_installations_are_asked_for_after_commands(missed, github, store):
    await open_release(store)
    github.fail("g1", "workflow_run", "completed")
    github.fail("g2", "installation", "suspend", None)
    github.fail("g3")
    assert await missed.look() == 3
    assert github.asked == [3, 1, 2]


async def test_what_fails_again_is_asked_for_again_after_growing_pauses(missed, github, clock):
    github.fail("g")
    await missed.look()
    github.fail("g")
    for minutes, expected in ((1, 0), (5, 1), (1, 0)):
        await clock.turn(60 * minutes)
        assert await missed.look() == expected
    github.fail("g")
    for minutes, expected in ((5, 0), (5, 1), (60, 0)):
        await clock.turn(60 * minutes)
        assert await missed.look() == expected
    assert github.asked == [1, 2, 3]


async def test_a_look_reads_back_to_the_last_one_and_three_days_at_most(missed, github, clock, caplog):
    await missed.look()
    await clock.turn(3600)
    await missed.look()
    await clock.turn(4 * 24 * 3600)
    await missed.look()
    third = NOON + timedelta(hours=1, days=4) - module.WINDOW
    assert github.since == [NOON - module.WINDOW, NOON - module.LOG_OVERLAP, third]
    assert "can no longer be redelivered" in caplog.text


@pytest.mark.parametrize("failure", [Unavailable("502"), RateLimited(NOON)])
async def test_what_could_not_be_asked_for_is_asked_for_later(missed, github, clock, failure):
    github.fail("g")
    github.refuse[1] = failure
    assert await missed.look() == 0
    github.refuse.clear()
    await clock.turn(2 * 3600)
    assert await missed.look() == 1


async def test_one_that_fails_is_not_the_end_of_the_others(missed, github):
    for guid in ("g", "h"):
        github.fail(guid)
    github.refuse[1] = Unavailable("502")
    assert await missed.look() == 1
    assert github.asked == [2]


async def test_what_github_refuses_for_good_is_said_and_left(missed, github, clock, caplog):
    github.fail("g")
    github.refuse[1] = Invalid("too old")
    await missed.look()
    assert "is lost" in caplog.text
    github.refuse.clear()
    assert await missed.look() == 0


async def test_more_than_a_look_asks_for_is_left_to_the_next(missed, github, monkeypatch, clock):
    monkeypatch.setattr(module, "MOST_ASKED", 2)
    for guid in ("a", "b", "c"):
        github.fail(guid)
    assert [await missed.look(), await missed.look(), await missed.look()] == [2, 1, 0]


async def test_a_crash_between_the_question_and_its_record_asks_twice_at_most(missed, github, store, monkeypatch):
    github.fail("g")
    count = store.attempts.count

    async def crash(tried, guid, **more):
        raise OSError("pulled the plug")

    monkeypatch.setattr(store.attempts, "count", crash)
    with pytest.raises(OSError, match="plug"):
        await missed.look()
    monkeypatch.setattr(store.attempts, "count", count)
    await missed.look()
    await missed.look()
    assert github.asked == [1, 1]
    assert (await store.attempts.find(Tried.REDELIVERY, "g")).count == 1
