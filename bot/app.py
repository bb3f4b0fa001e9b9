"""The composition root: settings → store, GitHub, registries → workers → web. Reads like a table of contents."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import sentry_sdk
from aiohttp import web
from sentry_sdk.scrubber import DEFAULT_DENYLIST, EventScrubber
from sentry_sdk.transport import Transport

from bot import USER_AGENT, __version__
from bot.clock import Clock, SystemClock
from bot.github import GitHub
from bot.reconcile.deliveries.filter import DeliveryFilter
from bot.reconcile.deliveries.missed_comments import MissedComments
from bot.reconcile.deliveries.redelivery import Redelivery
from bot.reconcile.retention import sweep_regularly
from bot.reconcile.sweep import SHORTEST, Sweep
from bot.reconcile.worker import Worker
from bot.registries import Access, Registries
from bot.settings import Secret, Settings
from bot.store import Store
from bot.web import make_app

log = logging.getLogger(__name__)


GRACE = 20.0
"""Seconds for a step under way when the process is asked to stop."""
DOOR_GRACE = 4.0
"""Seconds for requests under way, then as many again until they are cut off; with GRACE below the usual thirty."""


@dataclass(frozen=True)
class Bot:
    """A running bot: its door, its store, and the count of what it asked GitHub."""

    settings: Settings
    clock: Clock
    store: Store
    github: GitHub
    worker: Worker
    sweep: Sweep
    site: web.Application


@asynccontextmanager
async def bot(
    settings: Settings, clock: Clock | None = None, *, middlewares: Sequence[aiohttp.ClientMiddlewareType] = ()
) -> AsyncIterator[Bot]:
    """All parts put together, not yet working; everything is closed at the end.

    Every request to GitHub and the registries goes through `middlewares`.
    """
    clock = clock or SystemClock()
    async with (
        Store.open(settings.database_url, clock, poll_seconds=settings.poll_seconds) as store,
        aiohttp.ClientSession(headers={"User-Agent": USER_AGENT}, middlewares=middlewares) as session,
    ):
        github = GitHub(
            session,
            app_id=settings.app_id,
            private_key=settings.private_key,
            base_url=settings.github_api_url,
            user_agent=USER_AGENT,
            clock=clock,
        )
        registries = Registries(
            Access(
                session,
                crates_api_url=settings.crates_api_url,
                crates_index_url=settings.crates_index_url,
                crates_static_url=settings.crates_static_url,
                docs_url=settings.docs_rs_url,
                crates_api_interval=settings.crates_api_interval,
                pypi_url=settings.pypi_url,
                yank_token=settings.crates_io_yank_token,
                user_agent=USER_AGENT,
                clock=clock,
            )
        )
        worker = Worker(
            store=store,
            github=github,
            registries=registries,
            clock=clock,
            timeouts=settings.timeouts,
            lease_seconds=settings.lease_seconds,
        )
        pause = settings.missed_seconds
        missed_comments = MissedComments(github, store, clock, pause=pause * SHORTEST)
        sweep = Sweep(Redelivery(github, store, clock), missed_comments, clock, pause=pause)
        site = make_app(
            secrets=[secret.reveal() for secret in settings.webhook_secrets],
            keep=DeliveryFilter(store, clock, settings.app_id).keep,
            healthy=store.healthy,
        )
        yield Bot(settings, clock, store, github, worker, sweep, site)


@asynccontextmanager
async def working(parts: Bot, *, web: bool = True, work: bool = True, grace: float = 0.0) -> AsyncIterator[str]:
    """The bot at work: its door open on the settings' host and port, its workers running; one of them, if so asked.

    Answers its address, empty without a door. At the end the door closes when all that came in is answered, and a step
    under way has `grace` seconds to come to its end; with none it is cut off, and its lease left behind, as by a crash.
    """
    async with AsyncExitStack() as stack:
        if work:
            await stack.enter_async_context(_workers(parts, grace))
        yield await stack.enter_async_context(_door(parts)) if web else ""


@asynccontextmanager
async def _door(parts: Bot) -> AsyncIterator[str]:
    # Signatures are over the bytes as sent: nothing is unpacked before they are checked.
    runner = web.AppRunner(parts.site, access_log=None, auto_decompress=False, shutdown_timeout=DOOR_GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, parts.settings.host, parts.settings.port).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _workers(parts: Bot, grace: float) -> AsyncIterator[None]:
    runs = [asyncio.create_task(parts.worker.run(), name=f"worker {n}") for n in range(parts.settings.workers)]
    aside = [
        asyncio.create_task(sweep_regularly(parts.store, parts.clock), name="sweep"),
        asyncio.create_task(parts.sweep.run(), name="sweep"),
    ]
    try:
        yield
    finally:
        parts.worker.stop()
        if grace:
            await asyncio.wait(runs, timeout=grace)
        for task in (*runs, *aside):
            task.cancel()
        await asyncio.wait((*runs, *aside))
        if grace:
            await parts.worker.give_back()


def report_errors(dsn: Secret, *, transport: Transport | None = None) -> None:
    """Report errors to Sentry, without what people said: no body of a delivery, no signature, no local variable."""
    sentry_sdk.init(
        dsn=dsn.reveal(),
        transport=transport,
        include_local_variables=False,
        max_request_body_size="never",
        event_scrubber=EventScrubber(denylist=[*DEFAULT_DENYLIST, "x-hub-signature-256"]),
    )


async def serve(settings: Settings, stop: asyncio.Event, *, web: bool = True, work: bool = True) -> None:
    """Run the door, the workers, or both until `stop` is set (SIGTERM, SIGINT); then end in order and soon."""
    if settings.sentry_dsn is not None:
        report_errors(settings.sentry_dsn)
    async with bot(settings) as parts, working(parts, web=web, work=work, grace=GRACE) as address:
        log.info("shipmate %s %s", __version__, f"listens on {address}" if web else "works")
        await stop.wait()
        log.info("stopping")
        parts.worker.stop()
