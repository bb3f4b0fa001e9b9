"""docs/verification.md is in step with the tests."""

import re
from pathlib import Path

from bot.sandbox.actions.scenario import FAILURES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/verification.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \|(.*)\|$", PAGE, re.MULTILINE)
TESTS = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


def test_all_twenty_five_ways_are_listed():
    assert [int(number) for number, _ in ROWS] == list(range(1, 26))


def test_each_way_has_a_test_or_a_reason_why_it_is_out_of_reach():
    for number, row in ROWS:
        tests = re.findall(r"`(test_\w+)`", row)
        assert tests or "out of reach" in row, number
        for test in tests:
            assert re.search(rf"^(?:async )?def {test}\(", TESTS, re.MULTILINE), (number, test)


def test_each_way_is_played_by_a_word_of_a_rehearsal_or_a_reason_says_why_not():
    for number, row in ROWS:
        played = row.rpartition(" | ")[2]
        words = re.findall(r"`([^`]+)`", played)
        assert set(words) <= FAILURES.keys(), number
        assert words or ("not played" in played and re.search(rf"^- {number}: ", PAGE, re.MULTILINE)), number
