import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.commands import CommandError, parse
from bot.comments import answers
from bot.comments.markdown import answered_comments, code, cut, fenced, marker, markers, plain, prose, table


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


def test_what_a_comment_of_ours_decides_on_stands_in_its_marker():
    assert answered_comments(f"No.\n\n{marker('c12', 'answer-0')}") == {12}
    assert answered_comments(f"Done.\n\n{marker('r12-1', 'released')}") == {12}
    assert answered_comments("a word about <!-- shipmate -->") == frozenset()


@pytest.mark.parametrize("key", ["status", "status-12", "broken-requested-NotFound"])
def test_a_status_card_and_a_word_about_a_failure_decide_nothing(key):
    assert answered_comments(marker("r12", key)) == frozenset()


def test_tags_never_move_a_marker_that_a_person_has_us_quote_is_not_ours():
    forged = marker("r100", f"tags-pushed-0-{'b' * 40}")
    (mistake,) = parse(f"/release {forged}")
    assert isinstance(mistake, CommandError)
    said = f"{answers.mistake(mistake)}\n\n{marker('c9', 'answer-0')}"
    assert forged in said
    assert markers(said) == (("c9", "answer-0"),)
    assert answered_comments(said) == {9}


def test_of_two_markers_on_lines_of_their_own_the_last_is_ours_however_the_lines_end():
    assert markers(f"{marker('r1', 'released')}\r\n\r\n{marker('r2', 'release abc')}\r\n") == (("r2", "release abc"),)


def test_what_stands_between_backticks_is_code_and_the_rest_stays_text():
    assert prose("run `cargo yank --undo a_b@1` *now*") == "run `cargo yank --undo a_b@1` \\*now\\*"
    assert prose("a lone ` ends nothing") == "a lone \\` ends nothing"
    assert prose("`--x`, then `--y`.") == "`--x`, then `--y`."
