"""Changesets are rendered as @changesets/cli and knope do it.

What @changesets/cli 2.31.1 wrote is recorded here; with `CHANGESETS` naming a folder that has it in its node_modules,
it is run on the same files again.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.plan.trees import after, crate, plan, refusal, text, tree

CHANGELOG = "# lamp\n\n## 0.4.0\n\n### Minor Changes\n\n- Wick.\n"
NODE = {
    "Cargo.toml": crate(),
    "package.json": '{ "name": "lamp", "version": "0.4.0" }\n',
    "CHANGELOG.md": CHANGELOG,
    ".changeset/config.json": '{ "changelog": "@changesets/cli/changelog" }\n',
    ".changeset/README.md": "# Changesets\n",
    ".changeset/a.md": '---\n"lamp": minor\n---\n\nBurns longer.\n',
    ".changeset/b.md": "---\n'lamp': patch\n---\nNo smoke.\n\nMore words.\n* one\n* two\n",
    ".changeset/c.md": '---\n"other": major\n---\n\nNot mine.\n',
}
WRITTEN = (
    "# lamp\n\n## 0.5.0\n\n### Minor Changes\n\n- Burns longer.\n\n### Patch Changes\n\n- No smoke.\n\n"
    "  More words.\n\n  - one\n  - two\n\n## 0.4.0\n\n### Minor Changes\n\n- Wick.\n"
)


def released(files: Mapping[str, str]) -> dict[str, bytes]:
    return after(tree(files), plan(tree(files), "0.5.0"))


def test_changesets_become_the_section_and_are_deleted():
    files = released(NODE)
    assert text(files, "CHANGELOG.md") == WRITTEN
    left = [path for path in files if path.startswith(".changeset/")]
    assert sorted(left) == [".changeset/README.md", ".changeset/c.md", ".changeset/config.json"]


@pytest.mark.skipif(not os.environ.get("CHANGESETS") or not shutil.which("node"), reason="needs @changesets/cli")
def test_changesets_itself_writes_the_same(tmp_path: Path):
    for path, content in NODE.items():
        if not path.endswith("c.md"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    tool = Path(os.environ["CHANGESETS"]) / "node_modules/@changesets/cli/bin.js"
    subprocess.run(["node", str(tool), "version"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "CHANGELOG.md").read_text() == WRITTEN
    assert not (tmp_path / ".changeset/a.md").exists()


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        (".changeset/config.json", '{ "changelog": ["@changesets/changelog-github", {}] }', "`changelog` of"),
        (".changeset/config.json", '{ "prettier": false }', "`prettier` of"),
        (".changeset/pre.json", "{}", "its prerelease mode (pre.json) is beyond what I render, and 2 files wait"),
        (".changeset/a.md", '---\n"lamp": minor\n"web": patch\n---\nx', ".changeset/a.md: is about web, too"),
        (".changeset/a.md", '---\n"lamp": breaking\n---\nx', "has the type 'breaking'"),
        (".changeset/a.md", "No front matter", ".changeset/a.md: is no changeset"),
    ],
)
def test_what_only_the_tool_can_do_is_refused_with_what_helps(path: str, content: str, said: str):
    assert said in refusal(tree({**NODE, path: content}), "0.5.0")


def test_nothing_that_waits_for_this_package_changes_nothing():
    files = {path: content for path, content in NODE.items() if path[-4:] not in ("a.md", "b.md")}
    assert ".changeset/c.md" in released(files)


KNOPE = {
    "Cargo.toml": crate(),
    "knope.toml": '[package]\nversioned_files = ["Cargo.toml"]\nchangelog = "CHANGELOG.md"\n',
    "CHANGELOG.md": "# Changelog\n\nIntro.\n\n## 0.4.0 (2026-01-02)\n\n### Features\n\n- Wick.\n",
    ".changeset/a.md": "---\ndefault: minor\n---\n\n# Burns longer\n\nBy a better wick.\n",
    ".changeset/b.md": "---\ndefault: minor\n---\n\n# Blue flame\n",
    ".changeset/c.md": "---\nlamp: major\n---\n\nWax is gone.\n",
}


def test_knope_s_files_are_a_list_and_then_what_has_more_to_say():
    files = released(KNOPE)
    assert text(files, "CHANGELOG.md") == (
        "# Changelog\n\nIntro.\n\n## 0.5.0 (2026-04-04)\n\n### Breaking Changes\n\n- Wax is gone.\n\n### Features\n\n"
        "- Blue flame\n\n#### Burns longer\n\nBy a better wick.\n\n## 0.4.0 (2026-01-02)\n\n### Features\n\n- Wick.\n"
    )
    assert not any(path.startswith(".changeset/") for path in files)


def test_knope_keeps_the_level_of_the_headings_that_are_there():
    changelog = "# 0.4.0\n\n## Features\n\n### Wick\n\nx\n"
    written = text(released({**KNOPE, "CHANGELOG.md": changelog}), "CHANGELOG.md")
    assert written.startswith("# 0.5.0 (2026-04-04)\n\n## Breaking Changes\n\n- Wax is gone.\n\n## Features\n\n- Blue")
    assert "\n### Burns longer\n" in written


def test_sections_of_knope_s_own_making_are_refused():
    config = '[package]\n[[package.extra_changelog_sections]]\nname = "Notes"\ntypes = ["note"]\n'
    assert "`extra_changelog_sections` of knope.toml" in refusal(tree({**KNOPE, "knope.toml": config}), "0.5.0")
