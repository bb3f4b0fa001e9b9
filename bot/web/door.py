"""The door: a delivery comes in, is checked, kept, and answered. What it means is nobody's business here.

The answer 202 promises that the delivery survives whatever happens next; so it is given only after the commit, and any
failure before that is answered with an error, which GitHub records and can redeliver.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from aiohttp import web

from bot.web.signature import is_signed

log = logging.getLogger(__name__)

LARGEST_BODY = 25 * 1024 * 1024
"""GitHub sends nothing larger."""

LONGEST_READ = 30.0
"""Seconds for a body to arrive; GitHub itself gives up after ten, and who sends slower only holds the door."""

Keep = Callable[[str, str, bytes], Awaitable[bool | None]]
"""Keeps a delivery (event, GUID, body) for good if it matters: whether it was new, None when it does not matter.

A ValueError says that the body is not what GitHub sends.
"""
Healthy = Callable[[], Awaitable[bool]]


class _Envelope(msgspec.Struct):
    """All that the door reads of a body: that it is a JSON object."""


def make_app(*, secrets: Sequence[str], keep: Keep, healthy: Healthy) -> web.Application:
    """The web application: POST /webhook, GET /healthz, GET /.

    Raises ValueError without a secret: an unsigned webhook is never accepted.
    """
    if not secrets or not all(secrets):
        raise ValueError("a webhook secret is mandatory: without one anybody could command releases")
    door = _Door([secret.encode() for secret in secrets], keep, healthy)
    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_post("/webhook", door.webhook)
    app.router.add_get("/healthz", door.health)
    app.router.add_get("/", door.welcome)
    return app


class _Door:
    def __init__(self, secrets: Sequence[bytes], keep: Keep, healthy: Healthy) -> None:
        self._secrets = secrets
        self._keep = keep
        self._healthy = healthy

    async def webhook(self, request: web.Request) -> web.Response:
        """Verify, keep, answer."""
        try:
            async with asyncio.timeout(LONGEST_READ):
                body = await request.read()
        except TimeoutError:
            return _refuse(408, "the body did not arrive in time")
        except web.RequestPayloadError:  # cut off, or not in the encoding that its header says
            return _refuse(400, "the body cannot be read")
        if not is_signed(body, request.headers.get("X-Hub-Signature-256"), self._secrets):
            return _refuse(401, "the body is not signed with the webhook secret (X-Hub-Signature-256)")
        if request.content_type != "application/json":
            return _refuse(415, "set the webhook's content type to application/json")
        event, guid = request.headers.get("X-GitHub-Event"), request.headers.get("X-GitHub-Delivery")
        if not event or not guid:
            return _refuse(400, "X-GitHub-Event and X-GitHub-Delivery are missing")
        if not (event.isascii() and guid.isascii()):  # other bytes, no database keeps, nor the group they came with
            return _refuse(400, "X-GitHub-Event and X-GitHub-Delivery must be ASCII")
        try:
            msgspec.json.decode(body, type=_Envelope)
        except (msgspec.DecodeError, RecursionError) as mistake:
            return _refuse(400, f"the body is not what GitHub sends: {mistake}")
        if event == "ping":
            return web.json_response({"pong": True}, status=202)
        return await self._take(event, guid, body)

    async def _take(self, event: str, guid: str, body: bytes) -> web.Response:
        try:
            new = await self._keep(event, guid, body)
        except ValueError as mistake:  # GitHub notes the failure, and has the delivery for the day that we read it
            log.warning("delivery %s (%s) cannot be read: %s", guid, event, mistake)
            return _refuse(400, f"the body is not what GitHub sends: {mistake}")
        except Exception:  # whatever it was, GitHub must not be told that the delivery is safe
            log.exception("delivery %s could not be kept", guid)
            return _refuse(503, "the delivery could not be kept; redeliver it later")
        if new is None:
            return web.json_response({"kept": False}, status=202)
        return web.json_response({"kept": True, "new": new}, status=202)

    async def health(self, request: web.Request) -> web.Response:
        """Whether the store answers."""
        try:
            well = await self._healthy()
        except Exception:  # any failure of the store is the answer that was asked for
            log.exception("the store does not answer")
            well = False
        return web.json_response({"status": "ok" if well else "store unavailable"}, status=200 if well else 503)

    async def welcome(self, request: web.Request) -> web.Response:
        """A line for whoever opens the address in a browser."""
        return web.Response(text="Shipmate carries releases. GitHub talks to /webhook.\n")


def _refuse(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
