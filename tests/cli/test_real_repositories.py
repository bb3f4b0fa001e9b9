"""`demo --repo` on real repositories with their own workflows: released, or stopped by a sentence that is true."""

import re

import pytest
from click.testing import CliRunner

from bot.cli import main
from tests.cli.real import checkout

QUICK = ("arro3", "rjieba-py", "rust-numpy")
SLOW = ("ast-grep", "jiter", "safetensors", "watchfiles")

NOTHING_PUBLISHES = "nothing in the repository publishes; a person does, from a machine"
ON_RELEASE = "a published GitHub Release starts the workflow; the stand-in does not play that event yet"
RELEASE_COMES_LAST = "a published GitHub Release starts the workflow, and the bot publishes it last"
BY_PEOPLE = "somebody has to start the workflow by hand, and nobody does"
ROBOT = "a release robot of the repository publishes when its own pull request is merged, not when a tag is pushed"

STOPPED = {
    "anyhow": ("crates.io does not have 1.0.105", NOTHING_PUBLISHES),
    "attrs": ("PyPI does not have 26.2.0", ON_RELEASE),
    "axum": ("crates.io does not have 0.9.0", ROBOT),
    "bat": ("tests/syntax-tests/highlighted/TOML/Cargo.toml: is not valid TOML", "a fixture that is no manifest"),
    "bcrypt": ("its publish workflow never started", "it starts on workflow_run, which the stand-in does not play yet"),
    "cargo-dist": ("packaged from", "open: in its called workflow the stand-in packages another commit than the tag's"),
    "clap": ("crates.io does not have 4.6.7", NOTHING_PUBLISHES),
    "httpx": ("PyPI does not have 0.29.0", "a shell script of the repository uploads; the stand-in does not read it"),
    "kornia-rs": ("a comment or code block is open above it", "the reduced changelog has a comment without an end"),
    "msgspec": ("when a GitHub Release is published (`on.release`)", RELEASE_COMES_LAST),
    "octocrab": ("crates.io does not have 0.55.0", ROBOT),
    "oxigraph": ("when a GitHub Release is published (`on.release`)", RELEASE_COMES_LAST),
    "packaging": ("runs only when somebody starts it by hand", BY_PEOPLE),
    "pyo3": ("crates.io does not have 0.30.0", "a nox session publishes; the stand-in does not know what it runs"),
    "rich": ("PyPI does not have", NOTHING_PUBLISHES),
    "tantivy-py": ("when a GitHub Release is published (`on.release`)", RELEASE_COMES_LAST),
    "tiktoken": (
        "crates.io does not have 0.15.0",
        "the crate of the bindings is taken for the package; nobody publishes it",
    ),
    "typer": ("when a GitHub Release is published (`on.release`)", RELEASE_COMES_LAST),
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
