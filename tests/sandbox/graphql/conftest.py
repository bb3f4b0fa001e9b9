"""A world with one repository, and a client of its GraphQL."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.sandbox.access.auth import mint
from bot.sandbox.graphql import execute
from bot.sandbox.model import App, Repository, User
from bot.sandbox.world import World

Ask = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
"""Ask a document, optionally with a token of fewer permissions; variables by name."""

BIG = b"line of twenty bytes\n" * 30_000


@pytest.fixture
def world(tmp_path: Path) -> World:
    bot = User(2, "shipmate[bot]", "Bot")
    app = App(7, "shipmate", User(1, "harbour"), "", "", "secret", bot)
    return World(tmp_path, SystemClock(), app)


@pytest.fixture
async def repo(world: World) -> Repository:
    files: dict[str, str | bytes] = {
        "Cargo.toml": "[package]\n",
        "lib/a.rs": "// a\n",
        "logo.png": b"\x89PNG\0",
        "big.lock": BIG,
    }
    return await world.create_repository("harbour/tide", files=files, roles={"morgan": "write"})


@pytest.fixture
def ask(world: World, repo: Repository) -> Ask:
    async def asked(document: str, permissions: dict[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        installation = world.installation_of(repo)
        assert installation
        token = mint(world, installation, permissions=permissions)
        status, answer = await execute(world, token, {"query": document, "variables": variables})
        assert status == 200
        return answer

    return asked


def within(selection: str) -> str:
    return f'{{ repository(owner: "harbour", name: "tide") {{ {selection} }} }}'


async def head(world: World, repo: Repository, ref: str = "refs/heads/main") -> str:
    return await world.git(repo).resolve(ref) or ""
