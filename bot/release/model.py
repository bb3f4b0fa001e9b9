"""One release, as it survives a restart: frozen data, of which each look makes a new version."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from bot.github.facts import Permission
from bot.ledger import ReleaseId
from bot.packaging.registry import Registry
from bot.packaging.versions import is_prerelease
from bot.plan.model import Downstream, Policy, Promises
from bot.release.answers import Answer
from bot.release.publishing.causes import Cause
from bot.release.rollback.model import Rollback


class Phase(StrEnum):
    """Where a release is. The order is the order of a calm life, followed by what else may come."""

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
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"

    @property
    def is_end(self) -> bool:
        """Whether nothing more will happen on its own."""
        return self in (Phase.RELEASED, Phase.REFUSED, Phase.CANCELLED, Phase.ROLLED_BACK)


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
    promises: Promises = Promises()
    """What the tree says of it, for the registry to be held against."""

    @property
    def key(self) -> str:
        """Unambiguous name: `crates.io:NAME` or `pypi:NAME`."""
        return f"{self.registry}:{self.name}"

    @property
    def title(self) -> str:
        """`edgequake-llm v0.5.0`."""
        return f"{self.name} v{self.new}"


@dataclass(frozen=True, slots=True)
class PublishRun:
    """A workflow run that published a package."""

    package: str
    """Package key."""
    id: int
    event: str
    """`push`, or `workflow_dispatch` when a person started it."""
    attempt: int = 1
    """How often it was started by then."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing to name to a person, with where to look."""

    text: str
    url: str | None = None
    cause: Cause | None = None
    """Why it failed, where that is known."""


Finding: TypeAlias = tuple[Answer, tuple[Detail, ...]]
"""An answer, and what to name to a person with it."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a release waits for a person; the sentences for it are made in `bot.comments`."""

    why: Answer
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedPush:
    """Tags that GitHub refused, and will refuse until somebody changes something."""

    act: str
    """What was refused, `create refs/tags/v0.5.0`."""
    rules: tuple[str, ...]
    """Why, in GitHub's words."""
    workflows: bool
    """Whether it was for workflow files that no branch has."""
    again: int = 0
    """How often it was refused again, each time on somebody's retry."""


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
class RetryOwed:
    """A `/release retry` that was promised, and forgotten with a lost store before anybody saw to it."""

    by: str
    blocks: tuple[str, ...]
    """Keys of the blocks that the thread had been told of by then: the retry is meant for one of them."""


@dataclass(frozen=True, slots=True)
class StatusQuestion:
    """A `/release status`, which is answered where it was asked."""

    comment: int
    issue: int
    """The issue's number, or the pull request's."""


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
    digest: str = ""
    """Of the plan's edits, to tell whether a newer base leads to another plan."""
    compared_with: str = ""
    """The newest commit of the base that leads to this very plan."""
    ours: tuple[str, ...] = ()
    """Commits of ours that the release branch may end in; any other is a person's and is never overwritten."""
    following: bool = False
    """Whether a commit was about to be made that takes ours' place: the branch on which it is made may be there."""
    opening: bool = False
    """Whether its pull request was about to be opened: after a crash it may be there, and even merged already."""
    opening_at: datetime | None = None
    """When that was tried last: GitHub may not show it at once."""
    pull_request: int | None = None
    pull_request_url: str = ""
    merge_commit: str | None = None
    merge_commit_since: datetime | None = None
    """When it took that commit: GitHub may not show it on the base branch at once."""
    merged_by: str | None = None
    tree_agrees: bool = False
    """Whether the files at the merge commit were read and say the planned versions (they cannot change after)."""
    stage: int = 0
    """Which publish stage is under way; packages wait in later stages for those they come `after`."""
    policy: Policy = Policy()
    downstream: tuple[Downstream, ...] = ()
    """Repositories whose requirements follow the release."""
    warnings: tuple[str, ...] = ()
    blocked: Blocked | None = None
    cancel_asked_by: str | None = None
    retry_asked_by: str | None = None
    retry_owed: RetryOwed | None = None
    taken_over_by: str | None = None
    """Who retried when the person who asked might no longer release."""
    status_questions: tuple[StatusQuestion, ...] = ()
    """Who asks for the status and is not answered yet."""
    tagged_at: datetime | None = None
    """When the tags of the stage under way were pushed."""
    published_at: datetime | None = None
    """When the publish workflows of the stage under way had ended."""
    published_by: tuple[PublishRun, ...] = ()
    """The runs that ended well then."""
    silent_since: datetime | None = None
    """Since when a registry does not answer whether it has everything; None when all do."""
    rerun_at: datetime | None = None
    """When GitHub was asked last to run something again: it may not show that at once."""
    pushed: tuple[str, ...] = ()
    """The tags that it pushed, or was about to push."""
    refused_push: RefusedPush | None = None
    """Why its tags are not pushed; None once they stand, or it has moved to another commit."""
    rollback: Rollback | None = None
    """Whether, and how far, it is taken back."""
    publish_pages: tuple[Detail, ...] = ()
    """The publish workflow runs that ended well, of all stages."""
    verified_in: int | None = None
    """Id of the comment with the last verification."""
    away_since: datetime | None = None
    """Since when the App has had no access to the repository; None when it has."""
    look_at: datetime | None = None
    """When to look at it next; None means now. An event that concerns it makes it None."""
    recheck_at: datetime | None = None
    """When the registries are looked at again although it has ended; None when they are not."""
    rechecks: int = 0
    """How many of those looks there were."""
    troubles: tuple[str, ...] = ()
    """What was wrong on a registry at the last of them, as it was said."""
    timeline: tuple[tuple[Phase, datetime], ...] = ()
    """When each phase was reached."""

    @property
    def subject(self) -> ReleaseId:
        """What the ledger calls it."""
        found = ReleaseId.parse(self.id)
        if found is None:
            raise ValueError(f"{self.id!r} is no release's id")
        return found

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
        """Whose permission counts at this look: who asks for a retry, who took over, or who asked; empty for nobody."""
        if self.rollback is not None:
            return self.retry_asked_by or self.rollback.by
        return self.retry_asked_by or self.taken_over_by or self.request.by

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

    def released_to(self, downstream: Downstream) -> tuple[ReleasePackage, ...]:
        """The packages of this release that another repository is to follow: a prerelease is for nobody to follow."""
        named = (package for package in self.packages if downstream.package in (package.name, package.key))
        return tuple(package for package in named if not is_prerelease(package.new))

    @property
    def current(self) -> tuple[ReleasePackage, ...]:
        """The packages of the stage under way."""
        stages = self.stages
        return stages[min(self.stage, len(stages) - 1)] if stages else ()
