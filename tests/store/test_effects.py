import asyncio

from bot.store import Effect, Store
from tests.store.builders import NOON


async def test_an_intent_is_fresh_once_and_then_remembered_until_it_is_done(store, clock):
    assert await store.intend("r1", "comment") == Effect("r1", "comment", False, None, NOON, fresh=True)
    await clock.turn(60)
    assert await store.intend("r1", "comment") == Effect("r1", "comment", False, None, NOON, fresh=False)
    await store.record("r1", "comment", "42")
    assert await store.intend("r1", "comment") == Effect("r1", "comment", True, "42", NOON, fresh=False)


async def test_only_one_of_many_has_the_fresh_intent(store):
    effects = await asyncio.gather(*(store.intend("r1", "comment") for _ in range(10)))
    assert sum(effect.fresh for effect in effects) == 1


async def test_an_intent_survives_a_restart(url, clock):
    async with Store.open(url, clock) as store:
        await store.intend("r1", "comment")
    async with Store.open(url, clock) as store:
        assert not (await store.intend("r1", "comment")).fresh


async def test_what_was_never_intended_is_unknown_until_it_is_done(store):
    assert await store.effect("r1", "comment") is None
    await store.record("r1", "comment", "42")
    assert (await store.effect("r1", "comment")).result == "42"


async def test_a_later_result_takes_the_place_of_an_earlier_one(store):
    await store.record("r1", "status", "old")
    await store.record("r1", "status", "new")
    assert (await store.effect("r1", "status")).result == "new"


async def test_effects_of_other_subjects_and_keys_are_apart(store):
    await store.record("r1", "comment", "42")
    assert await store.effect("r1", "other") is None
    assert await store.effect("r2", "comment") is None


async def test_long_names_are_kept_whole(store):
    subject, key = "s" * 500, "k" * 500
    await store.record(subject, key, "x")
    assert (await store.effect(subject, key)).key == key
