"""Which versions and tags are released, in situations that people report."""

import re

import pytest

from bot.plan.model import Plan
from tests.shared import needs_shared
from tests.wild.cases import asked, not_yet

pytestmark = needs_shared

WORDS = {
    "alpha": r"1\.\d+\.\d+a\d+",
    "beta": r"1\.\d+\.\d+b\d+",
    "dev": r"1\.\d+\.\d+\.dev\d+",
    "post": r"1\.2\.3\.post\d+",
    "minor rc": r"1\.3\.0rc\d+",
    "patch rc": r"1\.2\.[34]rc\d+",
}
"""What a level gives of 1.2.3, of which no tag is there."""


def test_01_the_version_in_the_tree_can_be_the_first_release():
    told = asked("01", "0.1.0")
    assert told.released == {"crates.io:lantern": ("0.1.0", "v0.1.0")}
    assert told.edited == {"CHANGELOG.md"}
    assert "## [0.1.0] - 2026-11-29" in told.after("CHANGELOG.md")


@pytest.mark.parametrize("words", WORDS)
def test_08_a_level_may_be_any_kind_of_prerelease(words):
    ((new, _),) = asked("08", words).released.values()
    assert re.fullmatch(WORDS[words], new)


def test_08_stable_is_a_level():
    told = asked("08", "stable")
    assert told.refused or told.released["pypi:lantern"][0] == "1.2.3"


def test_09_a_level_of_a_version_with_build_metadata_is_refused_or_told():
    told = asked("09", "lantern-sys patch")
    assert "+" in told.refused or "+wax" in told.warnings


def test_09_a_whole_version_with_build_metadata_goes_everywhere():
    told = asked("09", "lantern-sys 2.0.4+wax.1.5.6")
    assert told.released == {"crates.io:lantern-sys": ("2.0.4+wax.1.5.6", "lantern-sys-v2.0.4+wax.1.5.6")}
    assert 'version = "2.0.4+wax.1.5.6"' in told.after("Cargo.lock")
    assert 'version = "=2.0.4"' in told.after("lantern/Cargo.toml")


def test_09_other_build_metadata_alone_is_no_new_version():
    assert "2.0.3+wax.1.5.6" in asked("09", "lantern-sys 2.0.3+wax.1.5.6").refused


def test_12_a_version_that_was_bumped_by_hand_is_released():
    told = asked("12", "0.5.0")
    assert told.released == {"crates.io:lantern": ("0.5.0", "v0.5.0")}
    assert told.edited == {"CHANGELOG.md"}


def test_13_a_follower_goes_from_beta_to_beta():
    told = asked("13", "lantern 1.0.0-beta.2")
    assert {key: new for key, (new, _) in told.released.items()} == {
        "crates.io:lantern": "1.0.0-beta.2",
        "pypi:lantern-py": "1.0.0b2",
    }


def test_18_one_name_on_two_registries_with_slashes_in_the_tags():
    told = asked("18", "crates.io:lantern 0.2.2 pypi:lantern 0.5.0")
    assert told.released == {"crates.io:lantern": ("0.2.2", "rust/0.2.2"), "pypi:lantern": ("0.5.0", "python/0.5.0")}


@not_yet("hatch-nodejs-version is not known: refused")
def test_19_the_version_may_stand_in_package_json():
    told = asked("19", "0.4.0-alpha.2")
    assert '"version": "0.4.0-alpha.2"' in told.after("package.json")


def test_26_the_refusal_of_an_older_version_names_the_branch_that_could_take_it():
    assert "release/0.5" in asked("26", "0.5.1").refused


def test_26_a_maintenance_line_is_released_from_its_branch():
    told = asked("26", "0.5.1 from release/0.5")
    assert [(bump.old, bump.new, bump.tag) for bump in told.plan.bumps] == [("0.5.0", "0.5.1", "v0.5.1")]


def test_34_a_prepared_tree_is_released_without_a_commit_or_told():
    told = asked("34", "0.5.0")
    if isinstance(told.outcome, Plan):
        assert told.released == {"crates.io:lantern": ("0.5.0", "v0.5.0")}
        assert told.edited == set()
    else:
        assert "CHANGELOG.md" in told.refused


@pytest.mark.parametrize(("level", "new"), [("0.8.0", "0.8.0"), ("minor", "0.8.0"), ("rc", "0.8.0rc1")])
def test_40_a_development_version_becomes_what_it_prepares(level, new):
    told = asked("40", level)
    assert told.released == {"pypi:lantern": (new, f"v{new}")}
    assert f'__version__ = "{new}"' in told.after("src/lantern/__init__.py")


@pytest.mark.parametrize("request_", ["0.5.0", "lantern 0.5.0"])
def test_49_what_moved_under_one_plain_tag_moves_under_it_again(request_):
    told = asked("49", request_)
    assert told.released == {"crates.io:lantern": ("0.5.0", "0.5.0"), "pypi:lantern-cli": ("0.5.0", "0.5.0")}
    assert "No workflow was found" not in told.warnings


def test_51_a_final_is_compared_with_the_last_final():
    told = asked("51", "0.6.0")
    assert told.released == {"crates.io:lantern": ("0.6.0", "v0.6.0")}
    assert "is a patch of" not in told.warnings
