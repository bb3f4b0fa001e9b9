"""A deploy meets what an older version left behind: each revision's rows, and releases as they were written then.

A revision that is released gets its rows here, and they are never edited after.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.ledger import Mark, Other, ReleaseId, Word, known
from bot.release.answers import Answer, Blocked, Detail
from bot.release.model import Phase
from bot.release.records import Aftercare, Asked, PublishRun, RetryOwed, StatusQuestion
from bot.store import Attempts, Bookmark, Scan, Store, Tried
from bot.store.database import _engine, migrate, revisions
from bot.store.schema import metadata
from tests.release.builders import LONG_AGO, NOW, OTHER, release
from tests.store.builders import NOON, REPOSITORY

RELEASE_OF_0001 = """{
  "id": "r100", "phase": "merged", "wanted": [["tidewater", "0.5.0"]], "a_field_that_is_gone": {"some": ["thing"]},
  "request": {
    "repository": 1, "issue": 7, "comment": 100, "by": "morgan", "role": "maintain", "at": "2026-04-04T11:59:00Z",
    "text": "/release tidewater 0.5.0", "another": 1
  },
  "packages": [{
    "name": "tidewater", "registry": "crates.io", "path": ".", "manifest": "Cargo.toml", "old": "0.4.0",
    "new": "0.5.0", "tag": "v0.5.0", "workflow": null, "files": [], "notes": "- Faster", "drafted": false
  }],
  "blocked": {"why": "in words of old", "details": [{"text": "Rustfmt"}]}, "look_at": "2026-04-04T13:00:00Z"
}"""
RELEASE_OF_0004 = RELEASE_OF_0001.replace('"wanted": [["tidewater", "0.5.0"]], ', "").replace(
    '"another": 1', '"wanted": [["tidewater", "0.5.0"]], "another": 1'
)
FLAT = Path(__file__).parent / "release_of_0003.json"
AT = "'2026-04-04T12:00:00.000000'"
ROWS = {
    "0001": {
        "repositories": f"(1, 'R_1', 10, 'o/r', {AT}, 3, 1, 'dead', {AT})",
        "deliveries": f"(1, 'g1', 'issue_comment', 1, BYTES, {AT}, NULL)",
        "releases": f"('r100', 1, 'merged', true, '{RELEASE_OF_0001}', {AT}, {AT})",
        "effects": f"('r100', 'released', true, 'it', {AT})",
    },
    "0002": {
        "repositories": f"(1, 'R_1', 10, 'o/r', {AT}, 3, 1, 'dead', {AT})",
        "deliveries": f"(1, 'g1', 'issue_comment', 1, BYTES, {AT}, NULL)",
        "releases": f"('r100', 1, 'merged', true, '{RELEASE_OF_0001}', {AT}, {AT}, NULL)",
        "effects": f"('r100', 'released', true, 'it', {AT})",
    },
    "0003": {
        "repositories": f"(1, 'R_1', 10, 'o/r', {AT}, 3, 1, 'dead', {AT})",
        "deliveries": f"(1, 'g1', 'issue_comment', 1, BYTES, {AT}, NULL)",
        "releases": f"('r100', 1, 'merged', true, '{RELEASE_OF_0001}', {AT}, {AT}, NULL)",
        "intents": f"('r100', 'released', true, 'it', {AT})",
        "bookmarks": f"('comments', 1, {AT}, {AT})",
        "attempts": f"('handle', 'g1', 2, {AT}, NULL, NULL)",
    },
    "0004": {
        "repositories": f"(1, 'R_1', 10, 'o/r', {AT}, 3, 1, 'dead', {AT})",
        "deliveries": f"(1, 'g1', 'issue_comment', 1, BYTES, {AT}, NULL)",
        "releases": f"('r100', 1, 'merged', true, '{RELEASE_OF_0004}', {AT}, {AT}, NULL)",
        "intents": f"('r100', 'released', true, 'it', {AT})",
    },
}
EFFECTS = (
    ("r100", "status", True, '{"comment": 7, "digest": "d"}'),
    ("r100", "pull-request-opened", True, '{"comment": 8, "digest": ""}'),
    ("r100", f"tags-pushed-0-{'a' * 40}", True, '{"comment": 9, "digest": ""}'),
    ("r100", "blocked-publish_failed-0-1-3bd81638", True, '{"comment": 10, "digest": ""}'),
    ("r100", "verification-0-incomplete-a2abeb98", False, None),
    ("r100", "rollback-1170-0.1", True, '{"comment": 11, "digest": ""}'),
    ("r100", "yank-wanted-1170-1", True, '{"comment": 12, "digest": ""}'),
    ("r100", "status-1139", True, '{"comment": 13, "digest": ""}'),
    ("r100", "recheck-2-4a86dd9004d0", True, '{"comment": 14, "digest": ""}'),
    ("r100", "downstream", True, '{"comment": 15, "digest": ""}'),
    ("r100", "announced", True, '{"comment": 16, "digest": ""}'),
    ("r100", "discussion", False, None),
    ("r100", "draft-v0.5.0", False, None),
    ("r100", "back-20260404120000", True, '{"comment": 17, "digest": ""}'),
    ("r100", "overtaken-rolling back", True, '{"comment": 18, "digest": ""}'),
    ("r100", "broken-tagged-NotFound", True, '{"comment": 19, "digest": ""}'),
    ("c1144", "taken-0", True, "taken"),
    ("c1144", "answer-0", True, '{"comment": 20, "digest": ""}'),
    ("c1144", "promise-1", True, '{"comment": 21, "digest": ""}'),
    ("c1145", "set-aside", True, '{"comment": 22, "digest": ""}'),
    ("p5", "lost", True, '{"comment": 23, "digest": ""}'),
)
"""Rows of the version before that are intents, with every kind of key."""
PROGRESS = (
    ("repository-1001", "ledger", True, ""),
    ("repository-1002", "ledger", False, None),
    ("repository-1001", "ledger-at-once", True, ""),
    ("repository-1001", "comments", True, "2026-04-04T11:00:00+00:00"),
    ("installation-5", "read", True, ""),
    ("installations", "read", True, ""),
    ("deliveries", "looked", True, "2026-04-04T10:00:00.250000+00:00"),
    ("delivery-g1", "failed", True, "3"),
    ("delivery-g1", "faults", True, "1"),
    ("redelivery", "g2", True, '{"after": 77, "times": 2, "at": "2026-04-04T11:59:00+00:00"}'),
)
"""Rows of the version before that are bookmarks or attempts, with every kind of key."""
BYTES = {"sqlite": "x'7b7d'", "postgresql": "'{}'"}


@pytest.mark.parametrize("revision", revisions())
async def test_what_any_revision_left_behind_is_carried_on(url, clock, revision):
    engine = _engine(url)
    await migrate(engine, revision)
    async with engine.begin() as connection:
        for table, row in ROWS[revision].items():
            values = row.replace("BYTES", BYTES[engine.dialect.name])
            await connection.exec_driver_sql(f"INSERT INTO {table} VALUES {values}")  # noqa: S608 - our own
    await engine.dispose()

    async with Store.open(url, clock) as store:
        async with store._engine.connect() as connection:
            differences = await connection.run_sync(
                lambda plain: compare_metadata(MigrationContext.configure(plain), metadata)
            )
        assert differences == []
        lease = await store.claim("w", lease_seconds=60)
        assert lease is not None
        assert (lease.repository, lease.generation, lease.attempts) == (REPOSITORY, 3, 1)
        assert [(d.guid, d.body, d.received_at) for d in await store.unhandled(1)] == [("g1", b"{}", NOON)]
        assert (await store.intents.find(Mark(ReleaseId(100), Word.RELEASED))).result == "it"
        (found,) = await store.open_releases(1)
        assert (found.phase, found.current[0].tag) == (Phase.MERGED, "v0.5.0")
        assert found.request.wanted == (("tidewater", "0.5.0"),)
        assert (found.blocked, found.look_at) == (None, None)
        await store.save(lease, found)
        assert await store.open_releases(1) == (found,)


async def test_what_one_table_of_effects_held_works_on_as_intents_bookmarks_and_attempts(url, clock):
    engine = _engine(url)
    await migrate(engine, "0002")
    async with engine.begin() as connection:
        insert = "INSERT INTO effects VALUES (:subject, :key, :done, :result, '2026-04-04T12:00:00.000000')"
        for subject, key, done, result in EFFECTS + PROGRESS:
            values = {"subject": subject, "key": key, "done": done, "result": result}
            await connection.execute(text(insert), values)
    await engine.dispose()

    async with Store.open(url, clock) as store:
        for subject, key, done, result in EFFECTS:
            mark = known(subject, key)
            assert mark is not None and not isinstance(mark.key, Other)
            intent = await store.intents.intend(mark)
            assert (intent.fresh, intent.done, intent.result, intent.at) == (False, done, result, NOON), key
        assert await store.intents.taken([1144, 1145]) == {1144}
        find, hour = store.bookmarks.find, timedelta(hours=1)
        assert await find(Scan.LEDGER, 1001) == Bookmark(NOON, NOON)
        assert await store.bookmarks.begin(Scan.LEDGER, 1002) == Bookmark(NOON, None)
        assert await find(Scan.LEDGER_AT_ONCE, 1001) == Bookmark(NOON, NOON)
        assert await find(Scan.COMMENTS, 1001) == Bookmark(NOON, NOON - hour)
        assert await find(Scan.INSTALLATION, 5) == await find(Scan.INSTALLATIONS) == Bookmark(NOON, NOON)
        assert await find(Scan.DELIVERIES) == Bookmark(NOON, NOON - 2 * hour + timedelta(seconds=0.25))
        assert (await store.attempts.count(Tried.HANDLE, "g1")).count == 4
        assert (await store.attempts.find(Tried.HANDLE_AT_FAULT, "g1")).count == 1
        asked = NOON - timedelta(minutes=1)
        redelivered = await store.attempts.find(Tried.REDELIVERY, "g2")
        assert redelivered == Attempts(2, asked, asked + timedelta(minutes=10), 77)
        async with store._engine.connect() as connection:
            left = await connection.execute(text("SELECT count(*) FROM intents"))
        assert left.scalar_one() == len(EFFECTS)


async def test_a_release_whose_fields_were_flat_is_carried_on_in_its_records(url, clock):
    """The text was recorded from the version before, with a value in every field."""
    engine = _engine(url)
    await migrate(engine, "0003")
    async with engine.begin() as connection:
        insert = f"INSERT INTO releases VALUES ('r100', 1, 'rolling back', true, :data, {AT}, {AT}, NULL)"  # noqa: S608
        await connection.execute(text(insert), {"data": FLAT.read_text()})
    await engine.dispose()

    async with Store.open(url, clock) as store:
        (carried,) = await store.open_releases(1)
    assert carried == release(
        Phase.ROLLING_BACK,
        review_branch="release/v0.5.0",
        plan_digest="d" * 64,
        plan_compared_with=OTHER,
        plan_warnings=("Mind the gap.",),
        review_following=True,
        review_opening_at=LONG_AGO,
        merge_since=LONG_AGO,
        merge_by="robin",
        publishing_stage=1,
        publishing_pushed=("v0.5.0",),
        publishing_tagged_at=LONG_AGO,
        publishing_ended_well=(PublishRun("crates.io:tidewater", 9, "push"),),
        publishing_run_links=(Detail("Publish", "https://github.example/run"),),
        publishing_rerun_at=NOW,
        publishing_silent_since=LONG_AGO,
        publishing_verified_in=77,
        aftercare=Aftercare(NOW, 2, ("gone",)),
        asked=Asked("morgan", "robin", RetryOwed("kim", ("a",)), "robin", (StatusQuestion(5, 7),)),
        blocked=Blocked(Answer.CI_RED, (Detail("Rustfmt", "https://github.example"),)),
        away_since=NOW,
        look_at=NOW,
    )


@pytest.mark.slow  # `make processes`
async def test_processes_that_start_together_on_an_empty_database_all_come_up(url):
    program = (
        "import asyncio, sys\n"
        "from bot.clock import SystemClock\n"
        "from bot.store import Store\n"
        "async def up():\n"
        "    async with Store.open(sys.argv[1], SystemClock()) as store:\n"
        "        assert await store.healthy()\n"
        "asyncio.run(up())\n"
    )
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, url, stderr=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    for process in started:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
