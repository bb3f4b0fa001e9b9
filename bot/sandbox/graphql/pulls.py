"""Pull requests and the people in them."""

from collections.abc import Mapping

from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.nodes import CommitNode, PullNode
from bot.sandbox.graphql.paging import Connection, page
from bot.sandbox.model import Repository, User


@field("Repository.pullRequest", pull_requests="read")
def pull_request(repo: Repository, info: Info, *, number: int) -> PullNode:
    """A pull request by its number; an error of type NOT_FOUND when that is none."""
    return PullNode(repo, *info.context.world.pull_request(repo, number))


@field("Repository.pullRequests", pull_requests="read")
def pull_requests(
    repo: Repository,
    _: Info,
    *,
    first: int | None = None,
    after: str | None = None,
    head_ref_name: str | None = None,
    order_by: Mapping[str, str] | None = None,
) -> Connection:
    """Pull requests in every state, oldest first unless told otherwise."""
    both = [(issue, issue.pull_request) for issue in repo.issues.values()]
    found = [PullNode(repo, issue, pull) for issue, pull in both if pull and head_ref_name in (None, pull.head)]
    found.sort(key=lambda node: node.issue.number)
    if order_by and order_by["field"] == "UPDATED_AT":
        found.sort(key=lambda node: node.issue.updated_at)
    if order_by and order_by["direction"] == "DESC":
        found.reverse()
    return page(found, "pullRequests", first, after)


@field("PullRequest.changedFiles")
async def changed_files(node: PullNode, info: Info) -> int:
    """Files that differ from where its branch left the base."""
    git = info.context.git(node.repo)
    base = node.pull.base_sha if node.pull.merged else f"refs/heads/{node.pull.base}"
    fork = await git.merge_base(base, node.pull.head_sha)
    changes = await git.changes(fork or node.pull.base_sha, node.pull.head_sha)
    return len(changes.added) + len(changes.modified) + len(changes.removed)


@field("PullRequest.state")
def state(node: PullNode, _: Info) -> str:
    """OPEN, CLOSED or MERGED."""
    return "MERGED" if node.pull.merged else node.issue.state.upper()


@field("PullRequest.viewerDidAuthor")
def viewer_did_author(node: PullNode, info: Info) -> bool:
    """Whether the App opened it."""
    return node.issue.app_id == info.context.world.app.id


@field("PullRequest.labels")
def labels(node: PullNode, _: Info, *, first: int | None = None, after: str | None = None) -> Connection:
    """Its labels."""
    return page([{"name": name} for name in node.issue.labels], "labels", first, after)


@field("PullRequest.mergeCommit")
def merge_commit(node: PullNode, _: Info) -> CommitNode | None:
    """The commit that the merge left on the base branch."""
    sha = node.pull.merge_commit_sha if node.pull.merged else None
    return CommitNode(node.repo, sha) if sha else None


@field("Bot.login")
def bot_login(user: User, _: Info) -> str:
    """An App's name: GraphQL leaves out the `[bot]` that REST writes."""
    return user.login.removesuffix("[bot]")
