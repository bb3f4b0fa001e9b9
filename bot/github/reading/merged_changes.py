"""What was merged since a tag, as far as it touched a path."""

from bot.github import decode
from bot.github.documents import CHANGES
from bot.github.errors import NotFound
from bot.github.facts import MergedChange, RepositoryRef
from bot.github.transport.client import Client, Json

MOST_PAGES_OF_CHANGES = 10
"""Of a hundred commits: farther back nothing is looked for."""
MOST_CHANGES = 300
"""A draft of a changelog that is longer than that helps nobody."""


async def merged_changes(
    client: Client, repository: RepositoryRef, *, head: str, since_tag: str | None, path: str
) -> tuple[MergedChange, ...]:
    """Commits up to `head` that touch `path` (empty or `.`: everything), newest first, at most 300.

    With a tag only those that the tag does not have; NotFound when there is no such tag.
    """
    touching: list[Json] = []
    compared: set[str] = set()
    after_compared = after_history = None
    for _ in range(MOST_PAGES_OF_CHANGES):
        answer = await client.graphql(
            CHANGES,
            owner=repository.owner,
            name=repository.name,
            head=head,
            tag=f"refs/tags/{since_tag}",
            tagged=since_tag is not None,
            path=None if path in ("", ".") else path,
            afterCompared=after_compared,
            afterHistory=after_history,
        )
        found = answer.complete()["repository"]
        history = _history(found, head)
        touching += history["nodes"]
        more = history["pageInfo"]["hasNextPage"]
        after_history = history["pageInfo"]["endCursor"] or after_history
        if since_tag is not None:
            commits = _compared(found, since_tag)
            compared |= {node["oid"] for node in commits["nodes"]}
            after_compared = commits["pageInfo"]["endCursor"] or after_compared
            more = commits["pageInfo"]["hasNextPage"] or (
                more and any(node["oid"] in compared for node in history["nodes"])
            )
        if not more or (since_tag is None and len(touching) >= MOST_CHANGES):
            break
    new = [node for node in touching if since_tag is None or node["oid"] in compared]
    return tuple(decode.merged_change(node) for node in new[:MOST_CHANGES])


def _history(found: Json, head: str) -> Json:
    if not found["object"]:
        raise NotFound(f"There is no commit {head}")
    return found["object"]["history"]


def _compared(found: Json, tag: str) -> Json:
    comparison = (found["tag"] or {}).get("compare")
    if not comparison:
        raise NotFound(f"The tag {tag} cannot be compared with the branch")
    return comparison["commits"]
