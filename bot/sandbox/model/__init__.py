"""The state of the stand-in GitHub: plain mutable records, one process, one event loop.

Git objects and refs are not here; they live in the real bare repository (`bot.sandbox.git.repository`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol


class Clock(Protocol):
    """The time as the sandbox sees it."""

    def now(self) -> datetime:
        """The current instant, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


@dataclass
class User:
    """An account; `type` is User or Bot."""

    id: int
    login: str
    type: str = "User"


@dataclass
class Reaction:
    """A reaction to a comment."""

    id: int
    user: User
    content: str


@dataclass
class Comment:
    """An issue comment; `app_id` is set when an App wrote it."""

    id: int
    issue: int
    user: User
    body: str
    created_at: datetime
    updated_at: datetime
    app_id: int | None = None
    edited_at: datetime | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class Issue:
    """An issue or, with `pull_request` set, the issue side of a pull request."""

    id: int
    number: int
    title: str
    body: str
    user: User
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    app_id: int | None = None
    pull_request: "PullRequest | None" = None


@dataclass
class PullRequest:
    """The pull request side of an issue."""

    id: int
    number: int
    head: str
    """Branch name."""
    base: str
    head_sha: str
    base_sha: str
    merged: bool = False
    merge_commit_sha: str | None = None
    merged_by: User | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass
class Step:
    """A step of a job."""

    name: str
    number: int
    status: str = "queued"
    conclusion: str | None = None


@dataclass
class Job:
    """A job of a workflow run; its check run has the same id."""

    id: int
    name: str
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: list[Step] = field(default_factory=list)
    log: str = ""
    """What it printed, in GitHub's format; empty until it has ended, and when it never began."""


@dataclass
class Environment:
    """An environment that jobs name; those with reviewers wait for one of them."""

    id: int
    name: str
    created_at: datetime
    reviewers: list[User] = field(default_factory=list)


@dataclass
class PendingDeployment:
    """An environment that holds up jobs of a run."""

    environment: Environment
    since: datetime
    jobs: list[Job] = field(default_factory=list)


@dataclass
class DeploymentReview:
    """What a person said to what a run waited for."""

    verdict: Literal["approved", "rejected"]
    user: User
    comment: str
    environments: list[Environment]


@dataclass
class WorkflowRun:
    """A run of a workflow of this repository; its check suite is `suite_id`."""

    id: int
    workflow_id: int
    name: str
    path: str
    event: str
    head_branch: str
    head_sha: str
    number: int
    suite_id: int
    actor: User
    created_at: datetime
    updated_at: datetime
    attempt: int = 1
    status: str = "queued"
    conclusion: str | None = None
    jobs: list[Job] = field(default_factory=list)
    pending: dict[str, PendingDeployment] = field(default_factory=dict)
    """What it waits for, by environment."""
    reviews: list[DeploymentReview] = field(default_factory=list)
    """Of all its attempts."""


@dataclass
class CheckRun:
    """A check run of an App other than GitHub Actions."""

    id: int
    name: str
    app_slug: str
    app_id: int
    suite_id: int
    head_sha: str
    status: str
    conclusion: str | None
    started_at: datetime
    completed_at: datetime | None = None


@dataclass
class Status:
    """A commit status."""

    id: int
    sha: str
    context: str
    state: str
    target_url: str | None
    created_at: datetime


@dataclass
class Release:
    """A GitHub Release."""

    id: int
    tag: str
    target: str
    name: str
    body: str
    draft: bool
    prerelease: bool
    author: User
    created_at: datetime
    published_at: datetime | None
    immutable: bool = False
    """Whether it was published while the repository's Releases are immutable."""


@dataclass
class Installation:
    """The App on one account: which repositories, which permissions."""

    id: int
    account: User
    repository_ids: set[int]
    permissions: dict[str, str]
    created_at: datetime
    suspended: bool = False


@dataclass
class Token:
    """An installation access token: narrowed, and dead after `expires_at`."""

    value: str
    installation_id: int
    repository_ids: set[int]
    permissions: dict[str, str]
    expires_at: datetime


@dataclass
class App:
    """The GitHub App under test."""

    id: int
    slug: str
    owner: User
    public_key: str
    """PEM; the private half is the bot's."""
    webhook_url: str
    webhook_secret: str
    bot: User
    """`shipmate[bot]`, the author of what the App writes."""


@dataclass
class Call:
    """One request that the stand-in answered; the log that tests and the demo's request count read."""

    method: str
    path: str
    """Path with its query, as sent."""
    status: int
    request: Any
    """Decoded JSON body, or None."""
    response: Any
    """Decoded JSON answer, or None."""
    at: datetime


@dataclass
class Delivery:
    """One attempt at sending one webhook."""

    id: int
    guid: str
    """The webhook's; every attempt at it has the same."""
    event: str
    action: str | None
    payload: dict[str, Any]
    at: datetime
    status: int | None = None
    """HTTP status of the bot's answer; None when it could not be reached."""
    redelivery: bool = False
    over: bool = False
    """Whether it was answered or given up; GitHub's log shows it from then on."""

    @property
    def succeeded(self) -> bool:
        """Whether the bot took it."""
        return self.status is not None and self.status < 400


@dataclass
class Discussion:
    """A discussion in a category."""

    id: int
    number: int
    category: str
    title: str
    body: str
    user: User


@dataclass
class Repository:
    """A repository: its git folder and everything GitHub keeps beside git."""

    id: int
    node_id: str
    owner: User
    name: str
    default_branch: str
    private: bool
    created_at: datetime
    permissions: dict[str, str] = field(default_factory=dict)
    """Role by login: read, triage, write, maintain, admin."""
    former_names: set[str] = field(default_factory=set)
    """`owner/name`, in small letters, of all that it was called before."""
    issues: dict[int, Issue] = field(default_factory=dict)
    """Issues and pull requests by number."""
    deleted_issues: set[int] = field(default_factory=set)
    moved_issues: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Number to (repository's id, number there) of issues that were transferred."""
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    checks: list[CheckRun] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    releases: dict[int, Release] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    """By name; one that nobody guards need not be here."""
    latest_release: int | None = None
    """Id of the Release that is shown as the latest."""
    immutable_releases: bool = False
    """Whether what is published from now on cannot be changed."""
    burned_tags: set[str] = field(default_factory=set)
    """Tags of immutable Releases that were deleted; no Release can have them again."""
    discussion_categories: list[str] = field(default_factory=list)
    """Names; none while discussions are switched off."""
    discussions: list[Discussion] = field(default_factory=list)
    required_checks: dict[str, list[str]] = field(default_factory=dict)
    """Required check names by branch (an active ruleset)."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"


Listener = Callable[[str, dict[str, Any]], Awaitable[None]]
"""What hears of an event inside the sandbox: (event name, payload)."""
