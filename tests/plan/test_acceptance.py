"""Two real releases, planned from what their maintainers had before them."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from bot.plan import disagreements
from bot.plan.model import Change, Tree
from tests.plan.trees import after, changed_lines, folder, plan, text

FILES = {
    "Cargo.toml",
    "Cargo.lock",
    "edgequake-litellm/Cargo.toml",
    "edgequake-litellm/pyproject.toml",
    "CHANGELOG.md",
    "edgequake-litellm/CHANGELOG.md",
}
APRIL = ("edgequake-llm 0.5.0", "edgequake-litellm 0.4.0")
MARCH = ("edgequake-llm 0.3.0", "edgequake-litellm 0.2.0")


@pytest.fixture
def april(shared: Path) -> Tree:
    return folder(shared / "data/history/edgequake-llm/2026-04-04-e3e4a689/before")


@pytest.fixture
def march(shared: Path) -> Tree:
    return folder(shared / "data/history/edgequake-llm/2026-03-01-cd236212/before")


def test_exactly_the_six_files_change(april, march):
    assert {edit.path for edit in plan(april, *APRIL).edits} == FILES
    assert {edit.path for edit in plan(march, *MARCH).edits} == FILES


def test_every_version_and_pin_is_right(april):
    made = after(april, plan(april, *APRIL))
    crate, bindings = tomllib.loads(text(made, "Cargo.toml")), tomllib.loads(text(made, "edgequake-litellm/Cargo.toml"))
    project = tomllib.loads(text(made, "edgequake-litellm/pyproject.toml"))["project"]
    assert (crate["package"]["version"], bindings["package"]["version"], project["version"]) == (
        "0.5.0",
        "0.4.0",
        "0.4.0",
    )
    assert bindings["dependencies"]["edgequake-llm"] == {"path": "..", "version": "0.5.0", "features": ["bedrock"]}


def test_two_lines_of_the_lock_file_change(april):
    lock = next(edit for edit in plan(april, *APRIL).edits if edit.path == "Cargo.lock")
    assert changed_lines(lock.before or b"", lock.after or b"") == [
        ('version = "0.3.0"\n', 'version = "0.4.0"\n'),
        ('version = "0.4.0"\n', 'version = "0.5.0"\n'),
    ]


def test_manifests_and_lock_are_what_the_maintainers_committed(april, shared: Path):
    theirs = folder(shared / "data/history/edgequake-llm/2026-04-04-e3e4a689/after")
    made = after(april, plan(april, *APRIL))
    assert {path for path in made if made[path] != theirs[path]} == {"CHANGELOG.md", "edgequake-litellm/CHANGELOG.md"}


def test_both_empty_changelogs_get_a_drafted_section(april):
    changes = {"crates.io:edgequake-llm": [Change("feat: image generation", 41)], "pypi:edgequake-litellm": []}
    made = plan(april, *APRIL, changes=changes)
    assert [section.drafted for section in made.sections] == [True, True]
    files = after(april, made)
    head = "## [Unreleased]\n\n## [0.5.0] - 2026-04-04\n\n### Added\n\n- Image generation (#41)\n\n## [0.4.0]"
    assert head in text(files, "CHANGELOG.md")
    head = "## [0.4.0] - 2026-04-04\n\n### Changed\n\n- Updated edgequake-llm to 0.5.0.\n\n## [0.2.0] - 2026-03-01\n"
    assert head in text(files, "edgequake-litellm/CHANGELOG.md")


def test_a_full_unreleased_is_promoted_as_the_maintainers_did(march, shared: Path):
    theirs = folder(shared / "data/history/edgequake-llm/2026-03-01-cd236212/after")
    made = plan(march, *MARCH, day=date(2026, 3, 1))
    assert after(march, made)["CHANGELOG.md"] == theirs["CHANGELOG.md"]
    assert [section.drafted for section in made.sections] == [False, True]


def test_title_branch_and_tags_name_both_packages(april):
    made = plan(april, *APRIL, tags=["v0.4.0", "v0.3.0", "py-v0.3.0"])
    assert made.title == "release: edgequake-llm v0.5.0 + edgequake-litellm v0.4.0"
    assert made.branch == "shipmate/v0.5.0+py-v0.4.0"
    assert [bump.tag for bump in made.bumps] == ["v0.5.0", "py-v0.4.0"]


def test_the_planned_tree_agrees_with_its_versions_and_the_old_one_does_not(april):
    versions = {"crates.io:edgequake-llm": "0.5.0", "pypi:edgequake-litellm": "0.4.0"}
    assert disagreements(after(april, plan(april, *APRIL)), versions) == ()
    assert len(disagreements(april, versions)) == 6
