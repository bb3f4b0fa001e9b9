"""A test is found by its name: it holds the answer, command or event that the test is about, and the test says so.

A name is a test function's or a parametrised case's: words, with `_` between them.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from bot.commands.table import Verb
from bot.events import EVENTS
from bot.release.answers import Answer

TESTS = Path(__file__).parent
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Case(NamedTuple):
    """A test function, or one of its parametrised cases."""

    name: str
    claims: frozenset[str]
    """The answers in its assertions and parameters, as `Answer.CI_RED`."""
    texts: tuple[str, ...]
    """The texts in it."""


def cases() -> Iterator[Case]:
    for path in sorted(TESTS.rglob("test_*.py")):
        if path.name != Path(__file__).name:
            for test in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(test, Function) and test.name.startswith("test_"):
                    yield Case(test.name, answers(claims(test)), texts(test))
                    yield from parametrised(test)


def parametrised(test: Function) -> Iterator[Case]:
    """The cases with a name of their own: by the `id` of a `pytest.param`, or by a text that comes first."""
    for part in (part for decorator in test.decorator_list for part in ast.walk(decorator)):
        match part:
            case ast.Call(func=ast.Attribute(attr="param"), keywords=[ast.keyword("id", ast.Constant(str(name)))]):
                yield Case(name, answers([part]), texts(part))
            case ast.Tuple(elts=[ast.Constant(str(name)), *_]):
                yield Case(name, answers([part]), texts(part))


def claims(test: Function) -> Iterator[ast.AST]:
    """Where a test says what is to come out."""
    yield from test.decorator_list
    for part in ast.walk(test):
        if isinstance(part, ast.Assert):
            yield part
        elif isinstance(part, ast.For):
            yield part.iter


def answers(claimed: Iterator[ast.AST] | list[ast.AST]) -> frozenset[str]:
    found = []
    for part in (part for root in claimed for part in ast.walk(root)):
        match part:
            case ast.Attribute(ast.Name("Answer"), answer):
                found.append(f"Answer.{answer}")
    return frozenset(found)


def texts(of: ast.AST) -> tuple[str, ...]:
    return tuple(part.value for part in ast.walk(of) if isinstance(part, ast.Constant) and isinstance(part.value, str))


CASES = tuple(cases())
"""Of all test modules but this one."""


def about(words: str) -> list[Case]:
    return [case for case in CASES if f"_{words}_" in f"_{case.name}_"]


@pytest.mark.parametrize("answer", Answer, ids=lambda answer: answer.name.lower())
def test_each_answer_is_in_the_name_of_a_test_that_claims_it(answer):
    assert any(f"Answer.{answer.name}" in case.claims for case in about(answer.name.lower()))


@pytest.mark.parametrize("verb", Verb)
def test_each_command_is_in_the_name_of_a_test_that_types_it(verb):
    typed = re.compile(r"/release (\S+ )?\d" if verb is Verb.RELEASE else rf"/release {verb}\b")
    assert any(typed.search(text) for case in about(verb) for text in case.texts)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_each_event_is_in_the_name_of_a_test_that_gives_it(event):
    assert any(event in case.texts for case in about(event))


def test_a_name_alone_is_not_enough():
    """As every test with `merged` in its name would be about the answer MERGED."""
    named = {case.name for case in about("merged")}
    assert named > {case.name for case in about("merged") if "Answer.MERGED" in case.claims} > set()
