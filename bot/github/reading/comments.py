"""The newest comments of a repository, on all its issues and pull requests, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.github.documents import COMMENT_STATES
from bot.github.errors import NotFound
from bot.github.facts import CommentState, RecentComment, RepositoryRef
from bot.github.transport.client import PER_PAGE, Client, Json

NODES_AT_ONCE = 100  # https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
REACTIONS: Mapping[str, str] = {
    "THUMBS_UP": "+1",
    "THUMBS_DOWN": "-1",
    "LAUGH": "laugh",
    "CONFUSED": "confused",
    "HEART": "heart",
    "HOORAY": "hooray",
    "ROCKET": "rocket",
    "EYES": "eyes",
}
"""GraphQL's names of reactions in REST's words.

https://docs.github.com/en/rest/reactions/reactions
"""


class Listener:
    """Reads the comments of the repositories that its token is for."""

    def __init__(self, client: Client, app_id: int) -> None:
        """Nothing is asked yet."""
        self._client = client
        self._app_id = app_id

    async def recent_comments(self, repository: RepositoryRef, since: datetime) -> tuple[RecentComment, ...]:
        """Every comment that was written at or after that time, oldest first."""
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = "/repos/{owner}/{repo}/issues/comments{?since,sort,direction,per_page}"
        names = {"owner": repository.owner, "repo": repository.name}
        listed = self._client.items(path, **names, since=stamp, sort="created", direction="asc", per_page=PER_PAGE)
        found = [_comment(record, self._app_id) async for record in listed]
        # GitHub's `since` is about the last change.
        return tuple(each for each in found if each.created_at >= since.replace(microsecond=0))


def _comment(record: Json, app_id: int) -> RecentComment:
    user, app = record["user"] or {}, record.get("performed_via_github_app") or {}
    return RecentComment(
        id=record["id"],
        node_id=record["node_id"],
        issue=int(record["issue_url"].rpartition("/")[2]),
        body=record["body"] or "",
        author=user.get("login", "ghost"),
        author_id=user.get("id"),
        author_type=user.get("type", ""),
        via_app_id=app.get("id"),
        by_us=app.get("id") == app_id,
        created_at=datetime.fromisoformat(record["created_at"]),
    )


async def comment_states(client: Client, node_ids: Sequence[str]) -> dict[int, CommentState]:
    """What became of comments, by their ids; one that was deleted meanwhile is left out."""
    found: dict[int, CommentState] = {}
    for start in range(0, len(node_ids), NODES_AT_ONCE):
        answer = await client.graphql(COMMENT_STATES, ids=list(node_ids[start : start + NODES_AT_ONCE]))
        for fault in answer.faults:
            if not isinstance(fault.error, NotFound):
                raise fault.error
        found |= {node["databaseId"]: _comment_state(node) for node in answer.data["nodes"] if node}
    return found


def _comment_state(node: Json) -> CommentState:
    groups = node["reactionGroups"] or []
    ours = frozenset(REACTIONS.get(group["content"], "") for group in groups if group["viewerHasReacted"])
    return CommentState(edited=node["lastEditedAt"] is not None, reactions=ours)
