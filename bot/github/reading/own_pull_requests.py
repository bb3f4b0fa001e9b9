"""GitHub as the ledger: the pull requests that our App opened, from which open releases can be found again."""

from datetime import datetime

from bot.github import decode
from bot.github.documents import OWN_PULL_REQUESTS
from bot.github.facts import OwnPullRequest, RepositoryRef
from bot.github.transport.client import Client, Json

MOST_PAGES_OF_PULL_REQUESTS = 10


async def own_pull_requests(
    client: Client, repository: RepositoryRef, *, changed_since: datetime
) -> tuple[OwnPullRequest, ...]:
    """Those that are open or changed since then, newest change first, among the last 500 that changed at all."""
    found: list[OwnPullRequest] = []
    after = None
    for _ in range(MOST_PAGES_OF_PULL_REQUESTS):
        answer = await client.graphql(OWN_PULL_REQUESTS, owner=repository.owner, name=repository.name, after=after)
        listed = answer.complete()["repository"]["pullRequests"]
        found += [_entry(node) for node in listed["nodes"] if node["viewerDidAuthor"]]
        after = listed["pageInfo"]["endCursor"]
        if not listed["pageInfo"]["hasNextPage"]:
            break
    return tuple(e for e in found if e.pull_request.state == "OPEN" or e.changed_at >= changed_since)


def _entry(node: Json) -> OwnPullRequest:
    pull = decode.pull_request(node)
    if pull is None:
        raise ValueError("a pull request that is listed is there")
    return OwnPullRequest(
        pull_request=pull,
        title=node["title"],
        body=node["body"],
        branch=node["headRefName"],
        changed_files=node["changedFiles"],
        opened_at=datetime.fromisoformat(node["createdAt"]),
        changed_at=datetime.fromisoformat(node["updatedAt"]),
    )
