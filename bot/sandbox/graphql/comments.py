"""Comments by their ids: whether they were edited, and how they were reacted to."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.errors import Refusal
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.errors import Problem
from bot.sandbox.graphql.nodes import CommentNode

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


def _comment(info: Info, node_id: str) -> CommentNode | Problem:
    kind, key = payloads.parse_node_id(node_id) or ("", "")
    world = info.context.world
    for repo in world.repositories.values():
        if kind == "IC" and info.context.reaches(repo):
            try:
                return CommentNode(world.find_comment(repo, int(key))[1])
            except Refusal:
                continue
    return Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'.")


@field("IssueComment.reactionGroups")
def reaction_groups(node: CommentNode, info: Info) -> list[dict[str, Any]]:
    """Each kind of reaction, and whether the App has reacted so."""
    bot = info.context.world.app.bot
    ours = {reaction.content for reaction in node.comment.reactions if reaction.user.id == bot.id}
    return [{"content": name, "viewer_has_reacted": content in ours} for content, name in CONTENTS.items()]
