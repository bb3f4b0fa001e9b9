"""A PyPI on loopback that serves recorded answers, as a mirror does: the project's JSON and pip's index."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@asynccontextmanager
async def serving(
    name: str, simple: Mapping[str, Any] | str, project: Mapping[str, Any] | None, *, below: str = ""
) -> AsyncIterator[str]:
    """Its address; without `project` it serves the index alone; `below` is the path to it."""

    async def index(request: web.Request) -> web.Response:
        if isinstance(simple, str):
            return web.Response(text=simple, content_type="text/html")
        return web.json_response(simple, content_type="application/vnd.pypi.simple.v1+json")

    async def about(request: web.Request) -> web.Response:
        return web.json_response(project) if project is not None else web.Response(status=404)

    app = web.Application()
    app.router.add_get(f"{below}/simple/{name}/", index)
    app.router.add_get(f"{below}/pypi/{name}/json", about)
    async with TestServer(app) as server:
        yield str(server.make_url(below)).rstrip("/")
