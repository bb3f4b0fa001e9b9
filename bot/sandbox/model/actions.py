"""Workflow runs with their jobs and steps, and what else is reported about a commit."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.sandbox.model.apps import User


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
    kept_out: str = ""
    """Why it never began, as GitHub notes it."""


@dataclass
class Environment:
    """An environment that jobs name; those with reviewers wait for one of them."""

    id: int
    name: str
    created_at: datetime
    reviewers: list[User] = field(default_factory=list)
    tags: list[str] | None = None
    """Patterns of the tags that may deploy to it, and then no branch may; None: everything may."""


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
    branch: str | None = None
    """The branch whose push its suite was made for; None where that is not told."""
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None


@dataclass
class Status:
    """A commit status."""

    id: int
    sha: str
    context: str
    state: str
    target_url: str | None
    created_at: datetime
