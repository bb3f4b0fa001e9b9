"""Every test of this folder runs in virtual time: bot and oracle by one clock."""

from tests.virtual_time import pytest_asyncio_loop_factories, threads_of_sqlite_are_awaited

__all__ = ["pytest_asyncio_loop_factories", "threads_of_sqlite_are_awaited"]
