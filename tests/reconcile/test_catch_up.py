"""Looking everywhere after the store was lost: what one installation refuses keeps nobody else from being looked at."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from bot.github.errors import RateLimited
from bot.reconcile.catch_up import CatchUp
from tests.store.builders import NOON, OTHER


class Installations:
    """One that has reached its limit, and another."""

    def __init__(self) -> None:
        self.app = self
        self.asked: list[str] = []

    async def installations(self):
        return tuple(SimpleNamespace(id=number, created_at=NOON) for number in (1, 2))

    async def repositories(self, installation):
        if installation == 1:
            raise RateLimited(NOON + timedelta(hours=5))
        return (OTHER,)

    async def recent_comments(self, repository, since):
        self.asked.append(repository.full_name)
        return ()


async def test_the_limit_of_one_installation_holds_up_no_other(store, clock):
    github = Installations()
    await CatchUp(cast(Any, github), store, clock).look()
    assert github.asked == [OTHER.full_name]
    assert await store.effect("installations", "read") is None
