"""Repositories and their Releases."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.sandbox.model.actions import CheckRun, Environment, Status, WorkflowRun
from bot.sandbox.model.apps import User
from bot.sandbox.model.issues import Discussion, Issue, QueueEntry
from bot.sandbox.model.rulesets import Ruleset


@dataclass
class Asset:
    """A file of a GitHub Release."""

    id: int
    name: str
    label: str | None
    content_type: str
    data: bytes
    uploader: User
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
    assets: list[Asset] = field(default_factory=list)


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
    rulesets: list[Ruleset] = field(default_factory=list)
    has_rules: bool = True
    """False for a private repository on a plan without rulesets."""
    queues: dict[str, list[QueueEntry]] = field(default_factory=dict)
    """Who waits in the merge queue of a branch, by its name."""
    squash_merge_commit_title: Literal["COMMIT_OR_PR_TITLE", "PR_TITLE"] = "COMMIT_OR_PR_TITLE"
    squash_merge_commit_message: Literal["COMMIT_MESSAGES", "PR_BODY", "BLANK"] = "COMMIT_MESSAGES"
    merge_commit_title: Literal["MERGE_MESSAGE", "PR_TITLE"] = "MERGE_MESSAGE"
    merge_commit_message: Literal["PR_TITLE", "PR_BODY", "BLANK"] = "PR_TITLE"
    """What the commits say that merging makes: https://docs.github.com/en/rest/repos/repos#update-a-repository"""
    required_checks: dict[str, list[str]] = field(default_factory=dict)
    """Required check names by branch (an active ruleset)."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"
