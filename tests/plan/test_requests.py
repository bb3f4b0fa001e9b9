import re

import pytest

from bot.plan import discover, histories_needed
from bot.plan.model import Change, Plan, Refusal
from tests.plan.trees import after, crate, lamp, outcome, plan, pyproject, refusal, text, tree, wanted

BOTH = {"Cargo.toml": crate("lamp"), "py/pyproject.toml": pyproject("lamp", "0.3.0", backend="hatchling")}
ONE_VERSION = {
    "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n[workspace.package]\nversion = "0.4.0"\n',
    "a/Cargo.toml": "[package]\nname = 'a'\nversion.workspace = true\n",
    "b/Cargo.toml": "[package]\nname = 'b'\nversion.workspace = true\n",
}


def bumps(files, *asked: str) -> list[tuple[str, str, str]]:
    return [(bump.package.key, bump.old, bump.new) for bump in plan(tree(files), *asked).bumps]


def test_a_bare_version_means_the_primary_package():
    assert [bump.package.name for bump in plan(lamp(), "0.5.0").bumps] == ["lamp"]
    assert plan(lamp(), "v0.5.0").bumps[0].new == "0.5.0"


SEVERAL = {
    "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
    "a/Cargo.toml": crate("a"),
    "b/Cargo.toml": crate("b", "0.2.0"),
}


@pytest.mark.parametrize(
    ("files", "choices"),
    [
        (SEVERAL, ("a", "b", "all")),
        (
            {"rust/Cargo.toml": crate("lamp"), "py/pyproject.toml": pyproject("lamp", backend="hatchling")},
            ("crates.io:lamp", "pypi:lamp", "all"),
        ),
    ],
)
def test_a_bare_version_is_asked_back_where_several_packages_could_be_meant(files: dict[str, str], choices):
    said = refusal(tree(files), "0.5.0")
    assert "not clear which package is meant" in said
    assert [line.split()[-1] for line in re.findall(r"/release (\S+) 0\.5\.0", said)] == [*choices]


def test_a_bare_version_is_clear_where_there_is_a_first_package_or_one_version():
    configured = SEVERAL | {".github/release.toml": '[[package]]\nname = "b"\n'}
    assert bumps(configured, "0.5.0") == [("crates.io:b", "0.2.0", "0.5.0")]
    assert len(bumps(ONE_VERSION, "0.5.0")) == 2
    assert bumps(SEVERAL | {"Cargo.toml": crate("root") + SEVERAL["Cargo.toml"]}, "0.5.0")[0][0] == "crates.io:root"


def test_levels_are_computed_for_each_package():
    made = plan(lamp(), "minor", "lamp-py patch")
    assert [bump.new for bump in made.bumps] == ["0.5.0", "0.3.1"]
    assert [bump.new for bump in plan(lamp(), "rc", "lamp-py rc").bumps] == ["0.5.0-rc.1", "0.4.0rc1"]


def test_a_candidate_is_spelled_in_each_file_as_its_ecosystem_does():
    files = after(lamp(), plan(lamp(), "0.5.0-rc.1", "lamp-py 0.4.0-rc.1"))
    assert 'version = "0.4.0rc1"' in text(files, "lamp-py/pyproject.toml")
    assert 'version = "0.4.0-rc.1"' in text(files, "lamp-py/Cargo.toml")
    assert 'version = "0.5.0-rc.1" }' in text(files, "lamp-py/Cargo.toml")
    assert 'name = "lamp-py"\nversion = "0.4.0-rc.1"' in text(files, "Cargo.lock")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("0.3.0", "0.3.0 is older than 0.4.0"),
        ("banana", "`banana` is not a version that Cargo accepts"),
        ("0.5", "Did you mean 0.5.0?"),
        ("0.5.0rc1", "Did you mean 0.5.0-rc.1?"),
        ("lamq 0.5.0", "Did you mean `lamp`? Packages: lamp, lamp-py."),
        ("lamp-py 0.4.0-nightly.1", "has no equal among Python versions"),
        ("lamp-py 1.0.0-1", "has no equal among Python versions"),
        ("lamp-py 1.0.0.post1", "cannot be written in the bindings' Cargo.toml"),
        ("lamp-py 1.0.0+x", "has no equal among Python versions"),
        ("npm:lamp 0.5.0", "there is no package `npm:lamp` here"),
    ],
)
def test_what_cannot_be_released_is_answered_with_the_way_out(asked: str, said: str):
    assert said in refusal(lamp(), asked)


def test_every_mistake_of_a_request_is_named_at_once():
    answer = outcome(lamp(), "0.3.0", "moon 1.0.0", "lamp-py banana")
    assert isinstance(answer, Refusal)
    assert len(answer.problems) == 3


def test_a_name_on_both_registries_must_be_qualified():
    assert "Write `crates.io:lamp` or `pypi:lamp`." in refusal(tree(BOTH), "lamp 0.5.0")
    assert bumps(BOTH, "pypi:lamp 0.5.0") == [("pypi:lamp", "0.3.0", "0.5.0")]
    assert bumps(BOTH, "CRATES.IO:lamp 0.5.0") == [("crates.io:lamp", "0.4.0", "0.5.0")]


def test_one_version_source_under_one_name_is_released_on_both():
    files = {"Cargo.toml": crate("lamp"), "pyproject.toml": pyproject("lamp", None)}
    assert bumps(files, "lamp 0.5.0") == [("crates.io:lamp", "0.4.0", "0.5.0"), ("pypi:lamp", "0.4.0", "0.5.0")]
    assert [edit.path for edit in plan(tree(files), "lamp 0.5.0").edits] == ["Cargo.toml"]


def test_members_that_inherit_one_version_are_released_together():
    assert [key for key, _, _ in bumps(ONE_VERSION, "b 0.5.0")] == ["crates.io:a", "crates.io:b"]
    assert [edit.path for edit in plan(tree(ONE_VERSION), "b 0.5.0").edits] == ["Cargo.toml"]


def test_only_one_of_them_at_another_version_is_refused():
    assert "take their version from one place" in refusal(tree(ONE_VERSION), "a 0.5.0", "b 0.6.0")


def test_the_bindings_crate_names_the_python_package():
    files = {
        "py/Cargo.toml": crate("lamp-rs", more="[lib]\ncrate-type = ['cdylib']\n"),
        "py/pyproject.toml": pyproject("lamp"),
    }
    assert bumps(files, "lamp-rs 0.5.0") == [("pypi:lamp", "0.3.0", "0.5.0")]


def test_a_crate_that_is_kept_private_is_said_to_be():
    root = '[workspace]\nmembers = ["a", "b"]\n'
    files = tree({"Cargo.toml": root, "a/Cargo.toml": crate("a"), "b/Cargo.toml": crate("b", more="publish = false\n")})
    assert "b/Cargo.toml keeps `b` from being published" in refusal(files, "b 0.5.0")


def test_a_repository_without_packages_says_so():
    assert "no package that would be published" in refusal(tree({"README.md": "x"}), "0.5.0")


def test_skipped_versions_and_breaking_patches_are_warned_about():
    assert "lamp goes from 0.4.0 to 0.7.0 and skips 0.5.0." in plan(lamp(), "0.7.0").warnings
    removed = lamp(**{"CHANGELOG.md": "## Unreleased\n\n### Removed\n\n- The plug.\n\n## 0.4.0\n"})
    assert any("removed or breaking" in warning for warning in plan(removed, "0.4.1").warnings)


def test_history_is_needed_only_for_what_nobody_has_written():
    discovery = discover(lamp())
    (needed,) = histories_needed(lamp(), discovery, wanted("0.5.0", "lamp-py 0.4.0"))
    assert [package.key for package in needed.packages] == ["pypi:lamp-py"]
    assert needed.covers("lamp-py/src/lib.rs")
    assert not needed.covers("src/lib.rs")
    assert histories_needed(lamp(), discovery, wanted("0.1.0")) == ()


def test_history_is_needed_where_pull_requests_are_named_since_one_may_be_forgotten():
    files = lamp(**{"CHANGELOG.md": "## Unreleased\n\n- A dimmer (#3).\n\n## 0.4.0\n\n- Light.\n"})
    assert histories_needed(files, discover(files), wanted("0.5.0"))


def test_a_configuration_may_require_that_people_write():
    files = {**lamp(), ".github/release.toml": b"[release]\nchangelog = 'require'\n"}
    assert isinstance(outcome(files, "0.5.0"), Plan)
    changes = {"pypi:lamp-py": [Change("feat: dimmer", 3)]}
    answer = outcome(files, "lamp-py 0.4.0", changes=changes)
    assert isinstance(answer, Refusal)
    assert "- Dimmer (#3)" in answer.problems[0].fix


def test_a_package_without_a_changelog_is_drafted_for_the_pull_request_only():
    files = {path: content for path, content in lamp().items() if path != "lamp-py/CHANGELOG.md"}
    made = plan(files, "lamp-py 0.4.0")
    assert "CHANGELOG.md" not in {edit.path for edit in made.edits}
    assert [(section.heading, section.drafted) for section in made.sections] == [("[0.4.0] - 2026-04-04", True)]


def test_a_shared_changelog_gets_one_section_for_one_version():
    made = plan(tree({**ONE_VERSION, "CHANGELOG.md": "## Unreleased\n\n- New.\n"}), "a 0.5.0")
    assert [(section.package, section.body) for section in made.sections] == [
        ("crates.io:a", "- New."),
        ("crates.io:b", "- New."),
    ]
    assert after({}, made)["CHANGELOG.md"].count(b"0.5.0") == 1


def test_packages_of_one_name_are_told_apart_in_the_title():
    made = plan(tree(BOTH), "crates.io:lamp 0.5.0", "pypi:lamp 0.4.0")
    assert made.title == "release: lamp v0.5.0 (crates.io) + lamp v0.4.0 (PyPI)"
    assert plan(lamp(), "0.5.0", "lamp-py 0.4.0").title == "release: lamp v0.5.0 + lamp-py v0.4.0"


def test_a_refusal_names_a_problem_once_that_two_packages_share():
    notes = "# Changelog\n\n<!-- no end\n\n## [Unreleased]\n\n- A dimmer.\n"
    told = refusal(tree({**ONE_VERSION, "CHANGELOG.md": notes}), "a minor").splitlines()
    assert told
    assert len(told) == len(set(told))
