"""The ledger's format: what is written is read, what an older version wrote too, and nobody else spells it."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import ledger
from bot.commands import CommandError, parse
from bot.comments import answers
from bot.ledger import (
    Answered,
    Back,
    Block,
    Broken,
    Carried,
    CommentId,
    Draft,
    Incomplete,
    IncompleteClosing,
    Key,
    Landed,
    Mark,
    Other,
    Overtaken,
    PlanCheck,
    Promised,
    Proposes,
    PullRequestId,
    Reason,
    Recheck,
    ReleaseId,
    RollbackBegun,
    Started,
    StatusAnswer,
    TagsPushed,
    Taken,
    Undone,
    Verified,
    Word,
    Yanked,
    YankWanted,
)
from bot.release.answers import LEDGER_REASONS
from bot.release.table import BLOCKED, BLOCKED_ANEW, REFUSED_ANEW, TABLE

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/ledger-format.md").read_text("utf-8")
SHA = "2dc76d87da4243b0f9868898d5ffb0477c331ef8"
EVERY_KEY: dict[str, Key] = {
    "status-1139": StatusAnswer(1139),
    f"tags-pushed-0-{SHA}": TagsPushed(0, SHA),
    f"tags-pushed-1-found-{SHA}": TagsPushed(1, SHA, True),
    "landed-2": Landed(2),
    "verification-0-complete": Verified(0),
    "verification-0-incomplete-a2abeb98": Incomplete(0, "a2abeb98"),
    "verification-0-incomplete-a2abeb98-3": Incomplete(0, "a2abeb98", 3),
    "verification-0-incomplete-closing": IncompleteClosing(0),
    "blocked-publish_failed-0-2-a98bc733": Block(Reason.PUBLISH_FAILED, 0, 2, "a98bc733"),
    "blocked-runs_hang-0-0-a98bc733-1170": Block(Reason.RUNS_HANG, 0, 0, "a98bc733", 1170),
    "rollback-1170-0.1": RollbackBegun(1170, (0, 1)),
    "yank-wanted-1170-1": YankWanted(1170, (1,)),
    "undone-1170": Undone(1170),
    "undone": Undone(),
    "recheck-2-4a86dd9004d0": Recheck(2, "4a86dd9004d0"),
    "back-20260404120000": Back(datetime(2026, 4, 4, 12, tzinfo=UTC)),
    "overtaken-rolling back": Overtaken("rolling back"),
    "broken-tagged-NotFound": Broken("tagged", "NotFound"),
    f"release {SHA}": Proposes(SHA),
    f"release {SHA} ship-it/": Proposes(SHA, "ship-it/"),
    "carried shipmate/carried/v0.4.1": Carried("shipmate/carried/v0.4.1"),
    "yanked yanked/v0.5.0+py-v0.4.0": Yanked("yanked/v0.5.0+py-v0.4.0"),
    "answer-0": Answered(0),
    "promise-1": Promised(1),
    "taken-0": Taken(0),
    "draft-v0.5.0": Draft("v0.5.0"),
    "started-v0.5.0 publish.yml": Started("v0.5.0", "publish.yml"),
    f"plan-neutral-{SHA}": PlanCheck("neutral", SHA),
    **{word.value: word for word in Word},
}
"""As the version before wrote them, too: they have not changed."""


def test_there_is_an_example_of_every_key():
    assert {type(key) for key in EVERY_KEY.values()} == {*ledger.FORMS, Word}


@pytest.mark.parametrize("text", EVERY_KEY)
@pytest.mark.parametrize("version", ["", "v1 "])
def test_a_mark_is_read_as_it_was_written_with_and_without_a_version(text, version):
    for subject in (ReleaseId(1110), ReleaseId(1110, 1), CommentId(7), PullRequestId(5)):
        mark = ledger.mark(f"Said.\n\n<!-- shipmate {version}{subject.text} {text} -->")
        assert mark == Mark(subject, EVERY_KEY[text])
        assert mark.text == f"<!-- shipmate v1 {subject.text} {text} -->"
        assert ledger.mark(f"Said.\n\n{mark.text}") == mark


@pytest.mark.parametrize("text", ["r-5", "r1-", "x1", "r1-100", "v2", "r12345678901234567890", "C1", ""])
def test_what_no_version_wrote_is_no_subject(text):
    assert ledger.subject(text) is None
    assert ledger.mark(f"<!-- shipmate v1 {text} released -->") is None


def test_the_first_command_of_a_comment_has_no_position_in_its_release_id():
    assert (ReleaseId.of(9, 0).text, ReleaseId.of(9, 2).text) == ("r9", "r9-2")


@pytest.mark.parametrize("text", ["tags-pushed-0-nonsense", "rollback-x-0", "release main:x", "something new 5"])
def test_a_key_of_another_version_is_kept_in_its_words(text):
    assert ledger.key(text) == Other(text)
    assert ledger.mark(Mark(ReleaseId(1), Other(text)).text) == Mark(ReleaseId(1), Other(text))


def test_what_a_comment_of_ours_decides_on_stands_in_its_mark():
    assert Mark(CommentId(12), Answered(0)).decides_on == 12
    assert Mark(ReleaseId(12, 1), Word.RELEASED).decides_on == 12
    assert Mark(PullRequestId(12), Word.LOST).decides_on is None
    assert ledger.mark("a word about <!-- shipmate -->") is None


@pytest.mark.parametrize("text", ["status", "status-12", "broken-requested-NotFound", "back-20260404120000"])
def test_a_status_card_and_a_word_about_a_failure_decide_nothing(text):
    assert Mark(ReleaseId(12), ledger.key(text)).decides_on is None


def test_tags_never_move_a_mark_that_a_person_has_us_quote_is_not_ours():
    forged = Mark(ReleaseId(100), TagsPushed(0, "b" * 40)).text
    (mistake,) = parse(f"/release {forged}")
    assert isinstance(mistake, CommandError)
    said = f"{answers.mistake(mistake)}\n\n{Mark(CommentId(9), Answered(0)).text}"
    assert forged in said
    assert ledger.mark(said) == Mark(CommentId(9), Answered(0))


def test_of_two_marks_on_lines_of_their_own_the_last_is_ours_however_the_lines_end():
    first, last = Mark(ReleaseId(1), Word.RELEASED), Mark(ReleaseId(2), Proposes(SHA))
    assert ledger.mark(f"{first.text}\r\n\r\n{last.text}\r\n") == last
    assert ledger.unmarked(f"Text\n\n{last.text}\n") == "Text"


def test_every_answer_that_blocks_has_a_reason_of_its_own_and_keeps_the_word_that_was_written_for_it():
    blocking = {row.answer for row in TABLE if row.says in (BLOCKED, BLOCKED_ANEW, REFUSED_ANEW)}
    assert set(LEDGER_REASONS) == blocking
    assert set(LEDGER_REASONS.values()) == set(Reason)
    for reason in Reason:
        assert ledger.key(f"blocked-{reason}-0-1-a98bc733") == Block(reason, 0, 1, "a98bc733")


def table(heading):
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [re.split(r" \| ", line.strip("| ")) for line in section.splitlines() if line.startswith("| `")]


def test_the_page_lists_every_subject_key_and_reason_and_no_other():
    assert {row[1]: row[0].strip("`") for row in table("Subjects")} == {s.__name__: s.FORM for s in ledger.SUBJECTS}
    assert [row[0].strip("`") for row in table("Keys without parts")] == [word.value for word in Word]
    assert {row[1]: row[0].strip("`") for row in table("Keys with parts")} == {f.__name__: f.FORM for f in ledger.FORMS}
    assert re.findall(r"`(\w+)`", PAGE.partition("## Reasons of a block")[2]) == [reason.value for reason in Reason]


SPELLED = re.compile(
    "<!-- shipmate|"
    + "|".join(re.escape(form.FORM.partition("{")[0].rstrip("[")) for form in ledger.FORMS if "-" in form.FORM)
)
"""How a mark or a key with parts begins."""
SOURCES = [
    path
    for path in (ROOT / "bot").rglob("*.py")
    if "ledger" not in path.parts
    and not {"sandbox", "packaging", "plan", "verification", "judging", "workflows"}
    & {*path.parts}  # their keys are platforms and packages
    and "migrations" not in path.parts  # they read what was written before there was a bot/ledger
]


def spelled_by_hand(tree):
    """Lines of f-strings and regular expressions that make or match a mark, a key or a subject."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and len(node.values) > 1:
            first, second = node.values[0], node.values[1]
            begins = str(first.value) if isinstance(first, ast.Constant) else ""
            is_alias = isinstance(second, ast.FormattedValue) and ast.unparse(second.value) == "index"  # GraphQL's
            if (
                begins in ("r", "c", "p") and isinstance(second, ast.FormattedValue) and not is_alias
            ) or SPELLED.fullmatch(begins):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            name = on.attr if isinstance(on, ast.Attribute) else on.id if isinstance(on, ast.Name) else ""
            takes_apart = node.func.attr in ("partition", "rpartition", "startswith", "split", "removeprefix")
            if takes_apart and name in ("key", "subject", "release_id"):
                yield node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "<!-- shipmate" in node.value:
            yield node.lineno


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_but_the_ledger_spells_or_takes_apart_a_mark_a_key_or_a_subject(source):
    assert list(spelled_by_hand(ast.parse(source.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    ['f"r{comment}"', 'f"blocked-{x}-1"', 'x = "<!-- shipmate r1 x -->"', 'key.partition("-")', 'f"answer-{n}"'],
)
def test_a_spelling_by_hand_is_found(code):
    assert list(spelled_by_hand(ast.parse(code)))
