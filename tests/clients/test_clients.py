"""Clients that others wrote do their usual work on the stand-in GitHub: what they do not take, GitHub does not say.

`make clients` installs them into a folder of their own; each runs as its own process, against loopback only.
"""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.sandbox import Sandbox, example
from bot.sandbox.access.auth import mint
from bot.sandbox.access.permissions import INSTALLED_PERMISSIONS
from bot.sandbox.model import Issue, Repository
from bot.sandbox.payloads.deliveries import compact
from bot.sandbox.world.webhooks import sign
from tests.play import registered

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".clients"
HERE = Path(__file__).parent
NOTHING: Mapping[str, str] = {}
DELIVERY = compact({"action": "created", "sender": {"login": "ann"}, "word": "häppy"})


@dataclass
class Place:
    """A sandbox with one repository whose CI has run, and what a client has to know of it."""

    sandbox: Sandbox
    repository: Repository
    token: str
    environment: dict[str, str]

    async def run(
        self, *command: str, fails: bool = False, cwd: Path | None = None, more: Mapping[str, str] = NOTHING
    ) -> str:
        """What a program prints; it has to end well, or badly where it `fails`."""
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**self.environment, **more},
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await asyncio.wait_for(process.communicate(), 120)
        text = out.decode()
        assert (process.returncode != 0) is fails, f"{command} ended with {process.returncode}:\n{text}"
        return text


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with Sandbox.open(folder=tmp_path / "sandbox", app=registered()) as sandbox:
        world = sandbox.world
        repository = await example.build(sandbox)
        await sandbox.actions.idle()
        installation = world.installation_of(repository)
        assert installation is not None
        await world.accept_permissions(installation, {**INSTALLED_PERMISSIONS, "checks": "write"})
        issue = await world.open_issue(repository, "Release", "Please", by="morgan")
        for number in range(5):
            await world.comment(repository, issue.number, f"Comment {number}", by="morgan")
        head = await world.head(repository)
        await world.push(repository, "changed", {"NOTES": "more"}, "More", by="morgan")
        await sandbox.actions.idle()
        token = mint(world, installation, repository_ids=[repository.id], permissions=None).value
        secret = world.app.webhook_secret
        yield Place(
            sandbox,
            repository,
            token,
            {
                **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                "HOME": str(tmp_path),
                "SANDBOX": sandbox.github_url,
                "TOKEN": token,
                "OWNER": repository.owner.login,
                "REPO": repository.name,
                "ISSUE": str(issue.number),
                "HEAD": head,
                "CHANGED": "changed",
                "SECRET": secret,
                "DELIVERY": DELIVERY.decode(),
                "SIGNATURE": sign(secret, DELIVERY),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_TERMINAL_PROMPT": "0",
            },
        )


def installed(path: Path) -> str:
    """A file of a client; skipped without it, and a failure where it has to be here, as in CI."""
    if not path.exists():
        message = f"{path} is not here: make clients"
        if os.environ.get("SHIPMATE_REQUIRE_CLIENTS"):
            pytest.fail(message)
        pytest.skip(message)
    return str(path)


async def test_githubkit_takes_what_the_sandbox_answers_and_sends(place: Place, tmp_path: Path) -> None:
    python, sent = installed(INSTALLED / "venv/bin/python"), tmp_path / "deliveries"
    # Not what the example's history sent: githubkit's newest models ask of a label when it was archived, and the
    # description that the sandbox is held to knows of no archived labels.
    before = len(place.sandbox.world.deliveries)
    await place.sandbox.world.merge(place.repository, (await _proposed(place)).number, by="morgan")
    await place.sandbox.actions.idle()
    deliveries = [(each.event, each.payload) for each in place.sandbox.world.deliveries[before:]]
    heard = {"check_run", "create", "pull_request", "push", "release", "status", "workflow_run"}
    assert heard <= {name for name, _ in deliveries}
    sent.write_text("\n".join(map(json.dumps, deliveries)), "utf-8")
    await place.run(python, str(HERE / "with_githubkit.py"), more={"DELIVERIES": str(sent)})


async def _proposed(place: Place) -> Issue:
    """A pull request of another branch, with a check of another App and a Release beside it."""
    world, repository = place.sandbox.world, place.repository
    sha = await world.push(repository, "another", {"NOTES.md": "x"}, "Another", by="morgan")
    await world.add_check_run(repository, sha, "coverage", branch="another")
    await world.add_status(repository, sha, "ci/other", "success")
    await world.create_release(repository, tag="side-1", by="morgan")
    return await world.open_pull_request(repository, head="another", base="main", title="Another", by="morgan")


async def test_pygithub_takes_what_the_sandbox_answers(place: Place) -> None:
    await place.run(installed(INSTALLED / "venv/bin/python"), str(HERE / "with_pygithub.py"))


async def test_octokit_takes_what_the_sandbox_answers(place: Place) -> None:
    installed(INSTALLED / "node_modules/octokit")
    text = (HERE / "with_octokit.mjs").read_text("utf-8")
    await place.run("node", "--input-type=module", "--eval", text, cwd=INSTALLED)


async def test_git_clones_pushes_a_tag_by_token_and_is_refused_by_a_rule(place: Place, tmp_path: Path) -> None:
    world, repository = place.sandbox.world, place.repository
    world.restrict(repository, "refs/tags/closed-*")
    folder = tmp_path / "clone"
    address = place.sandbox.github_url.replace("://", f"://x-access-token:{place.token}@")
    await place.run("git", "clone", "--quiet", f"{address}/{repository.full_name}.git", str(folder))
    assert (folder / "Cargo.toml").is_file()
    await place.run("git", "tag", "git-1", cwd=folder)
    await place.run("git", "push", "origin", "git-1", cwd=folder)
    assert (await world.tags(repository))["git-1"] == await world.head(repository)
    await place.run("git", "tag", "closed-1", cwd=folder)
    refused = await place.run("git", "push", "origin", "closed-1", cwd=folder, fails=True)
    assert "GH013" in refused, refused
    wrong = f"{address.replace(place.token, 'ghs_wrong')}/{repository.full_name}.git"
    denied = await place.run("git", "push", wrong, "git-1:refs/tags/git-2", cwd=folder, fails=True)
    assert "git-2" not in await world.tags(repository), denied


async def test_gh_api_reads_writes_and_pages(place: Place) -> None:
    if shutil.which("gh") is None:
        pytest.skip("gh is not on this machine, so `gh api` was not tried")
    host = place.sandbox.github_url.removeprefix("http://")
    given = {"GH_HOST": host, "GH_ENTERPRISE_TOKEN": place.token, "NO_COLOR": "1"}
    name = f"{place.sandbox.github_url}/repos/{place.repository.full_name}"
    assert await place.run("gh", "api", name, "--jq", ".full_name", more=given) == f"{place.repository.full_name}\n"
    thread = f"{name}/issues/{place.environment['ISSUE']}/comments"
    made = await place.run("gh", "api", thread, "-f", "body=From gh", "--jq", ".body", more=given)
    assert made == "From gh\n"
    paged = await place.run("gh", "api", f"{thread}?per_page=2", "--paginate", "--jq", ".[].id", more=given)
    assert len(set(paged.split())) == 6
    missing = await place.run("gh", "api", f"{name}/git/ref/heads/none", fails=True, more=given)
    assert "Not Found" in missing
