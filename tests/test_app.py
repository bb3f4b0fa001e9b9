"""The parts put together: what goes on when one of them fails."""

import asyncio
import json
from dataclasses import dataclass

import pytest
import sentry_sdk
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from bot.app import report_errors, without_end
from bot.clock import SystemClock
from bot.settings import Secret


class NoWait(SystemClock):
    """Nobody waits."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class BrokenAtFirst:
    """A worker whose store is out of order for two rounds."""

    rounds: int = 0

    async def run(self) -> None:
        self.rounds += 1
        if self.rounds < 3:
            raise OSError("database is restarting")
        raise asyncio.CancelledError


async def test_a_worker_outlives_a_failure_of_its_store(caplog):
    worker = BrokenAtFirst()
    with pytest.raises(asyncio.CancelledError):
        await without_end(worker, NoWait())
    assert worker.rounds == 3
    assert "database is restarting" in caplog.text


class Kept(Transport):
    """What would be sent to Sentry."""

    def __init__(self) -> None:
        super().__init__()
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)


async def test_least_privilege_a_report_holds_no_delivery_and_no_signature():
    kept = Kept()
    with sentry_sdk.isolation_scope():
        report_errors(Secret("https://key@sentry.invalid/1"), transport=kept)
        try:
            await _a_delivery_that_fails()
        finally:
            sentry_sdk.init()  # off again
    events = [json.dumps(item.payload.json) for each in kept.envelopes for item in each.items]
    assert any("the reason" in event for event in events)
    assert not any(word in event for event in events for word in ("sha256=" + "5ea1", "/release 0." + "5.0"))


async def _a_delivery_that_fails() -> None:
    async def fail(request: web.Request) -> web.Response:
        await request.read()
        sentry_sdk.capture_exception(OSError("the reason"))
        return web.Response()

    site = web.Application()
    site.router.add_post("/webhook", fail)
    async with TestClient(TestServer(site)) as client:
        headers = {"X-Hub-Signature-256": "sha256=" + "5ea1"}
        await client.post("/webhook", json={"body": "/release 0." + "5.0"}, headers=headers)
