"""Tags, branches and commits."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.github.facts.runs import CommitChecks


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and the commit it leads to (an annotated tag is followed)."""

    name: str
    commit: str
    annotation: str | None = None
    """Id of its tag object, of an annotated one."""
    date: datetime | None = field(default=None, compare=False)
    """When that commit was made; None of a tag that leads to none, and where nobody asked."""

    @property
    def object(self) -> str:
        """What the ref itself points to."""
        return self.annotation or self.commit


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch and its newest commit."""

    name: str
    head: str


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


@dataclass(frozen=True, slots=True)
class CommitAt:
    """The commit that a branch ends in."""

    oid: str
    headline: str
    parents: tuple[str, ...]
    committed_at: datetime
    message: str = ""


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
    body: str = ""
    """What stands below the headline, and the pull request's own text."""
    author_node: str | None = None
    """The node id of the author's account; None for robots and for whom no account is known."""
    newcomer: bool = False
    """Whether they made no commit up to the tag."""
