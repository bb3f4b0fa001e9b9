"""What a client may change by GraphQL. Each mutation of a document is its own act."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import ZERO, RefUpdate
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Context, Info
from bot.sandbox.graphql.errors import Problem
from bot.sandbox.graphql.nodes import CommitNode
from bot.sandbox.graphql.pulls import pull_node
from bot.sandbox.graphql.repository import qualified_ref
from bot.sandbox.model import Repository

Input = Mapping[str, Any]

WORKFLOWS = ".github/workflows/"


@field("Mutation.createRef", contents="write")
async def create_ref(_: None, info: Info, *, input: Input) -> dict[str, Any]:
    """A new branch or lightweight tag at a commit."""
    here = info.context
    repo = here.repository(input["repository_id"])
    name, oid = input["name"], input["oid"]
    if await here.git(repo).ref(name):
        raise Refusal("UNPROCESSABLE", f'A ref named "{name}" already exists in the repository.')
    await _check_workflows(here, repo, oid)
    if here.world.broken_rules(repo, RefUpdate(name, oid, ZERO)):
        raise Refusal("UNPROCESSABLE", "Ref cannot be created")
    await here.world.update_refs(repo, [RefUpdate(name, oid, ZERO)], by=here.world.app.bot)
    return {"ref": await qualified_ref(repo, info, name)}


async def _check_workflows(here: Context, repo: Repository, oid: str) -> None:
    """A ref to workflow files that no branch has needs one more permission."""
    if await here.git(repo).resolve(oid) and await here.world.touches_workflows(repo, oid):
        here.require({"workflows": "write"})


@field("Mutation.createCommitOnBranch", contents="write")
async def create_commit_on_branch(_: None, info: Info, *, input: Input) -> dict[str, Any]:
    """A signed commit on top of a branch, if the branch is where the client thinks it is."""
    here = info.context
    repo = _branch_repository(here, input["branch"])
    changes = input.get("file_changes") or {}
    additions, deletions = _changes(changes.get("additions", ()), changes.get("deletions", ()))
    if any(f"{path}/".startswith(WORKFLOWS) for path in (*additions, *deletions)):
        here.require({"workflows": "write"})
    message = input["message"]
    text = "\n\n".join(filter(None, (message["headline"], message.get("body"))))
    branch = input["branch"]["branch_name"].removeprefix("refs/heads/")
    update = RefUpdate(f"refs/heads/{branch}", input["expected_head_oid"], input["expected_head_oid"])
    if broken := here.world.broken_rules(repo, update, text):
        raise Refusal("FORBIDDEN", "\n\n".join(["Repository rule violations found", *broken, ""]))
    sha = await here.world.commit_on_branch(
        repo,
        branch,
        expected_head=input["expected_head_oid"],
        message=text,
        additions=additions,
        deletions=deletions,
        by=here.world.app.bot,
    )
    return {"commit": CommitNode(repo, sha)}


def _branch_repository(here: Context, branch: Input) -> Repository:
    name = branch.get("repository_name_with_owner")
    if not name or not branch.get("branch_name"):
        raise Problem("UNPROCESSABLE", "A branch needs a repositoryNameWithOwner and a branchName.")
    repo = here.world.repository(name)
    if repo is None or not here.reaches(repo):
        raise Problem("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return repo


def _changes(additions: Sequence[Input], deletions: Sequence[Input]) -> tuple[dict[str, bytes], list[str]]:
    paths = [each["path"] for each in (*additions, *deletions)]
    for path in paths:
        if not _is_path(path) or paths.count(path) > 1:
            raise Problem("UNPROCESSABLE", f"A path was requested twice, or is not a path in a tree: '{path}'")
    try:
        added = {each["path"]: base64.b64decode(each["contents"], validate=True) for each in additions}
    except binascii.Error as error:
        raise Problem("UNPROCESSABLE", "The contents of a file addition are not valid Base64.") from error
    return added, [each["path"] for each in deletions]


def _is_path(path: str) -> bool:
    """Whether git keeps a file under this name; `git update-index` only warns and goes on without it."""
    return "\0" not in path and not {part.lower() for part in path.split("/")} & {"", ".", "..", ".git"}


@field("Mutation.createPullRequest", pull_requests="write")
async def create_pull_request(_: None, info: Info, *, input: Input) -> dict[str, Any]:
    """A pull request between two branches of the repository."""
    here = info.context
    repo = here.repository(input["repository_id"])
    if not input["title"].strip():
        raise Refusal("UNPROCESSABLE", "Title can't be blank")
    issue = await here.world.open_pull_request(
        repo,
        head=input["head_ref_name"].removeprefix("refs/heads/"),
        base=input["base_ref_name"].removeprefix("refs/heads/"),
        title=input["title"],
        body=input.get("body") or "",
        by=here.world.app.bot,
    )
    return {"pull_request": pull_node(info, repo, *here.world.pull_request(repo, issue.number))}
