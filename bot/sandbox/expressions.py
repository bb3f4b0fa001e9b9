"""The little of GitHub's expression language that decides whether a job runs. Pure.

What cannot be known beforehand (inputs, secrets, outputs of steps) is UNKNOWN, and makes what depends on it UNKNOWN.
Language: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias

from bot.workflows.document import text_of


class Unknown(Enum):
    """The value of what is not known before the run."""

    UNKNOWN = auto()


UNKNOWN = Unknown.UNKNOWN
Value: TypeAlias = str | bool | int | float | None | Unknown

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(&&|\|\||==|!=|<=|>=|[()!<>,\[\]])|(-?\d+(?:\.\d+)?)|([\w.*-]+))")
STATUS_FUNCTIONS = ("success", "failure", "always", "cancelled")


def fill(text: str, matrix: Mapping[str, Any]) -> str:
    """Text with its `${{ … }}` filled in from the matrix; what hangs on anything else is left as it is."""

    def value(match: re.Match[str]) -> str:
        found = _evaluate(match[1], Context({}, matrix=matrix))
        return match[0] if found is UNKNOWN else text_of(found)

    return _EXPRESSION.sub(value, text)


@dataclass(frozen=True, slots=True)
class Context:
    """What an `if:` may ask about."""

    github: Mapping[str, str]
    """`event_name`, `ref`, `ref_name`, `ref_type`, `repository`, …; another key is UNKNOWN."""
    failed: bool = False
    """Whether a job that is needed failed."""
    skipped: bool = False
    """Whether a job that is needed was skipped."""
    matrix: Mapping[str, Any] | None = None


def may_run(condition: str, context: Context) -> bool:
    """Whether a job or step with this `if:` runs; what hangs on something unknown is taken to run.

    Without a status function (`always()`, `failure()`, …) it is preceded by `success() &&`, as on GitHub.
    """
    text = condition.strip().removeprefix("${{").removesuffix("}}").strip()
    if not re.search(rf"\b(?:{'|'.join(STATUS_FUNCTIONS)})\s*\(", text) and (context.failed or context.skipped):
        return False
    if not text:
        return True
    value = _evaluate(text, context)
    return value is UNKNOWN or bool(value)


def _evaluate(text: str, context: Context) -> Value:
    try:
        return _Parser(text, context).whole()
    except _Unreadable:
        return UNKNOWN


class _Unreadable(Exception):
    """An expression beyond this reader."""


class _Parser:
    """Recursive descent, evaluating as it goes; nothing here has side effects, so both sides are always read."""

    def __init__(self, text: str, context: Context) -> None:
        self._tokens = self._split(text)
        self._at = 0
        self._context = context

    @staticmethod
    def _split(text: str) -> list[str]:
        tokens, at = [], 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise _Unreadable(text)
            tokens.append(match[0].strip())
            at = match.end()
        return tokens

    def whole(self) -> Value:
        value = self._or()
        if self._at != len(self._tokens):
            raise _Unreadable
        return value

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _or(self) -> Value:
        left = self._and()
        while self._peek() == "||":
            self._next()
            right = self._and()
            left = (right if right is UNKNOWN or right else UNKNOWN) if left is UNKNOWN else left or right
        return left

    def _and(self) -> Value:
        left = self._comparison()
        while self._peek() == "&&":
            self._next()
            right = self._comparison()
            left = (UNKNOWN if right is UNKNOWN or right else right) if left is UNKNOWN else left and right
        return left

    def _comparison(self) -> Value:
        left = self._unary()
        if self._peek() not in ("==", "!=", "<", ">", "<=", ">="):
            return left
        operator, right = self._next(), self._unary()
        if left is UNKNOWN or right is UNKNOWN or operator not in ("==", "!="):
            return UNKNOWN
        return (text_of(left).lower() == text_of(right).lower()) == (operator == "==")

    def _unary(self) -> Value:
        if self._peek() != "!":
            return self._primary()
        self._next()
        value = self._unary()
        return UNKNOWN if value is UNKNOWN else not value

    def _primary(self) -> Value:
        word = self._next()
        if word == "(":
            value = self._or()
            if self._next() != ")":
                raise _Unreadable
            return value
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        if self._peek() == "(":
            return self._call(word)
        if not word or not (word[0].isalnum() or word[0] == "-"):
            raise _Unreadable
        return self._name(word)

    def _name(self, word: str) -> Value:
        if word in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[word]
        if re.fullmatch(r"-?\d+(?:\.\d+)?", word):
            return float(word)
        root, _, rest = word.partition(".")
        if root == "github":
            return self._context.github.get(rest, UNKNOWN)
        if root == "matrix" and self._context.matrix is not None:
            return _lookup(self._context.matrix, rest)
        return UNKNOWN

    def _call(self, name: str) -> Value:
        self._next()
        arguments: list[Value] = []
        while self._peek() != ")":
            arguments.append(self._or())
            if self._peek() == ",":
                self._next()
            elif self._peek() != ")":
                raise _Unreadable
        self._next()
        context = self._context
        match name:
            case "always":
                return True
            case "success":
                return not (context.failed or context.skipped)
            case "failure":
                return context.failed
            case "cancelled":
                return False
        return _text_function(name, arguments)


_TEXT_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "contains": lambda text, part: part in text,
}


def _text_function(name: str, arguments: list[Value]) -> Value:
    test = _TEXT_FUNCTIONS.get(name)
    if test is None or len(arguments) != 2 or any(argument is UNKNOWN for argument in arguments):
        return UNKNOWN
    text, part = (text_of(argument).lower() for argument in arguments)  # GitHub has no regard to case
    return test(text, part)


def _lookup(matrix: Mapping[str, Any], path: str) -> Value:
    value: Any = matrix
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str | bool | int | float | None) else UNKNOWN
