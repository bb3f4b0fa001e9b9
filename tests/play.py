"""The vocabulary of the end-to-end tests: the real bot and the sandbox, over real HTTP on loopback.

A test says who comments what and what CI does, lets things settle, and looks at the thread, the tags and the log of
calls. A wait that does not end prints the thread.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from bot.app import Bot
from bot.cli.rehearsal import MAINTAINER, Stage, stage
from bot.release.model import Phase, Release
from bot.sandbox.access.app_key import RegisteredApp, register_app
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.model import Call, Comment, Issue, PullRequest
from bot.sandbox.world.merging import MergeMethod

EXAMPLE = "/release tidewater 0.5.0 tidewater-py 0.4.0"


class Play:
    """One stage with its thread."""

    def __init__(self, on: Stage) -> None:
        self.on = on
        self.sandbox = on.sandbox
        self.world = on.sandbox.world
        self.repository = on.repository
        self.issue: Issue | None = None

    @property
    def bot(self) -> Bot:
        return self.on.bot

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

    async def settle(self, *, within: float = 25.0) -> None:
        """Return when nothing moves any more: no webhook, no CI run, no look under way or due soon."""
        try:
            async with asyncio.timeout(within):
                calm = 0
                while calm < 4:
                    await self.world.webhooks.drain()
                    await self.sandbox.actions.idle()
                    calls = len(self.world.calls)
                    await asyncio.sleep(0.06)
                    calm = calm + 1 if calls == len(self.world.calls) and not await self._moving() else 0
        except TimeoutError:
            raise AssertionError(f"nothing came to rest within {within} s; the thread:\n{self.thread()}") from None

    async def until(self, so: Callable[[], bool], *, within: float = 20.0) -> None:
        """Return when it is so."""
        try:
            async with asyncio.timeout(within):
                while not so():  # noqa: ASYNC110 - the other side is another program, which sets no event of ours
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


@asynccontextmanager
async def play(folder: Path, *fail: str, repo: Path | None = None) -> AsyncIterator[Play]:
    """A stage with the example repository, or with a copy of `repo`; `fail` as in the demo's --fail."""
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    async with stage(folder, repo, Scenario.parse(fail), app=registered()) as on:
        yield Play(on)
