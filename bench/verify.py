"""What a verification asks of the registries and of GitHub: a first one, and a second of the same, unchanged release.

The registries are on loopback and answer in the real formats, with ETags as the real ones give them.
"""

import asyncio
import hashlib
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console
from rich.table import Table

from bot.clock import SystemClock
from bot.registries import Access, Registries
from bot.release import aftercare
from bot.release.facts import Timeouts
from bot.release.model import ReleasePackage
from bot.release.verification.judge import State, judge
from tests.play import EXAMPLE, play
from tests.registries.pypi.test_provenance import SHA, answer
from tests.registries.test_requests import archive
from tests.release.verification.building import ENDED, names, package

BUDGET = 15
NAME = "edge-demo"


@dataclass
class Count:
    """What was asked, and what of it had not changed."""

    requests: int = 0
    unchanged: int = 0
    bytes: int = 0


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def registry(count: Count) -> web.Application:
    """A crates.io, a docs.rs and a PyPI that have one release, complete."""
    pages = _pages()

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        count.requests += 1
        count.unchanged += response.status == 304
        count.bytes += (
            len(response.body) if isinstance(response, web.Response) and isinstance(response.body, bytes) else 0
        )
        return response

    async def page(request: web.Request) -> web.Response:
        body = pages.get(request.path)
        if body is None:
            return web.Response(status=404)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        keeps = not request.path.startswith(("/api/", "/crate/"))  # these two give none
        if keeps and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=body, headers={"ETag": etag} if keeps else {})

    app = web.Application(middlewares=[counted])
    app.router.add_get("/{path:.*}", page)
    return app


def _pages() -> dict[str, bytes]:
    packed = archive()
    checksum = hashlib.sha256(packed).hexdigest()
    version = {"num": "0.5.0", "yanked": False, "checksum": checksum, "crate_size": len(packed)}
    lines = [f'{{"vers":"{number}","cksum":"{checksum}","yanked":false}}' for number in ("0.4.0", "0.5.0")]
    files = names()
    simple = [{"filename": name, "hashes": {"sha256": "ab" * 32}, "provenance": "https://x"} for name in files]
    info = {"version": "0.5.0", "description": "# edge-demo", "requires_python": ">=3.9"}
    found: dict[str, object] = {
        "/api/v1/crates/edge-demo/0.5.0": {"version": version},
        "/api/v1/crates/edge-demo/0.4.0": {"version": {**version, "num": "0.4.0", "trustpub_data": {"sha": SHA}}},
        "/crate/edge-demo/0.5.0/status.json": {"version": "0.5.0", "doc_status": True},
        "/simple/edge-demo/": {"files": simple},
        "/pypi/edge-demo/0.5.0/json": {
            "info": info,
            "urls": [{"filename": name, "digests": {"sha256": "ab" * 32}} for name in files],
        },
    }
    pages = {path: json.dumps(body).encode() for path, body in found.items()}
    pages |= {f"/integrity/edge-demo/0.5.0/{name}/provenance": answer() for name in files}
    index, readme = "\n".join(lines).encode(), b"<h1>edge-demo</h1>" + b"<p>What it does, and why.</p>" * 10
    pages |= {"/ed/ge/edge-demo": index, "/ed/ge/edge-core": index, "/readmes/edge-demo/edge-demo-0.5.0.html": readme}
    return pages | {"/crates/edge-demo/edge-demo-0.5.0.crate": packed}


async def measured(registries: Registries, about: ReleasePackage, count: Count) -> tuple[int, int, int, float, State]:
    """One verification: requests, unchanged answers, bytes, seconds, verdict."""
    count.requests = count.unchanged = count.bytes = 0
    start = time.perf_counter()
    found = await registries.look(about)
    verdict = judge(about, found, published_at=ENDED, now=ENDED, timeouts=Timeouts())
    return count.requests, count.unchanged, count.bytes, time.perf_counter() - start, verdict.state


async def second_look() -> int:
    """How many requests GitHub gets while a released release of two packages is verified once more, unchanged."""
    aftercare.AFTER = (timedelta(seconds=3),)
    with tempfile.TemporaryDirectory() as folder:
        async with play(Path(folder)) as on, asyncio.timeout(60):
            await on.comment(EXAMPLE)
            await on.merge()
            before = len(on.world.calls)
            while await on.bot.store.releases_to_recheck(on.repository.id):  # noqa: ASYNC110 - the bot sets no event
                await asyncio.sleep(0.1)
            return len(on.world.calls) - before


async def main() -> int:
    """Print the table; 1 when a verification is over its budget, or wrong."""
    count, wrong = Count(), False
    table = Table(
        "Package", "Verification", "Requests", "of them unchanged", "Bytes", "Took", title=f"at most {BUDGET}"
    )
    async with TestServer(registry(count)) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("")).rstrip("/")
        registries = Registries(
            Access(
                session,
                user_agent="shipmate-bench/0 (+loopback)",
                clock=SystemClock(),
                crates_api_url=url,
                crates_index_url=url,
                crates_static_url=url,
                docs_url=url,
                pypi_url=url,
                crates_api_interval=0.0,
            )
        )
        for crate in (True, False):
            about = package(NAME, crate=crate)
            for which in ("first", "again, unchanged"):
                requests, unchanged, size, took, state = await measured(registries, about, count)
                wrong |= requests > BUDGET or state is not State.COMPLETE
                cells = (
                    about.registry.label,
                    which,
                    str(requests),
                    str(unchanged),
                    f"{size:,}",
                    f"{took * 1000:.0f} ms",
                )
                table.add_row(*cells)
    console = Console()
    console.print(table)
    asked = await second_look()
    console.print(f"A second look at a released release, unchanged: {asked} GitHub requests (at most 1)")
    return int(wrong or asked > 1)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
