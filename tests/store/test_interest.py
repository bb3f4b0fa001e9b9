"""What the door and the rounds ask the store."""

from bot.release.model import Phase
from tests.release.builders import release
from tests.store.builders import OTHER, REPOSITORY, delivery


async def test_something_is_open_while_a_delivery_is_unhandled_or_a_release_has_not_ended(store):
    assert not await store.has_something_open(REPOSITORY.id)
    await store.keep(delivery())
    assert await store.has_something_open(REPOSITORY.id)
    lease = await store.claim("w", lease_seconds=60)
    await store.save(lease, release(Phase.MERGED))
    await store.handled(["g1"])
    assert await store.has_something_open(REPOSITORY.id)
    await store.save(lease, release(Phase.RELEASED))
    assert not await store.has_something_open(REPOSITORY.id)


async def test_repositories_with_something_open_are_known_by_name_and_installation(store, clock):
    await store.keep(delivery())
    lease = await store.claim("w", lease_seconds=60)
    await store.wake(OTHER, clock.now())
    assert await store.repositories_with_something_open() == (REPOSITORY,)
    await store.handled(["g1"])
    assert await store.repositories_with_something_open() == ()
    await store.save(lease, release(Phase.MERGED))
    assert await store.repositories_with_something_open() == (REPOSITORY,)


async def test_known_guids_are_those_that_were_kept(store):
    await store.keep(delivery("a"))
    many = [f"x{number}" for number in range(1200)]
    assert await store.known_guids([*many, "a"]) == {"a"}
    assert await store.known_guids([]) == frozenset()
