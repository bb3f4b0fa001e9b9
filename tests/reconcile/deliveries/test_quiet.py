"""Repositories where nothing is open are read in turn: how often, by whom, and what is done about what is refused."""

from collections import Counter
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.github.errors import Forbidden, Invalid, NotFound, RateLimited
from bot.github.facts import Installation, RepositoryRef
from bot.reconcile.deliveries.missed_comments import MissedComments
from bot.reconcile.deliveries.quiet import MOST_OF_ALL, MOST_OF_ONE
from bot.store import Scan
from tests.store.builders import NOON

SWEEP = timedelta(minutes=5)
DAY = timedelta(days=1)


class GitHub:
    """Repositories without comments, by installation; each request is counted by its kind, as GitHub would."""

    def __init__(self, *sizes):
        self.app = self
        self.sizes = dict(enumerate(sizes, 1))
        self.asked: Counter[str] = Counter()
        self.since: dict[int, Any] = {}
        self.refused: dict[int, Exception] = {}
        self.created = NOON - DAY
        self.suspended: set[int] = set()

    async def installations(self):
        self.asked["lists"] += 1
        return tuple(Installation(number, self.created, suspended=number in self.suspended) for number in self.sizes)

    async def repositories(self, installation):
        self.asked["tokens"] += 1
        self.asked["lists"] += -(-self.sizes[installation] // 100)
        first = installation * 10_000
        return tuple(
            RepositoryRef(number, f"R_{number}", f"o/r{number}", installation)
            for number in range(first, first + self.sizes[installation])
        )

    async def listener(self, installation, repositories):
        self.asked["tokens"] += 1
        if installation in self.refused:
            raise self.refused[installation]
        return self

    async def recent_comments(self, repository, since):
        self.asked["comments"] += 1
        if repository.id in self.refused:
            raise self.refused[repository.id]
        self.since[repository.id] = since
        return ()


def rounds(github, store, clock):
    return MissedComments(cast(Any, github), store, clock)


async def everything_was_read(github, store, clock):
    """As it is long after the first look."""
    clock.time = NOON
    for installation in github.sizes:
        for each in await github.repositories(installation):
            await store.bookmarks.move(Scan.COMMENTS, each.id)
        await store.bookmarks.move(Scan.INSTALLATION, installation)
    await store.bookmarks.begin(Scan.QUIET)
    await store.bookmarks.move(Scan.INSTALLATIONS)
    clock.time = NOON + SWEEP
    github.asked.clear()


async def sweeps(look, clock, number=1):
    for _ in range(number):
        await look()
        clock.time += SWEEP


@pytest.mark.parametrize(
    ("size", "an_hour"),
    [
        (1, {"comments": 12, "tokens": 12 + 1, "lists": 1 + 1}),
        (100, {"comments": 480, "tokens": 12 + 1, "lists": 1 + 1}),
        (5000, {"comments": 480, "tokens": 12 + 1, "lists": 1 + 50}),
    ],
)
async def test_what_an_hour_costs_however_many_repositories_there_are(store, clock, size, an_hour):
    github = GitHub(size)
    await everything_was_read(github, store, clock)
    await sweeps(rounds(github, store, clock).look, clock, 12)
    assert github.asked == an_hour


async def test_what_all_installations_together_cost_is_bounded_too(store, clock):
    github = GitHub(*[3] * 100)
    await everything_was_read(github, store, clock)
    await sweeps(rounds(github, store, clock).look, clock, 2)
    assert github.asked["comments"] == 2 * MOST_OF_ALL
    await sweeps(rounds(github, store, clock).look, clock, 1)
    assert len(github.since) == 300, "each has had its turn"


async def test_each_repository_has_its_turn_also_when_the_bot_is_restarted(store, clock):
    github = GitHub(3 * MOST_OF_ONE)
    await everything_was_read(github, store, clock)
    for _ in range(3):
        await sweeps(rounds(github, store, clock).look, clock)
    assert len(github.since) == 3 * MOST_OF_ONE


async def test_of_several_processes_one_takes_each_turn(store, clock):
    github = GitHub(5)
    await everything_was_read(github, store, clock)
    await rounds(github, store, clock).look()
    await rounds(github, store, clock).look()
    assert github.asked["comments"] == 5


async def test_what_cannot_be_read_does_not_take_every_turn(store, clock):
    github = GitHub(2 * MOST_OF_ONE)
    await everything_was_read(github, store, clock)
    github.refused = {number: NotFound("gone") for number in range(10_000, 10_000 + MOST_OF_ONE)}
    await sweeps(rounds(github, store, clock).look, clock, 2)
    assert len(github.since) == MOST_OF_ONE


@pytest.mark.parametrize("refusal", [NotFound("gone"), Forbidden("suspended"), Invalid("not all of them")])
async def test_an_installation_that_is_another_now_is_listed_again(store, clock, refusal):
    github = GitHub(5, 5)
    await everything_was_read(github, store, clock)
    look = rounds(github, store, clock).look
    github.refused = {1: refusal}
    await sweeps(look, clock)
    assert sorted(github.since) == list(range(20_000, 20_005)), "the other one is read"
    github.refused.clear()
    await sweeps(look, clock)
    assert len(github.since) == 10


async def test_at_a_limit_the_rest_waits_for_a_later_turn(store, clock):
    github = GitHub(5)
    await everything_was_read(github, store, clock)
    github.refused = {10_002: RateLimited(NOON + DAY)}
    look = rounds(github, store, clock).look
    await sweeps(look, clock)
    assert sorted(github.since) == [10_000, 10_001]
    github.refused.clear()
    await sweeps(look, clock)
    assert len(github.since) == 5


async def test_nothing_of_before_the_app_was_there_is_read(store, clock):
    github = GitHub(1)
    await everything_was_read(github, store, clock)
    look = rounds(github, store, clock).look
    github.sizes[2] = 1
    clock.time += DAY
    await sweeps(look, clock)
    assert github.since[20_000] == github.created, "a new installation tells since when it is there"
    github.sizes[1], joined = 2, clock.time + DAY
    clock.time = joined
    await sweeps(look, clock, 2)
    assert github.since[10_001] >= joined - timedelta(minutes=10), "of a repository that joined one nobody does"


async def test_what_is_three_days_old_is_not_read(store, clock):
    github = GitHub(1)
    await everything_was_read(github, store, clock)
    clock.time += timedelta(days=30)
    await sweeps(rounds(github, store, clock).look, clock)
    assert github.since[10_000] == clock.time - SWEEP - timedelta(days=3)


async def test_a_suspended_installation_is_not_asked_and_holds_up_no_other(store, clock):
    github = GitHub(1, 1)
    github.suspended = {1}
    look = rounds(github, store, clock).look
    await sweeps(look, clock, 3)
    assert list(github.since) == [20_000]
