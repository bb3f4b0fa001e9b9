"""The vocabulary of the end-to-end tests: the real bot and the sandbox, over real HTTP on loopback.

A test says who comments what and what CI does, lets things settle, and looks at the thread, the tags and the log of
calls. A wait that does not end prints the thread.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import cache
from inspect import isawaitable
from pathlib import Path

from sqlalchemy import make_url

from bot.app import GRACE, Bot, bot, working
from bot.cli.rehearsal import MAINTAINER, import_repository, rehearsal_settings
from bot.clock import Clock, SystemClock
from bot.github.facts import RepositoryRef
from bot.release.model import Phase, Release
from bot.sandbox import Sandbox, example
from bot.sandbox.access.app_key import RegisteredApp, register_app
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.model import App, Call, Comment, Issue, PullRequest, Repository
from bot.sandbox.world.merging import MergeMethod
from bot.settings import Settings
from tests.virtual_time import VirtualClock, VirtualTimeLoop

EXAMPLE = "/release tidewater 0.5.0 tidewater-py 0.4.0"


class Play:
    """A sandbox with one repository, and its thread."""

    patience = 25.0
    """Seconds, of the loop's time, after which something that was to come is called missing."""

    def __init__(self, sandbox: Sandbox, repository: Repository) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self.repository = repository
        self.issue: Issue | None = None
        self.server: BotServer | None = None
        """The bot beside it; None where a test starts the bot's processes itself."""

    @property
    def bot(self) -> Bot:
        """As it runs now: a restart makes another one."""
        assert self.server is not None
        return self.server.bot

    async def forget_everything(self) -> None:
        """The store is lost: the bot stops between two steps, its database is deleted, and it starts with a new one."""
        assert self.server is not None
        await self.world.webhooks.drain()
        await self.server.stop()
        self.server.delete_database()
        await self.server.start()

    async def wake(self) -> None:
        """Have the bot look at the repository, as a webhook about it would."""
        installation = self.world.installation_of(self.repository)
        assert installation is not None
        here = self.repository
        reference = RepositoryRef(here.id, here.node_id, here.full_name, installation.id)
        await self.bot.store.wake(reference, self.world.clock.now())

    async def pass_time(self, seconds: float) -> None:
        """Turn the clock. In virtual time nothing waits, and all that becomes due on the way happens on the way."""
        await self.world.clock.sleep(seconds)

    async def comment(self, body: str, *, by: str = MAINTAINER, settle: bool = True) -> Comment:
        """Comment on the thread (opened when it is not there yet) and let everything come to rest."""
        if self.issue is None:
            self.issue = await self.world.open_issue(self.repository, "Release", "", by=MAINTAINER)
        comment = await self.world.comment(self.repository, self.issue.number, body, by=by)
        if settle:
            await self.settle()
        return comment

    async def merge(self, *, method: MergeMethod = "merge") -> str:
        """Merge the bot's pull request and let everything come to rest; answers the merge commit."""
        pull = self.pull_request
        await self.world.merge(self.repository, pull.number, by=MAINTAINER, method=method)
        await self.settle()
        return pull.merge_commit_sha or ""

    async def enqueue(self) -> str:
        """Put the bot's pull request into the merge queue and let everything come to rest; answers its merge commit."""
        await self.world.enqueue(self.repository, self.pull_request.number, by=MAINTAINER)
        await self.settle()
        return self.pull_request.merge_commit_sha or ""

    async def settle(self) -> None:
        """Return when nothing moves any more: no webhook, no CI run, no look under way or due soon."""
        try:
            async with asyncio.timeout(self.patience):
                calm = 0
                while calm < 4:
                    await self.world.webhooks.drain()
                    await self.sandbox.actions.idle()
                    calls = len(self.world.calls)
                    await asyncio.sleep(0.06)
                    calm = calm + 1 if calls == len(self.world.calls) and not await self._moving() else 0
        except TimeoutError:
            raise AssertionError(
                f"nothing came to rest within {self.patience} s; the thread:\n{self.thread()}"
            ) from None

    async def until(self, so: Callable[[], object | Awaitable[object]], *, within: float | None = None) -> None:
        """Return when it is so."""
        within = within or self.patience
        try:
            async with asyncio.timeout(within):
                while not (await told if isawaitable(told := so()) else told):  # noqa: ASYNC110 - no event of ours tells
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not so within {within} s; the thread:\n{self.thread()}") from None

    async def _moving(self) -> bool:
        """Whether a machine is awaited: a delivery or a look is due, or a release waits for CI or a registry."""
        if await self.bot.store.unhandled(self.repository.id):
            return True
        releases = await self.bot.store.open_releases(self.repository.id)
        here = [release for release in releases if release.away_since is None]
        return any(r.look_at is None or (r.blocked is None and r.phase is not Phase.PROPOSED) for r in here)

    # What there is to look at

    @property
    def pull_request(self) -> PullRequest:
        """The bot's newest pull request."""
        return self.pull_requests[-1]

    @property
    def pull_requests(self) -> list[PullRequest]:
        """The bot's pull requests."""
        issues = self.repository.issues.values()
        return [i.pull_request for i in issues if i.pull_request is not None and i.app_id is not None]

    def said(self) -> list[str]:
        """What the bot said on the thread, oldest first."""
        comments = self.issue.comments if self.issue else []
        return [comment.body for comment in comments if comment.app_id is not None]

    def status(self) -> str:
        """The status comment."""
        return next(body for body in self.said() if " status -->" in body)

    def milestones(self) -> list[str]:
        """What the bot said beside the status comment."""
        return [body for body in self.said() if " status -->" not in body]

    def reactions(self, comment: Comment) -> set[str]:
        """What the bot reacted with."""
        return {reaction.content for reaction in comment.reactions if reaction.user.type == "Bot"}

    async def tags(self) -> dict[str, str]:
        """Tags that were not there at the beginning, with their commits."""
        return {name: sha for name, sha in (await self.world.tags(self.repository)).items() if name not in BEFORE}

    def calls(self, method: str, part: str) -> list[Call]:
        """The bot's requests whose path (or GraphQL document) holds `part`."""
        return [
            call
            for call in self.world.calls
            if call.method == method and (part in call.path or part in str((call.request or {}).get("query", "")))
        ]

    async def releases(self) -> Sequence[Release]:
        """Everything that the bot's store knows of this repository's releases."""
        return await self.bot.store.releases(self.repository.id, limit=20)

    def thread(self) -> str:
        """The whole thread, for a failing test to show."""
        comments = self.issue.comments if self.issue else []
        return "\n----\n".join(f"{comment.user.login}:\n{comment.body}" for comment in comments)


_registered = cache(register_app)


def registered() -> RegisteredApp:
    """The App as it is newly registered, of one key for the whole test process: keys are slow to make."""
    once = _registered()
    return replace(once, app=replace(once.app))


BEFORE = frozenset({"v0.4.0", "py-v0.3.0"})


NOBODY = "http://127.0.0.1:1/webhook"
"""An address where nobody listens."""


class BotServer:
    """The real bot beside a sandbox, which can be stopped and started again."""

    def __init__(self, settings: Settings, app: App, clock: Clock) -> None:
        self._settings = settings
        self._app = app
        self._app.webhook_url = NOBODY
        self._clock = clock
        self._running: AsyncExitStack | None = None
        self._bot: Bot | None = None

    @property
    def bot(self) -> Bot:
        """Its parts."""
        assert self._bot is not None, "the bot is stopped"
        return self._bot

    async def start(self) -> None:
        """Open its door, where webhooks go from now on, and have it work."""
        async with AsyncExitStack() as stack:
            self._bot = await stack.enter_async_context(bot(self._settings, self._clock))
            address = await stack.enter_async_context(working(self._bot, grace=GRACE))
            self._app.webhook_url = f"{address}/webhook"
            self._running = stack.pop_all()

    async def stop(self) -> None:
        """Return when it has stopped, if it ran, as on SIGTERM: no look is left half done, and no lease behind."""
        running, self._running, self._bot = self._running, None, None
        self._app.webhook_url = NOBODY
        if running is not None:
            await running.aclose()

    def delete_database(self) -> None:
        """All that it knew is gone; it must be stopped."""
        assert self._bot is None
        path = Path(make_url(self._settings.database_url).database or "")
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


@asynccontextmanager
async def play(
    folder: Path,
    *fail: str,
    repo: Path | None = None,
    prepare: Callable[[Sandbox, Settings], Settings] = lambda sandbox, settings: settings,
    up: bool = True,
) -> AsyncIterator[Play]:
    """A sandbox with the example repository, or with a copy of `repo`, and the bot; `fail` as in the demo's --fail.

    `prepare` may change the bot's settings. With `up=False` the bot is not started, and webhooks reach nobody.
    """
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    clock = VirtualClock() if isinstance(asyncio.get_running_loop(), VirtualTimeLoop) else SystemClock()
    async with Sandbox.open(scenario=Scenario.parse(fail), clock=clock, folder=folder, app=registered()) as sandbox:
        repository = await example.build(sandbox) if repo is None else (await import_repository(sandbox, repo))[0]
        await sandbox.actions.idle()
        settings = prepare(sandbox, rehearsal_settings(sandbox, folder))
        on = Play(sandbox, repository)
        on.server = server = BotServer(settings, sandbox.world.app, clock)
        if up:
            await server.start()
            await sandbox.world.ping()
        try:
            yield on
        finally:
            await server.stop()
