"""The sandbox as a whole, as a bot meets it."""

from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox import Sandbox
from bot.sandbox.http_server import serving


async def test_everything_answers_on_loopback_until_the_end(tmp_path: Path) -> None:
    async with Sandbox.open(folder=tmp_path) as sandbox, aiohttp.ClientSession() as session:
        urls = [sandbox.github_url, sandbox.crates_api_url, sandbox.pypi_url]
        assert all(url.startswith("http://127.0.0.1:") for url in urls)
        for url in urls:
            async with session.get(f"{url}/nothing/here") as answer:
                assert answer.status == 404
    async with aiohttp.ClientSession() as session:
        for url in urls:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(url)


async def test_a_connected_bot_hears_a_ping_and_then_what_happens() -> None:
    heard: list[str] = []

    async def take(request: web.Request) -> web.Response:
        heard.append(request.headers["X-GitHub-Event"])
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/webhook", take)
    async with serving(app) as url, Sandbox.open() as sandbox:
        repo = await sandbox.world.create_repository("octo/demo", files={"a": "1\n"})
        await sandbox.connect(f"{url}/webhook")
        await sandbox.world.push(repo, "main", {"a": "2\n"}, by="octo")
        await sandbox.world.webhooks.drain()
        assert heard == ["ping", "push"]
        assert [each.status for each in sandbox.world.deliveries[-2:]] == [202, 202]
        assert (sandbox.git_dir(repo) / "HEAD").exists()
