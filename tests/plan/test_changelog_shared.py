"""Changelogs that several packages share, and other names for Unreleased."""

import pytest

from tests.plan.test_changelog import DRAFT, OLD, TITLE, made, read, release


@pytest.mark.parametrize(
    "called",
    ["Upcoming", "Next", "Next release", "[Next]", "main", "`master`", "HEAD", "In development", "Next (unreleased)"],
)
def test_the_first_heading_may_call_unreleased_something_else(called: str):
    found = TITLE + f"## {called}\n\n- A dimmer.\n\n" + OLD
    result = release(found)
    assert result.content.decode() == found.replace("- A dim", "## [0.5.0] - 2026-04-04\n\n- A dim")
    assert (result.body, result.drafted) == ("- A dimmer.", False)
    assert made(result.content.decode()) == result.content.decode()


@pytest.mark.parametrize("called", ["Next steps", "Main features", "Development notes", "Header"])
def test_other_first_headings_are_not_unreleased(called: str):
    assert read(TITLE + f"## {called}\n\n- A dimmer.\n\n" + OLD).unreleased is None


def test_what_is_called_next_below_a_release_is_not_unreleased():
    assert read(TITLE + OLD + "\n## Next\n\n- Plans.\n").unreleased is None


def test_the_link_of_what_is_called_next_is_repointed():
    found = made(TITLE + "## [Next]\n\n- A dimmer.\n\n" + OLD + "\n[Next]: https://x.y/compare/v0.4.0...HEAD\n")
    assert found.endswith("\n[Next]: https://x.y/compare/v0.5.0...HEAD\n[0.5.0]: https://x.y/compare/v0.4.0...v0.5.0\n")


@pytest.mark.parametrize("anchor", ['<a name="0.4.0"></a>', '<a id="0.4.0"></a>', "<A NAME='0.4.0'></A>"])
def test_an_anchor_above_a_heading_stays_with_it(anchor: str):
    assert made(TITLE + anchor + "\n" + OLD) == f"{TITLE}## [0.5.0] - 2026-04-04\n\n{DRAFT}\n\n{anchor}\n{OLD}"
    found = read(TITLE + "## Unreleased\n\n- A dimmer.\n\n" + anchor + "\n" + OLD)
    assert found.unreleased
    assert found.body(found.unreleased) == "- A dimmer."


def test_an_anchor_below_an_empty_unreleased_says_nothing():
    found = TITLE + '## Unreleased\n\n<a name="0.4.0"></a>\n' + OLD
    assert made(found) == found.replace("<a", f"## [0.5.0] - 2026-04-04\n\n{DRAFT}\n\n<a")
