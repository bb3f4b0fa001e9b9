"""What was merged since a tag, as far as it touched some paths."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.github import decode
from bot.github.documents import authors_document, changes_document
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

MOST_AUTHORS = 50
"""Accounts that are asked about; whoever comes after them is taken for known."""


@dataclass
class _Path:
    """How far the history of one path was read."""

    path: str | None
    after: str | None = None
    nodes: list[Json] = field(default_factory=list)
    more: bool = True


async def merged_changes(
    client: Client,
    repository: RepositoryRef,
    *,
    head: str,
    since_tag: str | None,
    paths: Sequence[str],
    most: int = MOST_CHANGES,
) -> tuple[MergedChange, ...] | None:
    """Commits up to `head` that touch any of the paths (`.`: everything), newest first, at most `most`.

    With a tag only those that the tag does not have; NotFound when there is no such tag. None where GitHub cannot tell
    them: they are for a draft, and a release needs none.
    """
    histories = [_Path(None if path in ("", ".") else path) for path in paths]
    compared: dict[str, int] = {}
    after_compared, more_compared = None, since_tag is not None
    walked, count, largest = 0, FIRST_PAGE, LONGEST_PAGE
    while walked < MOST_WALKED and (more_compared or any(history.more for history in histories)):
        open_ = [history for history in histories if history.more] or histories[:1]
        asked = await _page(
            client,
            len(open_),
            owner=repository.owner,
            name=repository.name,
            head=head,
            tag=f"refs/tags/{since_tag}",
            tagged=since_tag is not None,
            count=count,
            afterCompared=after_compared,
            **{f"path{index}": history.path for index, history in enumerate(open_)},
            **{f"after{index}": history.after for index, history in enumerate(open_)},
        )
        if asked is None:
            if count == 1:
                log.warning("%s: drafted without its history, which GitHub cannot tell", repository.full_name)
                return None
            count = largest = count // 2
            continue
        walked, found, count = walked + count, asked["repository"], min(2 * count, largest)
        if since_tag is not None and more_compared:
            commits = _compared(found, since_tag)
            compared |= {node["oid"]: len(compared) + place for place, node in enumerate(commits["nodes"])}
            after_compared = commits["pageInfo"]["endCursor"] or after_compared
            more_compared = commits["pageInfo"]["hasNextPage"]
        for index, history in enumerate(open_):
            page = _history(found, head, index)
            if not history.more:
                continue
            history.nodes += page["nodes"]
            history.after = page["pageInfo"]["endCursor"] or history.after
            is_new = since_tag is None or more_compared or any(node["oid"] in compared for node in page["nodes"])
            enough = since_tag is None and len(history.nodes) >= most
            history.more = page["pageInfo"]["hasNextPage"] and is_new and not enough
    return tuple(
        decode.merged_change(node) for node in _newest_first(histories, compared if since_tag else None)[:most]
    )


def _newest_first(histories: Sequence[_Path], compared: Mapping[str, int] | None) -> list[Json]:
    """The commits of all paths, each once; with those of a comparison (oldest first) only what is among them."""
    if len(histories) == 1:
        return [node for node in histories[0].nodes if compared is None or node["oid"] in compared]
    nodes = {node["oid"]: node for history in histories for node in history.nodes}
    if compared is None:
        last: dict[str, int] = {}
        for place, oid in ((place, node["oid"]) for history in histories for place, node in enumerate(history.nodes)):
            last[oid] = max(place, last.get(oid, 0))
        in_order = sorted(nodes.values(), key=lambda node: last[node["oid"]])  # of one second, as git lists them
        return sorted(in_order, key=lambda node: str(node["committedDate"]), reverse=True)
    found = [node for oid, node in nodes.items() if oid in compared]
    return sorted(found, key=lambda node: -compared[node["oid"]])


async def _page(client: Client, paths: int, **variables: Json) -> Mapping[str, Json] | None:
    """One page of the document; None when GitHub did not get it done."""
    try:
        return (await client.graphql(changes_document(paths), **variables)).complete()
    except BadCredentials:
        raise
    except Unavailable:
        return None


def _history(found: Json, head: str, index: int) -> Json:
    if not found["object"]:
        raise NotFound(f"There is no commit {head}")
    return found["object"][f"h{index}"]


def _compared(found: Json, tag: str) -> Json:
    comparison = (found["tag"] or {}).get("compare")
    if not comparison:
        raise NotFound(f"The tag {tag} cannot be compared with the branch")
    return comparison["commits"]


async def with_newcomers(
    client: Client, repository: RepositoryRef, changes: Sequence[MergedChange], since_tag: str
) -> tuple[MergedChange, ...]:
    """The changes, marked where their author made no commit up to a tag; unmarked where GitHub cannot tell."""
    authors = list(dict.fromkeys(change.author_node for change in changes if change.author_node))[:MOST_AUTHORS]
    if not authors:
        return tuple(changes)
    named = {f"author{index}": author for index, author in enumerate(authors)}
    variables = {"owner": repository.owner, "name": repository.name, "commit": f"refs/tags/{since_tag}^{{commit}}"}
    try:
        found = (await client.graphql(authors_document(len(authors)), **variables, **named)).complete()
    except BadCredentials:
        raise
    except Unavailable:
        return tuple(changes)
    made = found["repository"]["object"] or {}
    new = {author for index, author in enumerate(authors) if f"a{index}" in made and not made[f"a{index}"]["nodes"]}
    return tuple(replace(change, newcomer=change.author_node in new) for change in changes)
