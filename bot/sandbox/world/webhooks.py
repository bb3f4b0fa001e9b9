"""Signing webhooks and sending them: over HTTP, one after the other, never twice."""

import asyncio
import hashlib
import hmac
import itertools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import aiohttp

from bot.sandbox.model import App, Clock, Delivery
from bot.sandbox.payloads.deliveries import compact

TIMEOUT_SECONDS = 10
"""GitHub's time limit; a later answer counts as a failure."""
FIRST_ID = 23_000_000_000
"""Deliveries have ids of their own, larger than 32 bits."""


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256 for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


Fate = Callable[[Delivery], Sequence[float]]
"""When a delivery arrives, in seconds after its turn: once, several times, or never (which counts as failed)."""


def on_time(delivery: Delivery) -> Sequence[float]:
    """Once, at its turn."""
    return (0.0,)


class WebhookSender:
    """Delivers to the App's webhook address in the order of sending, in the background once `start` was called."""

    def __init__(self, app: App, clock: Clock) -> None:
        """Read address and secret from `app` at each delivery, so that they can be set late."""
        self._app = app
        self._clock = clock
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._late: set[asyncio.Task[None]] = set()
        self._ids = itertools.count(FIRST_ID)
        self.fate: Fate = on_time
        """Decides each delivery's; for rehearsals of the platform's failings."""

    def send(self, event: str, payload: dict[str, Any]) -> Delivery:
        """Record a delivery and, when the App has an address, queue it."""
        action = payload.get("action")
        return self._queued(
            Delivery(next(self._ids), str(uuid.uuid4()), event, action, payload, self._clock.now()),
        )

    def send_again(self, delivery: Delivery) -> Delivery:
        """Another attempt at the same webhook."""
        return self._queued(
            replace(delivery, id=next(self._ids), at=self._clock.now(), status=None, redelivery=True, over=False)
        )

    def _queued(self, delivery: Delivery) -> Delivery:
        if self._app.webhook_url:
            self._queue.put_nowait(delivery)
        return delivery

    async def start(self) -> None:
        """Begin to deliver."""
        self._task = asyncio.create_task(self._deliver_all())

    async def stop(self) -> None:
        """Stop; what has not been sent is dropped."""
        tasks = [task for task in (self._task, *self._late) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._task = None

    async def drain(self) -> None:
        """Return when everything queued so far has been answered or given up."""
        await self._queue.join()

    async def _deliver_all(self) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                delivery = await self._queue.get()
                try:
                    await self._meet_fate(session, delivery)
                finally:
                    self._queue.task_done()

    async def _meet_fate(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        fate = self.fate(delivery)
        delivery.over = not fate
        for seconds in fate:
            if seconds > 0:
                task = asyncio.create_task(self._deliver_late(session, delivery, seconds))
                self._late.add(task)
                task.add_done_callback(self._late.discard)
            else:
                await self._attempt(session, delivery)

    async def _deliver_late(self, session: aiohttp.ClientSession, delivery: Delivery, seconds: float) -> None:
        await self._clock.sleep(seconds)
        await self._attempt(session, delivery)

    async def _attempt(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        delivery.status = await self._deliver(session, delivery)
        delivery.over = True

    async def _deliver(self, session: aiohttp.ClientSession, delivery: Delivery) -> int | None:
        body = compact(delivery.payload)
        try:
            async with session.post(
                self._app.webhook_url, data=body, headers=self.headers(delivery, body), allow_redirects=False
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    def headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        """The headers of a delivery whose body is these bytes."""
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/5a11ed0",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": str(self._app.id + 1),
            "X-GitHub-Hook-Installation-Target-ID": str(self._app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature-256": sign(self._app.webhook_secret, body),
        }
