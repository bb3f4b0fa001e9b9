"""What was merged since a tag, as far as it touched a path."""

import logging
from collections.abc import Mapping

from bot.github import decode
from bot.github.documents import CHANGES
from bot.github.errors import BadCredentials, NotFound, Unavailable
from bot.github.facts import MergedChange, RepositoryRef
from bot.github.transport.client import Client, Json

log = logging.getLogger(__name__)

FIRST_PAGE, LONGEST_PAGE = 25, 100
"""Commits that are asked for at once: GitHub gives up what takes it too long, as the history of a path can.

https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api and
https://github.com/googleapis/release-please/issues/2579
"""
MOST_WALKED = 1000
"""Commits; farther back nothing is looked for."""
MOST_CHANGES = 300
"""A draft of a changelog that is longer than that helps nobody."""


async def merged_changes(
    client: Client, repository: RepositoryRef, *, head: str, since_tag: str | None, path: str
) -> tuple[MergedChange, ...]:
    """Commits up to `head` that touch `path` (empty or `.`: everything), newest first, at most 300.

    With a tag only those that the tag does not have; NotFound when there is no such tag. None at all where GitHub
    cannot tell a single one: they are for a draft, and a release needs none.
    """
    touching: list[Json] = []
    compared: set[str] = set()
    after_compared = after_history = None
    walked, count, most = 0, FIRST_PAGE, LONGEST_PAGE
    while walked < MOST_WALKED:
        asked = await _page(
            client,
            owner=repository.owner,
            name=repository.name,
            head=head,
            tag=f"refs/tags/{since_tag}",
            tagged=since_tag is not None,
            path=None if path in ("", ".") else path,
            count=count,
            afterCompared=after_compared,
            afterHistory=after_history,
        )
        if asked is None:
            if count == 1:
                log.warning("%s: drafted without its history, which GitHub cannot tell", repository.full_name)
                return ()
            count = most = count // 2
            continue
        walked, found, count = walked + count, asked["repository"], min(2 * count, most)
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


async def _page(client: Client, **variables: Json) -> Mapping[str, Json] | None:
    """One page of the document; None when GitHub did not get it done."""
    try:
        return (await client.graphql(CHANGES, **variables)).complete()
    except BadCredentials:
        raise
    except Unavailable:
        return None


def _history(found: Json, head: str) -> Json:
    if not found["object"]:
        raise NotFound(f"There is no commit {head}")
    return found["object"]["history"]


def _compared(found: Json, tag: str) -> Json:
    comparison = (found["tag"] or {}).get("compare")
    if not comparison:
        raise NotFound(f"The tag {tag} cannot be compared with the branch")
    return comparison["commits"]
