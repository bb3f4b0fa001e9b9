"""How registries are read: politely, with an end."""

import asyncio

import pytest
from aiohttp import web

from bot.registries import reader
from bot.registries.reader import Pace, Reader
from bot.release.found import Unreachable


@pytest.fixture
def read(stand, session, clock):
    reading = Reader(session, registry="PyPI", user_agent="shipmate/0 (+here)", clock=clock)
    return lambda: reading.get(f"{stand.url}/x")


def limited(retry_after):
    return web.Response(status=429, headers={"Retry-After": retry_after})


@pytest.mark.parametrize("chance", [500, 503, 599])
async def test_a_read_that_failed_by_chance_is_tried_again(read, stand, chance):
    stand.says("/x", chance, chance, "here")
    assert await read() == b"here"


async def test_a_read_is_not_tried_for_ever(read, stand):
    stand.says("/x", 502)
    assert await read() == Unreachable("PyPI", "HTTP 502 from 127.0.0.1")
    assert len(stand.asked) == 3


async def test_a_refusal_is_not_argued_with(read, stand):
    stand.says("/x", 403)
    assert await read() == Unreachable("PyPI", "HTTP 403 from 127.0.0.1")
    assert len(stand.asked) == 1


async def test_not_there_is_another_answer_than_not_asked(read):
    assert await read() is None


async def test_nobody_listening_is_unreachable(session, clock):
    found = await Reader(session, registry="PyPI", user_agent="x", clock=clock).get("http://127.0.0.1:1/")
    assert found == Unreachable("PyPI", "127.0.0.1 could not be read (ClientConnectorError)")


@pytest.mark.parametrize("asked_for", ["3", "Sat, 04 Apr 2026 12:00:03 GMT"])
async def test_a_short_pause_that_is_asked_for_is_kept(read, stand, clock, asked_for):
    stand.says("/x", limited(asked_for), "here")
    assert await read() == b"here"
    assert clock.slept == [3.0]


async def test_during_a_long_pause_nothing_is_sent(read, stand, clock):
    stand.says("/x", limited("60"), "here")
    assert isinstance(await read(), Unreachable)
    assert await read() == Unreachable("PyPI", "127.0.0.1 limits requests and asks for a pause until 12:01:00 UTC")
    assert (len(stand.asked), clock.slept) == (1, [])
    await clock.sleep(61)
    assert await read() == b"here"


@pytest.mark.parametrize("nonsense", ["soon", "-5", ""])
async def test_a_pause_that_cannot_be_read_is_a_pause(read, stand, nonsense):
    stand.says("/x", limited(nonsense), "here")
    assert isinstance(await read(), Unreachable)


async def test_a_body_without_end_is_not_read_to_its_end(read, stand, monkeypatch):
    monkeypatch.setattr(reader, "MOST_ANSWER_BYTES", 1024)
    stand.says("/x", "y" * 100_000)
    assert isinstance(await read(), Unreachable)


async def test_a_silent_registry_is_unreachable(session, clock):

    async def listens(reading, writing):
        await reading.read()  # until the other side gives up
        writing.close()
        await writing.wait_closed()

    silent = await asyncio.start_server(listens, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    found = await Reader(session, registry="PyPI", user_agent="x", clock=clock).get(f"http://127.0.0.1:{port}/")
    silent.close()
    await silent.wait_closed()
    assert found == Unreachable("PyPI", "127.0.0.1 did not answer within 10 s")


async def test_turns_are_taken_in_order_and_an_idle_pace_owes_nothing(clock):
    pace = Pace(clock, 1.0)
    await pace.turn()
    await clock.sleep(0.25)
    await pace.turn()
    await clock.sleep(30)
    await pace.turn()
    assert clock.slept == [0.25, 0.75, 30]
