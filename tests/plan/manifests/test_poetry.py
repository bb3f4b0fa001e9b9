"""Requirements in Poetry's own tables, which are not PEP 508."""

import pytest

from bot.packaging.requirements import moved_poetry
from tests.plan.trees import after, changed_lines, plan, pyproject, tree

BEAM = pyproject("beam", "0.4.0", backend="poetry-core")
USER = """[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"

[tool.poetry]
name = "lamp"
version = "1.0.0"

[tool.poetry.dependencies]
python = "^3.11"
Beam = "^0.4"  # light
beams = "^0.4"

[tool.poetry.group.dev.dependencies]
beam = { path = "../beam", version = ">=0.4,<0.5", extras = ["x"] }
"""
OTHERS = """
[tool.poetry.dev-dependencies]
beam = [{ version = "0.4.0", python = "<3.12" }, { version = "~0.4.0", python = ">=3.12" }]

[tool.poetry.group.git.dependencies]
beam = { git = "https://example.org/beam", version = "^0.4" }
"""


def moved_lines(user: str) -> list[str]:
    files = tree({"beam/pyproject.toml": BEAM, "lamp/pyproject.toml": user})
    planned = after(files, plan(files, "beam 0.5.0"))
    path = "lamp/pyproject.toml"
    return [new.rstrip("\n") for _, new in changed_lines(files[path], planned[path])]


def test_constraints_in_poetrys_tables_move_with_the_release():
    assert moved_lines(USER) == [
        'Beam = "^0.5"  # light',
        'beam = { path = "../beam", version = ">=0.4,<0.6", extras = ["x"] }',
    ]


def test_each_of_several_constraints_moves_and_that_on_a_git_source_stays():
    assert moved_lines(USER + OTHERS)[2:] == [
        'beam = [{ version = "0.5.0", python = "<3.12" }, { version = "~0.5.0", python = ">=3.12" }]'
    ]


@pytest.mark.parametrize(
    ("constraint", "new", "expected"),
    [
        ("^0.4", "0.5.0", "^0.5"),
        ("^0.4", "0.4.1", None),
        ("^0.4", "0.5.0rc1", "^0.5.0rc1"),
        ("~0.4.0", "0.5.0", "~0.5.0"),
        ("~=0.4.0", "0.5.0", "~=0.5.0"),
        ("0.4.0", "0.5.0", "0.5.0"),
        ("0.4.*", "0.5.0", "0.5.*"),
        ("==0.4.0", "0.5.0", "==0.5.0"),
        (">=0.4,<0.5", "0.5.0", ">=0.4,<0.6"),
        ("^0.4,<0.5", "0.5.0", "^0.5,<0.6"),
        ("*", "0.5.0", None),
        ("^0.3", "0.5.0", None),
        ("^0.3 || ^0.4", "0.5.0", None),
        ("", "0.5.0", None),
    ],
)
def test_operator_and_precision_of_a_constraint_are_kept(constraint, new, expected):
    assert moved_poetry(constraint, "0.4.0", new) == expected


def test_a_poetry_lock_beside_a_moved_requirement_is_said_to_be_stale():
    files = tree({"beam/pyproject.toml": BEAM, "lamp/pyproject.toml": USER, "lamp/poetry.lock": 'content-hash = "x"\n'})
    said = "lamp/pyproject.toml changes a requirement, so the `content-hash` in lamp/poetry.lock is stale"
    assert [warning for warning in plan(files, "beam 0.5.0").warnings if warning.startswith(said)]
    assert not [warning for warning in plan(files, "beam 0.4.1").warnings if warning.startswith(said)]
