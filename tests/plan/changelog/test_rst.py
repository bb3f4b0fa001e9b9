"""Changelogs in reStructuredText."""

import pytest
from docutils.core import publish_doctree  # type: ignore[import-untyped] # it carries none
from docutils.nodes import section  # type: ignore[import-untyped] # it carries none

from bot.plan.model import Change
from tests.plan.trees import after, plan, pyproject, text, tree

ZEST = """\
Changelog
=========

0.5.0 (unreleased)
------------------

- Burns twice as long.

0.4.0 (2026-01-02)
------------------

- Wick.
"""


def released(content: str, *, path: str = "CHANGES.rst", changes: list[Change] | None = None, version: str = "0.5.0"):
    files = tree({"pyproject.toml": pyproject("lamp", "0.4.0", backend="hatchling"), path: content})
    made = plan(files, version, changes=None if changes is None else {"pypi:lamp": changes})
    return made, text(after(files, made), path)


def test_a_heading_that_waits_for_its_day_gets_it():
    made, content = released(ZEST)
    assert content == ZEST.replace("0.5.0 (unreleased)", "0.5.0 (2026-04-04)")
    assert made.sections[0].body == "- Burns twice as long."


def test_a_heading_gets_the_version_that_is_released_and_a_line_as_long():
    _, content = released(ZEST, version="0.10.0")
    assert "0.10.0 (2026-04-04)\n-------------------\n\n- Burns" in content


def test_what_stands_under_unreleased_becomes_the_version():
    _, content = released(ZEST.replace("0.5.0 (unreleased)\n------------------", "*unreleased*\n------------"))
    assert "*unreleased*\n------------\n\n0.5.0 (2026-04-04)\n------------------\n\n- Burns" in content


@pytest.mark.parametrize("head", ["", "Changelog\n=========\n\n", "=========\nChangelog\n=========\n\n"])
def test_a_draft_is_restructured_text(head: str):
    changes = [Change("feat: `burn` longer <b>", 3), Change("fix: smoke", 4)]
    _, content = released(f"{head}0.4.0 (2026-01-02)\n------------------\n\n* Wick.\n", changes=changes)
    new = "0.5.0 (2026-04-04)\n------------------\n\n* ``burn`` longer <b> (#3)\n* Smoke (#4)\n\n0.4.0 (2026"
    assert content.startswith(f"{head}{new}")
    assert len(list(publish_doctree(content).findall(section))) == 2


def test_a_file_without_versions_gets_the_first():
    _, content = released("Changelog\n=========\n", changes=[Change("feat: x", 3)])
    assert content == "Changelog\n=========\n\n0.5.0 - 2026-04-04\n------------------\n\n- X (#3)\n"


@pytest.mark.parametrize("path", ["docs/changelog.rst", "docs/release-notes.md", "doc/source/changes.md"])
def test_a_changelog_in_the_documentation_is_found(path: str):
    content = "0.4.0\n-----\n\n- x\n"
    made, written = released(content, path=path, changes=[Change("feat: y", 3)])
    assert written.startswith("0.5.0\n-----\n")
    assert made.bumps[0].package.changelog == path


def test_a_page_that_only_includes_the_changelog_is_none():
    files = tree(
        {"pyproject.toml": pyproject("lamp", "0.4.0"), "docs/changelog.md": "```{include} ../CHANGELOG.md\n```\n"}
    )
    assert plan(files, "0.5.0").bumps[0].package.changelog is None
    files = tree({**files, "CHANGELOG.md": "# Changes\n"})
    assert plan(files, "0.5.0").bumps[0].package.changelog == "CHANGELOG.md"


def test_latest_changes_is_what_is_not_released():
    content = "# Notes\n\n## Latest Changes\n\n### Docs\n\n* One. (#2)\n\n## 0.4.0 (2026-01-02)\n\n* x\n"
    _, written = released(content, path="docs/release-notes.md", changes=[])
    assert written.startswith("# Notes\n\n## Latest Changes\n\n## 0.5.0 (2026-04-04)\n\n### Docs\n")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("# Changelog\n\nThe changelogs have now moved [here](dev/changelog).\n", "says that it moved"),
        ("# Changelog\n\nThis file is no longer updated.\n\n## 0.1.0\n\n- x\n", "says that it moved"),
        ("# Changelog\n\nSee https://github.com/morgan/lamp/releases.\n", "points to the releases"),
        ("# Changelog\n\n## 0.1.0\n\n- x\n", "has no section for the last 3 releases, 0.4.0, 0.3.0, 0.2.0"),
    ],
)
def test_a_changelog_that_nobody_writes_is_left_alone_and_that_is_said(content: str, why: str):
    files = tree({"pyproject.toml": pyproject("lamp", "0.4.0"), "CHANGELOG.md": content})
    made = plan(files, "0.5.0", tags=["v0.1.0", "v0.2.0", "v0.3.0", "v0.4.0"])
    assert all(edit.path != "CHANGELOG.md" for edit in made.edits)
    assert any(warning.startswith(f"CHANGELOG.md {why}") for warning in made.warnings)


@pytest.mark.parametrize(
    "content",
    [
        "# Changelog\n\n## Unreleased\n\n- y\n\n## 0.1.0\n\n- x\n",
        "# Changelog\n\n## 0.3.0\n\n- x\n",
        "# Changelog\n\n## 0.5.0\n\n- x\n\n## 0.1.0\n\n- x\n",
        "# Changelog\n\n## 2.1\n\n- It counts in another way.\n",
        "# Changelog\n\n## 0.1.0\n\n- oldest first\n\n## 0.4.0\n\n- x\n",
    ],
)
def test_a_changelog_that_is_written_is_used(content: str):
    files = tree({"pyproject.toml": pyproject("lamp", "0.4.0"), "CHANGELOG.md": content})
    made = plan(files, "0.5.0", tags=["v0.1.0", "v0.2.0", "v0.3.0", "v0.4.0"], changes={"pypi:lamp": []})
    assert not any("left alone" in warning for warning in made.warnings)


def test_a_changelog_is_about_the_newest_tag_where_the_tree_says_the_next_version():
    root = '[workspace]\nmembers = ["lib", "wick"]\n[workspace.package]\nversion = "0.6.0-dev"\n'
    crate = '[package]\nname = "{}"\n{}\ndescription = "x"\nlicense = "MIT"\n'
    files = tree(
        {
            "Cargo.toml": root,
            "lib/Cargo.toml": crate.format("lamp", "version.workspace = true"),
            "wick/Cargo.toml": crate.format("wick", 'version = "0.3.0"'),
            "CHANGELOG.md": "# [Unreleased]\n\n- Longer.\n\n# [0.5.7] - 2026-01-02\n\n- y\n",
        }
    )
    made = plan(files, "lamp 0.6.0", tags=["v0.5.7", "wick-v0.3.0"])
    assert (made.sections[0].body, made.sections[0].drafted) == ("- Longer.", False)
