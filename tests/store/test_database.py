import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from bot.store import Store
from bot.store.database import database, migrate
from bot.store.schema import metadata
from tests.store.builders import delivery


async def test_the_migrations_make_exactly_the_schema(url):
    async with database(url) as engine, engine.connect() as connection:
        differences = await connection.run_sync(
            lambda plain: compare_metadata(MigrationContext.configure(plain), metadata)
        )
    assert differences == []


async def test_migrating_again_changes_nothing(url, clock):
    async with database(url) as engine:
        await migrate(engine)
        async with engine.connect() as connection:
            tables = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
    assert set(tables) == {*metadata.tables, "alembic_version"}


async def test_processes_that_start_together_migrate_once(url, clock):
    async with Store.open(url, clock) as one, Store.open(url, clock) as other:
        await asyncio.gather(*(migrate(store._engine) for store in (one, other)))
        assert await one.keep(delivery())
        assert len(await other.unhandled(1)) == 1


async def test_stores_of_one_process_can_be_opened_at_the_same_time(tmp_path, clock):
    async def kept(name):
        async with Store.open(f"sqlite+aiosqlite:///{tmp_path / name}", clock) as store:
            return await store.keep(delivery())

    assert all(await asyncio.gather(*(kept(f"{n}.db") for n in range(3))))


async def test_a_commit_on_sqlite_survives_a_power_cut(tmp_path):
    async with database(f"sqlite+aiosqlite:///{tmp_path / 'pragmas.db'}") as engine, engine.connect() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)):
            assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one() == value


async def test_a_folder_may_have_any_name(tmp_path, clock):
    folder = tmp_path / "50% ünïcode #1"
    folder.mkdir()
    async with Store.open(f"sqlite+aiosqlite:///{folder / 'a.db'}", clock) as store:
        assert await store.healthy()
    assert (folder / "a.db").exists()


async def test_a_database_in_memory_lasts_as_long_as_its_store(clock):
    async with Store.open("sqlite+aiosqlite://", clock) as store:
        await store.keep(delivery())
        assert await store.unhandled(1) == (delivery(),)
