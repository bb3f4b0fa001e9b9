"""Signing and delivering."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.http_server import serving
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from bot.sandbox.world.webhooks import TIMEOUT_SECONDS


class Receiver:
    """Takes deliveries; answers with `status`, after `delay` seconds of virtual time."""

    def __init__(self, *, status: int = 202, delay: float = 0.0) -> None:
        self.got: list[tuple[Any, bytes]] = []
        self.status = status
        self.delay = delay

    async def take(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.delay)
        self.got.append((request.headers, await request.read()))
        return web.Response(status=self.status)


@asynccontextmanager
async def connected(world: World, receiver: Receiver) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/webhook", receiver.take)
    async with serving(app) as url:
        world.app.webhook_url = f"{url}/webhook"
        await world.webhooks.start()
        yield
        await world.webhooks.drain()
        await world.webhooks.stop()


async def test_a_delivery_is_signed_over_its_bytes_and_named_in_its_headers(world: World, repo: Repository) -> None:
    receiver = Receiver()
    async with connected(world, receiver):
        issue = await world.open_issue(repo, "Release", by="ann")
        await world.comment(repo, issue.number, "/release 1.0.0 – é", by="ann")
    ((headers, body),) = receiver.got
    expected = hmac.new(world.app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert (headers["X-GitHub-Event"], headers["Content-Type"]) == ("issue_comment", "application/json")
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == str(world.app.id)
    delivery = world.deliveries[-1]
    assert (headers["X-GitHub-Delivery"], delivery.status) == (delivery.guid, 202)
    assert json.loads(body)["installation"]["id"] == delivery.payload["installation"]["id"]


async def test_deliveries_keep_their_order(world: World, repo: Repository) -> None:
    receiver = Receiver()
    async with connected(world, receiver):
        issue = await world.open_issue(repo, "Release", by="ann")
        for number in range(10):
            await world.comment(repo, issue.number, str(number), by="ann")
    assert [json.loads(body)["comment"]["body"] for _, body in receiver.got] == [str(n) for n in range(10)]
    assert len({headers["X-GitHub-Delivery"] for headers, _ in receiver.got}) == 10


async def test_a_failure_is_recorded_and_not_repeated(world: World, repo: Repository) -> None:
    receiver = Receiver(status=500)
    async with connected(world, receiver):
        await world.push(repo, "main", {"a": "1"}, by="ann")
    assert len(receiver.got) == 1
    assert world.deliveries[-1].status == 500


@pytest.mark.parametrize(("delay", "status"), [(TIMEOUT_SECONDS - 1, 202), (TIMEOUT_SECONDS + 1, None)])
async def test_an_answer_that_comes_too_late_counts_as_none(
    world: World, repo: Repository, delay: float, status: int | None
) -> None:
    async with connected(world, Receiver(delay=delay)):
        await world.push(repo, "main", {"a": "1"}, by="ann")
    assert world.deliveries[-1].status == status


async def test_a_receiver_that_is_not_there_stops_nothing(world: World, repo: Repository) -> None:
    async with connected(world, Receiver()):
        world.app.webhook_url = "http://127.0.0.1:9/webhook"
        await world.push(repo, "main", {"a": "1"}, by="ann")
    assert world.deliveries[-1].status is None


async def test_without_an_address_deliveries_are_only_recorded(world: World, repo: Repository) -> None:
    await world.push(repo, "main", {"a": "1"}, by="ann")
    assert (world.deliveries[-1].event, world.deliveries[-1].status) == ("push", None)
