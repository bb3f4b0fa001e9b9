"""The layering rules of pyproject.toml (`make check`) find what they are meant to find."""

import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

LAYERS, ADAPTERS, STORE, SANDBOX, PURE, DOOR, DATA, GIDGETHUB, SQL = (
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
)

VIOLATIONS = (
    ("packaging/registry.py", "bot.plan.model", LAYERS),
    ("plan/model.py", "bot.release.model", LAYERS),
    ("release/model.py", "bot.comments.answers", LAYERS),
    ("events.py", "bot.reconcile.worker", LAYERS),
    ("commands/table.py", "bot.events", LAYERS),
    ("settings/table.py", "bot.cli.demo", LAYERS),
    ("reconcile/worker.py", "bot.app", LAYERS),
    ("sandbox/http_server.py", "bot.clock", LAYERS),
    ("comments/answers.py", "bot.github.errors", ADAPTERS),
    ("plan/discovery.py", "bot.github.app", ADAPTERS),
    ("settings/reader.py", "bot.store.schema", STORE),
    ("web/door.py", "bot.store.rows", STORE),
    ("app.py", "bot.sandbox", SANDBOX),
    ("release/answers.py", "asyncio", PURE),
    ("commands/parser.py", "logging", PURE),
    ("registries/pypi/judging/release.py", "logging", PURE),
    ("release/found.py", "bot.registries.pypi.facts", LAYERS),
    ("web/signature.py", "bot.events", DOOR),
    ("store/rows.py", "bot.release.table", DATA),
    ("registries/pypi/client.py", "gidgethub", GIDGETHUB),
    ("cli/verify.py", "sqlalchemy", SQL),
)
"""Which file imports what against which contract. Each adds one line to a module that exists."""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What import-linter says, by contract, of a copy of the bot with all violations in it."""
    folder = tmp_path_factory.mktemp("layering")
    shutil.copytree(ROOT / "bot", folder / "bot", ignore=shutil.ignore_patterns("__pycache__", "example"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "bot" / "attic.py").touch()
    for name, imported, _ in VIOLATIONS:
        module = folder / "bot" / name
        assert module.is_file(), f"{name} is no module any more; a new file would hide the package of that name"
        with module.open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}\n")
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    asked = [sys.executable, "-c", command, "--no-cache", "--no-logo"]
    said = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False).stdout
    broken = said.partition("Broken contracts")[2]
    found = dict.fromkeys((contract for *_, contract in VIOLATIONS), "")
    under = ""
    for line, following in pairwise((*broken.splitlines(), "")):
        if line in found and set(following) == {"-"}:
            under = line
        elif under:
            found[under] += f"{line}\n"
    return found


@pytest.mark.parametrize(("name", "imported", "contract"), VIOLATIONS, ids=[name for name, *_ in VIOLATIONS])
def test_an_import_against_a_contract_is_found_by_that_contract(name, imported, contract, report):
    module = "bot." + name.removesuffix(".py").replace("/", ".")
    assert f"{module} -> {imported} (l." in report[contract], report[contract]


def test_every_contract_is_tried():
    assert {contract for *_, contract in VIOLATIONS} == {
        LAYERS,
        ADAPTERS,
        STORE,
        SANDBOX,
        PURE,
        DOOR,
        DATA,
        GIDGETHUB,
        SQL,
    }


def test_a_room_without_a_place_in_the_list_is_found(report):
    assert "- bot.attic" in report[LAYERS]
