"""A repository of the stand-in over git's own HTTP, as whoever tries it uses it."""

import asyncio
import base64
import os
import subprocess
from pathlib import Path

import pytest

from bot.sandbox.git import http_backend
from bot.sandbox.git.http_backend import require_http_backend
from bot.sandbox.git.objects import NotInstalled
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.support import Api


async def git(*args: str, token: str = "") -> subprocess.CompletedProcess[str]:
    """Run git as a person does, with a token where GitHub takes one."""
    told = ["-c", f"http.extraHeader=Authorization: basic {_basic(token)}"] if token else []
    env = {"PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": "Ann", f"GIT_{role}_EMAIL": "ann@example.org"}
    command = ["git", *told, *args]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, env=env, check=False)


def _basic(token: str) -> str:
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


async def cloned(api: Api, repo: Repository, folder: Path, token: str = "") -> Path:
    done = await git("clone", "-q", f"{api.url}/{repo.full_name}.git", str(folder), token=token)
    assert done.returncode == 0, done.stderr
    return folder


def moved(world: World) -> list[tuple[str, str]]:
    """What webhooks told of refs, in order."""
    told = [each for each in world.deliveries if each.event in ("create", "push", "delete")]
    return [(each.event, each.payload["ref"].removeprefix("refs/tags/")) for each in told]


async def test_anybody_clones_a_public_repository_and_nobody_without_a_token_pushes(
    api: Api, world: World, repo: Repository, tmp_path: Path
):
    folder = await cloned(api, repo, tmp_path / "copy")
    assert (folder / "src/lib.rs").read_text() == "// nothing\n"
    refused = await git("-C", str(folder), "push", "origin", "HEAD:refs/tags/v1")
    assert refused.returncode != 0
    assert await world.tags(repo) == {}


async def test_a_private_repository_is_cloned_with_a_token_only(api: Api, repo: Repository, tmp_path: Path):
    repo.private = True
    assert (await git("clone", f"{api.url}/octo/demo.git", str(tmp_path / "none"))).returncode != 0
    await cloned(api, repo, tmp_path / "copy", await api.token(repo, contents="read"))


async def test_a_commit_that_is_pushed_is_on_the_branch_and_the_world_hears_of_it(
    api: Api, world: World, repo: Repository, tmp_path: Path
):
    token = await api.token(repo, contents="write")
    folder = await cloned(api, repo, tmp_path / "copy", token)
    (folder / "new.txt").write_text("new\n" * 5000)
    for command in (["add", "."], ["commit", "-qm", "New"], ["tag", "-a", "v1", "-m", "One"]):
        assert (await git("-C", str(folder), *command)).returncode == 0
    done = await git("-C", str(folder), "push", "--atomic", "origin", "main", "v1", token=token)
    assert done.returncode == 0, done.stderr
    assert await world.git(repo).read_file("refs/heads/main", "new.txt") == b"new\n" * 5000
    assert (await world.tags(repo)) == {"v1": await world.head(repo)}
    assert moved(world) == [("push", "refs/heads/main"), ("create", "v1"), ("push", "v1")]
    assert world.deliveries[-1].payload["sender"]["login"] == "shipmate[bot]"


async def test_github_tells_nobody_of_more_than_three_tags_in_one_push(
    api: Api, world: World, repo: Repository, tmp_path: Path
):
    token = await api.token(repo, contents="write")
    folder = await cloned(api, repo, tmp_path / "copy", token)
    done = await git("-C", str(folder), "push", "origin", *(f"HEAD:refs/tags/{name}" for name in "abcd"), token=token)
    assert done.returncode == 0, done.stderr
    assert len(await world.tags(repo)) == 4
    assert moved(world) == []


async def test_a_token_that_may_only_read_pushes_nothing(api: Api, world: World, repo: Repository, tmp_path: Path):
    token = await api.token(repo, contents="read")
    folder = await cloned(api, repo, tmp_path / "copy", token)
    refused = await git("-C", str(folder), "push", "origin", "HEAD:refs/tags/v1", token=token)
    assert "Write access to repository not granted." in refused.stderr
    assert await world.tags(repo) == {}


async def test_a_rule_is_told_in_githubs_words(api: Api, world: World, repo: Repository, tmp_path: Path):
    world.restrict(repo, "refs/tags/*")
    token = await api.token(repo, contents="write")
    folder = await cloned(api, repo, tmp_path / "copy", token)
    refused = await git("-C", str(folder), "push", "origin", "HEAD:refs/tags/v1", token=token)
    assert "remote: error: GH013: Repository rule violations found for refs/tags/v1." in refused.stderr
    assert "remote: - Cannot create ref due to creations being restricted." in refused.stderr
    assert "(push declined due to repository rule violations)" in refused.stderr
    assert await world.tags(repo) == {}


async def test_workflow_files_that_no_branch_has_need_a_permission_of_their_own(
    api: Api, world: World, repo: Repository, tmp_path: Path
):
    token = await api.token(repo, contents="write")
    folder = await cloned(api, repo, tmp_path / "copy", token)
    await world.push(repo, "main", {".github/workflows/ci.yml": "on: [push]\n"}, by="ann")
    refused = await git("-C", str(folder), "push", "origin", "HEAD:refs/tags/v1", token=token)
    assert "refusing to allow a GitHub App to create or update workflow" in refused.stderr
    assert await world.tags(repo) == {}


async def test_a_former_name_leads_on(api: Api, world: World, repo: Repository, tmp_path: Path):
    await world.rename_repository(repo, "ship")
    assert (await git("clone", "-q", f"{api.url}/octo/demo.git", str(tmp_path / "copy"))).returncode == 0


async def test_where_gits_server_is_not_installed_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    async def nowhere(*_: str) -> bytes:
        return str(tmp_path).encode()

    await require_http_backend()
    monkeypatch.setattr(http_backend, "run_git", nowhere)
    with pytest.raises(NotInstalled, match=r"git http-backend is not installed.*git-daemon \(Alpine\)"):
        await require_http_backend()
