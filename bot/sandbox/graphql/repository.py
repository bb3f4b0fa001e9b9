"""Repositories, their refs, comparisons and Releases."""

from collections.abc import Mapping
from operator import attrgetter

from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.errors import Problem
from bot.sandbox.graphql.nodes import CommitNode, Node, RefNode
from bot.sandbox.model import Repository
from bot.sandbox.payloads.commits import release_page


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
    repo: Repository, info: Info, *, ref_prefix: str, order_by: Mapping[str, str] | None = None
) -> list[RefNode]:
    """The refs under a prefix, by name unless told otherwise."""
    found = list((await info.context.git(repo).refs(ref_prefix)).values())
    if order_by:
        key = attrgetter("committed_at" if order_by["field"] == "TAG_COMMIT_DATE" else "name")
        found.sort(key=key, reverse=order_by["direction"] == "DESC")
    return [RefNode(repo, each, each.name.removeprefix(ref_prefix)) for each in found]


@field("Ref.target")
def target(node: RefNode, _: Info) -> CommitNode | Node:
    """The commit, or the annotated tag, that the ref holds."""
    commit = CommitNode(node.repo, node.ref.commit, node.ref.committed_at)
    return {"typename": "Tag", "oid": node.ref.sha, "target": commit} if node.ref.kind == "tag" else commit


@field("Ref.compare", contents="read")
async def compare(node: RefNode, info: Info, *, head_ref: str) -> Node | None:
    """What a branch, tag or commit has and the ref has not, oldest first; None when that is not there."""
    git = info.context.git(node.repo)
    head = await git.resolve(head_ref)
    if head is None:
        return None
    found = await git.commits(f"{node.ref.commit}..{head}")
    return {"ahead_by": len(found), "commits": [CommitNode(node.repo, each.sha) for each in reversed(found)]}


@field("Repository.release", contents="read")
def release(repo: Repository, info: Info, *, tag_name: str) -> Node | None:
    """The published Release of a tag; drafts are not found by their tag."""
    world = info.context.world
    found = world.published_release(repo, tag_name)
    if found is None:
        return None
    return {
        "tag_name": found.tag,
        "url": release_page(world.site, repo, found),
        "is_draft": found.draft,
        "is_prerelease": found.prerelease,
        "description": found.body,
    }
