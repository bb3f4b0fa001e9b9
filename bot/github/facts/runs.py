"""What ran for a commit: workflow runs, jobs, checks, and what holds a run up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

PASSING = frozenset({"success", "skipped", "neutral"})
"""Conclusions that GitHub counts as successful.

https://docs.github.com/en/pull-requests/reference/status-checks
"""
ACTIONS_APP = "github-actions"
"""The slug of GitHub Actions among Apps: https://api.github.com/apps/github-actions"""
STATUS = "status"
"""Stands for the App of a commit status."""


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """One run of a GitHub Actions workflow (its newest attempt)."""

    id: int
    workflow_id: int
    name: str
    path: str
    """Workflow file, `.github/workflows/ci.yml`."""
    event: str
    """push, pull_request, schedule, merge_group, …"""
    head_branch: str
    """Branch name, or the tag name of a run that a tag started."""
    head_sha: str
    status: str
    """queued, in_progress, waiting, completed, …"""
    conclusion: str | None
    attempt: int
    """How often it was started; 1, too, where nobody asked because it did not fail."""
    number: int
    url: str
    created_at: datetime
    updated_at: datetime

    @property
    def workflow_path(self) -> str:
        """The path of its workflow file, without the ref that GitHub may add to it."""
        return self.path.partition("@")[0]

    @property
    def file(self) -> str:
        """The workflow's file name: `ci.yml`."""
        return self.workflow_path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a run, with its first failed step when there is one."""

    id: int
    name: str
    status: str
    conclusion: str | None
    url: str
    failed_step: str | None = None
    began: bool = True
    """Whether it has a step at all; a job that was never let begin has none."""


@dataclass(frozen=True, slots=True)
class PendingApproval:
    """An environment that holds up a run until its protection rules pass."""

    environment: str
    reviewers: tuple[str, ...]
    """Logins, and teams as `org/team`, of which one has to approve; empty when no person is awaited."""
    until: datetime | None = None
    """When its wait timer ends; None when it has none."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a person said about a run that waited for an approval."""

    by: str
    approved: bool
    environments: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check run of another App, or a commit status: anything green or red that is not a workflow run."""

    name: str
    app: str
    """App slug, or STATUS for a commit status."""
    status: str
    conclusion: str | None
    url: str | None = None
    run: int | None = None
    """Id of the workflow run of which it is a job; None for everything that GitHub Actions did not report."""
    branch: str | None = None
    """The branch whose push its check suite was made for; None where that is gone, and for a commit status."""


@dataclass(frozen=True, slots=True)
class CommitChecks:
    """All that GitHub reports about one commit."""

    commit: str
    committed_at: datetime
    runs: tuple[WorkflowRun, ...]
    checks: tuple[Check, ...]
    jobs: Mapping[int, tuple[Job, ...]] = field(default_factory=dict)
    """Jobs of runs that did not end well, by run id."""
    logs: Mapping[int, str] = field(default_factory=dict)
    """What the failed step of a job printed, by job id, cleaned by `reading.job_log`; of publish runs only."""
    approvals: Mapping[int, tuple[PendingApproval, ...]] = field(default_factory=dict)
    """What holds up runs that wait, by run id; of publish runs only."""
    reviews: Mapping[int, tuple[Review, ...]] = field(default_factory=dict)
    """What was said about failed runs of which a job was never let begin, by run id; of publish runs only."""
    message: str = ""
    """The commit's own."""
    parent: str | None = None
    """Its first parent; None for a commit without one."""
