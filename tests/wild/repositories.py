"""Each real repository of the shared data, planned once for what its maintainer would ask."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.cli.checkout import Checkout, read_checkout
from bot.cli.plan import outcome_of, wanted_of
from bot.plan import discover
from bot.plan.model import Bump, Discovery, Package, Plan, Refusal
from tests.cli.real import commit_all
from tests.shared import SHARED

FOLDER = SHARED / "data/repositories"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/case.json"))
DAY = date(2026, 11, 29)
BY_WORKFLOW = {"push tag": "tag", "release: published": "release", "workflow_dispatch": "hand", "workflow_run": "run"}
"""How a publish workflow is started, by how `trigger` begins, as `Start` calls it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a repository, and what Shipmate makes of it."""

    case: Mapping[str, Any]
    discovery: Discovery
    outcome: Plan | Refusal
    seconds: float
    """Of the processor, for reading and planning."""

    @property
    def expected(self) -> Mapping[str, Any]:
        """What is right."""
        return self.case["expected"]

    @property
    def bumps(self) -> tuple[Bump, ...]:
        """What is planned; nothing where it is refused."""
        return self.outcome.bumps if isinstance(self.outcome, Plan) else ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of the plan."""
        return self.outcome.warnings if isinstance(self.outcome, Plan) else ()

    @property
    def refused(self) -> str:
        """All sentences of the refusal; empty where it is planned."""
        problems = self.outcome.problems if isinstance(self.outcome, Refusal) else ()
        return "\n".join(f"{each.where}: {each.what}. {each.fix}" for each in problems)

    @property
    def packages(self) -> dict[str, Package]:
        """By key: as planned, or as found where they are not in the plan."""
        found = [*self.discovery.packages, *(bump.package for bump in self.bumps)]
        return {key_of(str(package.registry), package.name): package for package in found}


def key_of(registry: str, name: str) -> str:
    """One spelling of a package's key."""
    return f"{registry}:{name}".replace("_", "-").lower()


def publishing(case: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What `expected.publish` says of a package."""
    registry, _, name = key.partition(":")
    said: list[Mapping[str, Any]] = [each for each in case["expected"]["publish"] if each["registry"] == registry]
    own = [each for each in said if key_of(registry, each.get("package", "")) == key_of(registry, name)]
    return (own or said)[0]


def started_by(said: Mapping[str, Any]) -> str:
    """`tag`, `release`, `hand`: what starts the workflow; `nobody` where there is none; `robot` where another acts."""
    if said["workflow"] is None:
        return "nobody"
    return next((start for begin, start in BY_WORKFLOW.items() if said["trigger"].startswith(begin)), "robot")


@cache
def answer(name: str) -> Answer:
    """The repository as it is."""
    return again(name)


def again(name: str) -> Answer:
    """The same, read and planned anew."""
    case = json.loads((FOLDER / name / "case.json").read_text("utf-8"))
    return answer_for(case, files_of(name))


@cache
def files_of(name: str) -> Mapping[str, bytes]:
    """Its files by path; links are left out, as by the command line."""
    root = FOLDER / name / "tree"
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def answer_for(case: Mapping[str, Any], files: Mapping[str, bytes]) -> Answer:
    """As `python -m bot plan ASK` answers in a checkout of these files with the tags of the case."""
    with TemporaryDirectory() as folder:
        for path, content in files.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        commit_all(Path(folder), case)
        return planned(case, Path(folder))


def planned(case: Mapping[str, Any], folder: Path) -> Answer:
    """As it answers in this checkout."""
    wanted = wanted_of(case["ask"].split())
    began = time.process_time()
    checkout: Checkout = read_checkout(folder)
    outcome = outcome_of(checkout, wanted, DAY)
    seconds = time.process_time() - began
    return Answer(case, discover(checkout.tree, checkout.tags), outcome, seconds)
