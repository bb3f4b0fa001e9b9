"""`bot plan` as a person uses it, on real directories."""

import json
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli.checkout import read_checkout
from bot.cli.patch import unified_diff, write_all
from bot.plan.model import FileEdit, Tag
from tests.plan.trees import lamp

DATE = ("--date", "2026-04-04")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "lamp"
    for path, text in lamp().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text)
    return root


def plan(folder, *args):
    return CliRunner().invoke(main, ["plan", *args, "--repo", str(folder), *DATE])


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and ".git" not in p.parts
    }


def git(folder, *args):
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    subprocess.run(["git", *who, *args], cwd=folder, check=True, capture_output=True)


def test_a_plan_is_shown_and_changes_nothing(folder):
    before = files(folder)
    shown = plan(folder, "lamp", "0.5.0")
    assert shown.exit_code == 0, shown.output
    assert "0.4.0 → 0.5.0" in shown.output
    assert files(folder) == before


def test_a_refusal_says_where_what_and_what_to_do(folder):
    shown = plan(folder, "lampe", "0.5.0")
    assert shown.exit_code == 1
    assert "lampe" in shown.output
    assert "→" in shown.output


def test_a_workflow_that_would_publish_for_the_release_branch_is_refused_offline_too(folder):
    workflow = folder / ".github/workflows/early.yml"
    workflow.parent.mkdir(parents=True)
    for on, code in (("[push]", 1), ("{push: {branches: [main]}}", 0), ("{pull_request: {branches: [main]}}", 1)):
        workflow.write_text(f"on: {on}\njobs: {{p: {{runs-on: u, steps: [{{run: cargo publish}}]}}}}\n", "utf-8")
        git(folder, "init", "-q", "-b", "main")
        assert plan(folder, "lamp", "0.5.0").exit_code == code


@pytest.mark.parametrize("spec", [("banana",), ("lamp",), ("status",), ("lamp", "0.5.0", "lamp-py")])
def test_a_request_that_makes_no_sense_is_a_usage_error(folder, spec):
    assert plan(folder, *spec).exit_code == 2


def test_an_unreadable_directory_is_a_usage_error(tmp_path):
    assert CliRunner().invoke(main, ["plan", "0.5.0", "--repo", str(tmp_path / "no")]).exit_code == 2


def test_write_edits_in_place_what_the_diff_shows(folder, tmp_path):
    git(folder, "init", "-q")
    patch = tmp_path / "release.patch"
    patch.write_bytes(plan(folder, "lamp", "0.5.0", "--format", "diff").stdout_bytes)
    assert plan(folder, "lamp", "0.5.0", "--write").exit_code == 0
    written = files(folder)
    git(folder, "apply", "--reverse", str(patch))
    assert files(folder) != written
    git(folder, "apply", str(patch))
    assert files(folder) == written


def test_json_has_every_key_planned_or_refused(folder):
    planned = json.loads(plan(folder, "lamp", "0.5.0", "--format", "json").output)
    refused = json.loads(plan(folder, "lamp", "0.3.0", "--format", "json").output)
    assert planned.keys() == refused.keys()
    assert planned["packages"][0]["tag"] == "v0.5.0"
    assert refused["problems"][0].keys() == {"where", "what", "fix"}


def test_history_drafts_the_section_of_a_git_checkout(folder):
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [0.4.0] - 2026-01-01\n\n- Light.\n")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Begin")
    git(folder, "tag", "v0.4.0")
    (folder / "src.rs").write_text("")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "feat: dim the light (#31)")
    shown = plan(folder, "lamp", "0.5.0").output
    assert "Dim the light (#31)" in shown


def test_a_section_that_packages_share_is_shown_once(folder):
    root = '[workspace]\nmembers = ["a", "b"]\n[workspace.package]\nversion = "0.5.0"\n'
    (folder / "Cargo.toml").write_text(root)
    for name in "ab":
        (folder / name).mkdir()
        text = f'[package]\nname = "{name}"\nversion.workspace = true\ndescription = "x"\nlicense = "MIT"\n'
        (folder / name / "Cargo.toml").write_text(text)
    (folder / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n- Light :sun: again.\n\n## [0.5.0]\n\n- x\n"
    )
    shown = plan(folder, "a", "0.6.0", "b", "0.6.0").output
    assert shown.count("Light :sun: again.") == 1


def test_skip_leaves_the_changelogs_alone(folder):
    shown = json.loads(plan(folder, "lamp", "0.5.0", "--format", "json", "--changelog", "skip").output)
    assert not any("CHANGELOG" in file["path"] for file in shown["files"])


def test_require_refuses_and_offers_the_draft(folder):
    (folder / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [0.4.0] - 2026-01-01\n\n- Light.\n")
    shown = plan(folder, "lamp", "0.5.0", "--changelog", "require")
    assert shown.exit_code == 1
    assert "Nothing is known of what changed." in shown.output


ODD = FileEdit("a folder/ü.md", b"one\r\ntwo\r\nthree", b"one\r\n2\r\nthree\nfour", "why")


def test_a_diff_of_odd_lines_and_an_odd_path_is_taken_by_git(tmp_path):
    target = tmp_path / ODD.path
    target.parent.mkdir()
    target.write_bytes(ODD.before)
    (tmp_path / "p.patch").write_bytes(unified_diff(ODD))
    git(tmp_path, "init", "-q")
    git(tmp_path, "apply", "p.patch")
    assert target.read_bytes() == ODD.after


def test_when_one_file_cannot_be_written_none_is(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "b.txt").write_bytes(b"edited by somebody")
    edits = [FileEdit("a.txt", b"old", b"new", ""), FileEdit("b.txt", b"old", b"new", "")]
    with pytest.raises(OSError, match="was changed"):
        write_all(tmp_path, edits)
    assert (tmp_path / "a.txt").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_a_replacement_that_fails_halfway_is_taken_back(tmp_path, monkeypatch):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"old")
    replace = Path.replace
    done: list[Path] = []

    def failing(source, target):
        if done:
            raise OSError(28, "No space left on device")
        done.append(target)
        replace(source, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        write_all(tmp_path, [FileEdit(name, b"old", b"new", "") for name in ("a.txt", "b.txt")])
    assert files(tmp_path) == {"a.txt": b"old", "b.txt": b"old"}


def test_links_are_neither_read_nor_written(folder, tmp_path):
    outside = tmp_path / "outside.toml"
    outside.write_text('[package]\nname = "other"\nversion = "1.0.0"\n')
    (folder / "other").mkdir()
    (folder / "other" / "Cargo.toml").symlink_to(outside)
    assert "other" not in json.loads(plan(folder, "lamp", "0.5.0", "--format", "json").output)["body"]


def test_a_diff_that_deletes_a_file_is_taken_by_git(tmp_path):
    (tmp_path / "a.md").write_bytes(b"one\ntwo")
    (tmp_path / "empty.md").write_bytes(b"")
    edits = [FileEdit("a.md", b"one\ntwo", None, "why"), FileEdit("empty.md", b"", None, "why")]
    (tmp_path / "p.patch").write_bytes(b"".join(unified_diff(edit) for edit in edits))
    git(tmp_path, "init", "-q")
    git(tmp_path, "apply", "p.patch")
    assert not (tmp_path / "a.md").exists()
    assert not (tmp_path / "empty.md").exists()


def test_a_deletion_is_taken_back_when_another_file_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_bytes(b"old")
    (tmp_path / "b.txt").write_bytes(b"old")
    edits = [FileEdit("a.md", b"old", None, ""), FileEdit("b.txt", b"old", b"new", "")]

    def failing(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        write_all(tmp_path, edits)
    assert files(tmp_path) == {"a.md": b"old", "b.txt": b"old"}
    monkeypatch.undo()
    write_all(tmp_path, edits)
    assert files(tmp_path) == {"b.txt": b"new"}


def test_tags_of_other_branches_count_as_they_do_on_github(folder):
    """Releases may be made on branches of their own; the bot sees their tags, and so does the command."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    git(folder, "checkout", "--quiet", "-b", "stable")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "release")
    git(folder, "tag", "rust-v0.4.0")
    git(folder, "checkout", "--quiet", "main")
    shown = plan(folder, "lamp", "0.5.0")
    assert "rust-v0.5.0" in shown.output, shown.output


def test_each_tag_has_the_date_of_its_commit(folder, monkeypatch):
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+01:00")
    git(folder, "commit", "--quiet", "--message", "all")
    git(folder, "tag", "v1")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-03-03T03:03:03Z")
    git(folder, "tag", "--annotate", "--message", "later", "v2")
    blob = subprocess.run(["git", "hash-object", "-w", "Cargo.toml"], cwd=folder, check=True, capture_output=True)
    git(folder, "tag", "a-file", blob.stdout.decode().strip())
    made = datetime.fromisoformat("2026-01-02T03:04:05+01:00")
    assert read_checkout(folder).tags == (Tag("a-file"), Tag("v1", made), Tag("v2", made))


def test_choices_of_several_lines_can_be_copied(folder):
    (folder / "Cargo.toml").unlink()
    (folder / "wick").mkdir()
    (folder / "wick/Cargo.toml").write_text('[package]\nname = "wick"\nversion = "0.1.0"\n')
    shown = plan(folder, "0.5.0")
    assert "\n    [[group]]\n    packages = [" in shown.output, shown.output
