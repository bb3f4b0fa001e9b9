"""The adapter against the sandbox's GitHub, and against a server that answers what a test scripts."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stamina
from aiohttp import web

from bot.github import GitHub, Reader, Writer
from bot.github.facts import RepositoryRef
from bot.github.transport.client import Client
from bot.github.transport.wire import Wire
from bot.sandbox.access.app_key import RegisteredApp
from bot.sandbox.graphql import execute
from bot.sandbox.http_server import serving
from bot.sandbox.model import Repository
from bot.sandbox.rest import github_app
from bot.sandbox.world import World
from bot.settings import Secret
from tests.contract import openapi
from tests.play import registered
from tests.sandbox.support import TurnedClock
from tests.store.builders import held

FILES: dict[str, str | bytes] = {
    "Cargo.toml": '[package]\nversion = "0.1.0"\n',
    "py/pyproject.toml": "[project]\n",
    "bom.txt": b"\xef\xbb\xbfhello\r\n",
    "latin.txt": b"caf\xe9\n",
    "logo.png": b"\x89PNG\0",
    "empty.txt": b"",
    "big.lock": b"line of twenty bytes\n" * 30_000,
}
"""One of every kind that must come out byte for byte."""


@pytest.fixture(autouse=True)
def no_waiting() -> Any:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture(scope="session")
def key() -> RegisteredApp:
    return registered()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="session")
def contract() -> openapi.RestContract:
    return openapi.RestContract()


@pytest.fixture
async def world(
    tmp_path: Path, clock: TurnedClock, key: RegisteredApp, contract: openapi.RestContract
) -> AsyncIterator[World]:
    """A world whose every REST exchange is in the end held against GitHub's description."""
    key.app.webhook_url = ""
    world = World(tmp_path / "git", clock, key.app)
    async with serving(github_app(world, execute)) as url:
        world.site.url = url
        yield world
    for call in world.calls:
        if call.path != "/graphql" and ".git/" not in call.path:
            contract.check(call.method, call.path, call.status, call.request, call.response)


@pytest.fixture
async def repo(world: World) -> Repository:
    """octo/demo; `ann` maintains it."""
    return await world.create_repository("octo/demo", files=FILES, roles={"ann": "maintain"})


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def github(world: World, session: aiohttp.ClientSession, clock: TurnedClock, key: RegisteredApp) -> GitHub:
    return GitHub(
        session,
        app_id=world.app.id,
        private_key=Secret(key.private_key_pem),
        base_url=world.site.url,
        user_agent="shipmate/test",
        clock=clock,
    )


@pytest.fixture
def ref(world: World, repo: Repository) -> RepositoryRef:
    installation = world.installation_of(repo)
    assert installation
    return RepositoryRef(repo.id, repo.node_id, repo.full_name, installation.id)


@pytest.fixture
def reader(github: GitHub, ref: RepositoryRef) -> Reader:
    return github.reader(ref)


@pytest.fixture
def writer(github: GitHub, ref: RepositoryRef) -> Writer:
    return github.writer(held(ref))


@pytest.fixture
async def head(world: World, repo: Repository) -> str:
    return await world.git(repo).resolve("refs/heads/main") or ""


Step = web.Response | Callable[[web.Request], web.Response] | None
"""An answer, what makes one, or None: hang up without any."""


class Script:
    """A server that gives the scripted answers in order, the last one for ever, and keeps what it was asked."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.asked: list[web.Request] = []
        self.client: Client
        self.wire: Wire

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if step is None:
            assert request.transport
            request.transport.close()
            return web.Response()
        if isinstance(step, web.Response):
            return web.Response(status=step.status, body=step.body, headers=step.headers)
        return step(request)


@pytest.fixture
async def script(session: aiohttp.ClientSession, clock: TurnedClock) -> AsyncIterator[Script]:
    script = Script()
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", script.handle)
    async with serving(site) as url:
        script.wire = Wire(session, url, "shipmate/test", clock)
        script.client = Client(script.wire, lambda: "Bearer ghs_hidden", limit="test")
        yield script
