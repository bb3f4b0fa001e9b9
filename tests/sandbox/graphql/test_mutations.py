"""What GraphQL lets the App change."""

import base64
from typing import Any

import pytest

from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.graphql.conftest import Ask, head

OPEN = """mutation($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!, $pull: CreatePullRequestInput!) {
  ref: createRef(input: $ref) { ref { name } }
  commit: createCommitOnBranch(input: $commit) { commit { oid message } }
  pull: createPullRequest(input: $pull) { pullRequest { number headRefOid viewerDidAuthor } }
}"""


def opening(repo: Repository, base: str) -> dict[str, Any]:
    addition = {"path": "Cargo.toml", "contents": base64.b64encode(b"[package]\nversion = 1\n").decode()}
    return {
        "ref": {"repositoryId": repo.node_id, "name": "refs/heads/release/1", "oid": base},
        "commit": {
            "branch": {"repositoryNameWithOwner": repo.full_name, "branchName": "release/1"},
            "expectedHeadOid": base,
            "message": {"headline": "Release 1", "body": "For #1."},
            "fileChanges": {"additions": [addition], "deletions": [{"path": "logo.png"}]},
        },
        "pull": {
            "repositoryId": repo.node_id,
            "baseRefName": "main",
            "headRefName": "release/1",
            "title": "Release 1",
            "body": "Plan",
        },
    }


def events(world: World) -> list[str]:
    return [delivery.event for delivery in world.deliveries if not delivery.event.startswith("installation")]


async def test_branch_commit_and_pull_request_are_made_in_one_document(ask: Ask, world: World, repo: Repository):
    base = await head(world, repo)
    answer = await ask(OPEN, **opening(repo, base))
    assert "errors" not in answer
    data, git = answer["data"], world.git(repo)
    assert data["ref"] == {"ref": {"name": "release/1"}}
    assert data["pull"]["pullRequest"]["headRefOid"] == data["commit"]["commit"]["oid"]
    commit = await git.commit("refs/heads/release/1")
    assert commit and (commit.message, commit.parents) == ("Release 1\n\nFor #1.", (base,))
    assert (await git.changes(base, commit.sha)).paths == ("Cargo.toml", "logo.png")
    assert events(world) == ["create", "push", "push", "pull_request"]


async def test_what_failed_is_null_and_the_rest_has_happened(ask: Ask, world: World, repo: Repository):
    base = await head(world, repo)
    await ask(OPEN, **opening(repo, base))
    answer = await ask(OPEN, **opening(repo, base))
    assert answer["data"] == {"ref": None, "commit": None, "pull": None}
    shown = [(error["path"], error["type"], error["message"]) for error in answer["errors"]]
    assert shown == [
        (["ref"], "UNPROCESSABLE", 'A ref named "refs/heads/release/1" already exists in the repository.'),
        (["commit"], "STALE_DATA", f'Expected branch to point to "{base}" but it did not. Pull and try again.'),
        (["pull"], "UNPROCESSABLE", "A pull request already exists for harbour:release/1."),
    ]


async def test_partial_success_keeps_what_was_done(ask: Ask, world: World, repo: Repository):
    variables = opening(repo, await head(world, repo))
    variables["commit"]["fileChanges"]["deletions"] = [{"path": "none.txt"}]
    answer = await ask(OPEN, **variables)
    assert answer["data"]["ref"] == {"ref": {"name": "release/1"}}
    assert [error["path"] for error in answer["errors"]] == [["commit"], ["pull"]]
    assert answer["errors"][1]["message"] == "No commits between main and release/1"
    assert await head(world, repo, "refs/heads/release/1")


async def test_mutations_need_write_permission(ask: Ask, world: World, repo: Repository):
    read = {"contents": "read", "pull_requests": "read"}
    answer = await ask(OPEN, read, **opening(repo, await head(world, repo)))
    assert [error["type"] for error in answer["errors"]] == ["FORBIDDEN"] * 3
    assert await world.git(repo).ref("refs/heads/release/1") is None


@pytest.mark.parametrize("path", ["/a", "a/", "a//b", "./a", "../a", "a/../b", ".git/config", "a/.GIT/b", "a\0b"])
async def test_a_path_that_git_would_not_keep_is_refused(ask: Ask, world: World, repo: Repository, path: str):
    variables = opening(repo, await head(world, repo))
    variables["commit"]["fileChanges"] = {"additions": [{"path": path, "contents": ""}]}
    answer = await ask(OPEN, **variables)
    assert (answer["data"]["commit"], answer["errors"][0]["type"]) == (None, "UNPROCESSABLE")


@pytest.mark.parametrize("path", ["/a.txt", "Cargo.toml"])
async def test_paths_of_a_commit_are_relative_and_unique(ask: Ask, world: World, repo: Repository, path: str):
    variables = opening(repo, await head(world, repo))
    variables["commit"]["fileChanges"]["deletions"] = [{"path": path}]
    assert (await ask(OPEN, **variables))["data"]["commit"] is None


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", ".github/workflows"])
async def test_workflow_files_need_a_permission_of_their_own(ask: Ask, world: World, repo: Repository, path: str):
    variables = opening(repo, await head(world, repo))
    variables["commit"]["fileChanges"] = {"additions": [{"path": path, "contents": ""}]}
    assert (await ask(OPEN, **variables))["errors"][0]["type"] == "FORBIDDEN"


REF = "mutation($input: CreateRefInput!) { createRef(input: $input) { ref { name } } }"


def tag(repo: Repository, oid: str) -> dict[str, Any]:
    return {"repositoryId": repo.node_id, "name": "refs/tags/v1", "oid": oid}


async def test_a_ref_is_made_at_a_whole_object_id_only(ask: Ask, world: World, repo: Repository):
    sha = await head(world, repo)
    for name in ("main", sha[:12], sha.upper(), f"{sha}^{{tree}}"):
        answer = await ask(REF, input=tag(repo, name))
        assert answer["errors"][0]["type"] == "UNPROCESSABLE"
    assert await world.tags(repo) == {}


async def test_a_repository_id_of_another_world_is_not_found(ask: Ask, repo: Repository):
    answer = await ask(REF, input={**tag(repo, "1" * 40), "repositoryId": "R_none"})
    assert answer["errors"][0]["message"] == "Could not resolve to a node with the global id of 'R_none'."


async def test_a_ref_to_workflows_that_no_branch_has_needs_the_workflows_permission(
    ask: Ask, world: World, repo: Repository
):
    old = await world.push(repo, "main", {".github/workflows/ci.yml": "on: push\n"}, by="morgan")
    await world.push(repo, "main", {".github/workflows/ci.yml": "on: [push]\n"}, by="morgan")
    assert (await ask(REF, input=tag(repo, old)))["errors"][0]["type"] == "FORBIDDEN"
