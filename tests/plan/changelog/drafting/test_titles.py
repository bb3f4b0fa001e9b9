import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.plan.changelog.drafting.shipping import is_shipping
from bot.plan.changelog.drafting.titles import is_breaking, is_noise, read_title
from bot.plan.model import Change


@pytest.mark.parametrize(
    "title",
    [
        "Release the GIL while the wick burns",
        "Release memory after each burn",
        "fix: release memory after each burn",
        "Update version negotiation for the second protocol",
        "Set version header in every answer",
        "Bump version of the wire format to 3",
        "Releases are signed now",
        "Prepare release automation for forks",
        "Merge branch prediction into the parser",
        "Released locks are taken again",
        "Bump serde to the newest",
        "build: drop wheels for Python 3.8",
        "chore: raise the minimum Rust version to 1.80",
        "chore!: drop wax",
        "Start 3 workers at once",
        "Python 3.14 support",
    ],
)
def test_a_title_that_goes_on_after_the_word_release_is_a_change(title: str):
    assert not is_noise(Change(title))


@pytest.mark.parametrize(
    "title",
    [
        "Release",
        "Release 0.5.0",
        "release: lamp v0.4.0",
        "Release lamp v0.4.0 and lamp-py v0.3.0",
        "Release version 0.5.0 (#12)",
        "Release v0.5.0: the bright one",
        "chore(release): 0.5.0",
        "chore: release v0.4.1-nightly",
        "v0.4.0",
        "0.4.0",
        "lamp-0.4.0",
        "🔖 0.4.0",
        ":bookmark: 0.4.0",
        "Bump version",
        "Bump version to 0.4",
        "bump version from 0.4.0 to 0.5.0.",
        "Bump version: 0.4.0 → 0.5.0",
        "Update version number",
        "Bump lamp version to 0.5.0",
        "Set version in Cargo.toml",
        "bump to 0.5.0",
        "Start 0.6.0-dev",
        "Bump version for next development cycle",
        "Preparing a new release (0.4.0).",
        "prepare release 0.4.0",
        "Prepare for release",
        "Merge branch 'main' into x",
        "Merge pull request #71 from morgan/topic",
        "uprev",
        "back to dev",
        "[pre-commit.ci] autoupdate",
        "ci: faster",
        "👷 faster",
    ],
)
def test_a_title_that_says_nothing_but_a_version_is_noise(title: str):
    assert is_noise(Change(title))


@given(st.text(max_size=2000))
def test_any_title_is_read(title: str):
    read_title(title)
    is_shipping(title)


@pytest.mark.parametrize("unit", ["1.1", "v1.1.1-", "release ", "1.2.3 ", "bump version to ", "a-1.1@"])
def test_a_hostile_title_takes_no_time(unit: str):
    assert is_shipping(unit * 5000) in (True, False)


def test_a_leading_emoji_is_no_part_of_the_title():
    assert read_title("✨ feat: blue flame").text == "blue flame"
    assert read_title("feat: ✨ blue flame").text == "blue flame"
    assert read_title(":sparkles: burn longer").group == "Added"
    assert read_title("🐛 no panic").group == "Fixed"
    assert read_title("🗑️ the old wick").group == "Deprecated"
    assert read_title(":boom: drop wax").breaking
    assert read_title("🔥").text == "🔥"


@pytest.mark.parametrize(
    "body", ["BREAKING CHANGE: it is `ignite` now", "More.\n\nBREAKING-CHANGE: x", "a\r\n\r\nBREAKING CHANGES: x\r\n"]
)
def test_a_footer_says_that_it_breaks(body: str):
    assert is_breaking(body)


@pytest.mark.parametrize(
    "body",
    [
        "BREAKING CHANGE: none",
        "BREAKING CHANGE: N/A.",
        "<!-- \nBREAKING CHANGE: x\n-->",
        "no BREAKING CHANGE: x",
        "BREAKING CHANGE:",
    ],
)
def test_a_form_that_nobody_filled_in_breaks_nothing(body: str):
    assert not is_breaking(body)
