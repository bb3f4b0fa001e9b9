"""A repository's discussions: what our App started, and starting one more."""

from bot.github.documents import BOARD, START_DISCUSSION
from bot.github.facts import Board, RepositoryRef
from bot.github.transport.client import Client


async def read_board(client: Client, repository: RepositoryRef) -> Board:
    """The categories and our newest discussions."""
    found = (await client.graphql(BOARD, owner=repository.owner, name=repository.name)).complete()["repository"]
    categories = {node["name"]: node["id"] for node in found["discussionCategories"]["nodes"]}
    ours = ((node["url"], node["body"]) for node in found["discussions"]["nodes"] if node["viewerDidAuthor"])
    return Board(categories, tuple(ours))


async def start_discussion(client: Client, repository: RepositoryRef, category: str, title: str, body: str) -> str:
    """Start a discussion in the category of that node id; its address. Not safe to repeat: it has no natural key."""
    wanted = {"repositoryId": repository.node_id, "categoryId": category, "title": title, "body": body}
    made = (await client.graphql(START_DISCUSSION, input=wanted)).complete()
    return str(made["createDiscussion"]["discussion"]["url"])
