import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.comments.markdown import code, cut, fenced, plain, prose, table


@given(st.text())
def test_code_renders_as_one_code_span_whatever_it_holds(text):
    spans = [child for token in MarkdownIt().parse(code(text)) for child in token.children or []]
    if text.split():
        assert [child.type for child in spans] == ["code_inline"]


@given(st.text())
def test_a_fence_is_never_ended_by_what_it_holds(text):
    tokens = MarkdownIt().parse(fenced(text))
    assert [token.type for token in tokens] == ["fence"]


def test_text_from_outside_calls_nobody_and_formats_nothing():
    assert plain("**@morgan** <b>\n# hi") == "\\*\\*@\u200bmorgan\\*\\* \\<b\\> \\# hi"


def test_a_long_body_is_cut_at_a_heading_never_in_a_word():
    body = "# One\n\nfirst words\n\n# Two\n\nsecond words"
    assert cut(body, 30, "more") == "# One\n\nfirst words\n\nmore"
    assert cut(body, 1000, "more") == body


def test_a_table_has_its_rule():
    assert table(("A", "B"), [("1", "2")]) == "| A | B |\n| --- | --- |\n| 1 | 2 |"


@pytest.mark.parametrize("text", ["&commat;team", "`@team", "&#64;team", "\\@team"])
def test_no_spelling_of_a_mention_in_outside_text_calls_anybody(text):
    shown = MarkdownIt().renderInline(plain(text))
    assert "@team" not in shown


def test_what_stands_between_backticks_is_code_and_the_rest_stays_text():
    assert prose("run `cargo yank --undo a_b@1` *now*") == "run `cargo yank --undo a_b@1` \\*now\\*"
    assert prose("a lone ` ends nothing") == "a lone \\` ends nothing"
    assert prose("`--x`, then `--y`.") == "`--x`, then `--y`."
