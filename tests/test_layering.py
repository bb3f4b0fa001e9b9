"""The layering rules of pyproject.toml (`make check`) find what they are meant to find."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

VIOLATIONS = {
    "packaging/registry.py": "import bot.plan.model",
    "plan/model.py": "import bot.release.model",
    "release/model.py": "import bot.comments.answers",
    "comments/answers.py": "import asyncio",
    "commands.py": "import bot.github.transport.client",
    "events.py": "import bot.registries.pypi",
    "github/client.py": "import bot.registries.pypi",
    "registries/pypi.py": "import gidgethub",
    "store/rows.py": "import bot.release.table",
    "web/signature.py": "import bot.events",
    "web/door.py": "import sqlalchemy",
    "reconcile/worker.py": "import bot.app",
    "settings.py": "import bot.store.schema",
    "sandbox/http_server.py": "import bot.clock",
    "app.py": "import bot.sandbox",
}
"""What is added to which file."""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What import-linter says of a copy of the bot with all violations in it."""
    folder = tmp_path_factory.mktemp("layering")
    shutil.copytree(ROOT / "bot", folder / "bot", ignore=shutil.ignore_patterns("__pycache__", "example"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "bot" / "attic.py").touch()
    for name, line in VIOLATIONS.items():
        with (folder / "bot" / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    asked = [sys.executable, "-c", command, "--no-cache", "--no-logo"]
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", VIOLATIONS)
def test_an_import_in_the_wrong_direction_is_found(name, report):
    module = "bot." + name.removesuffix(".py").replace("/", ".")
    assert f"{module} -> {VIOLATIONS[name].removeprefix('import ')} (l." in report, report


def test_a_room_without_a_place_in_the_list_is_found(report):
    assert "- bot.attic" in report


def test_no_rule_is_without_effect(report):
    assert "Contracts: 0 kept" in report, report
