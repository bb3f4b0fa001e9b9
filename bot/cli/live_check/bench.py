"""What every step works with: the bot's own reader and writer, the person who is asked, and what is to be removed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.github import GitHub, Reader, Writer
from bot.github.errors import Conflict, GitHubError, StaleData
from bot.github.facts import PullRequest, RepositoryRef, WorkflowRun
from bot.github.transport.client import Client
from bot.github.transport.tokens import Purpose
from bot.github.writing.receive_pack import NO_OBJECT, RefUpdate
from bot.github.writing.refs import push

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held:
    """The repository is the person's for as long as the command runs."""

    repository: RepositoryRef
    until: datetime


@dataclass(slots=True)
class Bench:
    """One repository on which everything is tried; `pause` and `patience` are seconds."""

    github: GitHub
    repository: RepositoryRef
    clock: Clock
    ask: Callable[[str], Awaitable[bool]]
    """Asks a person to do something; whether it was done."""
    pause: float = 2.0
    patience: float = 180.0
    """How long a workflow run may take to begin, and to end."""
    made: dict[str, str] = field(default_factory=dict)
    """Refs that were made here, with the objects that they point to; all are deleted in the end."""
    pull: PullRequest | None = None
    """The pull request that the first step opened."""
    failed: WorkflowRun | None = None
    """The run that ended badly, once it has."""

    @property
    def reader(self) -> Reader:
        """What the bot reads with."""
        return self.github.reader(self.repository)

    @property
    def writer(self) -> Writer:
        """What the bot writes with."""
        return self.github.writer(Held(self.repository, self.clock.now() + timedelta(days=1)))

    async def client(self, purpose: Purpose = Purpose.OBSERVE) -> Client:
        """For what the bot itself never asks."""
        return await self.github.tokens.client(self.repository, purpose)

    async def head(self) -> str:
        """The newest commit of the default branch."""
        return (await self.reader.base(None)).branch.head

    async def push(self, *updates: RefUpdate) -> None:
        """One push, as the bot pushes; what it makes is remembered, and deleted in the end."""
        await push(await self.client(Purpose.PUBLISH), self.repository, updates)
        for update in updates:
            if update.new == NO_OBJECT:
                self.made.pop(update.name, None)
            else:
                self.made[update.name] = update.new

    async def make_tags(self, *tags: str, commit: str) -> None:
        """New tags in one push, however many."""
        await self.push(*(RefUpdate(f"refs/tags/{tag}", NO_OBJECT, commit) for tag in tags))

    async def refused(self, act: Awaitable[object]) -> GitHubError | None:
        """What GitHub says against it; None when it is done."""
        try:
            await act
        except GitHubError as refusal:
            return refusal
        return None

    async def until(
        self, look: Callable[[], Awaitable[T | None]], *, within: float | None = None, pause: float | None = None
    ) -> tuple[T | None, float]:
        """What a look finds, and after how many seconds; None when it finds nothing in time."""
        began = self.clock.now()
        while True:
            found = await look()
            passed = (self.clock.now() - began).total_seconds()
            if found is not None or passed >= (self.patience if within is None else within):
                return found, passed
            await self.clock.sleep(self.pause if pause is None else pause)

    async def runs_of(self, commit: str, *refs: str) -> list[WorkflowRun]:
        """The runs that pushes of these tags or branches started on a commit."""
        return [run for run in await self.reader.runs(commit) if run.head_branch in refs]

    async def clean(self) -> list[str]:
        """Remove what was made; what could not be removed."""
        left = []
        if self.pull is not None:
            refusal = await self.refused(self.writer.close_pull_request(self.pull.number))
            if refusal and not isinstance(refusal, Conflict):  # that is what a merged one is told as
                left.append(f"pull request #{self.pull.number}: {refusal}")
        for name, commit in list(self.made.items()):
            refusal = await self.refused(self.push(RefUpdate(name, commit, NO_OBJECT)))
            if refusal and not isinstance(refusal, StaleData):  # somebody moved or deleted it: a merge does
                left.append(f"{name}: {refusal}")
        return left
