"""Looking everywhere after the store was lost: what one installation refuses keeps nobody else from being looked at."""

from datetime import timedelta
from typing import Any, cast

from bot.github.errors import RateLimited
from bot.github.facts import Installation
from bot.reconcile.deliveries.missed_comments import MissedComments
from bot.store import Scan
from tests.store.builders import NOON, OTHER


class Installations:
    """One that has reached its limit, and another."""

    def __init__(self) -> None:
        self.app = self
        self.asked: list[str] = []
        self.listed: list[int] = []
        self.limited, self.suspended = 1, 0

    async def installations(self):
        return tuple(Installation(number, NOON, suspended=number == self.suspended) for number in (1, 2))

    async def repositories(self, installation):
        self.listed.append(installation)
        if installation == self.limited:
            raise RateLimited(NOON + timedelta(hours=5))
        return (OTHER,)

    async def recent_comments(self, repository, since):
        self.asked.append(repository.full_name)
        return ()


async def test_the_limit_of_one_installation_holds_up_no_other(store, clock):
    github = Installations()
    await MissedComments(cast(Any, github), store, clock).look()
    assert github.asked == [OTHER.full_name]
    assert await store.bookmarks.find(Scan.INSTALLATIONS) is None


async def test_nothing_lost_a_suspended_installation_is_read_when_it_is_no_more_and_the_others_only_once(store, clock):
    github = Installations()
    github.limited, github.suspended = 0, 1
    look = MissedComments(cast(Any, github), store, clock).look
    await look()
    await look()
    assert await store.bookmarks.find(Scan.INSTALLATIONS) is None
    assert github.listed == [2]
    github.suspended = 0
    await look()
    await look()
    assert github.listed == [2, 1]
