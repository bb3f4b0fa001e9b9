"""The real bot beside the independent GitHub and the sandbox's registries, to play a release there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.app import Bot, bot, working
from bot.release.facts import Timeouts
from bot.release.model import Release
from bot.sandbox import example
from bot.sandbox.access.app_key import RegisteredApp
from bot.sandbox.actions.publishing import Publisher
from bot.sandbox.http_server import serving
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.crates_web import crates_app
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.registries.pypi_web import pypi_app
from bot.sandbox.world import World
from bot.settings import Secret, Settings
from tests.independent.oracle import in_virtual_time
from tests.independent.publishing import Work
from tests.play import EXAMPLE, registered
from tests.virtual_time import VirtualClock

MAINTAINER = example.OWNER
MAIN = "refs/heads/main"
TAGS = ("v0.5.0", "py-v0.4.0")
RUN_SECONDS = 20.0
PATIENCE = 2 * 3600.0
"""Seconds after which a release counts as going on for ever: every patience of the bot's is over by then."""
CALM, OVER = 900.0, 60.0
"""Seconds without a change after which a release that is blocked counts as stopped, and one that has ended as over."""
STEP = 10.0


@dataclass
class Stage:
    """One release on one independent GitHub; times are virtual."""

    mini: Any
    bot: Bot
    work: Work
    issue: int = 0
    tagged: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Of each tag that the bot made: its commit, and whether CI was green there at that moment."""
    crashed: list[str] = field(default_factory=list)
    """Errors inside the oracle."""

    # What people do

    async def ask(self, text: str = EXAMPLE) -> int:
        """Comment on the thread; the comment's number."""
        self.issue = self.issue or self.mini.open_issue("Release", MAINTAINER)
        return int(await self.mini.comment(self.issue, text, MAINTAINER))

    async def proposed(self) -> dict[str, Any] | None:
        """The bot's pull request; None when the bot stopped before there is one."""
        return await self.first(lambda: next(iter(self.mini.pulls.values()), None))

    async def merge(self) -> str:
        """Merge the bot's pull request; the merge commit."""
        return str(await self.mini.merge(next(iter(self.mini.pulls)), MAINTAINER))

    async def first(self, what: Callable[[], Any]) -> Any:
        """What there is as soon as there is something; None once the release has come to rest without it."""
        waited = calm = 0.0
        state = await self._state()
        while not (found := what()):
            await asyncio.sleep(STEP)
            waited, before, state = waited + STEP, state, await self._state()
            calm = calm + STEP if state == before else 0.0
            if calm >= self._enough(await self.release()) or waited >= PATIENCE:
                return None
        return found

    async def rest(self) -> Release | None:
        """The release when it has ended or stopped, or after PATIENCE."""
        await self.first(lambda: False)
        return await self.release()

    # What there is to look at

    async def release(self) -> Release | None:
        """The newest release that the bot knows of."""
        return next(iter(await self.bot.store.releases(self.mini.repo_id, limit=1)), None)

    def said(self) -> list[str]:
        """What the bot said, oldest first, as it stands now."""
        return [each["body"] for each in self.mini.comments.values() if each["by"] == self.mini.bot]

    def text(self) -> str:
        """All that people can read of it: comments, and the pull request."""
        return "\n".join([*self.said(), *(pull["body"] for pull in self.mini.pulls.values())])

    def thread(self) -> str:
        """The thread, for a failing test to show."""
        return "\n----\n".join(f"{each['by']}:\n{each['body']}" for each in self.mini.comments.values())

    def asked(self, part: str) -> int:
        """How many requests of the bot hold `part` in their method, path or document."""
        return sum(part in f"{method} {path} {document}" for method, path, document in self.mini.log)

    def green(self, commit: str) -> bool:
        """Whether every workflow file that tests this commit ended well on it, by push, merge queue or hand."""
        runs = [run for run in self.mini.runs.values() if run["sha"] == commit and run["file"] is not None]
        tests = [run for run in runs if run["event"] in ("push", "merge_group", "workflow_dispatch")]
        ended_well = {run["path"] for run in tests if run["conclusion"] == "success"}
        return bool(ended_well) and {run["path"] for run in tests if "publish" not in run["path"]} <= ended_well

    async def edit_workflow(self, name: str, old: str, new: str) -> None:
        """A person changes a workflow file on main, and its CI ends."""
        path = f".github/workflows/{name}"
        content = self.mini.git("cat-file", "blob", f"{MAIN}:{path}").decode()
        assert old in content
        await self.mini.push(MAIN, {path: content.replace(old, new)}, f"ci: change {name}", MAINTAINER)
        await asyncio.sleep(3 * RUN_SECONDS)

    async def _state(self) -> object:
        release = await self.release()
        return release and (release.phase, release.blocked), len(self.said()), len(self.mini.told)

    def _enough(self, release: Release | None) -> float:
        """How long nothing may change until that is the end."""
        if release is None:
            return OVER if self.said() else PATIENCE
        return OVER if release.phase.is_end else CALM if release.blocked is not None else PATIENCE


@asynccontextmanager
async def stage(
    oracle: ModuleType, folder: Path, *, middlewares: tuple[Middleware, ...] = (), **options: Any
) -> AsyncIterator[Stage]:
    """Everything up and connected, with CI of main's head done; `options` are the oracle's switches and grants."""
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    app, clock = registered(), VirtualClock()
    crates, pypi = CratesIO(clock), PyPI(clock)
    with in_virtual_time():
        git_dir = await _repository(folder, app, crates, pypi)
        made = (git_dir, app.app.public_key, app.app.id, app.app.webhook_secret, example.FULL_NAME)
        mini = oracle.Mini(*made, seconds=RUN_SECONDS, **options)
        mini.play = work = Work(mini, Publisher(crates, pypi, clock))
        crashed: list[str] = []
        async with (
            serving(mini.app(), (_noting(crashed), *middlewares)) as mini.base_url,
            serving(crates_app(crates)) as crates_url,
            serving(pypi_app(pypi)) as pypi_url,
        ):
            head = mini.git.resolve(MAIN)
            await mini.moved(MAIN, "0" * 40, head, MAINTAINER)
            await asyncio.sleep(3 * RUN_SECONDS)
            settings = _settings(folder, app, mini.base_url, crates_url, pypi_url)
            async with bot(settings, clock) as parts, working(parts) as address:
                mini.hook = f"{address}/webhook"
                on = Stage(mini, parts, work, crashed=crashed)
                mini.moved = _watched(on, mini.moved)
                yield on
        await _end_of_runs()


async def _repository(folder: Path, app: RegisteredApp, crates: CratesIO, pypi: PyPI) -> Path:
    """The example's bare repository with its history, and what it published."""

    @dataclass
    class Registries:
        world: World
        crates: CratesIO
        pypi: PyPI

    world = World(folder / "git", VirtualClock(), app.app)
    repository = await example.build(Registries(world, crates, pypi))
    # Its hook expands patterns of refs in the repository's own folder, where loose refs are files with these names.
    await world.git(repository).run("pack-refs", "--all")
    return world.git(repository).path


def _settings(folder: Path, app: RegisteredApp, github_url: str, crates_url: str, pypi_url: str) -> Settings:
    """As an operator's, but for the addresses."""
    return Settings(
        app_id=app.app.id,
        private_key=Secret(app.private_key_pem),
        webhook_secrets=(Secret(app.app.webhook_secret),),
        github_api_url=github_url,
        database_url=f"sqlite+aiosqlite:///{folder / 'shipmate.db'}",
        host="127.0.0.1",
        port=0,
        crates_api_url=crates_url,
        crates_index_url=f"{crates_url}/index",
        crates_static_url=f"{crates_url}/static",
        pypi_url=pypi_url,
        docs_rs_url=f"{crates_url}/docs.rs",
        sentry_dsn=None,
        log_level="WARNING",
        timeouts=Timeouts(),
        workers=1,
        poll_seconds=60.0,
    )


def _noting(crashed: list[str]) -> Any:
    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            crashed.append(f"{request.method} {request.path_qs}: {error!r}")
            raise

    return note


def _watched(on: Stage, moved: Callable[[str, str, str, str], Any]) -> Callable[[str, str, str, str], Any]:
    """Notes of each tag that the bot makes whether CI was green on its commit at that moment."""

    async def watch(ref: str, before: str, after: str, by: str) -> None:
        if ref.startswith("refs/tags/") and by == on.mini.bot and set(after) != {"0"}:
            on.tagged[ref.removeprefix("refs/tags/")] = (after, on.green(after))
        await moved(ref, before, after, by)

    return watch


async def _end_of_runs() -> None:
    """Whatever the oracle still has under way ends with it."""
    ours = asyncio.current_task()
    left = [task for task in asyncio.all_tasks() if task is not ours and "minigithub" in repr(task.get_coro())]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
