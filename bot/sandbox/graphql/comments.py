"""Comments by their ids: whether they were edited, and how they were reacted to."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.errors import Refusal
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.errors import Problem
from bot.sandbox.graphql.nodes import Node
from bot.sandbox.model import Comment, User
from bot.sandbox.payloads.common import node_id, parse_node_id

CONTENTS: Mapping[str, str] = {
    "+1": "THUMBS_UP",
    "-1": "THUMBS_DOWN",
    "laugh": "LAUGH",
    "confused": "CONFUSED",
    "heart": "HEART",
    "hooray": "HOORAY",
    "rocket": "ROCKET",
    "eyes": "EYES",
}


@field("Query.nodes", issues="read")
def nodes(_: None, info: Info, *, ids: Sequence[str]) -> list[Any]:
    """Comments that the token reaches, by their GraphQL ids; an error of type NOT_FOUND beside a null for others."""
    return [_comment(info, each) for each in ids]


def _comment(info: Info, node_id: str) -> Node | Problem:
    kind, key = parse_node_id(node_id) or ("", "")
    world = info.context.world
    for repo in world.repositories.values():
        if kind == "IC" and info.context.reaches(repo):
            try:
                return _shown(world.find_comment(repo, int(key))[1], world.app.bot)
            except Refusal:
                continue
    return Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'.")


def _shown(comment: Comment, bot: User) -> Node:
    """A comment, with each kind of reaction, and whether the App has reacted so."""
    ours = {reaction.content for reaction in comment.reactions if reaction.user.id == bot.id}
    return {
        "typename": "IssueComment",
        "id": node_id("IC", comment.id),
        "database_id": comment.id,
        "last_edited_at": comment.edited_at,
        "reaction_groups": [
            {"content": name, "viewer_has_reacted": content in ours} for content, name in CONTENTS.items()
        ],
    }
