"""What a release leaves behind is said: files with the old version, uncollected notes, changelogs of other formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.plan.elsewhere.looked_at import MOST_LOOKED_AT, looked_at
from tests.plan.trees import FIRST, crate, lock, plan, pyproject, tree


def said(word: str, *asked: str, **files: str) -> list[str]:
    base = {} if any(path.endswith("Cargo.toml") for path in files) else {"Cargo.toml": crate()}
    made = plan(tree({**base, **files}), *(asked or ("0.5.0",)))
    return [warning for warning in made.warnings if word in warning]


def still(**files: str) -> str:
    found = said("still say", **files)
    return found[0].removeprefix("These files still say 0.4.0: ").removesuffix(".") if found else ""


def test_each_file_that_says_the_old_version_is_named_with_its_first_line():
    files = {
        "docs/conf.py": 'project = "lamp"\nversion = "0.4.0"\nrelease = "0.4.0"\n',
        "deploy.md": "Take image lamp:v0.4.0 today.\n",
        "docs/install.rst": "x\ny\nlamp-0.4.0.tar.gz\n",
    }
    assert still(**files) == "deploy.md:1, docs/conf.py:2 and docs/install.rst:3"


@pytest.mark.parametrize(
    "line",
    [
        "0.4.01",
        "10.4.0",
        "0.4.0.1",
        "0.4.0-rc.1",
        "0.4.0rc1",
        "0.4.0+wax",
        "1.0.4.0",
        ".. versionadded:: 0.4.0",
        "Deprecated since 0.4.0.",
        "new in 0.4.0",
        "Upgrading from 0.4.0",
    ],
)
def test_other_versions_and_what_tells_of_the_past_are_not_meant(line: str):
    assert still(**{"docs/use.md": f"{line}\n"}) == ""


@pytest.mark.parametrize("line", ["lamp 0.4.0", "v0.4.0.", "(0.4.0)", "'0.4.0'", "==0.4.0", "/0.4.0/", "lamp@0.4.0,"])
def test_a_whole_token_counts_whatever_stands_around_it(line: str):
    assert still(**{"docs/use.md": f"{line}\n"}) == "docs/use.md:1"


def test_changelogs_locks_tests_and_other_peoples_files_are_not_named():
    history = "# Changelog\n\n" + FIRST.format("0.4.0")
    files = {
        "CHANGELOG.md": history,
        "HISTORY.rst": "0.4.0\n=====\n",
        "Cargo.lock": lock("lamp 0.4.0", "serde 0.4.0 registry"),
        "vendor/x.md": "0.4.0\n",
        "changes/12.feature.md": "as in 0.4.0\n",
    }
    assert still(**files) == ""


def test_the_requirements_of_others_at_the_same_number_are_not_meant():
    files = {
        "Cargo.toml": crate(more='[dependencies]\nserde = "0.4.0"\nwick = { version = "0.4.0" }\n'),
        ".pre-commit-config.yaml": "- repo: x\n  rev: 0.4.0\n",
        "recipe.yaml": "context:\n  version: 0.4.0\n",
    }
    assert still(**files) == "recipe.yaml:2"


def test_another_package_at_the_same_version_keeps_it_and_lines_must_name_what_is_released():
    two = {
        "Cargo.toml": '[workspace]\nmembers = ["lamp", "shade"]\n',
        "lamp/Cargo.toml": crate(),
        "shade/Cargo.toml": crate("shade"),
        "docs/a.md": "0.4.0\n",
        "docs/b.md": "lamp 0.4.0\n",
        "docs/c.md": "lamp-shade 0.4.0\n",
        "docs/d.md": "lamp-0.4.0.tar.gz\n",
    }
    assert said("still say", "lamp 0.5.0", **two) == ["These files still say 0.4.0: docs/b.md:1 and docs/d.md:1."]


def test_an_unpublished_crate_that_stays_is_named_unless_its_version_was_never_changed():
    helper = crate("helper", more="publish = false\n")
    two = {
        "Cargo.toml": '[workspace]\nmembers = ["lamp", "helper"]\n',
        "lamp/Cargo.toml": crate(),
        "helper/Cargo.toml": helper,
    }
    assert said("still say", "lamp 0.5.0", **two) == ["These files still say 0.4.0: helper/Cargo.toml:3."]
    first = {path: content.replace("0.4.0", "0.1.0") for path, content in two.items()}
    assert said("still say", "lamp 0.2.0", **first) == []


def test_of_many_files_some_are_named_and_the_rest_counted():
    files = {f"docs/{number:02}.md": "0.4.0\n" for number in range(20)}
    assert still(**files).endswith("docs/06.md:1 and 13 more")


def test_what_the_release_moves_is_not_left_behind():
    assert still(**{"README.md": 'lamp = "0.4.0"\n'}) == ""


def test_the_old_version_is_known_in_both_spellings():
    files = {"Cargo.toml": crate(version="0.4.0-rc.1"), "docs/a.md": "0.4.0rc1\n", "docs/b.md": "0.4.0-rc.1\n"}
    assert said("still say", **files) == ["These files still say 0.4.0-rc.1: docs/a.md:1 and docs/b.md:1."]


def test_notes_that_nobody_collects_are_named_by_folder():
    files = {
        "changes/12.feature.md": "x\n",
        "changes/13.bugfix.md": "x\n",
        "changes/README.md": "x\n",
        "changes/0.3.0.md": "x\n",
        "releasenotes/notes/wick-0123456789abcdef.yaml": "x\n",
        "src/changes/mod.rs": "x\n",
    }
    assert said("wait to be collected", **files) == [
        "Changelog notes that wait to be collected, and are not by this release: changes/*.md (2) and "
        "releasenotes/notes/wick-0123456789abcdef.yaml."
    ]


def test_a_changelog_of_another_form_is_named_where_the_package_has_no_other():
    files = {"pyproject.toml": pyproject("lamp", "0.4.0", backend="hatchling"), "CHANGES.txt": "0.4.0\n=====\n"}
    assert said("left alone", **files) == ["CHANGES.txt is in a form that I do not write: left alone."]
    assert said("left alone", **files, **{"CHANGELOG.md": "# Changelog\n\n" + FIRST.format("0.4.0")}) == []


def test_the_files_that_are_looked_at_are_bounded_and_the_likeliest_come_first():
    paths = [
        "src/a.py",
        "tests/README.md",
        "vendor/README.md",
        "docs/x.md",
        "docs/conf.py",
        "a/README.md",
        "CITATION.cff",
    ]
    assert looked_at(paths) == ["CITATION.cff", "a/README.md", "docs/conf.py", "docs/x.md"]
    assert looked_at(paths, every=True)[-1] == "src/a.py"
    assert len(looked_at(f"docs/{number}.md" for number in range(1000))) == MOST_LOOKED_AT


@given(st.text(max_size=200), st.sampled_from(["0.5.0", "0.4.1", "1.0.0-rc.1"]))
def test_any_text_around_can_be_planned_and_only_the_version_changes(text: str, new: str):
    before = tree({"Cargo.toml": crate(), "README.md": f'{text}\nlamp = "0.4.0"\n{text}', "docs/a.md": text})
    made = plan(before, new)
    edits = {edit.path: edit.after.decode() for edit in made.edits}
    assert edits.get("README.md", "") in ("", before["README.md"].decode().replace('lamp = "0.4.0"', f'lamp = "{new}"'))
    assert "docs/a.md" not in edits
