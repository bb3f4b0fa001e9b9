"""Matrices, by the examples of GitHub's documentation.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations and
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
"""

import pytest

from bot.workflows.document import read_document, text_of
from bot.workflows.matrix import MOST, combinations
from bot.workflows.values import UNKNOWN, Unknown


def made(text):
    """The combinations of a matrix in YAML, each with its numbers as words."""
    found = combinations(read_document(text.encode()))
    assert not isinstance(found, Unknown)
    return [{key: text_of(value) or value for key, value in each.values.items()} for each in found]


def shown(text):
    found = combinations(read_document(text.encode()))
    assert not isinstance(found, Unknown)
    return [each.shown for each in found]


def test_no_matrix_is_one_combination():
    assert made("null") == [{}]


def test_axes_are_crossed_in_the_order_of_the_file():
    assert made("{os: [u22, u20], version: [10, 12, 14]}") == [
        {"os": os, "version": version} for os in ("u22", "u20") for version in ("10", "12", "14")
    ]


def test_an_axis_may_hold_tables():
    assert made("{os: [u], node: [{version: 14}, {version: 20, env: x}]}") == [
        {"os": "u", "node": {"version": 14.0}},
        {"os": "u", "node": {"version": 20.0, "env": "x"}},
    ]


FRUIT = """
fruit: [apple, pear]
animal: [cat, dog]
include:
  - color: green
  - {color: pink, animal: cat}
  - {fruit: apple, shape: circle}
  - fruit: banana
  - {fruit: banana, animal: cat}
"""


def test_an_include_extends_what_it_does_not_change_else_it_is_one_more():
    assert made(FRUIT) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_an_include_expands_a_configuration():
    found = made("{os: [windows, ubuntu], node: [12, 14, 16], include: [{os: windows, node: 16, npm: 6}]}")
    assert len(found) == 6
    assert [each for each in found if "npm" in each] == [{"os": "windows", "node": "16", "npm": "6"}]


def test_an_include_adds_a_configuration():
    found = made("{os: [macos, windows, ubuntu], version: [12, 14, 16], include: [{os: windows, version: 17}]}")
    assert len(found) == 10
    assert found[-1] == {"os": "windows", "version": "17"}


def test_includes_alone_are_all_there_is():
    assert made("{include: [{site: production, datacenter: a}, {site: staging, datacenter: b}]}") == [
        {"site": "production", "datacenter": "a"},
        {"site": "staging", "datacenter": "b"},
    ]


def test_an_exclude_is_a_partial_match():
    found = made(
        "{os: [macos, windows], version: [12, 14, 16], environment: [staging, production], exclude: "
        "[{os: macos, version: 12, environment: production}, {os: windows, version: 16}]}"
    )
    assert len(found) == 9
    assert {"os": "windows", "version": "16", "environment": "staging"} not in found
    assert {"os": "macos", "version": "12", "environment": "staging"} in found


def test_an_include_brings_back_what_was_excluded():
    assert made("{os: [a, b], exclude: [{os: a}], include: [{os: a, x: 1}]}") == [{"os": "b"}, {"os": "a", "x": "1"}]


def test_values_are_compared_as_in_expressions():
    assert made("{os: [Linux, Mac], exclude: [{os: LINUX}]}") == [{"os": "Mac"}]
    assert made("{v: ['1', '2'], exclude: [{v: 1}]}") == [{"v": "2"}]
    assert made("{p: [{os: a, x: 1}, {os: b}], exclude: [{p: {os: A}}]}") == [{"p": {"os": "b"}}]


@pytest.mark.parametrize(
    "text",
    [
        "text", "[a]", "{os: text}", "{os: [a], include: text}", "{os: [a], include: [text]}",
        "{os: [a], exclude: {a: 1}}",
        f"{{os: [{'a, ' * (MOST + 1)}]}}", f"{{a: [{'a, ' * 17}], b: [{'b, ' * 16}]}}",
        f"{{include: [{'{a: 1}, ' * (MOST + 1)}]}}",
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_github_does_not_take_is_unknown(text):
    assert combinations(read_document(text.encode())) is UNKNOWN


def test_a_part_that_is_not_known_makes_the_matrix_unknown():
    assert combinations(UNKNOWN) is UNKNOWN
    assert combinations({"os": UNKNOWN}) is UNKNOWN
    assert combinations({"os": ["a"], "include": UNKNOWN}) is UNKNOWN
    assert combinations({"os": ["a"], "exclude": [{"os": UNKNOWN}]}) is UNKNOWN
    assert combinations({"os": ["a"], "include": [{"os": UNKNOWN, "x": "y"}]}) is UNKNOWN


def test_a_single_value_that_is_not_known_leaves_the_rest():
    found = combinations({"os": ["a"], "include": [{"x": UNKNOWN}]})
    assert not isinstance(found, Unknown)
    assert [each.values for each in found] == [{"os": "a", "x": UNKNOWN}]


def test_an_empty_axis_leaves_nothing():
    assert combinations({"os": []}) == ()


def test_the_name_shows_the_axes_and_the_whole_of_an_added_combination():
    # https://github.com/actions/runner/blob/main/src/Sdk/WorkflowParser/Conversion/MatrixBuilder.cs
    assert shown("{os: [a], v: [1.10, true], include: [{os: a, extra: x}]}") == [" (a, 1.1)", " (a, true)"]
    assert shown("{os: [a], include: [{os: b, extra: x}]}") == [" (a)", " (b, x)"]
    assert shown("{p: [{os: a, l: [c, 1]}, '', null]}") == [" (a, c, 1)", "", ""]
