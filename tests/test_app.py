"""What the parts put together tell the outside."""

import json

import sentry_sdk
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from bot.app import report_errors
from bot.settings import Secret


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
