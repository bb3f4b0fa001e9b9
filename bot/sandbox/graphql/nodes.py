"""What the resolvers hand to one another where a field is worth asking git for, or needs a permission of its own.

Whatever is at hand is a mapping, by the names of its fields; `typename` is the object's GraphQL type, for which
graphql-core asks at interfaces and unions.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from bot.sandbox import model
from bot.sandbox.git.objects import Ref

Node = dict[str, Any]
"""An object whose fields are at hand."""


@dataclass(frozen=True, slots=True)
class CommitNode:
    """A commit by its id; what it holds is read when it is asked for."""

    repo: model.Repository
    oid: str
    committed_at: datetime | None = None
    """Its date, where that is at hand."""
    typename: ClassVar[str] = "Commit"


@dataclass(frozen=True, slots=True)
class RefNode:
    """A branch or tag; `name` is the short one."""

    repo: model.Repository
    ref: Ref
    name: str


@dataclass(frozen=True, slots=True)
class CheckSuiteNode:
    """All check runs of one App on a commit; of Actions, those of one workflow run."""

    repo: model.Repository
    app: Node
    """Who made the check runs."""
    status: str
    conclusion: str | None
    created_at: datetime
    branch: str | None
    """The branch, or the tag, that it was made for."""
    run: model.WorkflowRun | None = None
