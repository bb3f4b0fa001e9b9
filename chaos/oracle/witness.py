"""What really happened in a run, as the sandbox saw it: the log that properties are checked against.

Nothing here asks the bot or its database: refs at the moment they move, roles and runs as they change, each comment
as it is said, each call as it is answered.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.sandbox import Sandbox
from bot.sandbox.access.permissions import ROLES
from bot.sandbox.git.objects import ZERO, RefUpdate
from bot.sandbox.model import Call, CheckRun, Issue, PullRequest, Repository, User
from chaos.git.repository import MemoryGit, Moved
from chaos.oracle.records import BASE, MARKER, Asked, History, RefsMoved, RunState, Said
from chaos.simulation.loop import is_dead

T = TypeVar("T")

_acting: ContextVar[str] = ContextVar("acting", default="")
"""Who moves refs just now."""


@dataclass
class Witness:
    """Sees everything; `log` is the trace that a failing seed prints."""

    sandbox: Sandbox
    repository: Repository
    log: list[tuple[float, str]] = field(default_factory=list)
    moved: list[RefsMoved] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What the bot logged as its own faults."""
    logged: list[str] = field(default_factory=list)
    roles: History[str, str] = field(default_factory=History)
    tags: History[str, str] = field(default_factory=History)
    branches: History[str, str] = field(default_factory=History)
    runs: History[tuple[str, int], RunState] = field(default_factory=History)
    """By commit and run id."""
    pulls: History[int, str] = field(default_factory=History)
    """open, closed or merged, by number."""
    reruns: list[tuple[float, int]] = field(default_factory=list)
    """When the bot had a run's failed jobs run again."""
    pushes_of_tags: int = 0
    rules: History[str, bool] = field(default_factory=History)
    """Whether a ruleset stands, by what it is for."""
    forbidden: Counter[str] = field(default_factory=Counter)
    """How often a ruleset refused the bot a ref."""

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return asyncio.get_running_loop().time()

    def tell(self, what: str) -> None:
        """Write into the trace."""
        self.log.append((self.now, what))

    def watch(self) -> None:
        """Begin to see; the repository is as it is now."""
        world, repo = self.sandbox.world, self.repository
        git = self.git
        git.on_moved = self._refs_moved
        for name, sha in git.heads.items():
            (self.tags if name.startswith("refs/tags/") else self.branches).note(self.now, name.split("/", 2)[2], sha)
        for login, role in repo.permissions.items():
            self.roles.note(self.now, login, role)
        for run in repo.runs.values():
            self._note_run(run.id)
        world.listeners.append(self._event)
        world.on_pull_request.append(self._pull_request)
        world.on_rerun.append(self._rerun)
        world.on_rerun_job.append(self._rerun_job)
        world.calls = _Calls(self._called)
        update_refs, served, broken_rules = world.update_refs, world.served, world.broken_rules

        def counted(repo: Repository, update: RefUpdate, message: str | None = None) -> list[str]:
            broken = broken_rules(repo, update, message)
            self.forbidden[update.name] += bool(broken)
            return broken

        async def with_actor(repo: Repository, updates: Sequence[RefUpdate], *, by: User | str) -> None:
            token = _acting.set(world.actor(by).login)
            try:
                await update_refs(repo, updates, by=by)
            finally:
                _acting.reset(token)

        async def served_to(
            repo: Repository, updates: Sequence[RefUpdate], serve: Callable[[], Awaitable[T]], *, by: User
        ) -> T:
            token = _acting.set(by.login)
            try:
                return await served(repo, updates, serve, by=by)
            finally:
                _acting.reset(token)

        world.update_refs = with_actor  # type: ignore[method-assign]
        world.served = served_to  # type: ignore[method-assign]
        world.broken_rules = counted  # type: ignore[method-assign]

    @property
    def git(self) -> MemoryGit:
        """The repository's git."""
        git = self.sandbox.world.git(self.repository)
        if not isinstance(git, MemoryGit):
            raise TypeError("the simulation keeps git in memory")
        return git

    @property
    def app(self) -> str:
        """The bot's login."""
        return self.sandbox.world.app.bot.login

    def grant(self, login: str, role: str) -> None:
        """Somebody's role changes."""
        self.sandbox.world.grant(self.repository, login, role)
        self.roles.note(self.now, login, role)

    def role_between(self, login: str, since: float, until: float) -> str:
        """The highest role that somebody had in a span."""
        if login == self.repository.owner.login:
            return "admin"
        return max(self.roles.between(login, since, until), key=ROLES.index, default="read")

    def lowest_role_between(self, login: str, since: float, until: float) -> str:
        """The lowest role that somebody had in a span."""
        if login == self.repository.owner.login:
            return "admin"
        return min(self.roles.between(login, since, until), key=ROLES.index, default="read")

    def pull_requests(self) -> list[tuple[Issue, PullRequest]]:
        """Those that the bot opened, oldest first."""
        issues = self.repository.issues.values()
        return [(issue, issue.pull_request) for issue in issues if issue.app_id is not None and issue.pull_request]

    def own_checks(self) -> list[CheckRun]:
        """The check runs that the bot made."""
        return [check for check in self.repository.checks if check.app_id == self.sandbox.world.app.id]

    def ref_at(self, ref: str, when: float) -> str:
        """Where a ref, by its full name, stood then; ZERO where it was not there."""
        kind, _, name = ref.removeprefix("refs/").partition("/")
        return (self.tags if kind == "tags" else self.branches).at(name, when) or ZERO

    def ahead(self, base: str, head: str) -> int:
        """How many commits a head has and a base has not."""
        return len(self.git.history(head) - self.git.history(base))

    def based_between(self, commit: str, since: float, until: float) -> list[bool]:
        """Whether the base branch held a commit, at each of its heads of a span."""
        return [commit in self.git.history(head) for head in self.branches.between(BASE, since, until)]

    def of(self, commit: str, since: float, until: float) -> list[RunState]:
        """All states of a commit's runs at any time of a span."""
        keys = [key for key in self.runs if key[0] == commit]
        return [state for key in keys for state in self.runs.between(key, since, until)]

    def tag_between(self, tag: str, since: float, until: float) -> set[str]:
        """The commits that a tag stood on at any time of a span; ZERO where it was not there."""
        return set(self.tags.between(tag, since, until)) or {ZERO}

    # What it hears

    def _refs_moved(self, moved: Moved) -> None:
        changes = tuple(change for change in moved.changes if change[1] != change[2])
        if not changes:
            return
        by = _acting.get()
        existing = {n.removeprefix("refs/tags/"): s for n, s in self.git.heads.items() if n.startswith("refs/tags/")}
        for ref, before, after in changes:
            kind, name = ref.split("/", 2)[1:]
            if kind == "tags":
                existing[name] = before
                if before == ZERO:
                    del existing[name]
            (self.tags if kind == "tags" else self.branches).note(self.now, name, after)
            self.tell(f"{by or 'somebody'} moves {ref} from {before[:7]} to {after[:7]}")
        commits = {after for _, _, after in changes}
        runs = {sha: tuple(s for key in self.runs if key[0] == sha for s in self._now(key)) for sha in commits}
        self.moved.append(RefsMoved(self.now, by, changes, existing, runs))

    def _now(self, key: tuple[str, int]) -> list[RunState]:
        state = self.runs.at(key, self.now)
        return [state] if state else []

    def _note_run(self, run_id: int) -> None:
        run = self.repository.runs[run_id]
        state = RunState(run_id, run.path, run.event, run.head_branch, run.status, run.conclusion, run.attempt)
        self.runs.note(self.now, (run.head_sha, run.id), state)

    async def _event(self, event: str, payload: dict[str, Any]) -> None:
        if event == "workflow_run":
            self._note_run(payload["workflow_run"]["id"])
            run = payload["workflow_run"]
            if payload["action"] == "completed":
                self.tell(f"{run['name']} on {run['head_sha'][:7]} ({run['head_branch']}) ends: {run['conclusion']}")
        elif event == "issue_comment" and payload["action"] in ("created", "edited"):
            self._comment(payload)

    def _comment(self, payload: dict[str, Any]) -> None:
        number, record = payload["issue"]["number"], payload["comment"]
        issue, comment = self.sandbox.world.find_comment(self.repository, record["id"])
        edited = payload["action"] == "edited"
        if comment.app_id is not None:
            self.said.append(Said(self.now, number, comment.id, comment.body, edited))
            first = comment.body.strip().splitlines()[0]
            mark = MARKER.findall(comment.body)
            self.tell(f"the bot {'edits' if edited else 'says'} on #{issue.number} {mark}: {first[:150]}")
        elif not edited:
            deliveries = self.sandbox.world.deliveries
            guid = deliveries[-1].guid if deliveries and deliveries[-1].payload.get("comment") == record else ""
            self.asked.append(Asked(self.now, number, comment, comment.user.login, comment.body, guid))
            self.tell(f"{comment.user.login} comments on #{number}: {comment.body.strip()[:100]}")

    async def _pull_request(self, repo: Repository, issue: Issue, action: str) -> None:
        pull = issue.pull_request
        if pull is not None:
            self.pulls.note(self.now, issue.number, "merged" if pull.merged else issue.state)
            self.tell(f"pull request #{issue.number} ({pull.head}) is {action}{' (merged)' if pull.merged else ''}")

    async def _rerun(self, repo: Repository, run: Any, actor: User) -> None:
        self._note_run(run.id)
        self.tell(f"{actor.login} has {run.name} ({run.head_branch}) run again: attempt {run.attempt}")
        if actor.login == self.app:
            self.reruns.append((self.now, run.id))

    async def _rerun_job(self, repo: Repository, run: Any, job: Any, actor: User) -> None:
        await self._rerun(repo, run, actor)

    def _called(self, call: Call) -> None:
        if call.method == "GET" or call.path.endswith("/access_tokens"):
            return
        document = str((call.request or {}).get("query", "")) if isinstance(call.request, dict) else ""
        if call.path.endswith(".git/git-receive-pack"):
            moves = ", ".join(each["name"] for each in (call.request or {}).get("refUpdates", ()))
            self.tell(f"call push of {moves}: {call.status}")
        elif call.path == "/graphql":
            if "mutation" not in document:
                return
            errors = (call.response or {}).get("errors") if isinstance(call.response, dict) else None
            name = document.split("mutation", 1)[1].split("(")[0].strip()
            self.tell(f"call mutation {name}: {call.status}{' ' + str(errors)[:200] if errors else ''}")
        else:
            self.tell(f"call {call.method} {call.path}: {call.status}")


class _Calls(list[Call]):
    """Tells of each call as it is noted."""

    def __init__(self, told: Callable[[Call], None]) -> None:
        super().__init__()
        self._told = told

    def append(self, call: Call) -> None:
        super().append(call)
        self._told(call)


class LogKeeper(logging.Handler):
    """Keeps what the bot logs, for secrets in it and for faults of its own."""

    def __init__(self, witness: Witness) -> None:
        super().__init__(logging.INFO)
        self._witness = witness

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, unless it comes from a process that is dead."""
        if is_dead():
            return
        text = self.format(record)
        self._witness.logged.append(text)
        if record.levelno >= logging.WARNING and record.name.startswith("bot."):
            self._witness.tell(f"log {record.levelname}: {record.getMessage()[:200]}")
        busy = "QueuePool limit" in text or "database is locked" in text  # by what stands still
        if record.exc_info and not busy and record.levelno >= logging.ERROR and record.name.startswith("bot."):
            self._witness.errors.append(text)
