"""What GitHub would act on in a text is reworded once, and nothing else is touched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.defused import defused
from bot.github.writing.opening import Proposal
from bot.workflows.triggers import skips_ci

KEYWORDS = ("close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved")
REFERENCES = ("#31", "owner/repo#1", "GH-12", "https://github.com/o/r/issues/3", "https://github.com/o/r/pull/4")
SKIPS = (
    "[skip ci]",
    "[ci skip]",
    "[no ci]",
    "[skip actions]",
    "[actions skip]",
    "skip-checks:true",
    "skip-checks: true",
)
CLOSES = re.compile(
    rf"\b(?:{'|'.join(KEYWORDS)})\b:?\s+"
    r"(?:(?:[\w.-]+/[\w.-]+)?#\d+|GH-\d+|https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull)/\d+)",
    re.IGNORECASE | re.ASCII,
)
"""As GitHub's documentation tells of keywords and references, and `skips_ci` of the marks."""
ODDS = ("[skip", "ci]", "**", "[the bug](", "&nbsp;", *"[]()#:*`_/-", "- ", " ", "\n", "\t", "issue", "a", "é", "1")
PIECES = st.lists(st.sampled_from([*KEYWORDS, *REFERENCES, *SKIPS, "skip-checks: true", *ODDS]), max_size=12)
TEXTS = PIECES.map("".join) | PIECES.map(" ".join) | st.text()


def acts(text: str) -> bool:
    return skips_ci(text) or CLOSES.search(text) is not None


@given(TEXTS, st.booleans())
def test_nothing_is_left_on_which_github_acts_and_twice_is_once(text, loud):
    text = text.upper() if loud else text
    once = defused(text)
    assert not acts(once)
    assert defused(once) == once


@given(st.text(st.characters(exclude_characters="#[:-", codec="utf-8")))
def test_a_text_without_such_marks_is_unchanged(text):
    assert defused(text) == text


@pytest.mark.parametrize("keyword", [*KEYWORDS, "Fixes", "CLOSES"])
@pytest.mark.parametrize("reference", REFERENCES)
def test_a_closing_keyword_before_a_reference_says_issue_between_them(keyword, reference):
    assert acts(f"{keyword} {reference}")
    assert defused(f"Tides ({keyword} {reference}).") == f"Tides ({keyword} issue {reference})."
    assert defused(f"{keyword}: {reference}") == f"{keyword}: issue {reference}"


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("- fixes [#31](https://github.com/o/r/issues/31)", "- fixes issue [#31](https://github.com/o/r/issues/31)"),
        ("fixes **#31**", "fixes issue **#31**"),
        ("resolves <https://github.com/o/r/issues/3>", "resolves issue <https://github.com/o/r/issues/3>"),
        ("closes:#31", "closes: issue #31"),
        ("fix\n#31", "fix\nissue #31"),
        ("`fixes #31`", "`fixes issue #31`"),
        ("fixes #1, closes #2", "fixes issue #1, closes issue #2"),
        ("Quiet [skip ci]", "Quiet (skip ci)"),
        ("[SKIP CI] and [No CI]", "(SKIP CI) and (No CI)"),
        ("see [skip ci](https://example.com)", "see [(skip ci)](https://example.com)"),
        ("Text\n\n\nskip-checks:true", "Text\n\n\nskip-checks = true"),
    ],
)
def test_a_text_stays_readable(text, reads):
    assert defused(text) == reads


@pytest.mark.parametrize(
    "text",
    [
        *(
            "fix (#31)",
            "Bug fixes\n\n* #31 ebb",
            "### Fixed\n\n- #31 ebb",
            "prefix #31",
            "fixes issue #31",
            "fixing #31",
        ),
        *("fixes 31", "fixes C#7", "closes the door", "https://github.com/o/r/issues/3", "#31", "[skip-ci]"),
        *("skip-checks: false", "fixing #31", "[ci]", "Fixes the fix (#41, thanks)", "resolved in #3"),
    ],
)
def test_what_github_does_not_act_on_is_left_as_it_is(text):
    assert defused(text) == text


def test_a_pull_request_is_proposed_in_such_words_whoever_wrote_them():
    body = "resolves #3\n\n<!-- x -->"
    made = Proposal("main", "1" * 40, "b", "fixes #1", "closes #2", {}, "[skip ci]", body)
    assert (made.headline, made.message, made.title) == ("fixes issue #1", "closes issue #2", "(skip ci)")
    assert made.body == "resolves issue #3\n\n<!-- x -->"


@pytest.mark.parametrize(
    "text",
    [
        "**Fixes** #12",
        "_fixes_ #12",
        "***resolve*** #3",
        "fixes&nbsp;#31",
        "closes [it](https://github.com/o/r/issues/3)",
    ],
)
def test_a_keyword_in_emphasis_or_before_a_link_is_reworded_too(text):
    assert " issue " in defused(text)
    assert defused(defused(text)) == defused(text)
