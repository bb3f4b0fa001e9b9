"""What GitHub told us, as frozen data: the only form in which it leaves `bot.github`.

Pure: the rooms that decide import these classes and nothing else of the adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RepositoryRef:
    """A repository as the bot addresses it: the id survives a rename, the name is what URLs need."""

    id: int
    node_id: str
    full_name: str
    """`owner/name`."""
    installation_id: int

    @property
    def owner(self) -> str:
        """The part before the slash."""
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        """The part after the slash."""
        return self.full_name.partition("/")[2]


class Permission(StrEnum):
    """A repository role, weakest first."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def allows(self, needed: "Permission") -> bool:
        """Whether this role includes `needed`."""
        order = list(Permission)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and the commit it leads to (an annotated tag is followed)."""

    name: str
    commit: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch and its newest commit."""

    name: str
    head: str


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
    def file(self) -> str:
        """The workflow's file name: `ci.yml`."""
        return self.path.partition("@")[0].rpartition("/")[2]


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
    """App slug, or `status` for a commit status."""
    status: str
    conclusion: str | None
    url: str | None = None


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


@dataclass(frozen=True, slots=True)
class Base:
    """What a plan starts from: the branch to release from and every tag."""

    node_id: str
    """GraphQL id of the repository, needed by mutations."""
    branch: Branch
    tags: tuple[Tag, ...]
    checks: CommitChecks | None = None
    """What was reported about the newest commit of the branch, where it was asked for."""
    repository: str = ""
    """The repository's full name."""


class PullRequestState(StrEnum):
    """GitHub's three states of a pull request."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it is now."""

    number: int
    node_id: str
    url: str
    state: PullRequestState
    head: str
    """Newest commit of its branch."""
    base: str
    """Name of the branch it goes to."""
    merge_commit: str | None
    merged_by: str | None
    merged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """An open pull request of ours, and the commit of ours that its branch ends in."""

    pull_request: PullRequest
    commit: str | None
    """None when the branch ends in somebody else's commit."""


@dataclass(frozen=True, slots=True)
class OwnPullRequest:
    """A pull request of ours, with what tells which release it proposes."""

    pull_request: PullRequest
    title: str
    body: str
    branch: str
    changed_files: int
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class GitHubRelease:
    """A GitHub Release (REST calls it a release)."""

    tag: str
    url: str
    draft: bool
    prerelease: bool
    body: str
    id: int = 0
    """By which it is edited; 0 where GraphQL told of it."""
    by_a_bot: bool = False
    """Whether an App made it, ours or GitHub Actions, and not a person."""
    author: str = ""
    """Login of whoever made it; empty where GraphQL told of it."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment on an issue; `by_us` is true when our own App wrote it."""

    id: int
    node_id: str
    body: str
    author: str
    by_us: bool
    url: str
    created_at: datetime
    edited: bool = False
    """Whether its text may not be what was written first."""
    issue: int = 0
    """Number of the issue or pull request that it stands on."""
    by_a_person: bool = False
    """Whether a person wrote it by hand."""


@dataclass(frozen=True, slots=True)
class CommitAt:
    """The commit that a branch ends in."""

    oid: str
    headline: str
    parents: tuple[str, ...]
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseSnapshot:
    """One look at everything of one release that GraphQL can tell in a single request."""

    base: Branch | None
    """None when the branch is gone."""
    base_holds: bool
    """Whether that branch holds the commit that was asked about; not when nothing is known of the commit."""
    pull_request: PullRequest | None
    branch: Branch | None
    """The release branch; None when it does not exist."""
    branch_follows: bool
    """Whether that holds all that the base branch holds."""
    tags: tuple[Tag, ...]
    """Those of the release's tags that exist."""
    releases: tuple[GitHubRelease, ...]
    """Those of the release's GitHub Releases that exist and are published."""
    checks: CommitChecks | None = None
    """Of the commit that was asked about; None when that was not asked for, or GitHub does not know the commit."""
    merged_checks: CommitChecks | None = None
    """Of the pull request's merge commit; None when that was not asked for, or it is not merged."""


@dataclass(frozen=True, slots=True)
class MergedChange:
    """A commit since some tag, with the pull request that brought it."""

    commit: str
    headline: str
    author: str | None
    author_is_bot: bool
    number: int | None
    title: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """The App on one account."""

    id: int
    created_at: datetime
    suspended: bool = False
    """Then GitHub lets the App do nothing there."""


@dataclass(frozen=True, slots=True)
class HookDelivery:
    """One attempt of GitHub at telling the App of something."""

    id: int
    guid: str
    """The same for every attempt at one webhook."""
    event: str
    action: str
    """Empty for an event that has none."""
    repository: int | None
    """The repository's id, for an event that is about one."""
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class RecentComment:
    """A comment as REST lists it, with what tells whether a person wrote it by hand."""

    id: int
    node_id: str
    issue: int
    """The number, of an issue or a pull request."""
    body: str
    author: str
    author_id: int | None
    author_type: str
    via_app_id: int | None
    by_us: bool
    """Whether our own App wrote it."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CommentState:
    """What became of a comment: whether it was edited, and how our own App reacted to it."""

    edited: bool
    reactions: frozenset[str]
    """In REST's words: `+1`, `confused`, …"""


@dataclass(frozen=True, slots=True)
class DownstreamFacts:
    """Where another repository stands."""

    base: Branch
    """Its default branch."""
    private: bool
    pull_request: PullRequest | None
    """Our newest pull request from the branch that was asked about, whatever became of it."""


@dataclass(frozen=True, slots=True)
class Board:
    """A repository's discussions."""

    categories: Mapping[str, str]
    """Node id by name."""
    ours: tuple[tuple[str, str], ...]
    """Address and text of the newest that our own App started."""
