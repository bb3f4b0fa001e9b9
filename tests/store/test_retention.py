from datetime import timedelta

import pytest

from bot.ledger import Mark, known
from bot.release.model import Phase
from bot.store import Tried, retention
from tests.release.builders import release
from tests.store.builders import NOON, delivery

LATER = NOON + timedelta(days=1)


def status(release_id: str) -> Mark:
    """The mark of its card."""
    mark = known(release_id, "status")
    assert mark is not None
    return mark


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)


async def test_handled_deliveries_are_forgotten_when_they_are_old(store):
    guids = [f"g{n}" for n in range(5)]
    for guid in guids:
        await store.keep(delivery(guid))
    await store.handled(guids)
    assert await store.sweep(handled_before=NOON, ended_before=NOON) == 0
    assert await store.sweep(handled_before=LATER, ended_before=NOON) == 5
    assert await store.keep(delivery("g1"))


async def test_nothing_lost_an_unhandled_delivery_is_never_forgotten(store):
    await store.keep(delivery())
    assert await store.sweep(handled_before=LATER, ended_before=LATER) == 0
    assert await store.unhandled(1) == (delivery(),)


async def test_ended_releases_are_forgotten_with_what_was_done_for_them(store, lease):
    for name in ("r1", "r2", "r3"):
        await store.save(lease, release(Phase.RELEASED, id=name))
        await store.intents.record(status(name), "{}")
    assert await store.sweep(handled_before=NOON, ended_before=NOON) == 0
    assert await store.sweep(handled_before=NOON, ended_before=LATER) == 6
    assert await store.releases(1, limit=5) == ()
    assert await store.intents.find(status("r1")) is None


async def test_once_an_open_release_and_what_was_done_for_it_stay_however_old(store, lease):
    await store.save(lease, release(Phase.PROPOSED))
    await store.intents.record(status("r100"), "{}")
    assert await store.sweep(handled_before=LATER, ended_before=LATER) == 0
    assert (await store.intents.find(status("r100"))).done


async def test_an_ended_release_that_is_looked_at_again_stays(store, lease):
    await store.save(lease, release(Phase.RELEASED, aftercare_next_at=LATER))
    await store.intents.record(status("r100"), "{}")
    assert await store.sweep(handled_before=NOON, ended_before=LATER) == 0
    assert [r.id for r in await store.releases_to_recheck(1)] == ["r100"]
    assert await store.open_releases(1) == ()


async def test_how_often_something_was_tried_is_forgotten_unless_its_delivery_waits(store):
    await store.keep(delivery("waiting"))
    for guid in ("waiting", "old"):
        await store.attempts.count(Tried.HANDLE, guid)
    assert await store.sweep(handled_before=NOON, ended_before=NOON) == 0
    assert await store.sweep(handled_before=LATER, ended_before=NOON) == 1
    assert (await store.attempts.find(Tried.HANDLE, "waiting")).count == 1
