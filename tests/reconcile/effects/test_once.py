"""What has no key of its own is made once, whatever crashes between the intent, the call and the record."""

import pytest

from bot.ledger import Mark, ReleaseId, Word
from bot.reconcile.effects.once import Once
from bot.reconcile.unsettled import Unsettled

MARK = Mark(ReleaseId(1), Word.RELEASED)
LAG = 30.0


class World:
    """Where something is made, and shown only after a while."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.shows = True
        self.crashes_after = False

    async def find(self, since):
        return self.made[-1] if self.made and self.shows else None

    async def make(self):
        self.made.append(f"{len(self.made) + 1}")
        if self.crashes_after:
            self.crashes_after = False
            raise OSError("pulled the plug")
        return self.made[-1]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def once(store, clock) -> Once:
    return Once(store, clock, LAG)


async def test_what_was_made_is_never_made_again(once, world):
    for _ in range(3):
        assert await once.do(MARK, find=world.find, make=world.make) == "1"
    assert world.made == ["1"]


async def test_once_what_a_crash_left_is_found_and_not_made_again(once, world, store):
    world.crashes_after = True
    with pytest.raises(OSError, match="plug"):
        await once.do(MARK, find=world.find, make=world.make)
    assert await once.do(MARK, find=world.find, make=world.make) == "1"
    assert (world.made, (await store.intents.find(MARK)).result) == (["1"], "1")


async def test_once_what_may_not_be_shown_yet_is_waited_for(once, world, clock):
    world.crashes_after, world.shows = True, False
    with pytest.raises(OSError, match="plug"):
        await once.do(MARK, find=world.find, make=world.make)
    with pytest.raises(Unsettled) as told:
        await once.do(MARK, find=world.find, make=world.make)
    await clock.turn(LAG)
    assert told.value.at == clock.now()
    world.shows = True
    assert await once.do(MARK, find=world.find, make=world.make) == "1"


async def test_what_would_have_to_be_shown_by_now_and_is_not_is_made(once, world, clock, store):
    await store.intents.intend(MARK)
    await clock.turn(LAG)
    assert await once.do(MARK, find=world.find, make=world.make) == "1"


async def test_without_a_record_it_is_found_by_itself(once, world, store):
    assert await once.make(MARK, find=world.find, make=world.make) == "1"
    assert await once.make(MARK, find=world.find, make=world.make) == "1"
    assert not (await store.intents.find(MARK)).done


async def test_whether_it_was_done_is_known_by_its_record_or_by_what_is_shown(once, world, clock, store):
    assert not await once.was_done(MARK, world.find)
    world.crashes_after = True
    with pytest.raises(OSError, match="plug"):
        await once.do(MARK, find=world.find, make=world.make)
    assert await once.was_done(MARK, world.find)
    assert (await store.intents.find(MARK)).result == "1"
