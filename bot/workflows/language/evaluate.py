"""What an expression comes to, in three values: known true, known false, not known before the run.

Functions: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions. What cannot be
known (secrets, outputs of steps, hashes of files) is UNKNOWN and makes what depends on it unknown; what GitHub
would refuse is UNKNOWN, too.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.workflows.document import text_of
from bot.workflows.language.expressions import (
    DEEPEST_EXPRESSION,
    Call,
    Compare,
    Index,
    InvalidExpression,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    parse,
    template,
)
from bot.workflows.language.expressions import calls as functions_of
from bot.workflows.values import (
    FALSY,
    TRUTHY,
    UNKNOWN,
    Filtered,
    Partial,
    Scope,
    Truth,
    Unknown,
    Value,
    as_text,
    compared,
    is_known,
    is_shallow,
    number_of,
    truth,
    whole_numbers,
)

STATUS_FUNCTIONS = frozenset(("success", "failure", "always", "cancelled"))
_LONGEST = 64 * 1024
"""Characters of a text that an expression makes; longer ones are UNKNOWN (GitHub stops at some size, too)."""
_PLACE = re.compile(r"\{\{|\}\}|\{([0-9]{1,3})\}|[{}]")


def condition(written: Value, scope: Scope) -> Truth:
    """Whether an `if` holds; `success() &&` stands before one that calls no status function.

    A text with more around its `${{ … }}` is a text, and counts as true unless it is empty:
    https://github.com/actions/runner/issues/1173.
    """
    if isinstance(written, dict | list):
        return UNKNOWN
    text = text_of(written)
    if not text.strip():
        return scope.status.success
    try:
        nodes = [node for _, node in template(text)] if "${{" in text else [parse(text)]
    except InvalidExpression:
        return UNKNOWN
    asked = frozenset().union(*(functions_of(node) for node in nodes if node is not None))
    holds = truth(evaluate(nodes[0], scope)) if len(nodes) == 1 and nodes[0] is not None else True
    return holds if asked & STATUS_FUNCTIONS else truth(_all((scope.status.success, holds)))


def filled(text: str, scope: Scope) -> Value:
    """The value of a text with its expressions filled in; of a single expression, its own kind of value.

    A text that is known in part is UNKNOWN: `written` keeps what is known of it.
    """
    if len(text) > _LONGEST:
        return UNKNOWN
    if "${{" not in text:
        return text
    try:
        pieces = template(text)
    except InvalidExpression:
        return UNKNOWN
    values = [raw if node is None else evaluate(node, scope) for raw, node in pieces]
    if len(values) == 1:
        return values[0]
    return UNKNOWN if any(isinstance(value, Unknown) for value in values) else "".join(map(as_text, values))


def written(text: str, scope: Scope) -> str:
    """The text with what is known filled in; an expression whose value is not known stays as it is written."""
    if "${{" not in text:
        return text
    try:
        pieces = template(text)
    except InvalidExpression:
        return text
    texts = []
    for raw, node in pieces:
        value = UNKNOWN if node is None else evaluate(node, scope)
        filled_in = raw if isinstance(value, Unknown) else as_text(value)
        texts.append(filled_in if len(filled_in) <= _LONGEST else raw)
    return "".join(texts)


def expanded(value: Value, scope: Scope) -> Value:
    """A value with the expressions in it filled in, however deep they stand."""
    if isinstance(value, str):
        return filled(value, scope)
    if isinstance(value, list):
        return [expanded(each, scope) for each in value]
    return {key: expanded(each, scope) for key, each in value.items()} if isinstance(value, dict) else value


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of a parsed expression."""
    match node:
        case Literal():
            return node.value
        case Name():
            return scope.contexts.get(node.name, UNKNOWN)
        case Index():
            key = evaluate(node.key, scope) if node.key is not None else None
            return _indexed(evaluate(node.of, scope), key, everything=node.key is None)
        case Not():
            holds = truth(evaluate(node.operand, scope))
            return holds if isinstance(holds, Unknown) else not holds
        case Compare():
            return compared(node.operator, evaluate(node.left, scope), evaluate(node.right, scope))
        case Logic():
            values = (evaluate(operand, scope) for operand in node.operands)
            return _all(values) if node.operator == "&&" else _any(values)
        case Call():
            return _called(node, scope)


def _all(values: Any) -> Value:
    """`&&`: the first value that counts as false, else the last."""
    unknown, value = False, None
    for value in values:
        holds = truth(value)
        if holds is False:
            return FALSY if unknown else value
        unknown |= holds is UNKNOWN
    return UNKNOWN if unknown else value


def _any(values: Any) -> Value:
    """`||`: the first value that counts as true, else the last."""
    unknown, value = False, None
    for value in values:
        holds = truth(value)
        if holds is True:
            return TRUTHY if unknown else value
        unknown |= holds is UNKNOWN
    return UNKNOWN if unknown else value


def _indexed(of: Value, key: Value, *, everything: bool) -> Value:
    if isinstance(of, Unknown) or isinstance(key, Unknown):
        return UNKNOWN
    if isinstance(of, Filtered):
        if everything:
            return Filtered(each for one in of for each in _members(one))
        found = [_indexed(one, key, everything=False) for one in of if _has(one, key)]
        return Filtered(found)
    if everything:
        return UNKNOWN if isinstance(of, Partial) else Filtered(_members(of))
    if isinstance(of, dict):
        name = as_text(key).lower()
        missing = UNKNOWN if isinstance(of, Partial) else None
        return next((value for each, value in of.items() if each.lower() == name), missing)
    return of[int(number_of(key))] if isinstance(of, list) and _has(of, key) else None


def _members(of: Value) -> list[Value]:
    if isinstance(of, Unknown | Partial):
        return [UNKNOWN]
    return list(of.values()) if isinstance(of, dict) else of if isinstance(of, list) else []


def _has(of: Value, key: Value) -> bool:
    """Whether a filter takes an index of this member; what is not known might have it."""
    if isinstance(of, list):
        return 0 <= number_of(key) < len(of)
    return isinstance(of, Unknown | Partial) or (isinstance(of, dict) and as_text(key).lower() in map(str.lower, of))


def _called(node: Call, scope: Scope) -> Value:
    name = node.function
    if name in STATUS_FUNCTIONS:
        return True if name == "always" else getattr(scope.status, name)
    arguments = [evaluate(argument, scope) for argument in node.arguments]
    function = _FUNCTIONS.get(name)
    return function(*arguments) if function is not None and len(arguments) in _COUNTS[name] else UNKNOWN


def _contains(search: Value, item: Value) -> Value:
    if isinstance(search, Unknown):
        return UNKNOWN
    if isinstance(search, list):
        found = [compared("==", item, each) for each in search]
        return True if True in found else UNKNOWN if UNKNOWN in found else False
    return _of_texts(search, item, lambda text, part: part in text)


def _of_texts(text: Value, part: Value, test: Any) -> Value:
    if isinstance(text, Unknown) or isinstance(part, Unknown):
        return UNKNOWN
    if isinstance(text, dict | list) or isinstance(part, dict | list):
        return False
    return test(as_text(text).upper(), as_text(part).upper())


def _format(form: Value, *arguments: Value) -> Value:
    if not isinstance(form, str):
        return UNKNOWN
    made: list[str] = []
    at = size = 0
    unknown = False
    for found in _PLACE.finditer(form):
        made.append(form[at : found.start()])
        at = found.end()
        if found[0] in ("{{", "}}"):
            made.append(found[0][0])
        elif found[1] is None or int(found[1]) >= len(arguments):
            return UNKNOWN  # GitHub refuses it
        else:
            value = arguments[int(found[1])]
            unknown |= isinstance(value, Unknown)
            made.append("" if isinstance(value, Unknown) else as_text(value))
        size += len(made[-1])
        if size > _LONGEST:
            return UNKNOWN
    text = "".join((*made, form[at:]))
    return (TRUTHY if text else UNKNOWN) if unknown else text


def _join(items: Value, separator: Value = ",") -> Value:
    if isinstance(items, Unknown) or isinstance(separator, Unknown):
        return UNKNOWN
    if not isinstance(items, list):
        return "" if isinstance(items, dict) else as_text(items)
    if any(isinstance(item, Unknown) for item in items):
        return UNKNOWN
    between = "," if isinstance(separator, dict | list) else as_text(separator)
    texts = [as_text(item) for item in items]
    return between.join(texts) if sum(map(len, texts)) + len(between) * len(texts) <= _LONGEST else UNKNOWN


def _to_json(value: Value) -> Value:
    if not is_known(value):
        return UNKNOWN
    text = json.dumps(whole_numbers(value), indent=2, ensure_ascii=False)
    return text if len(text) <= _LONGEST else UNKNOWN


def _from_json(text: Value) -> Value:
    if isinstance(text, Unknown | dict | list):
        return UNKNOWN
    try:
        value = json.loads(as_text(text), parse_int=float, parse_constant=float)
    except (ValueError, RecursionError):  # GitHub refuses it
        return UNKNOWN
    return value if is_shallow(value, DEEPEST_EXPRESSION) else UNKNOWN


def _case(*arguments: Value) -> Value:
    """The value after the first predicate that is true, else the last."""
    for predicate, value in zip(arguments[:-1:2], arguments[1::2], strict=True):
        if predicate is True:
            return value
        if predicate is not False:
            return UNKNOWN
    return arguments[-1]


_FUNCTIONS: Mapping[str, Any] = {
    "contains": _contains,
    "startswith": lambda text, part: _of_texts(text, part, str.startswith),
    "endswith": lambda text, part: _of_texts(text, part, str.endswith),
    "format": _format,
    "join": _join,
    "tojson": _to_json,
    "fromjson": _from_json,
    "case": _case,
}
_COUNTS: Mapping[str, range] = {
    **dict.fromkeys(("contains", "startswith", "endswith"), range(2, 3)),
    "format": range(1, 256),
    "join": range(1, 3),
    **dict.fromkeys(("tojson", "fromjson"), range(1, 2)),
    "case": range(3, 256, 2),
}
