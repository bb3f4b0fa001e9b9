"""A value of a decoded file is text only where it is a string: `str()` of one could be the work of hours."""

import ast
from pathlib import Path

import pytest

BOT = Path(__file__).parents[2] / "bot"
MODULES = sorted((BOT / "workflows").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_value_is_turned_to_text_unasked(path):
    """In bot/workflows no `str()` and no `repr()` is called; `text_of` is the one way from a value to text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [(node.lineno, node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [line for line, called in calls if isinstance(called, ast.Name) and called.id in ("str", "repr")]
    allowed = 1 if path.stem == "document" else 0  # of an exception of the YAML library
    assert len(found) <= allowed, found


PLANNER = sorted((BOT / "plan").rglob("*.py"))


@pytest.mark.parametrize("path", PLANNER, ids=lambda path: path.stem)
def test_the_planner_takes_no_text_from_a_table_but_text(path):
    """No `str()` of what is looked up in a decoded file: `string` answers with text or with none."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("str", "repr"):
            looked_up = [each for argument in node.args for each in ast.walk(argument) if _is_look_up(each)]
            assert looked_up == [], f"line {node.lineno}"


def _is_look_up(node):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("get", "value", "inherited")
    return isinstance(node, ast.Subscript)


def test_the_modules_are_found():
    assert len(MODULES) >= 14 and len(PLANNER) >= 20
