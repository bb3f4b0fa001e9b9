"""A plan collects the fragments that wait, and deletes them in the same commit."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.plan.fragments.collect import further_paths
from bot.plan.model import Plan
from tests.plan.fragments.test_towncrier import CONFIGS, WAITING, project, theirs
from tests.plan.trees import after, outcome, plan, refusal, text, tree

DAY_OF_TREES = "2026-04-04"
KEPT = (
    "# Changelog\n\n<!-- towncrier release notes start -->\n\n## 0.4.0 (2026-01-02)\n\n### Features\n\n- Wick. (#3)\n"
)


def lamp(config: str = CONFIGS[0], changelog: str = KEPT, **fragments: str) -> Mapping[str, bytes]:
    files = project(config, **fragments) | {"CHANGELOG.md": changelog}
    build = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    return tree({**files, "pyproject.toml": build + files["pyproject.toml"]})


def test_what_waits_becomes_the_section_and_is_deleted():
    files = lamp(**{"17__feature__md": "Burns longer.\n", "18__bugfix__md": "No smoke.\n", "README__md": "x"})
    made = plan(files, "0.5.0")
    assert [(edit.path, edit.after, edit.why) for edit in made.edits[-2:]] == [
        ("changes/17.feature.md", None, "collected into CHANGELOG.md"),
        ("changes/18.bugfix.md", None, "collected into CHANGELOG.md"),
    ]
    assert "changes/README.md" in after(files, made)
    (section,) = made.sections
    assert section.body == "### Features\n\n- Burns longer. (#17)\n\n### Bugfixes\n\n- No smoke. (#18)"
    assert (section.drafted, section.heading) == (False, "0.5.0 (2026-04-04)")


def test_the_whole_changelog_is_what_the_tool_writes(tmp_path: Path):
    pytest.importorskip("towncrier")
    files = lamp(**WAITING)
    written = text(after(files, plan(files, "0.5.0")), "CHANGELOG.md")
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    assert theirs(tmp_path, {}).replace("2026-03-03", DAY_OF_TREES) == written
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(after(files, plan(files, "0.5.0")))


def test_fragments_in_restructured_text_are_collected_where_they_are_said_to_be():
    files = project("", **{"17__feature__rst": "Burns longer."})
    files["NEWS.rst"] = "lamp 0.4.0 (2026-01-02)\n=======================\n\n- Wick.\n"
    build = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    files["pyproject.toml"] = build + files["pyproject.toml"]
    made = plan(tree(files), "0.5.0")
    assert made.sections[0].heading == "lamp 0.5.0 (2026-04-04)"
    assert made.sections[0].body == "Features\n--------\n\n- Burns longer. (#17)"


def test_a_template_of_ones_own_is_refused_with_what_to_run_first():
    files = lamp('filename = "CHANGELOG.md"\ntemplate = "changes/own.jinja"\n', **{"17__feature__md": "x"})
    said = refusal(files, "0.5.0")
    assert "pyproject.toml: `template` of [tool.towncrier] is its own, so what waits in changes (1 file)" in said
    assert "Run `towncrier build --version 0.5.0 --date 2026-04-04`" in said


def test_a_template_of_ones_own_is_no_matter_where_nothing_waits():
    files = lamp('filename = "CHANGELOG.md"\ntemplate = "changes/own.jinja"\n')
    assert isinstance(outcome(files, "0.5.0"), Plan)


def test_a_section_that_was_built_before_is_used_and_what_came_since_is_named():
    built = KEPT.replace("## 0.4.0", "## 0.5.0 (2026-04-01)\n\n- Built.\n\n## 0.4.0")
    made = plan(lamp(changelog=built, **{"19__feature__md": "Later."}), "0.5.0")
    assert made.sections[0].body == "- Built."
    assert not any(edit.after is None for edit in made.edits)
    assert any("stays: changes/19.feature.md" in warning for warning in made.warnings)


def test_the_files_of_a_configuration_are_known_once_it_is_read():
    read = tree({"pyproject.toml": '[tool.towncrier]\ndirectory = "odd/place"\nfilename = "docs/whatsnew.rst"\n'})
    known = ["pyproject.toml", "odd/place/1.feature", "odd/place/deeper/2.feature", "odd/x", "docs/whatsnew.rst"]
    assert further_paths(read, known) == ["odd/place/1.feature", "docs/whatsnew.rst"]
