"""What was released is not what the files say: the version that a request means, and what it is compared with."""

import pytest

from tests.plan.trees import FIRST, after, crate, lamp, plan, pyproject, refusal, text, tree

TITLE = "# Changelog\n\n## [Unreleased]\n\n"


def files(version: str, written: str = "- A dimmer.\n\n", old: str = "0.4.0"):
    changelog = TITLE + written + (FIRST.format(old) if old else "")
    return tree({"Cargo.toml": crate(version=version), "CHANGELOG.md": changelog})


def bumped(version: str, asked: str, *tags: str):
    made = plan(files(version), asked, tags=tags)
    return made.bumps[0].old, made.bumps[0].new


def test_the_version_in_the_files_can_be_the_first_release():
    made = plan(files("0.1.0", old=""), "0.1.0")
    assert [edit.path for edit in made.edits] == ["CHANGELOG.md"]
    assert (made.bumps[0].new, made.bumps[0].tag) == ("0.1.0", "v0.1.0")


@pytest.mark.parametrize("asked", ["0.5.0", "patch", "minor", "stable"])
def test_a_version_that_was_bumped_by_hand_is_released_as_it_is(asked: str):
    made = plan(files("0.5.0"), asked, tags=["v0.4.0"])
    assert [edit.path for edit in made.edits] == ["CHANGELOG.md"]
    assert (made.bumps[0].old, made.bumps[0].new) == ("0.4.0", "0.5.0")
    told = f"lamp 0.5.0 was never released, so `{asked}` means it." in made.warnings
    assert told is (asked != "0.5.0")


@pytest.mark.parametrize(
    ("version", "tags", "asked", "new"),
    [
        ("0.5.0", ["v0.4.0"], "major", "1.0.0"),
        ("0.4.1", ["v0.4.0"], "minor", "0.5.0"),
        ("0.5.0", ["v0.4.0"], "rc", "0.5.0-rc.1"),
        ("0.5.0", ["v0.4.0"], "lamp patch rc", "0.5.0-rc.1"),
        ("0.5.0", ["v0.4.0", "v0.5.0-rc.2"], "rc", "0.5.0-rc.3"),
        ("0.5.0", ["v0.4.0", "v0.5.0-rc.2"], "patch", "0.5.0"),
        ("0.5.0-rc.3", ["v0.5.0-rc.2"], "rc", "0.5.0-rc.3"),
        ("0.5.0-beta.1", ["v0.4.0"], "beta", "0.5.0-beta.1"),
        ("0.5.0-beta.1", ["v0.4.0"], "rc", "0.5.0-rc.1"),
        ("0.6.0-dev", ["v0.5.7"], "minor", "0.6.0"),
        ("0.6.0-dev", ["v0.5.7"], "patch", "0.6.0"),
        ("0.6.0-dev", ["v0.5.7"], "beta", "0.6.0-beta.1"),
        ("0.6.0-dev", ["v0.5.7", "v0.6.0-beta.1"], "beta", "0.6.0-beta.2"),
        ("0.6.0-dev", ["v0.5.7", "v0.6.0-beta.1"], "stable", "0.6.0"),
        ("0.0.0", ["v1.2.3"], "patch", "1.2.4"),
        ("0.4.0", ["v0.4.1", "v0.4.0"], "patch", "0.4.2"),
        ("0.4.0", ["v0.4.1", "v0.4.0", "v0.5.0"], "patch", "0.4.2"),
    ],
)
def test_a_level_counts_from_what_was_released(version: str, tags: list[str], asked: str, new: str):
    assert bumped(version, asked, *tags)[1] == new


@pytest.mark.parametrize(
    ("version", "tags", "asked"),
    [
        ("0.6.0-dev", [], "0.6.0-beta.1"),
        ("0.6.0-dev", ["v0.5.7"], "0.6.0-beta.1"),
        ("0.6.0-dev", ["v0.5.7", "v0.6.0-beta.1"], "0.6.0-rc.1"),
        ("0.5.0", ["v0.5.0", "v0.6.0"], "0.5.1"),
    ],
)
def test_what_the_files_say_forbids_no_version_that_is_newer_than_what_was_released(version, tags, asked):
    assert bumped(version, asked, *tags)[1] == asked


def test_going_back_from_what_the_files_say_is_told():
    made = plan(files("0.5.0"), "0.4.1", tags=["v0.4.0"])
    assert "Cargo.toml says 0.5.0, which was never released, and goes back to 0.4.1." in made.warnings
    assert 'version = "0.4.1"' in text(after(files("0.5.0"), made), "Cargo.toml")


@pytest.mark.parametrize(
    ("version", "tags", "asked", "said"),
    [
        ("0.4.0", ["v0.4.0"], "0.4.0", "lamp 0.4.0 was released already"),
        ("0.4.0", ["v0.4.0", "v0.5.0"], "0.5.0", "lamp 0.5.0 was released already"),
        ("0.6.0", ["v0.5.0", "v0.6.0"], "0.5.1", "0.5.1 is older than 0.6.0, the newest released version of lamp"),
        ("0.5.0", ["v0.4.0"], "0.3.9", "0.3.9 is older than 0.4.0"),
        ("0.6.0-dev.1", ["v0.6.0-dev.1"], "0.6.0-beta.1", "SemVer sorts `-dev` after"),
        ("2.0.3+wax.1", ["v2.0.3+wax.1"], "2.0.3+wax.2", "differs from it in build metadata only"),
        ("2.0.3+wax.1", ["v2.0.3+wax.1"], "patch", "Name the version in full: 2.0.4+wax.1"),
        ("0.5.0", ["v0.5.0"], "stable", "is no prerelease"),
        ("0.5.0", ["v0.5.0"], "post", "SemVer has none"),
    ],
)
def test_what_was_released_is_not_released_again(version, tags, asked, said):
    assert said in refusal(files(version), asked, tags=tags)


def test_a_patch_of_what_no_tag_tells_of_is_told():
    said = "No tag says that lamp 0.4.0 was released: if it never was, ask for 0.4.0 instead of `patch`."
    assert said in plan(files("0.4.0"), "patch").warnings
    assert said not in plan(files("0.4.0"), "patch", tags=["v0.4.0"]).warnings


def test_a_tree_that_is_prepared_needs_no_commit_and_says_how_to_go_on():
    prepared = tree({"Cargo.toml": crate(version="0.5.0"), "CHANGELOG.md": TITLE + FIRST.format("0.5.0")})
    made = plan(prepared, "0.5.0", tags=["v0.4.0"])
    assert made.edits == ()
    said = made.warnings[-1]
    assert "lamp 0.5.0 needs no commit, for Cargo.toml and CHANGELOG.md say it already" in said
    assert "git tag v0.5.0 COMMIT and git push origin v0.5.0" in said


@pytest.mark.parametrize("tags", [["v0.5.0"], ["v0.5.0", "v0.6.0-rc.1"]])
@pytest.mark.parametrize("version", ["0.6.0-rc.1", "0.6.0-dev"])
def test_a_final_is_no_patch_of_its_prerelease(version: str, tags: list[str]):
    removed = files(version, "### Removed\n\n- Wax.\n\n", "0.5.0")
    assert not [each for each in plan(removed, "0.6.0", tags=tags).warnings if "is a patch of" in each]
    assert [each for each in plan(removed, "0.5.1", tags=tags[:1]).warnings if "is a patch of" in each]


def test_a_development_version_does_not_hide_a_shared_changelog():
    shared = tree(
        {
            "Cargo.toml": '[workspace]\nmembers = ["lib", "wick"]\n',
            "lib/Cargo.toml": crate("lamp", "0.6.0-dev"),
            "wick/Cargo.toml": crate("wick", "0.3.0"),
            "CHANGELOG.md": TITLE + "- A dimmer.\n\n" + FIRST.format("0.5.7"),
        }
    )
    made = plan(shared, "lamp 0.6.0", tags=["v0.5.7"])
    assert [(each.body, each.drafted) for each in made.sections] == [("- A dimmer.", False)]


@pytest.mark.parametrize(
    ("leader", "follower", "asked", "new"),
    [
        ("1.0.0-beta.1", "1.0.0b1", "1.0.0-beta.2", "1.0.0b2"),
        ("0.5.0", "0.3.0", "0.5.0", "0.4.0"),
        ("0.5.0-rc.1", "0.3.0", "0.5.0", "0.4.0"),
    ],
)
def test_a_follower_takes_the_level_from_what_was_released(leader: str, follower: str, asked: str, new: str):
    both = tree(
        {
            ".github/release.toml": '[[package]]\nname = "lamp"\n[[package]]\nname = "lamp-py"\nfollows = "lamp"\n',
            "Cargo.toml": crate(version=leader),
            "py/pyproject.toml": pyproject(version=follower, backend="hatchling"),
        }
    )
    tags = [f"v{leader}"] if "beta" in leader else ["v0.4.0", "py-v0.3.0"]
    assert [bump.new for bump in plan(both, asked, tags=tags).bumps] == [asked, new]


def test_a_follower_that_was_never_released_begins_with_its_leader():
    config = '[[package]]\nname = "lamp"\n[[package]]\nname = "lamp-py"\nfollows = "lamp"\n'
    first = {**lamp(), ".github/release.toml": config.encode()}
    assert [bump.new for bump in plan(first, "0.4.0").bumps] == ["0.4.0", "0.3.0"]
