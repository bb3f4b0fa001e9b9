"""What the reconciler can be asked to do. Each act has a natural key: doing it twice is doing it once."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from bot.github.facts import GitHubRelease, Tag
from bot.ledger import (
    Block,
    Incomplete,
    IncompleteClosing,
    Key,
    Landed,
    RollbackBegun,
    TagsPushed,
    Undone,
    Verified,
    Word,
    YankWanted,
)
from bot.packaging.registry import Registry
from bot.plan.model import Plan
from bot.release.facts import ChangelogEdits
from bot.release.records import PlanVerdict


@dataclass(frozen=True, slots=True)
class OpenPullRequest:
    """Branch, commit and pull request of the plan. Key: the branch name."""

    plan: Plan
    base_commit: str


@dataclass(frozen=True, slots=True)
class FollowBase:
    """Put a commit of the new plan in the place of ours, the release branch's head. Key: the branch's old head."""

    plan: Plan
    base_commit: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class ShowPlan:
    """Say in a check run whether the pull request still is the plan. Key: its head and the verdict."""

    head: str | None
    """None of the commit that is ours once the acts before this one are done."""
    verdict: PlanVerdict


@dataclass(frozen=True, slots=True)
class ClosePullRequest:
    """Close the pull request. Key: the pull request."""


@dataclass(frozen=True, slots=True)
class DeleteBranch:
    """Delete the release branch if it still ends in that commit. Key: branch and commit."""

    head: str


@dataclass(frozen=True, slots=True)
class DropLeftBehind:
    """Delete the branch whose pull request could not be opened, if it is only ours. Key: the branch."""


@dataclass(frozen=True, slots=True)
class PushTags:
    """Create these tags at the merge commit, all or none. Key: the tag names."""

    tags: tuple[str, ...]
    commit: str
    messages: Mapping[str, str] | None = None
    """By tag, where they are to be annotated."""


@dataclass(frozen=True, slots=True)
class CreateRelease:
    """Publish the GitHub Release of a tag, from the draft of ours that is there already, if one is. Key: the tag."""

    tag: str
    title: str
    body: str
    prerelease: bool
    latest: bool
    draft: GitHubRelease | None = None
    """What a look that broke off left."""
    generated: bool = False
    """Whether GitHub's generated notes stand below the body."""
    since: str | None = None
    """The tag that they begin at; None leaves it to GitHub."""


@dataclass(frozen=True, slots=True)
class StartByRelease:
    """Publish the GitHub Release of a tag at once, not as the latest: its publication starts a publish workflow.
    Key: the tag.
    """

    page: CreateRelease


@dataclass(frozen=True, slots=True)
class DraftRelease:
    """Make the draft of a tag's GitHub Release, for workflows to fill. Key: the tag."""

    page: CreateRelease


@dataclass(frozen=True, slots=True)
class StartWorkflow:
    """Start a publish workflow that has `workflow_dispatch`. Key: workflow and tag."""

    workflow: str
    tag: str
    ref: str
    """Branch or tag to start it on."""
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MakeLatest:
    """Have GitHub show a published GitHub Release as the latest. Key: its id."""

    id: int
    tag: str


@dataclass(frozen=True, slots=True)
class PassOn:
    """Open a pull request in each downstream repository and say what came of it. Key: branches, and the comment."""


@dataclass(frozen=True, slots=True)
class StartDiscussion:
    """Announce the release in a discussion and say where. Key: a marker in the discussion."""

    category: str


@dataclass(frozen=True, slots=True)
class RerunFailedJobs:
    """Have GitHub run a workflow run's failed jobs again. Key: run and attempt."""

    run: int
    attempt: int


@dataclass(frozen=True, slots=True)
class RerunJob:
    """Have GitHub run one job of an ended run again, with those that need it. Key: the job, which is of one attempt."""

    job: int


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Have GitHub stop a workflow run. Key: the run."""

    run: int


@dataclass(frozen=True, slots=True)
class DeleteTags:
    """Delete these tags if all still stand where they were seen. Key: the tags."""

    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class DeleteRelease:
    """Delete the draft of a GitHub Release. Key: its id."""

    id: int
    tag: str


@dataclass(frozen=True, slots=True)
class Yank:
    """Yank a version on its registry. Key: name and version."""

    registry: Registry
    name: str
    version: str
    message: str


@dataclass(frozen=True, slots=True)
class MarkYanked:
    """Open the pull request that marks yanked versions in the changelogs. Key: its branch."""

    marks: ChangelogEdits
    branch: str
    title: str


@dataclass(frozen=True, slots=True)
class CarryChangelogs:
    """Open the pull request that tells the default branch of a maintenance release. Key: its branch."""

    edits: ChangelogEdits
    branch: str
    title: str


class Milestone(Enum):
    """What is worth a comment of its own, once each."""

    REFUSED = auto()
    PULL_REQUEST_OPENED = auto()
    TAGS_PUSHED = auto()
    LANDED = auto()
    VERIFICATION = auto()
    RELEASED = auto()
    CANCELLED = auto()
    BLOCKED = auto()
    ROLLBACK = auto()
    YANK_WANTED = auto()
    UNDONE = auto()


_SAYS: Mapping[object, Milestone] = {
    Word.REFUSED: Milestone.REFUSED,
    Word.PULL_REQUEST_OPENED: Milestone.PULL_REQUEST_OPENED,
    Word.RELEASED: Milestone.RELEASED,
    Word.CANCELLED: Milestone.CANCELLED,
    TagsPushed: Milestone.TAGS_PUSHED,
    Landed: Milestone.LANDED,
    Verified: Milestone.VERIFICATION,
    Incomplete: Milestone.VERIFICATION,
    IncompleteClosing: Milestone.VERIFICATION,
    Block: Milestone.BLOCKED,
    RollbackBegun: Milestone.ROLLBACK,
    YankWanted: Milestone.YANK_WANTED,
    Undone: Milestone.UNDONE,
}


@dataclass(frozen=True, slots=True)
class PostComment:
    """Post the comment of a milestone on the issue, once. Key: the ledger's."""

    key: Key

    @property
    def milestone(self) -> Milestone:
        """What it tells."""
        return _SAYS[self.key if isinstance(self.key, Word) else type(self.key)]


@dataclass(frozen=True, slots=True)
class React:
    """Put a reaction on the comment that asked. Key: the content."""

    content: str
    comment: int | None = None
    """Another comment than the one that asked for the release."""


Action: TypeAlias = (
    OpenPullRequest
    | FollowBase
    | ShowPlan
    | ClosePullRequest
    | DeleteBranch
    | DropLeftBehind
    | PushTags
    | CreateRelease
    | StartByRelease
    | DraftRelease
    | StartWorkflow
    | MakeLatest
    | PassOn
    | StartDiscussion
    | RerunFailedJobs
    | RerunJob
    | CancelRun
    | DeleteTags
    | DeleteRelease
    | Yank
    | MarkYanked
    | CarryChangelogs
    | PostComment
    | React
)
