"""What a changelog section sums itself up as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.plan.changelog.summary import LONGEST_SUMMARY, one_line_summary


@pytest.mark.parametrize(
    ("section", "summary"),
    [
        ("Faster streaming.\n\n### Added\n\n- A stream.", "Faster streaming"),
        (
            "**Faster** `stream()`, see [the guide](https://example.test)\n\n- A stream.",
            "Faster stream(), see the guide",
        ),
        ("One sentence is all there is.", "One sentence is all there is"),
        ("Faster streaming.\n### Added", "Faster streaming"),
        ("### Added\n\nFaster streaming.", None),
        ("- A stream.", None),
        ("1. A stream.", None),
        ("> Quoted.\n\n- A stream.", None),
        ("Two lines\nof one paragraph.\n\n- A stream.", None),
        ("A heading\n---------\n\nFaster.", None),
        ("<!-- a remark -->\n\n- A stream.", None),
        ("[0.5.0]: https://example.test", None),
        ("", None),
        ("x" * (LONGEST_SUMMARY + 1), None),
    ],
)
def test_a_summary_is_a_single_line_before_the_first_list_or_heading(section, summary):
    assert one_line_summary(section) == summary


@given(st.text(max_size=300))
def test_whatever_the_section_is_a_summary_is_one_short_line(section):
    summary = one_line_summary(section)
    assert summary is None or (0 < len(summary) <= LONGEST_SUMMARY and len(summary.splitlines()) == 1)
