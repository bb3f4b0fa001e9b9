"""The matrix of a workflow's job, expanded as GitHub does it, and what its values make of a text."""

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

_MOST_COMBINATIONS = 256
_EXPRESSION = re.compile(r"\$\{\{\s*matrix\.([\w.-]+)\s*\}\}")
_CONDITION = re.compile(
    r"(?:\$\{\{)?\s*(?P<not>!?)\s*matrix\.(?P<path>[\w.-]+)\s*(?:(?P<op>==|!=)\s*'?(?P<value>[\w.-]*)'?)?\s*"
    r"(?:\|\|\s*false\s*)?(?:\}\})?"
)


def combinations(job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The matrix of a job as GitHub expands it; one empty combination without a matrix, none for a computed one."""
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return [{}] if matrix is None else []
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    if any(not isinstance(values, list) for values in axes.values()):
        return []
    size = 1
    for values in axes.values():
        size *= max(1, len(values))
    if size > _MOST_COMBINATIONS:
        return []
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    combinations = [made for made in combinations if not any(_agrees(made, out) for out in _tables(matrix, "exclude"))]
    return _included(combinations, set(axes), _tables(matrix, "include"))


def _included(
    combinations: list[dict[str, Any]], axes: set[str], includes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """GitHub's rule: an include extends the combinations whose axes it does not contradict, or is one of its own."""
    extended, added = [dict(made) for made in combinations], []
    for include in includes:
        fitting = [
            index
            for index, made in enumerate(combinations)
            if all(made[name] == value for name, value in include.items() if name in axes)
        ]
        for index in fitting:
            extended[index].update(include)
        if not fitting:
            added.append(dict(include))
    return extended + added


def _tables(matrix: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = matrix.get(name)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries[:_MOST_COMBINATIONS] if isinstance(entry, dict)]


def _agrees(made: Mapping[str, Any], pattern: Mapping[str, Any]) -> bool:
    return all(made.get(name) == value for name, value in pattern.items())


def substituted(text: str, matrix: Mapping[str, Any]) -> str:
    """The text with the matrix's values in it; what a combination does not have is empty, as on GitHub."""
    return _EXPRESSION.sub(lambda expression: _value(expression[1], matrix), text)


def may_be_true(condition: str, matrix: Mapping[str, Any]) -> bool:
    """Whether a condition such as `continue-on-error` can hold for a combination; one that is too clever can."""
    plain = condition.strip().lower()
    if plain in ("", "false", "true"):
        return plain == "true"
    found = _CONDITION.fullmatch(condition.strip())
    if found is None:
        return "false" not in plain
    value = _value(found["path"], matrix)
    holds = (
        value not in ("", "false", "0") if found["op"] is None else (value == found["value"]) == (found["op"] == "==")
    )
    return holds != bool(found["not"])


def _value(path: str, matrix: Mapping[str, Any]) -> str:
    found: Any = matrix
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
