import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli.readme import generated, part
from bot.plan import discover
from bot.sandbox.actions.scenario import FAILURES
from bot.sandbox.example import base

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", list(generated()))
def test_the_generated_parts_are_as_the_code_makes_them(name):
    assert part(README, name) == generated()[name].strip(), "run `make readme`"


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) <= targets


def test_every_slow_test_is_run_by_a_make_target_that_ci_runs():
    recipes = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    run = [
        recipes[name] for name in re.findall(r"^make ([a-z-]+)", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    ]
    paths = [ROOT / path for recipe in run if "-m slow" in recipe for path in re.findall(r"tests/\S+", recipe)]
    marked = re.compile(r"^\W*(pytestmark = )?pytest\.mark\.slow", re.MULTILINE)
    slow = [path for path in (ROOT / "tests").rglob("test_*.py") if marked.search(path.read_text("utf-8"))]
    assert slow
    assert not [path for path in slow if not any(path.is_relative_to(each) for each in paths)]


def test_every_option_of_the_demo_that_is_named_exists():
    shown = CliRunner().invoke(main, ["demo", "--help"]).output
    named = re.search(r"python -m bot demo[^`]*", README)
    assert named is not None
    assert all(option in shown for option in re.findall(r"--[a-z]+", named[0]))


def test_every_failure_that_the_demo_knows_is_in_its_help():
    shown = " ".join(CliRunner().invoke(main, ["demo", "--help"], terminal_width=200).output.split())
    words = shown.partition("Let something go wrong: ")[2].partition(". The README")[0]
    named = re.sub(r" \(.*?\)", "", words).replace(" or ", ", ").split(", ")
    assert named == list(dict.fromkeys(re.sub(r"publish=.*", "publish=CAUSE", word) for word in FAILURES))


def test_the_configuration_example_is_one_that_discovery_accepts():
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example is not None
    tree = {
        "Cargo.toml": b'[package]\nname = "tidewater"\nversion = "0.4.0"\n',
        "tidewater-py/pyproject.toml": b'[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        b'[project]\nname = "tidewater-py"\nversion = "0.3.0"\n',
        ".github/workflows/ci.yml": b"on: push\n",
        ".github/workflows/python-ci.yml": b"on: push\n",
        ".github/workflows/wheels.yml": b"on: workflow_dispatch\n",
        ".github/release.toml": example[1].encode(),
    }
    assert discover(tree).problems == ()


def test_the_group_that_is_shown_is_one_that_discovery_accepts():
    (example,) = re.findall(r"```toml\n(\[\[group\]\].*?)```", README, re.DOTALL)
    found = discover({**base(), ".github/release.toml": example.encode()})
    assert (found.problems, [len(group.packages) for group in found.groups]) == ((), [2])


def test_the_transcript_ends_as_the_demo_ends():
    assert re.search(r"released in [\d.]+ s, \d+ GitHub requests", part(README, "transcript"))


def test_every_linked_file_exists():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target
