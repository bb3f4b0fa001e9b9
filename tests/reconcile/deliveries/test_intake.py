"""A comment is taken once, whatever crashes and however often it comes."""

from datetime import timedelta
from typing import Any, cast

import pytest

from bot.github.errors import GitHubError
from bot.github.facts import Comment, Permission
from bot.ledger import Mark, ReleaseId, Word
from bot.reconcile.deliveries import intake as module
from bot.reconcile.deliveries import queue as deliveries
from bot.reconcile.deliveries.filter import DeliveryFilter
from bot.reconcile.deliveries.intake import Intake
from bot.reconcile.deliveries.queue import Deliveries
from bot.reconcile.effects.comments import shown
from bot.release.answers import Answer, Blocked
from bot.release.model import Phase
from bot.store import Store
from tests.release.builders import release
from tests.store.builders import TurnedClock
from tests.test_events import comment


async def nothing_known(lease, versions):
    """The ledger tells of no release that the store does not know."""


class Crash(Exception):
    """The process ends here."""


class World:
    """GitHub, the actor, and a plug to be pulled at the nth step."""

    def __init__(self):
        self.reactions = set()
        self.said = []
        self.steps = 0
        self.crash_before = self.crash_after = None
        self.failure: Exception = Crash("pulled the plug")
        self.failing: dict[int, Exception] = {}
        """By the comment on which it always fails."""
        self.outage: Exception | None = None
        """Which everything fails with."""
        self.first_of_outage: Exception | None = None
        self.last_of_outage = False

    async def step(self, act):
        self.steps += 1
        if self.steps == self.crash_before:
            raise self.failure
        result = await act()
        if self.steps == self.crash_after:
            raise self.failure
        return result

    def reader(self, repository):
        return self

    async def permission(self, login):
        async def asked():
            return Permission.MAINTAIN

        return await self.step(asked)

    def fail(self, comment=0):
        if failure := self.outage or self.failing.get(comment):
            self.outage = None if self.last_of_outage else self.outage
            raise failure

    async def ping(self):
        self.fail()
        self.outage = self.first_of_outage

    async def comment_states(self, repository, nodes):
        return {}

    async def comments(self, number, since):
        return ()

    async def react(self, repository, number, content):
        self.fail(number)

        async def add():
            self.reactions.add((number, content))

        await self.step(add)

    async def say(self, lease, thread, mark, text):
        subject, key = mark.subject.text, mark.key.text

        async def once():
            if (subject, key) not in [said[:2] for said in self.said]:
                self.said.append((subject, key, text))

        await self.step(once)


class Plugged:
    """A store whose writes are steps of the world."""

    def __init__(self, store, world):
        self._store = store
        self._world = world

    def __getattr__(self, name):
        real = getattr(self._store, name)
        if name == "intents":
            return Plugged(real, self._world)
        if name not in ("save", "intend", "record", "handled"):
            return real

        async def stepped(*args):
            return await self._world.step(lambda: real(*args))

        return stepped


@pytest.fixture
async def store(tmp_path):
    async with Store.open(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}", TurnedClock()) as store:
        yield store


CARD = Mark(ReleaseId(9), Word.STATUS)
BLOCKED = release(Phase.TAGGED, blocked=Blocked(Answer.PUBLISH_FAILED, ()))
IN_REVIEW = release(Phase.PROPOSED, merge_commit=None, publishing_tagged_at=None, publishing_ended_at=None)


def on_the_thread(text, number=9, issue=7):
    raw = comment(text=text).replace(b'"number": 3', b'"number": %d' % issue)
    return raw.replace(b'"id": 9', b'"id": %d' % number)


async def prepare(store, before):
    """A repository with a release in some state, or none, and nothing unhandled."""
    await DeliveryFilter(store, store._clock).keep("issue_comment", "before", on_the_thread("/release 0.1.0", 1))
    await store.handled(["before"])
    lease = await store.claim("w", lease_seconds=60)
    if before is not None:
        await store.save(lease, before)
    return lease


async def outcome(store, world):
    """Everything that a run leaves behind."""
    releases = {
        r.id: (r.asked.retry_by, r.asked.cancel_by, r.asked.status_questions) for r in await store.open_releases(7)
    }
    return releases, world.reactions, world.said


async def look(store, world, lease):
    """Take what is unhandled, once; how often what was deferred has failed."""
    github, plugged = cast(Any, world), cast(Any, Plugged(store, world))
    intake = Intake(github, plugged, github, store._clock, recall=nothing_known)
    inbox = Deliveries(github, plugged, intake, store._clock)
    return await inbox.take(lease, await store.unhandled(7))


async def take(store, world, lease):
    """Work until nothing is unhandled, as often as the process must be started for it."""
    for _ in range(3):
        try:
            await look(store, world, lease)
        except (Crash, GitHubError):
            continue
        if not await store.unhandled(7):
            return
    raise AssertionError("it did not come to an end")


CASES = [
    ("/release 0.5.0", None),
    ("/release 0.5.0", IN_REVIEW),
    ("/release retry", BLOCKED),
    ("/release retry", IN_REVIEW),
    ("/release cancel", IN_REVIEW),
    ("/release cancel", None),
    ("/release status", IN_REVIEW),
    ("/release help", None),
    ("/release banana", None),
    ("/release help\n/release status\n/release cancel", IN_REVIEW),
]


@pytest.mark.parametrize(("text", "before"), CASES)
async def test_a_crash_at_any_step_changes_nothing_of_the_end(tmp_path, text, before):
    ends, steps, number = [], 1, 0
    while number <= 2 * steps:
        world = World()
        world.crash_before = number // 2 if number % 2 == 0 else None
        world.crash_after = number // 2 if number % 2 else None
        async with Store.open(f"sqlite+aiosqlite:///{tmp_path / str(number)}.db", TurnedClock()) as store:
            lease = await prepare(store, before)
            await DeliveryFilter(store, store._clock).keep("issue_comment", "g", on_the_thread(text))
            await take(store, world, lease)
            ends.append(await outcome(store, world))
        steps = world.steps if number == 0 else steps
        number += 1
    assert all(end == ends[0] for end in ends)


@pytest.mark.parametrize(("text", "before"), CASES)
async def test_a_comment_that_comes_twice_is_taken_once(store, text, before):
    world, lease = World(), await prepare(store, before)
    delivery_filter = DeliveryFilter(store, store._clock)
    await delivery_filter.keep("issue_comment", "g", on_the_thread(text))
    await take(store, world, lease)
    after = await outcome(store, world)
    # Meanwhile the releases are carried on to their ends: what the command wanted is done.
    for each in await store.open_releases(7):
        await store.save(lease, release(Phase.RELEASED, id=each.id))
    await delivery_filter.keep("issue_comment", "comment-9", on_the_thread(text))
    await take(store, world, lease)
    _, reactions, said = await outcome(store, world)
    assert (reactions, said) == after[1:]
    assert await store.open_releases(7) == ()


async def test_a_command_that_fails_for_good_is_dead_lettered_and_not_begun_again(store, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_TRIES", 1)
    world, lease = World(), await prepare(store, IN_REVIEW)
    world.crash_before, world.failure = 9, GitHubError("no such issue")
    delivery_filter = DeliveryFilter(store, store._clock)
    await delivery_filter.keep("issue_comment", "g", on_the_thread("/release cancel\n/release help"))
    await take(store, world, lease)
    assert [r.asked.cancel_by for r in await store.open_releases(7)] == ["ann"]
    await store.save(lease, release(Phase.CANCELLED))
    await delivery_filter.keep("issue_comment", "comment-9", on_the_thread("/release cancel\n/release help"))
    await take(store, world, lease)
    assert [said[1] for said in world.said] == ["set-aside"]


async def test_no_silence_a_release_whose_issue_is_gone_is_commanded_on_its_pull_request(store):
    world, lease = World(), await prepare(store, BLOCKED)
    on_the_pull_request = comment(text="/release retry").replace(b'"number": 3', b'"number": 8')
    await DeliveryFilter(store, store._clock).keep("issue_comment", "g", on_the_pull_request)
    await take(store, world, lease)
    assert [r.asked.retry_by for r in await store.open_releases(7)] == ["ann"]


async def test_once_a_status_card_that_a_lost_store_forgot_is_known_again(store, monkeypatch):
    monkeypatch.setattr(module, "COMES_LATE", timedelta.min)
    world, lease = World(), await prepare(store, None)
    card = Comment(77, "C", f"Card\n\n{CARD.text}", "shipmate[bot]", True, "", store._clock.now())
    monkeypatch.setattr(World, "comments", returning((card,)))
    await DeliveryFilter(store, store._clock).keep("issue_comment", "g", on_the_thread("/release 0.5.0"))
    await take(store, world, lease)
    assert [r.id for r in await store.open_releases(7)] == ["r9"]
    known = await store.intents.find(CARD)
    assert known is not None and known.result == shown(77)


def returning(value):
    async def answer(self, *args):
        return value

    return answer
