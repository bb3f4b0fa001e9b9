"""What one request tells of a release, or of a downstream repository."""

from dataclasses import dataclass

from bot.github.facts.pull_requests import PullRequest
from bot.github.facts.refs import Branch, Tag
from bot.github.facts.runs import CommitChecks


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
    assets: tuple[tuple[str, str], ...] = ()
    """Name and SHA-256 of each file that is attached, where GitHub tells that; none where GraphQL told of it."""


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
class DownstreamFacts:
    """Where another repository stands."""

    base: Branch
    """Its default branch."""
    private: bool
    pull_request: PullRequest | None
    """Our newest pull request from the branch that was asked about, whatever became of it."""
