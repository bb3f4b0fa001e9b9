"""What the resolvers hand to one another: a record or git object together with the repository that it is of.

`typename` is the object's GraphQL type; graphql-core asks for it at interfaces and unions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.sandbox import model, payloads
from bot.sandbox.git.objects import Ref


@dataclass(frozen=True, slots=True)
class CommitNode:
    """A commit by its id; what it holds is read when it is asked for."""

    repo: model.Repository
    oid: str
    typename: ClassVar[str] = "Commit"

    @property
    def page(self) -> str:
        """Its page for people, below the repository's."""
        return f"commit/{self.oid}"


@dataclass(frozen=True, slots=True)
class TagNode:
    """An annotated tag and what it points to."""

    repo: model.Repository
    oid: str
    target: "CommitNode | TagNode | BlobNode | TreeNode"
    typename: ClassVar[str] = "Tag"


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A folder."""

    oid: str
    typename: ClassVar[str] = "Tree"


@dataclass(frozen=True, slots=True)
class BlobNode:
    """A file's content."""

    oid: str
    data: bytes
    typename: ClassVar[str] = "Blob"


@dataclass(frozen=True, slots=True)
class RefNode:
    """A branch or tag; `name` is the short one."""

    repo: model.Repository
    ref: Ref
    name: str


@dataclass(frozen=True, slots=True)
class ComparisonNode:
    """What `head` has and `base` has not; both are commit ids."""

    repo: model.Repository
    base: str
    head: str


@dataclass(frozen=True, slots=True)
class PullNode:
    """Both sides of a pull request."""

    repo: model.Repository
    issue: model.Issue
    pull: model.PullRequest

    @property
    def id(self) -> str:
        """The id that REST calls `node_id`."""
        return payloads.node_id("PR", self.issue.id)

    @property
    def page(self) -> str:
        """Its page for people, below the repository's."""
        return f"pull/{self.issue.number}"


@dataclass(frozen=True, slots=True)
class CommentNode:
    """A comment."""

    comment: model.Comment
    typename: ClassVar[str] = "IssueComment"

    @property
    def id(self) -> str:
        """The id that REST calls `node_id`."""
        return payloads.node_id("IC", self.comment.id)


@dataclass(frozen=True, slots=True)
class DiscussionNode:
    """A discussion of a repository."""

    repo: model.Repository
    discussion: model.Discussion

    @property
    def id(self) -> str:
        """Its node id."""
        return payloads.node_id("D", self.discussion.id)

    @property
    def page(self) -> str:
        """Its page for people, below the repository's."""
        return f"discussions/{self.discussion.number}"


@dataclass(frozen=True, slots=True)
class ReleaseNode:
    """A GitHub Release."""

    repo: model.Repository
    release: model.Release


@dataclass(frozen=True, slots=True)
class CheckSuiteNode:
    """All check runs of one App on a commit; of Actions, those of one workflow run."""

    repo: model.Repository
    app: Mapping[str, Any]
    """Who made the check runs: slug and database_id."""
    status: str
    conclusion: str | None
    created_at: str
    run: model.WorkflowRun | None = None


@dataclass(frozen=True, slots=True)
class CheckRunNode:
    """A check run: a job of Actions or another App's."""

    name: str
    status: str
    conclusion: str | None
    details_url: str
    started_at: str | None
    completed_at: str | None
    suite: CheckSuiteNode
    typename: ClassVar[str] = "CheckRun"


@dataclass(frozen=True, slots=True)
class StatusNode:
    """A commit status, the newest of its context."""

    context: str
    state: str
    target_url: str | None
    typename: ClassVar[str] = "StatusContext"


@dataclass(frozen=True, slots=True)
class RollupNode:
    """All that was reported about a commit."""

    contexts: tuple[CheckRunNode | StatusNode, ...]
