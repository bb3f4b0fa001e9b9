"""Every test of this folder runs in virtual time: no outcome depends on how fast the machine is."""

from tests.virtual_time import pytest_asyncio_loop_factories, threads_of_sqlite_are_awaited

__all__ = ["pytest_asyncio_loop_factories", "threads_of_sqlite_are_awaited"]
