"""A world with one repository, and its REST API over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.access.app_key import RegisteredApp
from bot.sandbox.http_server import serving
from bot.sandbox.model import Repository, Token
from bot.sandbox.rest import github_app
from bot.sandbox.world import World
from tests.contract import openapi
from tests.play import registered
from tests.sandbox.support import Api, TurnedClock

FILES = {"Cargo.toml": 'version = "0.1.0"\n', "src/lib.rs": "// nothing\n", ".github/workflows/ci.yml": "on: push\n"}


@pytest.fixture(scope="session")
def key() -> RegisteredApp:
    return registered()


@pytest.fixture(scope="session")
def rest_contract() -> openapi.RestContract:
    return openapi.RestContract()


@pytest.fixture(scope="session")
def webhook_contract() -> openapi.WebhookContract:
    return openapi.WebhookContract()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def world(tmp_path: Path, clock: TurnedClock, key: RegisteredApp) -> World:
    key.app.webhook_url = ""
    return World(tmp_path / "git", clock, key.app)


@pytest.fixture
async def repo(world: World) -> Repository:
    """octo/demo: `ann` maintains it, `tim` may triage."""
    return await world.create_repository("octo/demo", files=FILES, roles={"ann": "maintain", "tim": "triage"})


@pytest.fixture
async def api(world: World, key: RegisteredApp, rest_contract: openapi.RestContract) -> AsyncIterator[Api]:
    async def no_graphql(world: World, token: Token, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"data": {"viewer": {"login": world.app.bot.login}}}

    async with serving(github_app(world, no_graphql)) as url, aiohttp.ClientSession() as session:
        world.site.url = url
        yield Api(url, session, world, key, rest_contract)
