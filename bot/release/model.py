"""One release, as it is stored and as the deciding code sees it: frozen data.

`Release` is what survives a restart; `Facts` is what one look at GitHub and the registries told; `Action` is what
the reconciler is asked to do next. None of them knows how to reach a network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from bot.github.facts import Branch, CommitChecks, GitHubRelease, Permission, PullRequest, Tag
from bot.plan.model import Plan, Policy, Problem, Registry
from bot.registries.facts import CrateVersion, PyPIRelease, Unreachable


class Phase(StrEnum):
    """Where a release is. The order is the order of a calm life; the last three are ends without a release."""

    REQUESTED = "requested"
    PROPOSED = "proposed"
    MERGED = "merged"
    GREEN = "green"
    TAGGED = "tagged"
    PUBLISHED = "published"
    VERIFIED = "verified"
    RELEASED = "released"
    REFUSED = "refused"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing more will happen on its own."""
        return self in (Phase.RELEASED, Phase.REFUSED, Phase.CANCELLED)


class Answer(StrEnum):
    """What one look can find; each phase asks one question, and these are the answers. The value is the sentence
    that stands beside the arrow in the diagram.
    """

    # requested: can this be released?
    UNPLANNABLE = "preflight finds a problem"
    HEAD_RED = "the branch to release from is red"
    HEAD_SILENT = "no check ever ran on the branch to release from"
    HEAD_RUNNING = "CI still runs on the branch to release from"
    READY = "preflight passes"
    OPENED = "the pull request was opened by a look that ended there"
    # proposed: what became of the pull request?
    IN_REVIEW = "the pull request is open"
    CLOSED = "the pull request is closed unmerged"
    CANCEL_ASKED = "a maintainer cancels"
    MERGED = "the pull request is merged"
    # merged: is the merge commit the plan, and green?
    TREE_DISAGREES = "the merge commit does not say the planned versions"
    CI_RUNNING = "CI runs on the merge commit"
    CI_RED = "CI fails on the merge commit"
    CI_SILENT = "no check ever ran on the merge commit"
    CI_GREEN = "CI is green on the merge commit"
    MOVED_ON = "a maintainer retries and the branch has a newer commit"
    # green: may the tags be pushed, now?
    NO_LONGER_GREEN = "CI is no longer green"
    UNAUTHORISED = "the requester may no longer release"
    TAG_ELSEWHERE = "a tag stands on another commit"
    UNTAGGED = "the requester may release and CI is green"
    TAGGED = "the tags stand on the merge commit"
    # tagged: how did publishing end?
    TAG_GONE = "a maintainer retries and a tag was deleted"
    RUN_AWAITED = "a publish workflow has not started yet"
    RUN_LOST = "a publish workflow never started"
    PUBLISHING = "publish workflows run"
    APPROVAL_AWAITED = "a publish workflow waits for an approval"
    PUBLISH_FAILED = "a publish workflow fails"
    PUBLISHED = "every publish workflow ended well"
    # published: is everything on the registries?
    UNREACHABLE = "a registry cannot be asked"
    PROPAGATING = "a registry does not show everything yet"
    INCOMPLETE = "something is missing on a registry"
    STAGE_COMPLETE = "this stage is on its registry, the next may be tagged"
    COMPLETE = "everything is on the registries"
    # verified: does each tag have its GitHub Release?
    WITHOUT_RELEASES = "GitHub Releases are missing"
    WITH_RELEASES = "every tag has its GitHub Release"


@dataclass(frozen=True, slots=True)
class ReleasePackage:
    """One package of a release: the part of the plan that must survive until the end."""

    name: str
    registry: Registry
    path: str
    manifest: str
    old: str
    new: str
    tag: str
    workflow: str | None
    files: tuple[str, ...]
    """Expected PyPI files as platform keys; empty when nothing promises any."""
    notes: str
    """The changelog section's Markdown, for the GitHub Release."""
    drafted: bool
    """Whether Shipmate drafted those notes."""
    after: tuple[str, ...] = ()
    """Names of packages of this release whose registry must be complete before this tag is pushed."""

    @property
    def key(self) -> str:
        """Unambiguous name: `crates.io:NAME` or `pypi:NAME`."""
        return f"{self.registry}:{self.name}"

    @property
    def title(self) -> str:
        """`edgequake-llm v0.5.0`."""
        return f"{self.name} v{self.new}"


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing to name to a person, with where to look."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a release waits for a person; the sentences for it are made in `bot.comments`."""

    why: Answer
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked for what, where; the natural key of a release is its comment."""

    repository: int
    issue: int
    comment: int
    by: str
    role: Permission
    """Repository role of that person when the command was taken, asked of GitHub."""
    at: datetime
    text: str
    """The command as typed."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release through its life. A new version of it is made by each look; it is stored as JSON."""

    id: str
    """`r` and the id of the comment that asked for it."""
    request: Request
    wanted: tuple[tuple[str | None, str], ...]
    """(package selector, version or level) as parsed from the command."""
    phase: Phase = Phase.REQUESTED
    packages: tuple[ReleasePackage, ...] = ()
    primary: str = ""
    """Key of the repository's primary package, the only one whose GitHub Release becomes the latest."""
    title: str = ""
    branch: str = ""
    """Name of the release branch."""
    base: str = ""
    """Name of the branch that is released from."""
    base_commit: str = ""
    """The commit that the plan was made from."""
    pull_request: int | None = None
    pull_request_url: str = ""
    merge_commit: str | None = None
    merged_by: str | None = None
    tree_agrees: bool = False
    """Whether the files at the merge commit were read and say the planned versions (they cannot change after)."""
    stage: int = 0
    """Which publish stage is under way; packages wait in later stages for those they come `after`."""
    policy: Policy = Policy()
    warnings: tuple[str, ...] = ()
    blocked: Blocked | None = None
    cancel_asked_by: str | None = None
    retry_asked_by: str | None = None
    status_asked: int | None = None
    """The comment that asked for the status, until it is answered."""
    tagged_at: datetime | None = None
    """When the tags of the stage under way were pushed."""
    published_at: datetime | None = None
    """When the publish workflows of the stage under way had ended."""
    look_at: datetime | None = None
    """When to look at it next; None means now. An event that concerns it makes it None."""
    timeline: tuple[tuple[Phase, datetime], ...] = ()
    """When each phase was reached."""

    def moved_to(self, phase: Phase, at: datetime) -> "Release":
        """The same release in `phase`, its timeline extended when the phase is new."""
        if phase is self.phase:
            return self
        return replace(self, phase=phase, timeline=(*self.timeline, (phase, at)))

    def stamped(self, phase: Phase, at: datetime) -> "Release":
        """The same release, having reached `phase` at `at`: when its acts were done, not when they were decided."""
        return replace(self, timeline=tuple((p, at if p is phase else was) for p, was in self.timeline))

    @property
    def on_behalf_of(self) -> str:
        """Whose permission counts at this look: who asks for a retry takes over from who asked for the release."""
        return self.retry_asked_by or self.request.by

    @property
    def is_tagged(self) -> bool:
        """Whether a tag of it was pushed, so that it can no longer be cancelled."""
        return self.tagged_at is not None or self.stage > 0

    @property
    def gives_way(self) -> bool:
        """Whether a newer version may go past it: it waits for a person and cannot be cancelled."""
        return self.blocked is not None and self.is_tagged

    @property
    def web_url(self) -> str:
        """The repository's address for people; empty before there is a pull request."""
        return self.pull_request_url.rpartition("/pull/")[0]

    def reached(self, phase: Phase) -> datetime | None:
        """When `phase` was first reached."""
        return next((at for reached, at in self.timeline if reached is phase), None)

    @property
    def stages(self) -> tuple[tuple[ReleasePackage, ...], ...]:
        """The packages in publish order: a package stands in the first stage behind all it comes `after`."""
        stages: list[tuple[ReleasePackage, ...]] = []
        placed: set[str] = set()
        rest = list(self.packages)
        names = {package.name for package in rest}
        while rest:
            ready = tuple(p for p in rest if set(p.after) & names <= placed) or tuple(rest)
            stages.append(ready)
            placed |= {p.name for p in ready}
            rest = [p for p in rest if p not in ready]
        return tuple(stages)

    @property
    def current(self) -> tuple[ReleasePackage, ...]:
        """The packages of the stage under way."""
        stages = self.stages
        return stages[min(self.stage, len(stages) - 1)] if stages else ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each wait may last; seconds. Rehearsals shorten them, nothing else changes."""

    settle: float = 60.0
    """Nothing new on a commit for so long before green counts."""
    ci_appears: float = 600.0
    """After that long without any check, a commit is called silent."""
    run_appears: float = 600.0
    """After that long without a publish run, a tag's event is called lost."""
    propagation: float = 1800.0
    """How long registry caches may disagree before it is called a failure."""
    look_again: float = 60.0
    """Poll interval while something is moving; webhooks shorten it."""
    idle: float = 1800.0
    """Poll interval while a person is awaited."""


RegistryFacts: TypeAlias = CrateVersion | PyPIRelease | Unreachable


@dataclass(frozen=True, slots=True)
class Preflight:
    """What is known before anything is changed."""

    plan: Plan | None
    """None when the request cannot be planned; then `problems` says why."""
    problems: tuple[Problem, ...]
    branch: str
    """Name of the branch to release from."""
    base_commit: str
    """Its newest commit, which the plan was made from."""
    checks: CommitChecks | None = None
    """Of `base_commit`; read only when there is a plan."""
    required: tuple[str, ...] = ()
    primary: str = ""
    """Key of the repository's primary package."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one look told; only what the release's phase asks for is there, the rest is None or empty."""

    now: datetime
    preflight: Preflight | None = None
    pull_request: PullRequest | None = None
    base: Branch | None = None
    """The branch that is released from; asked for when a retry may move the release to its newest commit."""
    disagreements: tuple[Problem, ...] = ()
    """Where the files at the merge commit do not say the planned versions."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """The changelog sections at the merge commit, by package key."""
    checks: CommitChecks | None = None
    """Of the merge commit."""
    required: tuple[str, ...] = ()
    """Workflow files or check names that must be green."""
    authority: Permission | None = None
    """Repository role of the person on whose behalf the tags would be pushed, read in this look."""
    tags: tuple[Tag, ...] = ()
    """Those of the release's tags that exist."""
    registries: Mapping[str, RegistryFacts] = field(default_factory=dict)
    """By package key."""
    releases: tuple[GitHubRelease, ...] = ()
    """GitHub Releases of the release's tags that exist, drafts included."""


# What the reconciler can be asked to do. Each has a natural key, so that doing it twice is doing it once.


@dataclass(frozen=True, slots=True)
class OpenPullRequest:
    """Branch, commit and pull request of the plan. Key: the branch name."""

    plan: Plan
    base_commit: str


@dataclass(frozen=True, slots=True)
class ClosePullRequest:
    """Close the pull request and delete the release branch. Key: the pull request."""


@dataclass(frozen=True, slots=True)
class PushTags:
    """Create these tags at the merge commit, all or none. Key: the tag names."""

    tags: tuple[str, ...]
    commit: str


@dataclass(frozen=True, slots=True)
class CreateRelease:
    """Create the GitHub Release of a tag. Key: the tag."""

    tag: str
    title: str
    body: str
    prerelease: bool
    latest: bool


@dataclass(frozen=True, slots=True)
class RerunFailedJobs:
    """Have GitHub run a workflow run's failed jobs again. Key: run and attempt."""

    run: int
    attempt: int


class Milestone(StrEnum):
    """What is worth a comment of its own, once each."""

    REFUSED = "refused"
    PULL_REQUEST_OPENED = "pull-request-opened"
    TAGS_PUSHED = "tags-pushed"
    VERIFICATION = "verification"
    RELEASED = "released"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Announce:
    """Post the comment of a milestone on the issue, once. Key: the milestone and `variant`."""

    milestone: Milestone
    variant: str = ""
    """Tells one block, or one publish stage, from another."""


@dataclass(frozen=True, slots=True)
class React:
    """Put a reaction on the comment that asked. Key: the content."""

    content: str


Action: TypeAlias = OpenPullRequest | ClosePullRequest | PushTags | CreateRelease | RerunFailedJobs | Announce | React
