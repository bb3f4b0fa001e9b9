"""Values of the expression language: what is known, what is not, and how one kind becomes another.

Coercions: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators, in detail
https://github.com/actions/runner/blob/main/src/Sdk/Expressions/EvaluationResult.cs and ExpressionUtility.cs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias

from bot.workflows.document import text_of


class Unknown(Enum):
    """The value of what is not known before the run."""

    UNKNOWN = auto()
    TRUTHY = auto()
    """Not known, but for that it counts as true."""
    FALSY = auto()


UNKNOWN, TRUTHY, FALSY = Unknown.UNKNOWN, Unknown.TRUTHY, Unknown.FALSY
Truth: TypeAlias = bool | Unknown
"""True, False, or UNKNOWN."""
Value: TypeAlias = Any
"""None, a boolean, float or string, a list or table of values, or an Unknown."""


class Partial(dict[str, Any]):
    """A table of which only some keys are known; every other one is UNKNOWN, where a plain one has nothing."""


class Filtered(list[Any]):
    """What `.*` selects: an index is applied to each of its members."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the status functions say: of the jobs that a job needs, or of the steps before a step."""

    success: Truth = True
    failure: Truth = False
    cancelled: Truth = False


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can see."""

    contexts: Mapping[str, Value] = field(default_factory=dict)
    """By name, in lower case; one that is not there is UNKNOWN."""
    status: Status = Status()


_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0x[0-9a-fA-F]{1,8}|0o[0-7]{1,11}")


def truth(value: Value) -> Truth:
    """Whether a value counts as true in a condition."""
    if isinstance(value, Unknown):
        return {TRUTHY: True, FALSY: False}.get(value, UNKNOWN)
    if isinstance(value, dict | list):
        return True
    return bool(value) and value == value  # NaN is no truth


def is_known(value: Value) -> bool:
    """Whether nothing in a value is unknown."""
    if isinstance(value, dict):
        return not isinstance(value, Partial) and all(map(is_known, value.values()))
    return all(map(is_known, value)) if isinstance(value, list) else not isinstance(value, Unknown)


def is_shallow(value: Value, levels: int) -> bool:
    """Whether a value is nested no deeper; asked without recursion."""
    level = [value]
    for _ in range(levels + 1):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return not level


def number_of(value: Value) -> float:
    """A known scalar as a number, as JavaScript's `Number()` makes it; NaN where it is none."""
    if isinstance(value, bool | float) or value is None:
        return float(value or 0)
    if not isinstance(value, str):
        return float("nan")
    text = value.strip()
    if not text or _NUMBER.fullmatch(text):
        return float(text or 0)
    if _BASED.fullmatch(text):
        return float(int(text, 0))
    return float(text) if text in ("Infinity", "-Infinity") else float("nan")


def compared(operator: str, left: Value, right: Value) -> Truth:
    """`==`, `!=`, `<`, `<=`, `>` or `>=` of two values, by GitHub's loose rules."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    if operator == "!=":
        return not _equal(left, right)
    if operator == "==":
        return _equal(left, right)
    if operator in ("<=", ">=") and _equal(left, right):
        return True
    left, right = _alike(left, right)
    if isinstance(left, dict | list) or isinstance(right, dict | list) or left is None:
        return False
    return bool(left < right if operator[0] == "<" else left > right)


def _equal(left: Value, right: Value) -> bool:
    left, right = _alike(left, right)
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left is right
    return bool(left == right)


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """Both as one kind: strings without regard to case, else numbers; tables and lists stay what they are."""
    if isinstance(left, str) and isinstance(right, str):
        return left.upper(), right.upper()
    if type(left) is type(right):
        return left, right
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left, right
    return number_of(left), number_of(right)


def as_text(value: Value) -> str:
    """A known value as text; tables and lists by their kind, as GitHub does it."""
    if isinstance(value, dict | list):
        return "Object" if isinstance(value, dict) else "Array"
    return text_of(value)


def whole_numbers(value: Value) -> Value:
    """With whole numbers as such: `1`, not `1.0`."""
    if isinstance(value, dict):
        return {key: whole_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole_numbers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
