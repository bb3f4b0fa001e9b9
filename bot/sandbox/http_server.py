"""Serving an aiohttp application on a free port of loopback."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Middleware


@asynccontextmanager
async def serving(app: web.Application, middlewares: Sequence[Middleware] = ()) -> AsyncIterator[str]:
    """The address (`http://127.0.0.1:PORT`) where the application answers until the block ends."""
    app.middlewares.extend(middlewares)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
