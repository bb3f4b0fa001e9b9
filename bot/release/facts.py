"""What one look at GitHub and the registries tells about a release, and how long each wait may last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.github.facts import CommitChecks, GitHubRelease, Permission, ReleaseSnapshot
from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.model import Plan
from bot.plan.policy import Policy
from bot.release.ci.evidence import Elsewhere
from bot.release.ci.pushed import Pushed
from bot.release.found import RegistryFacts
from bot.release.records import Theirs


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each wait may last; seconds. Rehearsals shorten them, nothing else changes."""

    settle: float = 60.0
    """Nothing new on a commit for so long before green counts."""
    ci_appears: float = 600.0
    """What must report on a commit and has not begun by then is called missing."""
    run_appears: float = 600.0
    """After that long without a publish run, a tag's event is called lost."""
    propagation: float = 1800.0
    """How long registry caches may disagree before it is called a failure."""
    look_again: float = 60.0
    """Poll interval while something is moving; webhooks shorten it."""
    idle: float = 1800.0
    """Poll interval while a person is awaited."""
    lag: float = 30.0
    """For so long GitHub may not show what was made just now."""


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
    """Of `base_commit`, or of the newest commit before it for whose files CI runs; read only when there is a plan."""
    judged: str = ""
    """That commit, where it is not `base_commit`."""
    pushed: Pushed | None = None
    """Its workflows."""
    rules: tuple[str, ...] = ()
    """Checks that the branch's rules require."""
    primary: str = ""
    """Key of the repository's primary package."""


@dataclass(frozen=True, slots=True)
class ChangelogEdits:
    """Changelogs as they should be: with the yanked versions marked, or with what a maintenance branch released."""

    base: str
    """The branch that they were read from."""
    base_commit: str
    """Its newest commit."""
    files: Mapping[str, bytes]
    """Whole new content by path."""


NOTHING_SEEN = ReleaseSnapshot(
    base=None, base_holds=False, pull_request=None, branch=None, branch_follows=False, tags=(), releases=()
)
"""What a look knows of GitHub before it has asked."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one look told; only what the release's phase asks for is there, the rest is None or empty."""

    now: datetime
    preflight: Preflight | None = None
    snapshot: ReleaseSnapshot = NOTHING_SEEN
    """The pull request, the branches and the tags. What it holds of a commit is about the merge commit; before the
    merge, about the commit that the plan was made from.
    """
    opened_from: str | None = None
    """The commit that the plan was made from whose pull request was opened unnoticed."""
    replan: Preflight | None = None
    """The plan made anew, without checks, when the base has a commit that it was not held against yet."""
    theirs: Theirs | None = None
    """What people have put on the release branch; read once for each commit in which it ends."""
    disagreements: tuple[Problem, ...] = ()
    """Where the files at the merge commit do not say the planned versions."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """The changelog sections at the merge commit, by package key."""
    checks: CommitChecks | None = None
    """Of the merge commit: the snapshot's, or only the workflow runs, read with more about each."""
    pushed: Pushed | None = None
    """The workflows of the merge commit's own tree, and what it changes."""
    rules: tuple[str, ...] = ()
    """Checks that the rules of the base branch require."""
    elsewhere: Elsewhere | None = None
    """What reported about other commits; read only when the verdict on the merge commit hangs on it."""
    policy: Policy | None = None
    """The configuration of today; read only when somebody retries before the tags are pushed."""
    authority: Permission | None = None
    """Repository role of the person on whose behalf the tags would be pushed, read in this look."""
    registries: Mapping[str, RegistryFacts] = field(default_factory=dict)
    """By package key."""
    repository: str = ""
    """`owner/name` as it is called now, where registries are looked at."""
    releases: tuple[GitHubRelease, ...] = ()
    """GitHub Releases of the release's tags: those that are published, and drafts that somebody else prepared; for a
    rollback every one.
    """
    drafts: tuple[GitHubRelease, ...] = ()
    """Drafts of ours for tags without one of those: a look broke off before it published them."""
    all_tags: tuple[str, ...] = ()
    """Every tag of the repository; read only when a GitHub Release is to be published."""
    can_yank: frozenset[Registry] = frozenset()
    """The registries on which the operator lets versions be yanked; asked for a rollback only."""
    marks: ChangelogEdits | None = None
    """The changelogs with the yanked versions marked; None when there is nothing to mark, or not yet."""
    carried: ChangelogEdits | None = None
    """The default branch's changelogs with what a maintenance branch released; read at the end of such a release."""
