"""What the stand-in GitHub knows, and the one way an event leaves it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from bot.sandbox.access.permissions import EVENT_PERMISSIONS, ROLES
from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import Person
from bot.sandbox.git.repository import GitRepository
from bot.sandbox.model import (
    App,
    Call,
    Clock,
    Delivery,
    Installation,
    Issue,
    Job,
    Listener,
    QueueEntry,
    Release,
    Repository,
    Token,
    User,
    WorkflowRun,
)
from bot.sandbox.payloads.common import simple_installation_json, user_json
from bot.sandbox.payloads.repositories import repository_json
from bot.sandbox.site import Site
from bot.sandbox.world.webhooks import WebhookSender

PushListener = Callable[[Repository, str, str, str, User], Awaitable[None]]
"""Hears of a moved ref: (repository, full ref name, before, after, actor); ZERO where there is nothing."""
PullRequestListener = Callable[[Repository, Issue, str], Awaitable[None]]
"""Hears of a pull request: (repository, its issue with `.pull_request` set, action)."""
Dispatcher = Callable[[Repository, str, User, str, Mapping[str, str]], Awaitable[WorkflowRun]]
RerunListener = Callable[[Repository, WorkflowRun, User], Awaitable[None]]
"""Hears that the failed jobs of a run are to run again, or that a run is to stop: (repository, run, actor)."""
RerunJobListener = Callable[[Repository, WorkflowRun, Job, User], Awaitable[None]]
"""Hears that one job of a run is to run again: (repository, run, job, actor)."""
ReleaseListener = Callable[[Repository, Release, str, User], Awaitable[None]]
"""Hears of a GitHub Release: (repository, release, action, actor)."""
GroupListener = Callable[[Repository, str, QueueEntry], Awaitable[None]]
"""Hears that a merge queue wants to know whether a commit is good: (repository, base branch, entry)."""
ReviewListener = Callable[[WorkflowRun, str, Literal["approved", "rejected"]], Awaitable[None]]
"""Hears that somebody reviewed what a run waited for: (run, environment, verdict)."""

GITHUB = Person("GitHub", "noreply@github.com")
"""The committer of what GitHub itself commits (web-flow)."""


class WorldState:
    """Everything there is, by id and by name; the acts are in the classes that extend this one."""

    def __init__(self, folder: Path, clock: Clock, app: App) -> None:
        """Keep git repositories in `folder`; `app` is the App under test."""
        self.folder = folder
        self.clock = clock
        self.app = app
        self.site = Site("http://127.0.0.1", app)
        self.users: dict[str, User] = {}
        self.repositories: dict[int, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.signed: set[str] = set()
        """Commits that GitHub made, signed and calls verified."""
        self.listeners: list[Listener] = []
        self.on_push: list[PushListener] = []
        self.on_pull_request: list[PullRequestListener] = []
        self.on_rerun: list[RerunListener] = []
        self.on_rerun_job: list[RerunJobListener] = []
        self.on_review: list[ReviewListener] = []
        self.on_cancel: list[RerunListener] = []
        self.on_merge_group: list[GroupListener] = []
        self.on_release: list[ReleaseListener] = []
        self.start_workflow: Dispatcher | None = None
        """Starts a workflow by hand, where somebody runs workflows here."""
        self.webhooks = WebhookSender(app, clock)
        self._git: dict[int, GitRepository] = {}
        self._commits_of: dict[str, frozenset[str]] = {}
        """Commits by range of commit ids, which never change."""
        self.repeatable = timedelta(days=30)
        """How long a run can be run again:
        https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
        """
        self._advancing: set[tuple[int, str]] = set()
        """The merge queues that are being looked at, by repository and branch."""
        self._last_id = 1000
        for user in (app.owner, app.bot):
            self.users[user.login.lower()] = user

    def next_id(self) -> int:
        """A new number that no other record of this world has."""
        self._last_id += 1
        return self._last_id

    # People

    def user(self, login: str) -> User:
        """The account of that login, made when it is new (`…[bot]` makes a Bot)."""
        kind = "Bot" if login.endswith("[bot]") else "User"
        return self.users.setdefault(login.lower(), User(self.next_id(), login, kind))

    def find_user(self, login: str) -> User | None:
        """The account of that login (in any case of letters), or None."""
        return self.users.get(login.lower())

    def actor(self, who: User | str) -> User:
        """An account given as itself or by its login."""
        return self.user(who) if isinstance(who, str) else who

    def identity(self, user: User) -> Person:
        """How an account stands in commits."""
        return Person(user.login, f"{user.id}+{user.login}@users.noreply.github.com")

    def user_of(self, person: Person) -> User | None:
        """The account behind a commit's author, known by its noreply address; None for anyone else."""
        login = person.email.removesuffix("@users.noreply.github.com").partition("+")[2]
        return self.find_user(login) if login else None

    def role(self, repo: Repository, user: User) -> str:
        """Role name of a person: read, triage, write, maintain, admin, or none (a stranger to a private one)."""
        if user.id == repo.owner.id:
            return "admin"
        granted = {login.lower(): role for login, role in repo.permissions.items()}
        least = "none" if repo.private else "read"
        return max(granted.get(user.login.lower(), least), least, key=ROLES.index)

    # Repositories

    def repository(self, full_name: str) -> Repository | None:
        """A repository by `owner/name` (in any case of letters), or None."""
        wanted = full_name.lower()
        return next((repo for repo in self.repositories.values() if repo.full_name.lower() == wanted), None)

    def formerly(self, full_name: str) -> Repository | None:
        """The repository that was once called so, when no other one has taken the name since; or None."""
        if self.repository(full_name) is not None:
            return None
        wanted = full_name.lower()
        return next((repo for repo in self.repositories.values() if wanted in repo.former_names), None)

    def repository_by_node_id(self, node_id: str) -> Repository | None:
        """A repository by its GraphQL id, or None."""
        return next((repo for repo in self.repositories.values() if repo.node_id == node_id), None)

    def git(self, repo: Repository) -> GitRepository:
        """The git repository of a repository."""
        return self._git[repo.id]

    def installation_of(self, repo: Repository) -> Installation | None:
        """The installation of the App that covers a repository, or None."""
        return next((each for each in self.installations.values() if repo.id in each.repository_ids), None)

    def issue(self, repo: Repository, number: int) -> Issue:
        """An issue or pull request by its number.

        Raises a Refusal, NOT_FOUND when there is none and GONE when it was deleted.
        """
        found = repo.issues.get(number)
        if number in repo.deleted_issues:
            raise Refusal("GONE", "This issue was deleted")
        if found is None:
            raise Refusal("NOT_FOUND", f"Could not resolve to an issue or pull request with the number of {number}.")
        return found

    # Events

    async def emit(self, repo: Repository, event: str, payload: Mapping[str, Any], *, by: User) -> None:
        """Send an event: `payload` holds what is the event's own (with its `action`), the rest is added here.

        It goes to the App when its installation covers the repository, and to `listeners` in any case.
        """
        whole: dict[str, Any] = {"repository": repository_json(self.site, repo), **payload}
        whole["sender"] = user_json(self.site, by)
        installation = self.installation_of(repo)
        if installation and not installation.suspended and self._subscribed(event, installation):
            whole["installation"] = simple_installation_json(installation)
            self.deliveries.append(self.webhooks.send(event, whole))
        for listener in list(self.listeners):
            await listener(event, whole)

    def _subscribed(self, event: str, installation: Installation) -> bool:
        allowed = EVENT_PERMISSIONS.get(event)
        return allowed is not None and (not allowed or any(name in installation.permissions for name in allowed))
