"""Discussions and their categories."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from bot.sandbox.errors import Refusal
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.errors import Problem
from bot.sandbox.graphql.nodes import Node
from bot.sandbox.model import Discussion, Repository
from bot.sandbox.payloads.common import node_id
from bot.sandbox.payloads.repositories import page_url

Input = Mapping[str, Any]


@field("Repository.discussionCategories", discussions="read")
def categories(repo: Repository, _: Info) -> list[Node]:
    """The categories; none while discussions are switched off."""
    return [
        {"id": node_id, "name": name, "slug": "-".join(name.lower().split())}
        for node_id, name in _categories(repo).items()
    ]


def _categories(repo: Repository) -> dict[str, str]:
    return {node_id("DIC", repo.id * 100 + at): name for at, name in enumerate(repo.discussion_categories)}


@field("Repository.discussions", discussions="read")
def discussions(repo: Repository, info: Info, *, order_by: Input | None = None) -> list[Node]:
    """The discussions, the newest first unless told otherwise."""
    reverse = not order_by or order_by["direction"] == "DESC"
    found = sorted(repo.discussions, key=attrgetter("number"), reverse=reverse)
    return [_shown(info, repo, each) for each in found]


def _shown(info: Info, repo: Repository, record: Discussion) -> Node:
    world = info.context.world
    return {
        "body": record.body,
        "url": f"{page_url(world.site, repo)}/discussions/{record.number}",
        "viewer_did_author": record.user.id == world.app.bot.id,
    }


@field("Mutation.createDiscussion", discussions="write")
async def create_discussion(_: None, info: Info, *, input: Input) -> Node:
    """A discussion in one of the repository's categories."""
    here = info.context
    repo = here.repository(input["repository_id"])
    known = _categories(repo)
    if input["category_id"] not in known:
        raise Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{input['category_id']}'")
    if not input["title"].strip() or not input["body"].strip():
        raise Refusal("UNPROCESSABLE", "Title and body can't be blank")
    number = max([0, *repo.issues, *(each.number for each in repo.discussions)]) + 1
    made = Discussion(
        here.world.next_id(), number, known[input["category_id"]], input["title"], input["body"], here.world.app.bot
    )
    repo.discussions.append(made)
    return {"discussion": _shown(info, repo, made)}
