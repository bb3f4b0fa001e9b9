"""Runs and their waits pass in virtual time."""

from tests.virtual_time import pytest_asyncio_loop_factories, threads_of_sqlite_are_awaited

__all__ = ["pytest_asyncio_loop_factories", "threads_of_sqlite_are_awaited"]
