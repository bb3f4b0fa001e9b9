from dataclasses import replace
from datetime import UTC, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.packaging.registry import REGISTRIES, Registry
from bot.release.answers import Answer, Blocked, Detail
from bot.release.model import Phase, Release
from bot.store import rows
from tests.release.builders import package, release
from tests.store.builders import NOON, OTHER

st.register_type_strategy(type(NOON), st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(Registry, st.sampled_from(list(REGISTRIES.values())))


@given(st.from_type(Release))
def test_every_release_reads_back_as_it_was_written(whole):
    assert rows.release(rows.release_text(whole)) == whole


async def test_a_release_survives_as_it_is(store, lease):
    blocked = Blocked(Answer.CI_RED, (Detail("Rustfmt", "https://github.example"),))
    whole = release(Phase.MERGED, blocked=blocked, packages=(package(), package("tidewater-py", after=("tidewater",))))
    await store.save(lease, whole)
    assert await store.open_releases(1) == (whole,)
    assert await store.release("r100") == whole
    assert await store.release("r101") is None


async def test_an_ended_release_is_no_longer_open(store, lease):
    await store.save(lease, release(Phase.MERGED))
    await store.save(lease, release(Phase.RELEASED))
    assert await store.open_releases(1) == ()
    assert [r.phase for r in await store.releases(1, limit=5)] == [Phase.RELEASED]


async def test_open_releases_come_in_the_order_in_which_they_were_asked_for(store, clock, lease):
    asked = [("r9", 9, 0), ("r100", 100, 0), ("r100-2", 100, 0), ("r100-10", 100, 0), ("r50", 50, 1)]
    for name, comment, minute in reversed(asked):
        request = replace(release().request, comment=comment, at=NOON + timedelta(minutes=minute))
        await store.save(lease, release(id=name, request=request))
        await clock.turn(1)
    assert [r.id for r in await store.open_releases(1)] == [name for name, _, _ in asked]


async def test_the_newest_releases_come_first_and_only_so_many(store, clock, lease):
    for name in ("r1", "r2", "r3"):
        await store.save(lease, release(id=name))
        await clock.turn(1)
    await store.save(lease, release(Phase.RELEASED, id="r1"))
    assert [r.id for r in await store.releases(1, limit=2)] == ["r3", "r2"]


async def test_one_repositorys_releases_are_not_anothers(store, lease):
    await store.save(lease, release())
    assert await store.open_releases(OTHER.id) == ()
