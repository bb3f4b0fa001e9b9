"""Packages with versions of their own that one tag releases, from the request to the end."""

import os
import subprocess

from bot.release.model import Phase
from tests.plan.trees import crate, lock, pyproject
from tests.play import play

LONG_AGO = "2026-01-01T00:00:00Z"
"""Before the virtual clock of a play."""
MEMBERS = ("wick", "oil", "lamp")
CI = "on: {push: {branches: ['**']}}\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: cargo test}]}}\n"
PUBLISH = """on: {push: {tags: ['v*']}}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
"""
CRATES = PUBLISH + "".join(f"      - run: cargo publish -p {name}\n" for name in MEMBERS)
WHEELS = PUBLISH + "      - run: python -m build py\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"
FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["lamp", "wick", "oil"]\n',
    "Cargo.lock": lock("lamp 0.4.0: oil, wick", "oil 0.4.0", "wick 0.4.0"),
    "lamp/Cargo.toml": crate(
        "lamp",
        more='[dependencies]\nwick = { path = "../wick", version = "=0.4.0" }\n'
        'oil = { path = "../oil", version = "=0.4.0" }\n',
    ),
    "wick/Cargo.toml": crate("wick"),
    "oil/Cargo.toml": crate("oil"),
    **{f"{name}/src/lib.rs": "" for name in MEMBERS},
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- Burns longer.\n\n## 0.4.0 - 2026-01-01\n\n- Light.\n",
    ".github/workflows/ci.yml": CI,
    ".github/workflows/publish.yml": CRATES,
}
PYTHON = {
    "py/pyproject.toml": pyproject("lamp-py", "0.4.0", backend="hatchling"),
    "py/lamp_py/__init__.py": "",
    ".github/workflows/wheels.yml": WHEELS,
}


def repository(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git = ("git", "-C", str(folder), "-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    for args in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=All"),
        ("tag", "v0.3.0"),
        ("tag", "v0.4.0"),
        ("commit", "--quiet", "--allow-empty", "--message=Work"),
    ):
        subprocess.run([*git, *args], check=True, env={**os.environ, "GIT_COMMITTER_DATE": LONG_AGO})
    return folder


async def new_tags(on):
    return set(await on.world.tags(on.repository)) - {"v0.3.0", "v0.4.0"}


async def test_a_lockstep_workspace_is_released_by_one_tag_one_run_and_one_github_release(tmp_path):
    async with play(tmp_path / "play", repo=repository(tmp_path / "lamp", FILES)) as on:
        await on.comment("/release minor")
        assert "proposes lamp v0.5.0, oil v0.5.0 and wick v0.5.0" in on.milestones()[0]
        await on.merge()
        (release,) = await on.releases()
        assert release.phase is Phase.RELEASED, on.thread()
        assert await new_tags(on) == {"v0.5.0"}
        assert len(on.calls("POST", "/git-receive-pack")) + len(on.calls("POST", "/git/refs")) <= 2
        pages = [page for page in on.repository.releases.values() if page.tag == "v0.5.0"]
        assert [(page.name, page.body) for page in pages] == [
            ("lamp v0.5.0 + oil v0.5.0 + wick v0.5.0", "- Burns longer.")
        ]
        assert len({run.id for run in release.publishing.ended_well}) == 1


async def test_packages_of_two_registries_and_two_workflows_share_one_tag(tmp_path):
    async with play(tmp_path / "play", repo=repository(tmp_path / "lamp", FILES | PYTHON)) as on:
        await on.comment("/release lamp-py 0.5.0-rc.1")
        await on.merge()
        (release,) = await on.releases()
        assert release.phase is Phase.RELEASED, on.thread()
        assert {(package.key, package.new) for package in release.packages} == {
            ("crates.io:lamp", "0.5.0-rc.1"),
            ("crates.io:oil", "0.5.0-rc.1"),
            ("crates.io:wick", "0.5.0-rc.1"),
            ("pypi:lamp-py", "0.5.0rc1"),
        }
        assert len(await new_tags(on)) == 1
        assert len([page for page in on.repository.releases.values() if page.tag in await new_tags(on)]) == 1
        assert len({run.id for run in release.publishing.ended_well}) == 2


async def test_a_rollback_takes_back_the_one_tag_of_all(tmp_path):
    async with play(tmp_path / "play", "publish=token", repo=repository(tmp_path / "lamp", FILES)) as on:
        await on.comment("/release minor")
        await on.merge()
        assert await new_tags(on) == {"v0.5.0"}
        await on.comment("/release rollback 0.5.0")
        (release,) = await on.releases()
        assert release.phase is Phase.ROLLED_BACK, on.thread()
        assert await new_tags(on) == set()
