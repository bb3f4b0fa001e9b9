"""Git objects: files byte for byte, commits with their history."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.git.objects import Commit, GitObject, Person
from bot.sandbox.graphql.binding import by_attribute, field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.nodes import CommitNode, Node
from bot.sandbox.graphql.pulls import pull_node
from bot.sandbox.model import Repository, User
from bot.sandbox.payloads.common import node_id

MOST_TEXT = 512_000
"""Bytes of a blob that `text` shows; GitHub cuts there, in the middle of a line."""
_PROBE = 8000
"""git calls a file binary that has a NUL among its first bytes."""


@field("Repository.object", contents="read")
async def git_object(repo: Repository, info: Info, *, expression: str | None = None) -> CommitNode | Node | None:
    """What a git revision (`sha`, `main`, `sha:path`) names; None when it names nothing."""
    found = await info.context.git_object(repo, expression or "HEAD")
    return _node(repo, found) if found else None


def _node(repo: Repository, found: GitObject) -> CommitNode | Node:
    match found.kind:
        case "blob":
            return {"typename": "Blob", "oid": found.sha, **_file(found.data)}
        case "tree":
            return {"typename": "Tree", "oid": found.sha}
        case "tag":
            pointed_at = found.data.partition(b"\n")[0].removeprefix(b"object ").decode()
            return {"typename": "Tag", "oid": found.sha, "target": CommitNode(repo, pointed_at)}
        case _:
            return CommitNode(repo, found.sha)


def _file(data: bytes) -> Node:
    """A file as text, where git does not take it for binary; what is not UTF-8 comes out changed."""
    is_binary = b"\0" in data[:_PROBE]
    return {
        "byte_size": len(data),
        "is_binary": is_binary,
        "is_truncated": len(data) > MOST_TEXT,
        "text": None if is_binary else data[:MOST_TEXT].decode("utf-8", "replace"),
    }


@field("Commit.message")
@field("Commit.author")
async def of_commit(node: CommitNode, info: Info) -> Any:
    """What git has of a commit."""
    return by_attribute(await commit_of(node, info), info)


@field("Commit.committedDate")
async def committed_date(node: CommitNode, info: Info) -> Any:
    """When it was made."""
    return by_attribute(node if node.committed_at else await commit_of(node, info), info)


async def commit_of(node: CommitNode, info: Info) -> Commit:
    """The commit as git has it."""
    found = await info.context.git(node.repo).commit(node.oid)
    if found is None:
        raise LookupError(f"commit {node.oid} is gone")
    return found


@field("User.id")
def user_id(user: User, info: Info) -> str:
    """The account's global id."""
    return node_id("U", user.id)


@field("GitActor.user")
def author_user(person: Person, info: Info) -> User | None:
    """The account with that address; a bot is no User."""
    user = info.context.world.user_of(person)
    return user if user and user.type == "User" else None


@field("Commit.parents")
async def parents(node: CommitNode, info: Info) -> list[CommitNode]:
    """The commits that this one was made on top of."""
    return [CommitNode(node.repo, sha) for sha in (await commit_of(node, info)).parents]


@field("Commit.history")
async def history(
    node: CommitNode, info: Info, *, path: str | None = None, author: Mapping[str, Any] | None = None
) -> list[CommitNode]:
    """This commit and those before it, newest first; with a path only those that changed something there, with an
    author only theirs.
    """
    commits = await info.context.git(node.repo).commits(node.oid, path=path or None)
    if author is not None:
        users = ((commit, info.context.world.user_of(commit.author)) for commit in commits)
        commits = [commit for commit, user in users if user and node_id("U", user.id) == author["id"]]
    return [CommitNode(node.repo, commit.sha) for commit in commits]


@field("Commit.associatedPullRequests", pull_requests="read")
async def associated_pull_requests(node: CommitNode, info: Info) -> list[Node]:
    """The merged pull requests that brought the commit."""
    issues = await info.context.world.pull_requests_of(node.repo, node.oid)
    return [pull_node(info, node.repo, issue, issue.pull_request) for issue in issues if issue.pull_request]
