"""`bot demo` as a person runs it: what it prints at the end, and its exit codes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.sandbox.git import http_backend

ROOT = Path(__file__).parents[2]
REAL = "data/history/edgequake-llm"


def demo_as_a_process(*args):
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", *args], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    return done.returncode, done.stdout + done.stderr


def demo(*args):
    """The same without the seconds that a new process takes to begin."""
    ended = CliRunner().invoke(main, ["demo", *args])
    return ended.exit_code, ended.output


def git(folder, *args):
    repository = next(folder.rglob("*.git"))
    done = subprocess.run(["git", "-C", repository, *args], capture_output=True, encoding="utf-8", check=True)
    return done.stdout


def test_the_demo_releases_and_says_so_in_its_last_line(tmp_path):
    code, shown = demo_as_a_process("--keep", str(tmp_path / "kept"))
    assert code == 0, shown
    assert re.fullmatch(r"released in [\d.]+ s, \d+ GitHub requests", shown.splitlines()[-1])
    assert "Altogether" in shown
    assert "git -C" in shown


def test_where_gits_server_is_not_installed_the_demo_says_which_package_has_it(monkeypatch, tmp_path):
    async def nowhere(*_):
        return str(tmp_path).encode()

    monkeypatch.setattr(http_backend, "run_git", nowhere)
    code, shown = demo("--keep", str(tmp_path / "kept"))
    assert (code, "git-daemon (Alpine)" in shown) == (1, True), shown


def test_an_approval_is_awaited_and_given_and_the_release_goes_on(tmp_path):
    code, shown = demo("--fail", "approval", "--keep", str(tmp_path / "kept"))
    assert code == 0, shown
    assert "the environment crates-io waits for the approval of morgan" in " ".join(shown.replace("│", " ").split())
    assert shown.splitlines()[-1].startswith("released in ")


def test_a_process_that_releases_nothing_ends_with_1_and_one_that_cannot_begin_with_2(tmp_path):
    code, shown = demo_as_a_process("--fail", "ci", "--keep", str(tmp_path / "kept"))
    assert code == 1, shown
    assert shown.splitlines()[-1].startswith("blocked in ")
    assert demo_as_a_process("--fail", "everything")[0] == 2


@pytest.mark.parametrize(
    ("fail", "named"),
    [
        ("ci", "CI failed"),
        ("publish", "publish workflow failed"),
        ("wheel=linux-aarch64", "linux-aarch64 wheel"),
        ("yanked", "0.5.0 is yanked"),
    ],
)
def test_what_goes_wrong_is_named_and_the_exit_code_is_1(tmp_path, fail, named):
    code, shown = demo("--fail", fail, "--keep", str(tmp_path / "kept"))
    assert code == 1, shown
    assert named in " ".join(shown.replace("│", " ").split())
    assert shown.splitlines()[-1].startswith("blocked in ")
    assert git(tmp_path / "kept", "tag", "--list", "v0.5.0") == ("" if fail == "ci" else "v0.5.0\n")


@pytest.mark.parametrize("args", [("--fail", "everything"), ("--repo", "no/such/folder"), ("--keep", str(ROOT))])
def test_a_wrong_call_is_a_usage_error(args):
    assert demo(*args)[0] == 2


@pytest.mark.parametrize(
    ("case", "versions"),
    [("2026-04-04-e3e4a689", ("0.5.0", "0.4.0")), ("2026-03-01-cd236212", ("0.3.0", "0.2.0"))],
)
def test_a_real_repository_is_released_by_exactly_the_right_commit(tmp_path, shared, case, versions):
    crate, wheel = versions
    spec = f"edgequake-llm {crate} edgequake-litellm {wheel}"
    code, shown = demo("--repo", str(shared / REAL / case / "before"), "--release", spec, "--keep", str(tmp_path / "k"))
    assert code == 0, shown
    changed = git(tmp_path / "k", "diff", "--numstat", "main~1", "main").splitlines()
    lines = {path: added for added, _, path in (line.split("\t") for line in changed)}
    assert set(lines) == {
        "Cargo.toml",
        "Cargo.lock",
        "edgequake-litellm/Cargo.toml",
        "edgequake-litellm/pyproject.toml",
        "CHANGELOG.md",
        "edgequake-litellm/CHANGELOG.md",
    }
    assert (lines["Cargo.lock"], lines["edgequake-litellm/Cargo.toml"]) == ("2", "2")
    tags = git(tmp_path / "k", "tag", "--points-at", "main").split()
    assert tags == [f"py-v{wheel}", f"v{crate}"]
