"""Git objects: files byte for byte, commits with their history."""

from typing import Any

from bot.sandbox.git.objects import Commit, GitObject, Person
from bot.sandbox.graphql.binding import field, shown
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.nodes import BlobNode, CommitNode, PullNode, TagNode, TreeNode
from bot.sandbox.graphql.paging import Connection, page
from bot.sandbox.model import Repository, User

MOST_TEXT = 512_000
"""Bytes of a blob that `text` shows; GitHub cuts there, in the middle of a line."""
LONGEST_HEADLINE = 72
"""Characters of a headline that are shown whole; GitHub cuts a longer one to 69 and an ellipsis."""
_PROBE = 8000
"""git calls a file binary that has a NUL among its first bytes."""


@field("Repository.object", contents="read")
async def git_object(
    repo: Repository, info: Info, *, expression: str | None = None
) -> BlobNode | CommitNode | TagNode | TreeNode | None:
    """What a git revision (`sha`, `main`, `sha:path`) names; None when it names nothing."""
    found = await info.context.git_object(repo, expression or "HEAD")
    return _node(repo, found) if found else None


def _node(repo: Repository, found: GitObject) -> BlobNode | CommitNode | TagNode | TreeNode:
    match found.kind:
        case "blob":
            return BlobNode(found.sha, found.data)
        case "tree":
            return TreeNode(found.sha)
        case "tag":
            pointed_at = found.data.partition(b"\n")[0].removeprefix(b"object ").decode()
            return TagNode(repo, found.sha, CommitNode(repo, pointed_at))
        case _:
            return CommitNode(repo, found.sha)


@field("Blob.byteSize")
def byte_size(blob: BlobNode, _: Info) -> int:
    """The whole file's size."""
    return len(blob.data)


@field("Blob.isBinary")
def is_binary(blob: BlobNode, _: Info) -> bool:
    """Whether git takes it for binary."""
    return b"\0" in blob.data[:_PROBE]


@field("Blob.isTruncated")
def is_truncated(blob: BlobNode, _: Info) -> bool:
    """Whether `text` is only the beginning."""
    return len(blob.data) > MOST_TEXT


@field("Blob.text")
def text(blob: BlobNode, info: Info) -> str | None:
    """The file as text; what is not UTF-8 comes out changed."""
    return None if is_binary(blob, info) else blob.data[:MOST_TEXT].decode("utf-8", "replace")


async def commit_of(node: CommitNode, info: Info) -> Commit:
    """The commit as git has it."""
    found = await info.context.git(node.repo).commit(node.oid)
    if found is None:
        raise LookupError(f"commit {node.oid} is gone")
    return found


def _commit_field(name: str, attribute: str) -> None:
    @field(f"Commit.{name}")
    async def answer(node: CommitNode, info: Info) -> Any:
        return shown(getattr(await commit_of(node, info), attribute))


for _name, _attribute in (("message", "message"), ("committedDate", "committed_at"), ("author", "author")):
    _commit_field(_name, _attribute)


@field("Commit.messageHeadline")
async def message_headline(node: CommitNode, info: Info) -> str:
    """The first line of the message; of a long one the beginning, as GitHub shows it in lists of commits."""
    headline = (await commit_of(node, info)).headline
    return headline if len(headline) <= LONGEST_HEADLINE else f"{headline[: LONGEST_HEADLINE - 3]}…"


@field("GitActor.user")
def author_user(person: Person, info: Info) -> User | None:
    """The account with that address; a bot is no User."""
    user = info.context.world.user_of(person)
    return user if user and user.type == "User" else None


@field("Commit.parents")
async def parents(node: CommitNode, info: Info, *, first: int | None = None, after: str | None = None) -> Connection:
    """The commits that this one was made on top of."""
    commit = await commit_of(node, info)
    return page([CommitNode(node.repo, sha) for sha in commit.parents], "parents", first, after)


@field("Commit.history")
async def history(
    node: CommitNode, info: Info, *, first: int | None = None, after: str | None = None, path: str | None = None
) -> Connection:
    """This commit and those before it, newest first; with a path only those that changed something there."""
    commits = await info.context.git(node.repo).commits(node.oid, path=path or None)
    return page([CommitNode(node.repo, commit.sha) for commit in commits], "history", first, after)


@field("Commit.associatedPullRequests", pull_requests="read")
async def associated_pull_requests(
    node: CommitNode, info: Info, *, first: int | None = None, after: str | None = None
) -> Connection:
    """The merged pull requests that brought the commit."""
    issues = await info.context.world.pull_requests_of(node.repo, node.oid)
    found = [PullNode(node.repo, issue, issue.pull_request) for issue in issues if issue.pull_request]
    return page(found, "associatedPullRequests", first, after)
