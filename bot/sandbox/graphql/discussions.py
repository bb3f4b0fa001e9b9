"""Discussions and their categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.errors import Refusal
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.errors import Problem
from bot.sandbox.graphql.nodes import DiscussionNode
from bot.sandbox.graphql.paging import Connection, page
from bot.sandbox.model import Discussion, Repository

Input = Mapping[str, Any]


@dataclass(frozen=True)
class CategoryNode:
    """A discussion category."""

    id: str
    name: str

    @property
    def slug(self) -> str:
        """The name as it stands in addresses."""
        return "-".join(self.name.lower().split())


@field("Repository.discussionCategories", discussions="read")
def categories(repo: Repository, _: Info, *, first: int | None = None, after: str | None = None) -> Connection:
    """The categories; none while discussions are switched off."""
    return page([_category(repo, name) for name in repo.discussion_categories], "categories", first, after)


def _category(repo: Repository, name: str) -> CategoryNode:
    return CategoryNode(payloads.node_id("DIC", repo.id * 100 + repo.discussion_categories.index(name)), name)


@field("Repository.discussions", discussions="read")
def discussions(
    repo: Repository,
    _: Info,
    *,
    first: int | None = None,
    after: str | None = None,
    order_by: Input | None = None,
) -> Connection:
    """The discussions, the newest first unless told otherwise."""
    found = sorted(repo.discussions, key=_number, reverse=not order_by or order_by["direction"] == "DESC")
    return page([DiscussionNode(repo, each) for each in found], "discussions", first, after)


def _number(discussion: Discussion) -> int:
    return discussion.number


@field("Discussion.viewerDidAuthor")
def viewer_did_author(node: DiscussionNode, info: Info) -> bool:
    """Whether the App started it."""
    return node.discussion.user.id == info.context.world.app.bot.id


@field("Mutation.createDiscussion", discussions="write")
async def create_discussion(_: None, info: Info, *, input: Input) -> dict[str, Any]:
    """A discussion in one of the repository's categories."""
    here = info.context
    repo = here.repository(input["repository_id"])
    known = {_category(repo, name).id: name for name in repo.discussion_categories}
    if input["category_id"] not in known:
        raise Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{input['category_id']}'")
    if not input["title"].strip() or not input["body"].strip():
        raise Refusal("UNPROCESSABLE", "Title and body can't be blank")
    number = max([0, *repo.issues, *(each.number for each in repo.discussions)]) + 1
    made = Discussion(
        here.world.next_id(), number, known[input["category_id"]], input["title"], input["body"], here.world.app.bot
    )
    repo.discussions.append(made)
    return {"discussion": DiscussionNode(repo, made), "client_mutation_id": input.get("client_mutation_id")}
