"""Shipmate as real processes beside a sandbox in the test's own process: started, signalled, killed, restarted."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot import __version__
from bot.sandbox import Sandbox, example
from bot.sandbox.model import Delivery, Repository
from tests.play import Play, registered

ROOT = Path(__file__).parents[2]
LONGEST_START = 300.0
PATIENCE = 300.0
"""Seconds. Both end what hangs; neither is a measure of speed: real processes may be as slow as the machine is."""


class Process:
    """One process of the bot. Its standard error goes to a file, which a failing start shows."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self._argv = argv
        self._env = env
        self._log = log
        self._started: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it, and return when it says that it is up."""
        seen = len(self.said())
        with self._log.open("ab") as log:
            self._started = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                [sys.executable, *self._argv], cwd=ROOT, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        async with asyncio.timeout(LONGEST_START):
            while f"shipmate {__version__}" not in self.said()[seen:]:
                if self.process.poll() is not None:
                    raise AssertionError(f"{self._argv} ended with {self.process.returncode}:\n{self.said()}")
                await asyncio.sleep(0.02)

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """As it was started last."""
        assert self._started is not None
        return self._started

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.ended()

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end."""
        self.process.send_signal(number)

    async def ended(self, *, within: float = PATIENCE) -> int:
        """Its exit status."""
        return await asyncio.to_thread(self.process.wait, within)

    def said(self) -> str:
        """All that it wrote to its log since it was first started."""
        return self._log.read_text() if self._log.exists() else ""

    def end(self) -> None:
        """See it gone."""
        if self._started is not None and self._started.poll() is None:
            self._started.kill()
            self._started.wait()


class Gate:
    """Stands before the sandbox: requests whose path holds a word wait there until the gate is opened."""

    def __init__(self) -> None:
        self.word = ""
        self.arrived = 0
        self.open = asyncio.Event()

    def close_for(self, word: str) -> None:
        """From now on such requests wait."""
        self.word, self.arrived = word, 0
        self.open.clear()

    @web.middleware
    async def __call__(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """The sandbox's middleware."""
        if self.word and self.word in request.raw_path and not self.open.is_set():
            self.arrived += 1
            await self.open.wait()
        answer: web.StreamResponse = await handler(request)
        return answer


class Premises(Play):
    """A sandbox with the example repository, a database, and any number of the bot's processes."""

    patience = PATIENCE

    def __init__(self, sandbox: Sandbox, repository: Repository, engine: AsyncEngine, folder: Path) -> None:
        super().__init__(sandbox, repository)
        self.engine = engine
        self.gate = Gate()
        self.sent: list[Delivery] = []
        self._folder = folder
        self._stack = ExitStack()
        self.world.webhooks.fate = self._note

    def process(self, command: str, *, module: str = "bot", **settings: str) -> Process:
        """A process of the bot, such as `worker`; not yet started. It is gone at the end in any case."""
        log = self._folder / f"{command}-{len(list(self._folder.glob('*.log')))}.log"
        log.touch()
        made = Process(["-m", module, command], {**self._settings(), **settings}, log)
        self._stack.callback(made.end)
        return made

    def patient_worker(self, lease: timedelta) -> Process:
        """A worker whose calls can be held at the gate, with leases of that time."""
        return self.process("worker", module="tests.processes.patient_worker", LEASE_SECONDS=str(lease.total_seconds()))

    async def door(self, command: str = "web", **settings: str) -> tuple[Process, str]:
        """A process with a door, not yet started, which is at the same address after each start."""
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        return self.process(command, HOST="127.0.0.1", PORT=str(port), **settings), address

    def end(self) -> None:
        """See all processes gone."""
        self._stack.close()

    async def redelivered(self) -> bool:
        """Deliver again what was not accepted, as GitHub's button does; whether all is accepted now."""
        missed = [delivery for delivery in self.sent if not accepted(delivery)]
        async with aiohttp.ClientSession() as session:
            for delivery in missed:
                delivery.status = await post(session, self.world.app.webhook_url, self.world.webhooks, delivery)
        return all(accepted(delivery) for delivery in missed)

    async def query(self, statement: str) -> list[Any]:
        """What the database answers, first column."""
        async with self.engine.connect() as connection:
            return list((await connection.execute(text(statement))).scalars())

    async def nothing_unhandled(self) -> bool:
        """Whether every delivery that was kept is handled."""
        return not await self.query("SELECT guid FROM deliveries WHERE handled_at IS NULL")

    async def phases(self) -> list[str]:
        """The phases of the repository's releases."""
        return [str(phase) for phase in await self.query("SELECT phase FROM releases ORDER BY created_at")]

    async def reaches(self, phase: str, *, within: float = PATIENCE) -> None:
        """Return when the one release has come to that phase."""

        async def reached() -> bool:
            return await self.phases() == [phase]

        try:
            await until(reached, within=within)
        except TimeoutError:
            raise AssertionError(f"not {phase} but {await self.phases()}; {self.logs()}\n{self.thread()}") from None

    def logs(self) -> str:
        """What all processes wrote."""
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self._folder.glob("*.log")))

    def _note(self, delivery: Delivery) -> Sequence[float]:
        self.sent.append(delivery)
        return (0.0,)

    def _settings(self) -> dict[str, str]:
        url = self.engine.url.render_as_string(hide_password=False)
        settings = {
            "GITHUB_APP_ID": str(self.sandbox.app_id),
            "GITHUB_PRIVATE_KEY": self.sandbox.private_key_pem,
            "GITHUB_WEBHOOK_SECRET": self.sandbox.webhook_secret,
            "GITHUB_API_URL": self.sandbox.github_url,
            "DATABASE_URL": url,
            "CRATES_API_URL": self.sandbox.crates_api_url,
            "CRATES_INDEX_URL": self.sandbox.crates_index_url,
            "CRATES_STATIC_URL": self.sandbox.crates_static_url,
            "DOCS_RS_URL": self.sandbox.crates_static_url,  # which knows of no documentation
            "PYPI_URL": self.sandbox.pypi_url,
            "LEASE_SECONDS": "2",
            "SHIPMATE_TIMEOUTS": "lag=1,settle=0.4,look_again=0.5,propagation=8,idle=5",
        }
        return {"PATH": os.environ["PATH"], **settings}


def accepted(delivery: Delivery) -> bool:
    """Whether the bot answered that it has it."""
    return delivery.status is not None and 200 <= delivery.status < 300


async def post(session: aiohttp.ClientSession, address: str, sender: Any, delivery: Delivery) -> int | None:
    """The status of one delivery's answer; None when there was none."""
    body = json.dumps(delivery.payload, separators=(",", ":")).encode()
    try:
        async with session.post(address, data=body, headers=sender.headers(delivery, body)) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return None


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(so: Callable[[], Awaitable[bool]], *, within: float = PATIENCE) -> None:
    """Return when it is so, by the word of another process; raises TimeoutError."""
    async with asyncio.timeout(within):
        while not await so():  # noqa: ASYNC110 - no event of ours tells it
            await asyncio.sleep(0.05)


@asynccontextmanager
async def premises(folder: Path, url: str) -> AsyncIterator[Premises]:
    """Sandbox and database, no process yet; all gone at the end."""
    gate: list[Gate] = []

    @web.middleware
    async def at_the_gate(request: web.Request, handler: Any) -> web.StreamResponse:
        return await gate[0](request, handler) if gate else await handler(request)

    engine = create_async_engine(url)
    async with Sandbox.open(folder=folder / "sandbox", app=registered(), middlewares=[at_the_gate]) as sandbox:
        repository = await example.build(sandbox)
        await sandbox.actions.idle()
        (folder / "logs").mkdir()
        here = Premises(sandbox, repository, engine, folder / "logs")
        gate.append(here.gate)
        try:
            yield here
        finally:
            here.end()
            await engine.dispose()
