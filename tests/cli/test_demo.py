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


def test_what_goes_wrong_in_the_stand_in_ends_the_rehearsal_with_one_sentence(monkeypatch, tmp_path):
    def broken(platform):
        raise ValueError(f"no wheels are built for {platform}")

    monkeypatch.setattr("bot.sandbox.actions.packages.platform_tag", broken)
    code, output = linked(tmp_path)
    assert code == 1
    assert output.splitlines()[-1].startswith(
        "Error: the stand-in could not play .github/workflows/publish.yml: no wheels"
    )
    assert "Traceback" not in output


def test_a_rehearsal_that_does_not_end_says_what_is_still_under_way(monkeypatch, tmp_path):
    monkeypatch.setattr("bot.cli.rehearsal.DEADLINE", 0.1)
    code, output = linked(tmp_path)
    assert code == 1
    assert "Error: the rehearsal did not end within 0 s; " in output


def test_a_linked_readme_is_packed_as_what_it_leads_to_and_what_was_played_is_listed(tmp_path):
    code, output = linked(tmp_path)
    assert code == 0, output
    assert "publish.yml on push of v0.2.0: 1 job, success" in output
    assert "PyPI has edge-demo 0.2.0 (2 files)" in output
    assert "has no description" not in output


PUBLISHES = """
on: {push: {tags: ['v*']}}
jobs:
  upload:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - {uses: PyO3/maturin-action@v1, with: {args: --sdist, working-directory: py}}
      - {uses: pypa/gh-action-pypi-publish@release/v1}
"""


def linked(tmp_path):
    """Exit code and output of the rehearsal of a project whose README is a link."""
    folder = tmp_path / "edge-demo"
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / "py").mkdir()
    (folder / ".github/workflows/ci.yml").write_text(
        "on: push\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: make test}]}}\n"
    )
    (folder / ".github/workflows/publish.yml").write_text(PUBLISHES)
    (folder / "README.md").write_text("# Edge demo\n\nWhat it is for.\n")
    (folder / "py/README.md").symlink_to("../README.md")
    (folder / "py/Cargo.toml").write_text(
        '[package]\nname = "edge-demo"\nversion = "0.1.0"\npublish = false\n'
        '[dependencies]\npyo3 = { version = "0.28", features = ["abi3-py310"] }\n'
    )
    (folder / "py/pyproject.toml").write_text(
        '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        '[project]\nname = "edge-demo"\ndynamic = ["version"]\nreadme = "README.md"\nrequires-python = ">=3.10"\n'
    )
    ended = CliRunner().invoke(main, ["demo", "--repo", str(folder), "--keep", str(tmp_path / "kept")])
    return ended.exit_code, ended.output
