"""Repositories, their refs, comparisons and Releases."""

from collections.abc import Mapping
from datetime import datetime

from bot.sandbox import payloads
from bot.sandbox.git.objects import Ref
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.errors import Problem
from bot.sandbox.graphql.nodes import (
    CommitNode,
    ComparisonNode,
    DiscussionNode,
    PullNode,
    RefNode,
    ReleaseNode,
    TagNode,
)
from bot.sandbox.graphql.paging import Connection, page
from bot.sandbox.model import Repository


@field("Query.repository")
def repository(_: None, info: Info, *, owner: str, name: str) -> Repository:
    """A repository that the token is for, by its name or a former one (`followRenames` is true by default)."""
    asked = f"{owner}/{name}"
    world = info.context.world
    found = world.repository(asked) or world.formerly(asked)
    if found is None or not info.context.reaches(found):
        raise Problem("NOT_FOUND", f"Could not resolve to a Repository with the name '{asked}'.")
    return found


@field("Repository.defaultBranchRef", contents="read")
async def default_branch_ref(repo: Repository, info: Info) -> RefNode | None:
    """The default branch; None while there is no commit."""
    return await qualified_ref(repo, info, f"refs/heads/{repo.default_branch}")


@field("Repository.ref", contents="read")
async def ref(repo: Repository, info: Info, *, qualified_name: str) -> RefNode | None:
    """A ref by its full name; a short one is looked for among branches, then tags."""
    if qualified_name.startswith("refs/"):
        return await qualified_ref(repo, info, qualified_name)
    branch = await qualified_ref(repo, info, f"refs/heads/{qualified_name}")
    return branch or await qualified_ref(repo, info, f"refs/tags/{qualified_name}")


async def qualified_ref(repo: Repository, info: Info, name: str) -> RefNode | None:
    """A ref by its full name, or None."""
    found = await info.context.git(repo).ref(name)
    return RefNode(repo, found, short_name(name)) if found else None


def short_name(name: str) -> str:
    """`refs/heads/topic/x` as `topic/x`."""
    return name.split("/", 2)[2]


@field("Repository.refs", contents="read")
async def refs(
    repo: Repository,
    info: Info,
    *,
    ref_prefix: str,
    first: int | None = None,
    after: str | None = None,
    order_by: Mapping[str, str] | None = None,
) -> Connection:
    """The refs under a prefix, by name unless told otherwise."""
    found = list((await info.context.git(repo).refs(ref_prefix)).values())
    if order_by:
        by_date = order_by["field"] == "TAG_COMMIT_DATE"
        found.sort(key=_committed_at if by_date else _full_name, reverse=order_by["direction"] == "DESC")
    return page([RefNode(repo, each, each.name.removeprefix(ref_prefix)) for each in found], "refs", first, after)


def _committed_at(ref: Ref) -> datetime:
    return ref.committed_at


def _full_name(ref: Ref) -> str:
    return ref.name


@field("Ref.target")
def target(node: RefNode, _: Info) -> CommitNode | TagNode:
    """The commit, or the annotated tag, that the ref holds."""
    commit = CommitNode(node.repo, node.ref.commit)
    return TagNode(node.repo, node.ref.sha, commit) if node.ref.kind == "tag" else commit


@field("Ref.compare", contents="read")
async def compare(node: RefNode, info: Info, *, head_ref: str) -> ComparisonNode | None:
    """The ref compared with a branch, tag or commit; None when that is not there."""
    head = await info.context.git(node.repo).resolve(head_ref)
    return ComparisonNode(node.repo, node.ref.commit, head) if head else None


@field("Comparison.aheadBy")
async def ahead_by(node: ComparisonNode, info: Info) -> int:
    """How many commits the head has and the base has not."""
    return len(await info.context.git(node.repo).rev_list(f"{node.base}..{node.head}"))


@field("Comparison.commits")
async def compared_commits(
    node: ComparisonNode, info: Info, *, first: int | None = None, after: str | None = None
) -> Connection:
    """What the head has and the base has not, oldest first."""
    found = await info.context.git(node.repo).commits(f"{node.base}..{node.head}")
    return page([CommitNode(node.repo, commit.sha) for commit in reversed(found)], "commits", first, after)


@field("Repository.release", contents="read")
def release(repo: Repository, info: Info, *, tag_name: str) -> ReleaseNode | None:
    """The published Release of a tag; drafts are not found by their tag."""
    found = info.context.world.published_release(repo, tag_name)
    return ReleaseNode(repo, found) if found else None


@field("Commit.url")
@field("PullRequest.url")
@field("Discussion.url")
def url(node: CommitNode | PullNode | DiscussionNode, info: Info) -> str:
    """The address for people."""
    return f"{payloads.page_url(info.context.world.site, node.repo)}/{node.page}"


@field("Release.url")
def release_url(node: ReleaseNode, info: Info) -> str:
    """Its address for people."""
    return payloads.release_page(info.context.world.site, node.repo, node.release)
