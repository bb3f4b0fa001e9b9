"""The sandbox as a whole: a GitHub, a crates.io and a PyPI on loopback, up as long as the context lasts."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp.typedefs import Middleware

from bot.sandbox.access.app_key import RegisteredApp, register_app
from bot.sandbox.actions.dispatcher import Actions
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.clock import MachineClock
from bot.sandbox.git.http_backend import require_http_backend
from bot.sandbox.graphql import execute
from bot.sandbox.http_server import serving
from bot.sandbox.model import Clock, Repository
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.crates_web import crates_app
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.registries.pypi_web import pypi_app
from bot.sandbox.rest import github_app
from bot.sandbox.world import World


@dataclass
class Sandbox:
    """Everything that a bot's settings need, and everything that a test or a demo wants to touch."""

    world: World
    actions: Actions
    crates: CratesIO
    pypi: PyPI
    github_url: str
    """REST; GraphQL is `/graphql` below it. No address ends with a slash."""
    crates_api_url: str
    crates_index_url: str
    crates_static_url: str
    docs_rs_url: str
    pypi_url: str
    private_key_pem: str

    @property
    def app_id(self) -> int:
        """The App's id, the issuer of its JWT."""
        return self.world.app.id

    @property
    def webhook_secret(self) -> str:
        """What webhooks are signed with."""
        return self.world.app.webhook_secret

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        scenario: Scenario | None = None,
        clock: Clock | None = None,
        folder: Path | None = None,
        app: RegisteredApp | None = None,
        middlewares: Sequence[Middleware] = (),
    ) -> AsyncIterator["Sandbox"]:
        """Start all servers, on 127.0.0.1 only; repositories live in `folder` (default: a temporary one).

        `app` is the App under test (default: a new one); every request to any of the servers passes `middlewares`,
        which may delay it, or answer in the server's place. GitError where git's HTTP server is not installed.
        """
        clock = clock or MachineClock()
        async with AsyncExitStack() as stack:
            root = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shipmate-sandbox-")))
            await require_http_backend()
            registered = app or register_app()
            world = World(root / "git", clock, registered.app)
            crates, pypi = CratesIO(clock), PyPI(clock)
            actions = Actions(world, scenario or Scenario(), crates, pypi)
            world.site.url = await stack.enter_async_context(serving(github_app(world, execute), middlewares))
            crates_url = await stack.enter_async_context(serving(crates_app(crates), middlewares))
            pypi_url = await stack.enter_async_context(serving(pypi_app(pypi), middlewares))
            await world.webhooks.start()
            stack.push_async_callback(world.webhooks.stop)
            stack.push_async_callback(actions.close)
            yield cls(
                world=world,
                actions=actions,
                crates=crates,
                pypi=pypi,
                github_url=world.site.url,
                crates_api_url=crates_url,
                crates_index_url=f"{crates_url}/index",
                crates_static_url=f"{crates_url}/static",
                docs_rs_url=f"{crates_url}/docs.rs",
                pypi_url=pypi_url,
                private_key_pem=registered.private_key_pem,
            )

    async def connect(self, webhook_url: str) -> None:
        """From now on deliver webhooks to this address; GitHub's first word is a `ping`."""
        self.world.app.webhook_url = webhook_url
        await self.world.ping()

    def git_dir(self, repo: Repository) -> Path:
        """Where the bare repository is, for `git -C … log`."""
        return self.world.git(repo).path
