"""docs/safety.md is true: what it names is there, and each promise has tests that carry its name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = re.findall(r"^\| \d+ \| ([\w-]+) \| .* \| (.*) \|$", (ROOT / "docs/safety.md").read_text("utf-8"), re.MULTILINE)
TESTS = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


def test_there_are_ten_promises():
    assert len(ROWS) == 10


@pytest.mark.parametrize(("name", "places"), ROWS)
def test_what_checks_a_promise_is_where_the_page_says(name, places):
    folder = ROOT
    for named in re.findall(r"`([^`]+)`", places):
        if named.startswith("bot/"):
            folder = ROOT / named
            assert folder.exists(), named
        elif named.isidentifier() and named != "beforeOid":
            files = folder.rglob("*.py") if folder.is_dir() else [folder]
            assert any(named in file.read_text("utf-8") for file in files), f"{named} is not in {folder}"


@pytest.mark.parametrize("name", [name for name, _ in ROWS])
def test_a_promise_has_tests_of_its_name(name):
    assert re.search(rf"def test_{name.replace('-', '_')}_\w+", TESTS)
