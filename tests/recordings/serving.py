"""A server that gives one recorded answer, and the bot's real client before it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import stamina
from aiohttp import web

from bot.github import GitHub, Reader, Writer
from bot.github.facts import RepositoryRef
from bot.github.transport.client import Client
from bot.github.transport.wire import Wire
from bot.sandbox.http_server import serving
from bot.settings import Secret
from tests.play import registered
from tests.sandbox.support import TurnedClock
from tests.store.builders import held

REF = RepositoryRef(7, "R_7", "user-1/a-repo", 42)
ELSEWHERE = "2024-01-01T00:00:00.0Z ##[group]Run cargo publish\n2024-01-01T00:00:00.0Z ##[error]refused\n"
LONGEST = 170
LEFT_OUT = ("status", "link", "content-length", "content-encoding", "transfer-encoding", "date")
"""Headers that are about the connection of that day, or lead to other pages, which nobody recorded."""


def read(file: Path) -> dict[str, Any]:
    """A recording."""
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def short(outcome: str) -> str:
    """In one line, cut where the table cuts it."""
    line = " ".join(outcome.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def body_of(recording: dict[str, Any]) -> bytes:
    """The bytes that were sent; none where the recording has none."""
    body = recording["body"]
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


@dataclass
class Served:
    """The client that is given the answer, and what it asked."""

    github: GitHub
    reader: Reader
    writer: Writer
    client: Client
    before: dict[str, Any] = field(default_factory=dict)
    """Other answers, by path; without one, every request gets the recorded answer."""


@asynccontextmanager
async def serve(recording: dict[str, Any]) -> AsyncIterator[Served]:
    """Tokens are made by the server itself, unless that is what was recorded."""
    clock, key, other = TurnedClock(), registered(), dict[str, Any]()
    mints = "access_tokens" in recording["request"]["path"]

    async def answer(request: web.Request) -> web.Response:
        if request.path in other:
            return web.json_response(other[request.path])
        if request.path.endswith("/access_tokens") and not mints:
            ends = (clock.now() + timedelta(hours=1)).isoformat()
            return web.json_response({"token": "ghs_made_here", "expires_at": ends}, status=201)
        if request.path == "/elsewhere":
            return web.Response(text=ELSEWHERE)
        headers = {name: value for name, value in recording["headers"].items() if name not in LEFT_OUT}
        if "location" in headers:
            headers["location"] = f"{url}/elsewhere" if "log" in headers["location"] else f"{url}/moved"
            other["/moved"] = {}
        if not isinstance(recording["body"], str):
            headers.setdefault("content-type", "application/json")
        return web.Response(status=recording["status"], headers=headers, body=body_of(recording))

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", answer)
    with stamina.set_testing(True, attempts=1):
        async with serving(site) as url, aiohttp.ClientSession() as session:
            named = {"app_id": 7, "private_key": Secret(key.private_key_pem), "user_agent": "shipmate/test"}
            github = GitHub(session, base_url=url, clock=clock, **named)  # type: ignore[arg-type] # mixed values
            client = Client(Wire(session, url, "shipmate/test", clock), lambda: "Bearer ghs_x", limit="test")
            yield Served(github, github.reader(REF), github.writer(held(REF)), client, other)
