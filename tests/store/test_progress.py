"""Where scans stand, and how often something was tried."""

from datetime import timedelta

from bot.store import Attempts, Bookmark, Scan, Tried
from tests.store.builders import NOON

LATER = NOON + timedelta(hours=1)


async def test_a_scan_begins_once_and_has_come_nowhere_until_it_is_moved(store, clock):
    assert await store.bookmarks.find(Scan.LEDGER, 7) is None
    assert await store.bookmarks.begin(Scan.LEDGER, 7) == Bookmark(NOON, None)
    await clock.turn(60)
    assert await store.bookmarks.begin(Scan.LEDGER, 7) == Bookmark(NOON, None)
    await store.bookmarks.move(Scan.LEDGER, 7)
    assert await store.bookmarks.find(Scan.LEDGER, 7) == Bookmark(NOON, clock.now())
    assert await store.bookmarks.find(Scan.LEDGER, 8) is None


async def test_a_bookmark_is_moved_to_a_moment_that_may_lie_before_now(store, clock):
    await store.bookmarks.move(Scan.DELIVERIES, to=NOON - timedelta(hours=1))
    assert await store.bookmarks.find(Scan.DELIVERIES) == Bookmark(NOON, NOON - timedelta(hours=1))
    await store.bookmarks.move(Scan.DELIVERIES, to=LATER)
    assert await store.bookmarks.find(Scan.DELIVERIES) == Bookmark(NOON, LATER)


async def test_attempts_are_counted_by_what_is_tried_and_remember_the_last(store, clock):
    assert await store.attempts.find(Tried.REDELIVERY, "g") == Attempts()
    assert await store.attempts.count(Tried.REDELIVERY, "g", next_at=LATER, seen=5) == Attempts(1, NOON, LATER, 5)
    await clock.turn(60)
    await store.attempts.count(Tried.REDELIVERY, "g", seen=6)
    assert await store.attempts.find(Tried.REDELIVERY, "g") == Attempts(2, clock.now(), None, 6)
    assert await store.attempts.find(Tried.HANDLE, "g") == Attempts()
