"""The situations of the shared data: each a small repository, made by its own script, and asked for a release."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest

from bot.cli.checkout import read_checkout
from bot.cli.patch import write_all
from bot.cli.plan import branch_of, outcome_of, wanted_of
from bot.plan.model import Plan, Refusal
from tests.shared import SHARED

FOLDER = SHARED / "data/cases"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/repo.txt"))
DAY = date(2026, 11, 29)
_ENTRY = re.compile(r"^\s*[-*] (.*)$", re.MULTILINE)


def not_yet(reason: str) -> pytest.MarkDecorator:
    """What is not right yet; whoever mends it takes the mark away."""
    return pytest.mark.xfail(strict=True, raises=(AssertionError, click.ClickException), reason=reason)


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one request in the repository of a case."""

    folder: Path
    outcome: Plan | Refusal

    @property
    def plan(self) -> Plan:
        """It is planned."""
        assert isinstance(self.outcome, Plan), self.refused
        return self.outcome

    @property
    def refused(self) -> str:
        """All sentences of the refusal; empty where it is planned."""
        problems = self.outcome.problems if isinstance(self.outcome, Refusal) else ()
        return "\n".join(f"{each.where}: {each.what}. {each.fix}" for each in problems)

    @property
    def released(self) -> Mapping[str, tuple[str, str]]:
        """New version and tag of each package."""
        return {bump.package.key: (bump.new, bump.tag) for bump in self.plan.bumps}

    @property
    def warnings(self) -> str:
        """All of them."""
        return "\n".join(self.plan.warnings)

    @property
    def edited(self) -> set[str]:
        """The files of the commit."""
        return {edit.path for edit in self.plan.edits}

    def after(self, path: str) -> str:
        """A file as it is after the release."""
        edits = {edit.path: edit.after for edit in self.plan.edits}
        return (edits[path] if path in edits else (self.folder / path).read_bytes()).decode()

    def before(self, path: str) -> str:
        """A file as it was."""
        return (self.folder / path).read_text("utf-8")

    def notes(self, key: str = "") -> str:
        """The changelog section of the package, or of the only one."""
        return "\n".join(section.body for section in self.plan.sections if key in ("", section.package))

    def entries(self, key: str = "") -> list[str]:
        """The list items of that."""
        return _ENTRY.findall(self.notes(key))

    def write(self, to: Path) -> Path:
        """A copy of the repository with the release in it."""
        subprocess.run(["git", "clone", "--quiet", str(self.folder), str(to)], check=True)
        write_all(to, self.plan.edits)
        return to


def asked(name: str, request: str) -> Told:
    """The answer of `python -m bot plan REQUEST` in the repository of the case whose name begins like this."""
    (full,) = [each for each in NAMES if each.startswith(f"{name}-")]
    folder = Path(_made_in().name, full)
    _make(full)
    checkout, words = read_checkout(folder), request.split()
    return Told(folder, outcome_of(checkout, wanted_of(words), DAY, line=branch_of(words)))


@cache
def _made_in() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="cases-")


@cache
def _make(name: str) -> None:
    script, specification = FOLDER / "make_case.py", FOLDER / name / "repo.txt"
    subprocess.run([sys.executable, str(script), str(specification), str(Path(_made_in().name, name))], check=True)
