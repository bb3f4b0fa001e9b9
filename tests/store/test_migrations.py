"""A deploy meets what an older version left behind: each revision's rows, and releases as they were written then.

A revision that is released gets its rows here, and they are never edited after.
"""

import asyncio
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.release.model import Phase
from bot.store import Store
from bot.store.database import _engine, migrate, revisions
from bot.store.schema import metadata
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
AT = "'2026-04-04T12:00:00.000000'"
ROWS = {
    "0001": {
        "repositories": f"(1, 'R_1', 10, 'o/r', {AT}, 3, 1, 'dead', {AT})",
        "deliveries": f"(1, 'g1', 'issue_comment', 1, BYTES, {AT}, NULL)",
        "releases": f"('r100', 1, 'merged', true, '{RELEASE_OF_0001}', {AT}, {AT})",
        "effects": f"('r100', 'proposed', true, 'it', {AT})",
    },
    "0002": {
        "repositories": f"(1, 'R_1', 10, 'o/r', {AT}, 3, 1, 'dead', {AT})",
        "deliveries": f"(1, 'g1', 'issue_comment', 1, BYTES, {AT}, NULL)",
        "releases": f"('r100', 1, 'merged', true, '{RELEASE_OF_0001}', {AT}, {AT}, NULL)",
        "effects": f"('r100', 'proposed', true, 'it', {AT})",
    },
}
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
        assert (await store.effect("r100", "proposed")).result == "it"
        (release,) = await store.open_releases(1)
        assert (release.phase, release.current[0].tag) == (Phase.MERGED, "v0.5.0")
        assert (release.blocked, release.look_at) == (None, None)
        await store.save(lease, release)
        assert await store.open_releases(1) == (release,)


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
