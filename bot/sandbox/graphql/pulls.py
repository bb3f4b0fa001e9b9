"""Pull requests and the people in them."""

from collections.abc import Mapping

from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.nodes import CommitNode, Node
from bot.sandbox.model import Issue, PullRequest, Repository, User
from bot.sandbox.payloads.common import node_id
from bot.sandbox.payloads.repositories import page_url


@field("Repository.pullRequest", pull_requests="read")
def pull_request(repo: Repository, info: Info, *, number: int) -> Node:
    """A pull request by its number; an error of type NOT_FOUND when that is none."""
    return pull_node(info, repo, *info.context.world.pull_request(repo, number))


@field("Repository.pullRequests", pull_requests="read")
def pull_requests(
    repo: Repository, info: Info, *, head_ref_name: str | None = None, order_by: Mapping[str, str] | None = None
) -> list[Node]:
    """Pull requests in every state, oldest first unless told otherwise."""
    both = [(issue, issue.pull_request) for issue in repo.issues.values()]
    found = [(issue, pull) for issue, pull in both if pull and head_ref_name in (None, pull.head)]
    found.sort(key=lambda each: each[0].number)
    if order_by and order_by["field"] == "UPDATED_AT":
        found.sort(key=lambda each: each[0].updated_at)
    if order_by and order_by["direction"] == "DESC":
        found.reverse()
    return [pull_node(info, repo, issue, pull) for issue, pull in found]


def pull_node(info: Info, repo: Repository, issue: Issue, pull: PullRequest) -> Node:
    """A pull request; `repo` and `pull` are for `changed_files`, which is counted only where it is asked for."""
    world = info.context.world
    return {
        "id": node_id("PR", issue.id),
        "number": issue.number,
        "url": f"{page_url(world.site, repo)}/pull/{issue.number}",
        "title": issue.title,
        "body": issue.body,
        "author": issue.user,
        "viewer_did_author": issue.app_id == world.app.id,
        "state": "merged" if pull.merged else issue.state,
        "labels": [{"name": name} for name in issue.labels],
        "head_ref_name": pull.head,
        "head_ref_oid": pull.head_sha,
        "is_in_merge_queue": world.queued(repo, issue.number),
        "base_ref_name": pull.base,
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "merged_at": pull.merged_at,
        "merged_by": pull.merged_by,
        "merge_commit": CommitNode(repo, pull.merge_commit_sha) if pull.merged and pull.merge_commit_sha else None,
        "repo": repo,
        "pull": pull,
    }


@field("PullRequest.changedFiles")
async def changed_files(node: Node, info: Info) -> int:
    """Files that differ from where its branch left the base."""
    pull, git = node["pull"], info.context.git(node["repo"])
    base = pull.base_sha if pull.merged else f"refs/heads/{pull.base}"
    fork = await git.merge_base(base, pull.head_sha)
    return len((await git.changes(fork or pull.base_sha, pull.head_sha)).paths)


@field("Bot.login")
def bot_login(user: User, _: Info) -> str:
    """An App's name: GraphQL leaves out the `[bot]` that REST writes."""
    return user.login.removesuffix("[bot]")
