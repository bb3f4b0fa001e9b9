"""docs/safety.md is true: what it names is there, and each promise has tests that carry its name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/safety.md").read_text("utf-8")
PROMISES = dict(re.findall(r"^## \d+\. ([\w-]+)\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL))
TESTS = {path: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}


def test_there_are_eleven_promises():
    assert len(PROMISES) == 11


@pytest.mark.parametrize("name", PROMISES)
def test_what_checks_a_promise_is_where_the_page_says(name):
    checked = PROMISES[name].partition("- Checked in")[2].partition("- Shown by")[0]
    file = None
    for named in re.findall(r"`([^`]+)`", checked):
        if named.endswith(".py"):
            file = (ROOT / named).read_text("utf-8")
        else:
            assert file is not None
            assert re.search(rf"(def|class) {named}\b", file), f"{named} is not where the page says"
    assert file is not None


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_has_tests_of_its_name_where_the_page_says(name):
    shown = [ROOT / path for path in re.findall(r"`(tests/[^`]+)`", PROMISES[name].partition("- Shown by")[2])]
    named = re.compile(rf"def test_{name.replace('-', '_')}_\w+")
    assert any(named.search(TESTS[path]) for path in shown)
    elsewhere = {path for path, text in TESTS.items() if named.search(text)} - set(shown)
    assert not elsewhere, f"tests of {name} that the page does not name: {elsewhere}"


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_is_judged_in_every_hostile_run_and_its_check_is_switched_off_once(name):
    judges = "".join((ROOT / "chaos/oracle" / file).read_text("utf-8") for file in ("tags.py", "effects.py"))
    assert f"def {name.replace('-', '_')}(evidence: Evidence)" in judges
    assert f'        "{name}",\n' in TESTS[ROOT / "tests/chaos/test_mutations.py"]
