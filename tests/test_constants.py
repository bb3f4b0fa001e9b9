"""A constant's name means one thing in the whole of the bot."""

import ast
from collections import defaultdict
from pathlib import Path

BOT = Path(__file__).parents[1] / "bot"


def constants(source):
    """Names and values of a module's constants; not of type variables, which each module makes for itself."""
    for node in ast.parse(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            made_by = ast.unparse(node.value.func) if isinstance(node.value, ast.Call) else ""
            for name in names:
                if isinstance(name, ast.Name) and name.id.isupper() and name.id[0] != "_" and made_by != "TypeVar":
                    yield name.id


def test_no_two_modules_have_a_constant_of_one_name():
    where = defaultdict(set)
    for path in BOT.rglob("*.py"):
        if not {"sandbox", "migrations"} & {*path.relative_to(BOT).parts}:
            for name in constants(path.read_text("utf-8")):
                where[name].add(str(path.relative_to(BOT)))
    assert {name: sorted(paths) for name, paths in where.items() if len(paths) > 1} == {}


def test_a_constant_is_found_alone_and_in_a_row_and_a_type_variable_is_none():
    assert [*constants('A = 1\nB, C = 1, 2\nD: int = 3\nT = TypeVar("T")\n_E = 4\nf = 5')] == ["A", "B", "C", "D"]
