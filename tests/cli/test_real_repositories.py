"""`demo --repo` on real repositories with their own workflows: released, or stopped by a sentence that is true."""

import re

import pytest
from click.testing import CliRunner

from bot.cli import main
from tests.cli.real import checkout

QUICK = ("arro3", "rjieba-py", "rust-numpy")
SLOW = (
    *("ast-grep", "bcrypt", "cargo-dist", "httpx", "jiter", "msgspec", "oxigraph", "packaging"),
    *("safetensors", "tantivy-py", "typer", "watchfiles"),
)

NOTHING_PUBLISHES = "nothing in the repository publishes; a person does, from a machine"
ROBOT = "a release robot of the repository tags and publishes by itself"
OWN_TEMPLATE = "its changelog fragments have a template of their own"

STOPPED = {
    "anyhow": ("I see no workflow that publishes it, and the registry has nothing yet", NOTHING_PUBLISHES),
    "attrs": ("Run towncrier build --version", OWN_TEMPLATE),
    "axum": ("lets release-plz tag and publish axum by itself", ROBOT),
    "bat": ("I see no workflow that publishes it, and the registry has nothing yet", NOTHING_PUBLISHES),
    "clap": ("and the registry has nothing yet", NOTHING_PUBLISHES),
    "kornia-rs": ("a comment or code block is open above it", "the reduced changelog has a comment without an end"),
    "octocrab": ("lets release-plz tag and publish octocrab by itself", ROBOT),
    "pyo3": ("Run towncrier build --version", OWN_TEMPLATE),
    "rich": ("I see no workflow that publishes it, and the registry has nothing yet", NOTHING_PUBLISHES),
    "tiktoken": ("I see no workflow that publishes it, and the registry has nothing yet", NOTHING_PUBLISHES),
    "uvloop": ("pyproject.toml: leaves its version to setup.py, which is a program", "so it does"),
}
"""What the thread says of each other one, which is true of the rehearsal, and why it is not released."""


def demo(name, shared, tmp_path):
    """The exit code, the last line, and all that was shown, in one line and without frames."""
    case = checkout(shared / "data/repositories" / name, tmp_path / name)
    asked = ["demo", "--repo", str(tmp_path / name), "--release", case["ask"], "--keep", str(tmp_path / "kept")]
    ended = CliRunner().invoke(main, asked)
    return ended.exit_code, ended.output.splitlines()[-1], re.sub(r"[│\s]+", " ", ended.output)


@pytest.mark.parametrize("name", QUICK)
def test_a_real_repository_is_released_by_its_own_workflows(tmp_path, shared, name):
    code, last, shown = demo(name, shared, tmp_path)
    assert (code, last.partition(" ")[0]) == (0, "released"), shown
    assert "the sandbox added" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_another_real_repository_is_released_by_its_own_workflows(tmp_path, shared, name):
    code, last, shown = demo(name, shared, tmp_path)
    assert (code, last.partition(" ")[0]) == (0, "released"), shown


@pytest.mark.slow
@pytest.mark.parametrize("name", STOPPED)
def test_a_real_repository_that_is_not_released_is_told_why(tmp_path, shared, name):
    code, last, shown = demo(name, shared, tmp_path)
    assert (code, last.partition(" ")[0] in ("blocked", "refused")) == (1, True), shown
    assert STOPPED[name][0] in shown
    assert "CI has not started" not in shown


def test_each_real_repository_is_released_or_stands_in_the_table(shared):
    there = {each.name for each in (shared / "data/repositories").iterdir() if each.is_dir()}
    assert there == {*QUICK, *SLOW, *STOPPED}
