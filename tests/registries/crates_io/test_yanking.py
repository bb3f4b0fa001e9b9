"""Yanking a crate: what is asked, and that the token goes nowhere else."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.registries.access import Access
from bot.registries.adapter import Refused
from bot.registries.crates_io.client import CratesIO
from bot.release.found import Unreachable
from bot.settings import Secret
from tests.registries.conftest import StillClock


class Crates:
    """A crates.io that answers what it is told to, and remembers what it was asked."""

    def __init__(self):
        self.url, self.asked, self.status, self.text = "", [], 200, "{}"

    async def answer(self, request):
        self.asked.append((request.path, request.headers.get("Authorization"), await request.json()))
        return web.Response(status=self.status, text=self.text, headers={"Location": "/elsewhere"})


@pytest.fixture
async def crates():
    found, app = Crates(), web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    async with TestServer(app) as server:
        found.url = str(server.make_url(""))
        yield found


def yanking(session, url):
    token = Secret("cio-s3cr3t")
    return CratesIO(Access(session, "shipmate/0 (+here)", StillClock(), crates_api_url=url, yank_token=token))


async def test_a_yank_says_why(crates, session):
    assert await yanking(session, crates.url).yank("tide", "0.5.0", "It leaks.") is None
    said = {"version": {"yanked": True, "yank_message": "It leaks."}}
    assert crates.asked == [("/api/v1/crates/tide/0.5.0", "cio-s3cr3t", said)]


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (403, Refused), (404, Refused), (429, Unreachable), (503, Unreachable)]
)
async def test_a_refusal_is_told_from_a_registry_that_cannot_be_asked(crates, session, status, kind):
    crates.status, crates.text = status, "must be an owner; got cio-s3cr3t"
    answer = await yanking(session, crates.url).yank("tide", "0.5.0", "")
    assert isinstance(answer, kind)
    assert "s3cr3t" not in repr(answer)


async def test_least_privilege_the_token_does_not_follow_a_redirect(crates, session):
    crates.status = 307
    assert isinstance(await yanking(session, crates.url).yank("tide", "0.5.0", ""), Unreachable)
    assert [path for path, _, _ in crates.asked] == ["/api/v1/crates/tide/0.5.0"]


async def test_a_connection_that_fails_is_an_answer_and_holds_no_secret(session, unused_tcp_port):
    yanker = yanking(session, f"http://127.0.0.1:{unused_tcp_port}")
    answer = await yanker.yank("tide", "0.5.0", "")
    assert isinstance(answer, Unreachable)
    assert "s3cr3t" not in f"{answer!r} {vars(yanker)!r}"
