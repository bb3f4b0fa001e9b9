"""One release, as it survives a restart: frozen data, of which each look makes a new version."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.ledger import ReleaseId
from bot.packaging.registry import Registry
from bot.packaging.versions import is_prerelease
from bot.plan.model import Dispatch, Downstream, Promises
from bot.release.answers import Blocked
from bot.release.records import Aftercare, Asked, Merge, Planned, Publishing, Refusal, Request, Review
from bot.release.rollback.model import Rollback
from bot.workflows.releasing import Start


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
    start: Start = Start.TAG
    """What makes its publish workflow run."""
    asks: tuple[str, ...] = ()
    """Names of the inputs that a person may give who starts it."""
    dispatch: Dispatch | None = None
    """How Shipmate starts it; None where it does not."""

    @property
    def key(self) -> str:
        """Unambiguous name: `crates.io:NAME` or `pypi:NAME`."""
        return f"{self.registry}:{self.name}"

    @property
    def title(self) -> str:
        """`edgequake-llm v0.5.0`."""
        return f"{self.name} v{self.new}"


@dataclass(frozen=True, slots=True)
class Release:
    """One release through its life. A new version of it is made by each look; it is stored as JSON."""

    id: str
    """`r` and the id of the comment that asked for it."""
    request: Request
    phase: Phase = Phase.REQUESTED
    packages: tuple[ReleasePackage, ...] = ()
    plan: Planned = Planned()
    review: Review = Review()
    merge: Merge = Merge()
    publishing: Publishing = Publishing()
    rollback: Rollback | None = None
    """Whether, and how far, it is taken back."""
    aftercare: Aftercare = Aftercare()
    asked: Asked = Asked()
    blocked: Blocked | None = None
    refused: Refusal | None = None
    """What GitHub refused last, until it is done."""
    away_since: datetime | None = None
    """Since when the App has had no access to the repository; None when it has."""
    look_at: datetime | None = None
    """When to look at it next; None means now. An event that concerns it makes it None."""
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
            return self.asked.retry_by or self.rollback.by
        return self.asked.retry_by or self.asked.taken_over_by or self.request.by

    @property
    def gives_way(self) -> bool:
        """Whether a newer version may go past it: it waits for a person and cannot be cancelled."""
        return self.blocked is not None and self.publishing.is_tagged

    @property
    def web_url(self) -> str:
        """The repository's address for people; empty before there is a pull request."""
        return self.review.url.rpartition("/pull/")[0]

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
        return stages[min(self.publishing.stage, len(stages) - 1)] if stages else ()
