"""What Python code runs: the sessions of a noxfile, and scripts that start other programs, as shell text.

Read are calls with plain words in them; names that are bound to plain words are put in, loops over lists of plain
words are gone through, functions of the same file are followed. https://nox.thea.codes/en/stable/tutorial.html.
"""

import ast
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

_MOST_BYTES = 200_000
_MOST_COMMANDS = 300
_DEEPEST = 5
_OPEN = "$open"
"""Stands for a word that only a run can tell."""
_RUN = frozenset(
    ("run", "run_always", "run_install", "call", "check_call", "check_output", "Popen", "system", "getoutput")
)
_CHDIR = frozenset(("chdir", "cd"))

_Names: TypeAlias = Mapping[str, "str | Sequence[str]"]


@lru_cache(maxsize=256)
def of_nox(text: str, sessions: tuple[str, ...]) -> str:
    """What these sessions of a noxfile run."""
    module = _module(text)
    if module is None:
        return ""
    reader = _Reader(module)
    wanted = {name.partition("(")[0].partition("-3")[0] for name in sessions}
    return _text(reader.of(function) for function in reader.functions.values() if _session_name(function) in wanted)


@lru_cache(maxsize=256)
def of_script(text: str) -> str:
    """What a Python script runs, whichever of its functions are called."""
    module = _module(text)
    if module is None:
        return ""
    reader = _Reader(module)
    return _text([reader.of(module), *(reader.of(each) for each in reader.functions.values())])


def _module(text: str) -> ast.Module | None:
    try:
        return ast.parse(text[:_MOST_BYTES])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _text(found: Iterable[Iterable[str]]) -> str:
    lines: list[str] = []
    for each in found:
        for line in each:
            if len(lines) < _MOST_COMMANDS:
                lines.append(line)
    return "\n".join(dict.fromkeys(lines))


def _session_name(function: ast.FunctionDef) -> str | None:
    """The name of a session: that of its decorator, else the function's; None for what is no session."""
    for each in function.decorator_list:
        called = each.func if isinstance(each, ast.Call) else each
        if (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) == "session":
            said = [word.value for word in each.keywords if word.arg == "name"] if isinstance(each, ast.Call) else []
            named = next((word.value for word in said if isinstance(word, ast.Constant)), None)
            return named if isinstance(named, str) else function.name
    return None


class _Reader:
    def __init__(self, module: ast.Module) -> None:
        self.functions = {each.name: each for each in module.body if isinstance(each, ast.FunctionDef)}
        self._globals = dict(_bound(module.body, {}))
        self._left = _MOST_COMMANDS

    def of(self, node: ast.Module | ast.FunctionDef) -> Iterator[str]:
        """The commands of one block, in order."""
        yield from self._block(node.body, self._globals, 0)

    def _block(self, body: Sequence[ast.stmt], names: _Names, depth: int) -> Iterator[str]:
        names = dict(names)
        for statement in body:
            if self._left <= 0 or isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                continue
            names.update(_bound([statement], names))
            if isinstance(statement, ast.For) and isinstance(statement.target, ast.Name):
                for value in _listed(statement.iter, names) or [_OPEN]:
                    yield from self._block(statement.body, {**names, statement.target.id: value}, depth)
                continue
            for call in _calls(statement):
                yield from self._called(call, names, depth)
            for inner in ("body", "orelse", "finalbody"):
                yield from self._block(getattr(statement, inner, []), names, depth)
            for handler in getattr(statement, "handlers", []):
                yield from self._block(handler.body, names, depth)

    def _called(self, call: ast.Call, names: _Names, depth: int) -> Iterator[str]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        own = self.functions.get(name) if isinstance(call.func, ast.Name) else None
        self._left -= 1
        if own is not None and depth < _DEEPEST:
            yield from self._block(own.body, {**names, **_given(own, call, names)}, depth + 1)
        elif name in _CHDIR and call.args:
            yield f"cd {shlex.quote(_word(call.args[0], names))}"
        elif name in _RUN or own is not None:
            yield from self._command(call, names)

    def _command(self, call: ast.Call, names: _Names) -> Iterator[str]:
        first = call.args[0] if call.args else None
        if isinstance(first, ast.List | ast.Tuple):
            yield _joined(first.elts, names)
        elif first is not None and len(call.args) == 1:
            yield _word(first, names)
        elif first is not None:
            yield _joined(call.args, names)


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls of a statement itself, not of the blocks in it."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.Call):
            yield node
        todo += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.Lambda)
        ]


def _bound(body: Iterable[ast.stmt], names: _Names) -> Iterator[tuple[str, "str | Sequence[str]"]]:
    """Names that are set to plain words."""
    for each in body:
        if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Name):
            listed = _listed(each.value, names)
            if listed is not None:
                yield each.targets[0].id, listed
            elif isinstance(each.value, ast.Constant | ast.JoinedStr):
                yield each.targets[0].id, _word(each.value, names)


def _given(function: ast.FunctionDef, call: ast.Call, names: _Names) -> dict[str, "str | Sequence[str]"]:
    """What a function's parameters are in a call."""
    parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    given: dict[str, str | Sequence[str]] = {}
    for name, value in zip(parameters, call.args, strict=False):
        given[name] = _listed(value, names) or _word(value, names)
    for word in call.keywords:
        if word.arg:
            given[word.arg] = _listed(word.value, names) or _word(word.value, names)
    if function.args.vararg:
        given[function.args.vararg.arg] = [_word(each, names) for each in call.args[len(parameters) :]]
    return given


def _listed(node: ast.expr, names: _Names) -> Sequence[str] | None:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_word(each, names) for each in node.elts]
    value = names.get(node.id) if isinstance(node, ast.Name) else None
    return value if isinstance(value, list) else None


def _joined(nodes: Iterable[ast.expr], names: _Names) -> str:
    words: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            words += _listed(node.value, names) or [_OPEN]
        else:
            words.append(_word(node, names))
    return " ".join(shlex.quote(word) if _OPEN not in word else word for word in words)


def _word(node: ast.expr, names: _Names) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else _OPEN
    if isinstance(node, ast.JoinedStr):
        return "".join(_word(each, names) for each in node.values)
    if isinstance(node, ast.FormattedValue):
        return _word(node.value, names)
    value = names.get(node.id) if isinstance(node, ast.Name) else None
    return value if isinstance(value, str) else _OPEN
