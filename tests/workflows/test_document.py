"""YAML documents: what scalars mean (the core schema of https://yaml.org/spec/1.2.2/#103-core-schema), and limits."""

import math

import pytest

from bot.plan import discover
from bot.workflows.document import DEEPEST, MOST_DOCUMENT_BYTES, InvalidDocument, line_of, read_document
from tests.plan.trees import lamp

BOMB = "x-bomb:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]\n" for number in range(1, 10)
)
"""Some 500 bytes whose last anchor stands for 10,000,000,000 words."""

STEP = "on: {push: {tags: ['v*']}}\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - "
PLACES = {
    "run": STEP + "run: *a9",
    "uses": STEP + "uses: *a9",
    "the step's if": STEP + "{run: maturin upload, if: *a9}",
    "the step's continue-on-error": STEP + "{uses: pyo3/maturin-action@v1, continue-on-error: *a9}",
    "with.command": STEP + "{uses: pyo3/maturin-action@v1, with: {command: *a9}}",
    "with.target": STEP + "{uses: pyo3/maturin-action@v1, with: {target: *a9}}",
    "with.repository-url": STEP + "{uses: pypa/gh-action-pypi-publish@v1, with: {repository-url: *a9}}",
    "with.only": STEP + "{uses: pypa/cibuildwheel@v3, with: {only: *a9}}",
    "the step's env": STEP + "{uses: pypa/cibuildwheel@v3, env: {CIBW_BUILD: *a9}}",
    "the job's env": STEP + "uses: pypa/cibuildwheel@v3\n    env: {CIBW_ARCHS: *a9}",
    "the job's if": STEP + "run: maturin upload\n    if: *a9",
    "the matrix": STEP + "uses: pyo3/maturin-action@v1\n    strategy: {matrix: {target: *a9}}",
    "another job's uses": STEP + "run: maturin upload\n  other: {uses: *a9}",
    "another job's runs-on": STEP + "run: maturin upload\n  other: {runs-on: *a9, steps: [{run: maturin build}]}",
    "another workflow's tags": "on: {push: {tags: *a9}}\njobs: {publish: {runs-on: x, steps: [{run: cargo publish}]}}",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_bomb_of_aliases_ends_in_a_problem_that_names_file_and_line(place):
    text = BOMB + PLACES[place] + "\n"
    (problem,) = discover({**lamp(), ".github/workflows/evil.yml": text.encode()}).problems
    assert problem.where == ".github/workflows/evil.yml:6"
    assert "50000 nodes" in problem.what


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("a: &a [x, *a]", "an anchor `a` that holds itself", 1),
        ("a: 1\nb: *c", "the anchor `c`, which nothing has", 2),
        ("a: 1\nb: 2\na: 3", "the key `a` twice", 3),
        ("env: 1\nENV: 2", "the key `ENV` twice", 2),
        ("a: &a {b: 1}\nc:\n  <<: *a", "a merge key", 3),
        ("a: 1\n---\nb: 2", "more than one YAML document", 2),
        ("[a]: 1", "a key that is no single word", 1),
        ("a: !!int x", "the tag `tag:yaml.org,2002:int`", 1),
        ("a:\n  b: !secret x", "the tag `!secret`", 2),
        ("on: [push\njobs: {}", "not valid YAML", 2),
        ("a: \x00", "not valid YAML", None),
        ("a: \xff", "not UTF-8 (byte 3)", None),
        ("[" * 10_000, f"more than {DEEPEST} levels", 1),
        ("- " * 10_000, f"more than {DEEPEST} levels", 1),
        ("x" * (MOST_DOCUMENT_BYTES + 1), "larger than 1024 KiB", None),
        ("- x\n" * 60_000, "more than 50000 nodes", 50_000),
        ("a: &a " + "x" * 600_000 + "\nb: [" + "*a, " * 20 + "]", "more than 10485760 characters", 2),
    ],
)
def test_what_github_cannot_read_either_is_refused_with_its_line(text, what, line):
    with pytest.raises(InvalidDocument) as refused:
        read_document(text.encode("latin-1"))
    assert what in refused.value.what
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing", None),
        ("on: push", {"on": "push"}),
        ("\ufeffon: push", {"on": "push"}),
        ("on: push\r\njobs: {a: {}}\r\n", {"on": "push", "jobs": {"a": {}}}),
        ("true: 1", {"true": 1.0}),
        ("a: &a [x]\nb: *a", {"a": ["x"], "b": ["x"]}),
        ("[&a 1, &a 2, *a]", [1.0, 2.0, 2.0]),
        ("['1', \"true\", !!str 1]", ["1", "true", "1"]),
        ("[!!int 3, !!bool true, !!null ~, !!float 1e2]", [3.0, True, None, 100.0]),
    ],
)
def test_a_document_is_read(text, value):
    assert read_document(text.encode()) == value


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("null", None), ("Null", None), ("NULL", None), ("~", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("tRUE", "tRUE"),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("n", "n"),
        ("0", 0.0), ("-19", -19.0), ("+12", 12.0), ("010", 10.0), ("0o7", 7.0), ("0x3A", 58.0), ("0b11", "0b11"),
        ("1.10", 1.1), ("0.", 0.0), (".5", 0.5), ("+12e03", 12000.0), ("-2E+05", -200000.0), ("1e", "1e"),
        (".inf", math.inf), ("-.Inf", -math.inf), ("+.INF", math.inf), ("inf", "inf"), ("+.nan", "+.nan"),
        ("1_000", "1_000"), ("12:30", "12:30"), ("2026-01-01", "2026-01-01"), ("1.2.3", "1.2.3"), ("=", "="),
    ],
)  # fmt: skip
def test_a_word_without_quotes_means_what_the_core_schema_says(word, value):
    assert read_document(f"a: {word}".encode()) == {"a": value}


def test_not_a_number_is_one():
    value = read_document(b".nan")
    assert isinstance(value, float) and math.isnan(value)


@pytest.mark.parametrize(
    ("text", "keys", "line"),
    [
        ("on: push\njobs:\n  a:\n    x: 1\n", ("on", "push"), 1),
        ("name: x\non:\n  - push\n  - release\n", ("on", "release"), 4),
        ("name: x\non: [push,\n  release]\n", ("on", "release"), 3),
        ("name: x\n'on':\n  push:\n  release:\n    types: [a]\n", ("on", "release", "types"), 5),
        ("jobs: &a\n  b: {}\nc: *a\n", ("c", "b"), 2),
        ("a: 1\n", ("b",), None),
        ("", ("b",), None),
    ],
)
def test_a_key_is_found_on_its_line(text, keys, line):
    assert line_of(text.encode(), *keys) == line
