"""GitHub's expression language, parsed: `${{ … }}` and what stands in an `if`.

Grammar and limits: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions, and where it is
silent (precedence, spelling) https://github.com/actions/runner/tree/main/src/Sdk/Expressions.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from bot.workflows.values import number_of

LONGEST_EXPRESSION = 21_000
"""Characters of one expression; GitHub refuses longer ones, and such as are nested deeper than this:"""
DEEPEST_EXPRESSION = 50

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^']|'')*')
    | (?P<operator>&&|\|\||==|!=|<=|>=|[()\[\]!<>,*])
    | (?P<number>[-+]?\.?[0-9][^\s()\[\]!<>=&|,]*|[-+]Infinity)
    | (?P<word>[A-Za-z_][A-Za-z0-9_-]*)
    | (?P<dot>\.)
    )""",
    re.VERBOSE,
)
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
"""Binary operators, those that bind weakest first."""


class InvalidExpression(Exception):
    """GitHub cannot read it either."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, boolean or null."""

    value: None | bool | float | str


@dataclass(frozen=True, slots=True)
class Name:
    """A context, such as `github`."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`of.key`, `of[key]`; None as the key is `*`."""

    of: "Node"
    key: "Node | None"


@dataclass(frozen=True, slots=True)
class Call:
    """A function; its name is in lower case, as GitHub has no regard to it."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`!operand`."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logic:
    """`a && b && …`, or the same with `||`."""

    operator: str
    operands: tuple["Node", ...]


Node: TypeAlias = Literal | Name | Index | Call | Not | Compare | Logic


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """An expression without its braces. Raises InvalidExpression."""
    if len(text) > LONGEST_EXPRESSION:
        raise InvalidExpression(f"is longer than {LONGEST_EXPRESSION} characters")
    return _Parser(text).whole()


@lru_cache(maxsize=4096)
def template(text: str) -> tuple[tuple[str, Node | None], ...]:
    """The pieces of a text as they are written, and what the expressions among them mean.

    Raises InvalidExpression.
    """
    pieces: list[tuple[str, Node | None]] = []
    at = 0
    while (start := text.find("${{", at)) >= 0:
        end = _end(text, start + 3)
        if start > at:
            pieces.append((text[at:start], None))
        at = end + 2
        pieces.append((text[start:at], parse(text[start + 3 : end])))
    return (*pieces, (text[at:], None)) if at < len(text) else tuple(pieces)


def calls(node: Node) -> frozenset[str]:
    """The functions that an expression calls anywhere."""
    match node:
        case Call():
            return frozenset((node.function,)).union(*map(calls, node.arguments))
        case Not():
            return calls(node.operand)
        case Compare():
            return calls(node.left) | calls(node.right)
        case Logic():
            return frozenset().union(*map(calls, node.operands))
        case Index():
            return calls(node.of) | (calls(node.key) if node.key else frozenset())
    return frozenset()


def _end(text: str, at: int) -> int:
    """Where an expression's `}}` stands; quoted ones do not count."""
    while True:
        end, quote = text.find("}}", at), text.find("'", at)
        if end < 0:
            raise InvalidExpression("has no end")
        if not 0 <= quote < end:
            return end
        at = text.find("'", quote + 1) + 1
        if not at:
            raise InvalidExpression("has a string without an end")


class _Parser:
    """Recursive descent; `depth` counts what is open, so that no text makes it recurse far."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._binary(0)
        if self._at < len(self._tokens):
            raise InvalidExpression(f"has `{self._peek()[1]}` where nothing is expected")
        return node

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _take(self, *wanted: str) -> bool:
        """Go past one of these operators, if one is next."""
        kind, text = self._peek()
        taken = kind == "operator" and text in wanted
        self._at += taken
        return taken

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise InvalidExpression(f"lacks `{wanted}`")

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        operands = [self._binary(level + 1)]
        operators = []
        while self._take(*_LEVELS[level]):
            operators.append(self._tokens[self._at - 1][1])
            operands.append(self._binary(level + 1))
        if operators and level < 2:
            return Logic(operators[0], tuple(operands))
        if len(operators) > DEEPEST_EXPRESSION:
            raise InvalidExpression(f"is nested more than {DEEPEST_EXPRESSION} levels deep")
        node = operands[0]
        for operator, right in zip(operators, operands[1:], strict=True):
            node = Compare(operator, node, right)
        return node

    def _unary(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST_EXPRESSION:
            raise InvalidExpression(f"is nested more than {DEEPEST_EXPRESSION} levels deep")
        if self._take("!"):
            node: Node = Not(self._unary())
        else:
            is_group = self._peek() == ("operator", "(")
            node = self._primary()
            if is_group or not isinstance(node, Literal):  # nothing is looked up in a literal
                node = self._postfix(node)
        self._depth -= 1
        return node

    def _primary(self) -> Node:
        kind, text = self._peek()
        self._at += 1
        if kind == "text":
            return Literal(text[1:-1].replace("''", "'"))
        if kind == "number":
            number = number_of(text)
            if number != number:
                raise InvalidExpression(f"has `{text[:40]}`, which is no number")
            return Literal(number)
        if kind == "word":
            return self._call(text) if self._take("(") else _word(text)
        if (kind, text) == ("operator", "("):
            node = self._binary(0)
            self._expect(")")
            return node
        raise InvalidExpression(f"has `{text}` where a value is expected" if text else "ends too early")

    def _call(self, name: str) -> Node:
        arguments: list[Node] = []
        while not self._take(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._binary(0))
        return Call(name.lower(), tuple(arguments))

    def _postfix(self, node: Node) -> Node:
        hops = 0
        while hops < DEEPEST_EXPRESSION:
            hops += 1
            if self._take("["):
                node = Index(node, None if self._take("*") else self._binary(0))
                self._expect("]")
            elif self._peek()[0] == "dot":
                self._at += 1
                kind, text = self._peek()
                self._at += 1
                if kind != "word" and text != "*":
                    raise InvalidExpression("has a dot without a name after it")
                node = Index(node, None if text == "*" else Literal(text))
            else:
                return node
        raise InvalidExpression(f"is nested more than {DEEPEST_EXPRESSION} levels deep")


def _word(text: str) -> Node:
    literals: dict[str, None | bool | float] = {"null": None, "true": True, "false": False}
    literals |= {"Infinity": float("inf"), "NaN": float("nan")}
    return Literal(literals[text]) if text in literals else Name(text.lower())


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise InvalidExpression(f"has `{text[at : at + 20].strip()}`, which means nothing")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens
