"""What one tag releases, and which groups a request means."""

import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from bot.plan import discover
from bot.plan.model import Refusal, Tag
from tests.plan.trees import after, crate, lamp, lock, outcome, plan, pyproject, refusal, text, tree

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LOCKSTEP = tree(
    {
        "Cargo.toml": '[workspace]\nmembers = ["lamp", "wick", "oil"]\n',
        "Cargo.lock": lock("lamp 0.4.0: wick, oil", "oil 0.4.0", "wick 0.4.0"),
        "lamp/Cargo.toml": crate(
            "lamp",
            more='[dependencies]\nwick = { path = "../wick", version = "=0.4.0" }\n'
            'oil = { path = "../oil", version = "=0.4.0" }\n',
        ),
        "wick/Cargo.toml": crate("wick"),
        "oil/Cargo.toml": crate("oil"),
    }
)
APART = tree(
    {
        "Cargo.toml": '[workspace]\nmembers = ["crates/a-node", "crates/glow", "crates/zoom"]\n',
        "crates/a-node/Cargo.toml": crate("a-node", "0.1.0"),
        "crates/glow/Cargo.toml": crate("glow", "1.0.0"),
        "crates/zoom/Cargo.toml": crate("zoom", "0.7.0"),
    }
)
SHIP = b"on: {push: {tags: ['*']}}\njobs: {x: {runs-on: x, steps: [{run: cargo publish}]}}\n"
TAGS = ("glow-v1.0.0", "zoom-v0.7.0", "zoom-v0.6.0", "zoom-v0.5.0")


def dated(*names: str) -> list[Tag]:
    return [Tag(name, NOW - timedelta(days=at)) for at, name in enumerate(names)]


def bumps(files, *asked: str, tags=()) -> list[tuple[str, str, str]]:
    return [(bump.package.key, bump.new, bump.tag) for bump in plan(files, *asked, tags=tags).bumps]


def test_packages_that_moved_together_are_released_together_under_one_tag():
    tags = dated("v0.4.0", "v0.3.0")
    expected = [(f"crates.io:{name}", "0.5.0", "v0.5.0") for name in ("lamp", "oil", "wick")]
    assert bumps(LOCKSTEP, "minor", tags=tags) == bumps(LOCKSTEP, "wick 0.5.0", tags=tags) == expected
    made = after(LOCKSTEP, plan(LOCKSTEP, "0.5.0", tags=tags))
    assert text(made, "lamp/Cargo.toml").count('version = "=0.5.0"') == 2
    assert text(made, "Cargo.lock").count('version = "0.5.0"') == 3


def test_a_bare_version_goes_on_meaning_the_first_package_alone_where_the_others_have_tags_of_their_own():
    assert bumps(lamp(), "0.5.0", tags=dated("v0.4.0", "py-v0.3.0")) == [("crates.io:lamp", "0.5.0", "v0.5.0")]


def test_all_means_every_group_and_a_level_is_counted_for_each():
    assert bumps(lamp(), "all minor") == [
        ("crates.io:lamp", "0.5.0", "v0.5.0"),
        ("pypi:lamp-py", "0.4.0", "py-v0.4.0"),
    ]
    assert bumps(LOCKSTEP, "all minor", tags=dated("v0.4.0", "v0.3.0"))[0] == ("crates.io:lamp", "0.5.0", "v0.5.0")


def test_two_versions_for_one_tag_are_refused():
    said = refusal(LOCKSTEP, "lamp 0.5.0", "wick 0.6.0", tags=dated("v0.4.0", "v0.3.0"))
    assert "lamp 0.5.0 and wick 0.6.0 would be one release: both have the tag v{version}" in said


def test_one_group_is_clear_without_a_package_at_the_root():
    assert discover(LOCKSTEP, dated("v0.4.0", "v0.3.0")).has_clear_primary
    helped = {**APART, "crates/zoom/Cargo.toml": crate("zoom-wasm", "0.7.0").encode()}
    assert [key for key, *_ in bumps(helped, "1.1.0")] == ["crates.io:glow"]


def test_what_is_not_clear_is_answered_with_each_groups_command_the_most_used_first_and_helpers_last():
    answer = outcome(APART, "minor", tags=dated(*TAGS))
    assert isinstance(answer, Refusal)
    (problem,) = answer.problems
    lines = problem.fix.splitlines()
    assert lines[:4] == [
        "/release zoom minor    # tag zoom-v0.7.0 was the last",
        "/release glow minor    # tag glow-v1.0.0 was the last",
        "/release a-node minor  # tag a-node-v{version}",
        "/release all minor     # all of them",
    ]


@pytest.mark.parametrize("files", [APART, {**APART, ".github/workflows/ship.yml": SHIP}])
def test_the_lines_that_are_proposed_settle_what_is_meant(files):
    answer = outcome(files, "minor", tags=dated(*TAGS))
    assert isinstance(answer, Refusal)
    config = answer.problems[0].fix.partition("[[group]]")
    proposed = "".join(config[1:])
    assert tomllib.loads(proposed)["group"][0]["packages"] == ["zoom"]
    assert bumps({**files, ".github/release.toml": proposed.encode()}, "minor", tags=dated(*TAGS)) == [
        ("crates.io:zoom", "0.8.0", "zoom-v0.8.0")
    ]


@pytest.mark.parametrize(("tag", "expected"), [("v0.4.0rc1", "v0.5.0rc1"), ("v0.4.0-rc.1", "v0.5.0-rc.1")])
def test_one_tag_of_two_registries_is_spelled_as_those_before(tag, expected):
    files = tree({"Cargo.toml": crate("lamp"), "py/pyproject.toml": pyproject("lamp", "0.4.0", backend="hatchling")})
    tags = dated("v0.4.0", tag, "v0.3.0")
    assert bumps(files, "0.5.0-rc.1", tags=tags) == [
        ("crates.io:lamp", "0.5.0-rc.1", expected),
        ("pypi:lamp", "0.5.0rc1", expected),
    ]
    again = bumps(files, "crates.io:lamp 0.5.0-rc.1", "pypi:lamp 0.5.0rc1", tags=tags)
    assert again == bumps(files, "0.5.0-rc.1", tags=tags)


def test_a_configured_group_that_is_apart_still_meets_above_the_highest_of_its_versions():
    config = b'[[group]]\npackages = ["lamp", "lamp-py"]\ntag = "{version}"\n'
    assert bumps({**lamp(), ".github/release.toml": config}, "lamp-py minor") == [
        ("crates.io:lamp", "0.5.0", "0.5.0"),
        ("pypi:lamp-py", "0.5.0", "0.5.0"),
    ]


def test_a_package_whose_version_only_the_tag_says_is_of_the_group_of_that_tag():
    files = tree(
        {
            "Cargo.toml": crate("lamp"),
            "py/pyproject.toml": pyproject("lamp", None, 'requires-python = ">=3.9"\n', backend="setuptools_scm"),
        }
    )
    groups = discover({**files, ".github/release.toml": b'[[group]]\npackages = ["lamp"]\ntag = "v{version}"\n'}).groups
    assert [group.packages for group in groups] == [("crates.io:lamp", "pypi:lamp")]


def test_one_changelog_is_shared_by_all_that_one_tag_releases_and_gets_one_section():
    files = {
        **LOCKSTEP,
        "CHANGELOG.md": b"# Changelog\n\n## Unreleased\n\n- Light.\n\n## 0.4.0 - 2026-01-01\n\n- Dark.\n",
    }
    made = plan(files, "0.5.0", tags=dated("v0.4.0", "v0.3.0"))
    assert {section.package for section in made.sections} == {f"crates.io:{name}" for name in ("lamp", "oil", "wick")}
    assert text(after(files, made), "CHANGELOG.md").count("0.5.0") == 1


def test_a_bare_version_offers_the_line_for_what_it_leaves_out():
    alone = plan(lamp(), "0.5.0").offer
    assert alone == "This releases lamp; `/release lamp 0.5.0 lamp-py minor` would release lamp-py with it."
    assert [key for key, *_ in bumps(lamp(), "lamp 0.5.0", "lamp-py minor")] == ["crates.io:lamp", "pypi:lamp-py"]
    assert plan(lamp(), "lamp 0.5.0").offer == plan(lamp(), "all minor").offer == ""
    assert plan(LOCKSTEP, "0.5.0", tags=dated("v0.4.0", "v0.3.0")).offer == ""
    four = {**lamp(), **{f"x{at}/Cargo.toml": crate(f"x{at}", "0.1.0").encode() for at in range(3)}}
    assert (
        plan(four, "0.4.1").offer == "This releases lamp; `/release all patch` would release all 5 groups of packages."
    )
