"""Every test of this folder runs in virtual time: no outcome depends on how fast the machine is."""

from collections.abc import Iterator

import pytest

from tests.virtual_time import VirtualTimeLoop, threads_of_sqlite_are_awaited


def pytest_asyncio_loop_factories() -> dict[str, type[VirtualTimeLoop]]:
    """pytest-asyncio asks for it."""
    return {"virtual time": VirtualTimeLoop}


@pytest.fixture(autouse=True)
def threads_are_awaited() -> Iterator[None]:
    with threads_of_sqlite_are_awaited():
        yield
