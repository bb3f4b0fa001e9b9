import asyncio

from bot.ledger import Answered, CommentId, Draft, Mark, ReleaseId, Taken, Word
from bot.store import Intent, Store
from tests.store.builders import NOON

MARK = Mark(ReleaseId(1), Word.RELEASED)


async def test_an_intent_is_fresh_once_and_then_remembered_until_it_is_done(store, clock):
    assert await store.intents.intend(MARK) == Intent(MARK, False, None, NOON, fresh=True)
    await clock.turn(60)
    assert await store.intents.intend(MARK) == Intent(MARK, False, None, NOON, fresh=False)
    await store.intents.record(MARK, "42")
    assert await store.intents.intend(MARK) == Intent(MARK, True, "42", NOON, fresh=False)


async def test_only_one_of_many_has_the_fresh_intent(store):
    intents = await asyncio.gather(*(store.intents.intend(MARK) for _ in range(10)))
    assert sum(intent.fresh for intent in intents) == 1


async def test_an_intent_survives_a_restart(url, clock):
    async with Store.open(url, clock) as store:
        await store.intents.intend(MARK)
    async with Store.open(url, clock) as store:
        assert not (await store.intents.intend(MARK)).fresh


async def test_what_was_never_intended_is_unknown_until_it_is_done(store):
    assert await store.intents.find(MARK) is None
    await store.intents.record(MARK, "42")
    assert (await store.intents.find(MARK)).result == "42"


async def test_a_later_result_takes_the_place_of_an_earlier_one_and_what_is_done_again_has_none(store, clock):
    await store.intents.record(MARK, "old")
    await store.intents.record(MARK, "new")
    assert (await store.intents.find(MARK)).result == "new"
    await clock.turn(60)
    await store.intents.again(MARK)
    again = await store.intents.find(MARK)
    assert (again.done, again.result, again.at) == (False, None, clock.now())


async def test_intents_of_other_subjects_and_keys_are_apart(store):
    await store.intents.record(MARK, "42")
    assert await store.intents.find(Mark(ReleaseId(1), Word.REFUSED)) is None
    assert await store.intents.find(Mark(ReleaseId(2), Word.RELEASED)) is None


async def test_long_names_are_kept_whole(store):
    mark = Mark(ReleaseId(1), Draft("t" * 500))
    await store.intents.record(mark, "x")
    assert (await store.intents.find(mark)).mark == mark


async def test_a_comment_of_which_a_command_was_taken_is_told_from_one_that_was_only_begun(store):
    await store.intents.record(Mark(CommentId(1), Taken(0)), "taken")
    await store.intents.record(Mark(CommentId(2), Answered(0)), "{}")
    await store.intents.intend(Mark(CommentId(3), Taken(0)))
    assert await store.intents.taken([1, 2, 3, 4, *range(10, 1300)]) == {1}
