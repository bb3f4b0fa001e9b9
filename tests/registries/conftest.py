"""A registry on loopback that answers from a script, and a clock that only moves when somebody sleeps.

The event loop's time is virtual: who waits for a time-out waits for nothing.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import stamina
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.virtual_time import pytest_asyncio_loop_factories, threads_of_sqlite_are_awaited

__all__ = ["pytest_asyncio_loop_factories", "threads_of_sqlite_are_awaited"]


@dataclass
class StillClock:
    """Time that passes only by sleeping."""

    at: datetime = datetime(2026, 4, 4, 12, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass
class Stand:
    """Answers each path from its script: the answers in turn, the last one again and again; 404 for the rest."""

    url: str = ""
    script: dict[str, list[web.Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def says(self, path: str, *answers: object) -> None:
        self.script[path] = [_response(answer) for answer in answers]

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.raw_path)
        self.headers.append(dict(request.headers))
        answers = self.script.get(request.raw_path)
        if not answers:
            return web.Response(status=404)
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if request.transport is not None and found.status == 599:  # a connection that breaks
            request.transport.close()
        return web.Response(status=found.status, body=found.body, headers=found.headers)


def _response(answer: object) -> web.Response:
    if isinstance(answer, web.Response):
        return answer
    if isinstance(answer, int):
        return web.Response(status=answer)
    if isinstance(answer, str):
        return web.Response(text=answer)
    return web.json_response(answer)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    stand = Stand()
    app = web.Application()
    app.router.add_get("/{path:.*}", stand.answer)
    async with TestServer(app) as server:
        stand.url = str(server.make_url("")).rstrip("/")
        yield stand


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(autouse=True)
def retries_without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield
