"""Robots that release by themselves: they choose a version, tag it and publish it.

https://release-plz.dev/docs/github, https://python-semantic-release.readthedocs.io,
https://semantic-release.gitbook.io, https://github.com/googleapis/release-please-action,
https://develop.sentry.dev/engineering-practices/release/, https://knope.tech, https://github.com/changesets/action.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.packaging.registry import REGISTRIES, Registry
from bot.workflows.commands import action_of, commands
from bot.workflows.files import RunStep
from bot.workflows.runs import RunJob
from bot.workflows.scripts.tasks import read_table

_ALL = frozenset(REGISTRIES.values())
_CRATES = frozenset((Registry.CRATES_IO,))
_ACTIONS: tuple[tuple[re.Pattern[str], str, frozenset[Registry]], ...] = (
    (re.compile(r"(?:release-plz/action|marcoieni/release-plz-action)"), "release-plz", _CRATES),
    (re.compile(r"[\w-]+/python-semantic-release(?:/.*)?"), "python-semantic-release", _ALL),
    (re.compile(r"[\w-]+/semantic-release-action"), "semantic-release", _ALL),
    (re.compile(r"getsentry/(?:craft|action-prepare-release|publish)"), "craft", _ALL),
    (re.compile(r"[\w-]+/release-please-action"), "release-please", frozenset()),
    (re.compile(r"[\w-]+/action-release/(?:merge|validate-pr)"), "its own release workflow", _ALL),
)
"""Of each robot the registries that it publishes to by itself."""
RELEASE_PLZ = ("release-plz.toml", ".release-plz.toml")


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot that a step runs."""

    name: str
    publishes: frozenset[Registry]
    """The registries that it publishes to by itself; what else its workflow uploads is of the robot's making, too."""


def robots(job: RunJob) -> tuple[Robot, ...]:
    """The robots that a job runs, or may run."""
    running = (step for step in job.steps if step.runs is not False) if job.runs is not False else ()
    return tuple(robot for step in running for robot in _of_step(step))


def left_out(name: str, tree: Mapping[str, bytes]) -> bool:
    """Whether release-plz is told not to publish this crate, or not to release it.

    https://release-plz.dev/docs/config: `release` and `publish` of the workspace and of each package.
    """
    data = next((read_table(tree[path]) for path in RELEASE_PLZ if path in tree), {})
    packages = data.get("package")
    listed = packages if isinstance(packages, list) else []
    own: dict[str, Any] = next((each for each in listed if isinstance(each, dict) and each.get("name") == name), {})
    workspace = data.get("workspace")
    shared: dict[str, Any] = workspace if isinstance(workspace, dict) else {}
    return any(own.get(key, shared.get(key, True)) is False for key in ("release", "publish"))


def _of_step(step: RunStep) -> Iterator[Robot]:
    action, asked = action_of(step), step.inputs.get("command", "")
    for pattern, name, registries in _ACTIONS:
        if pattern.fullmatch(action) and not asked.startswith("release-pr"):
            yield Robot(name, registries)
    for command in commands(step):
        program, verb = command.tool
        if (program, verb) == ("release-plz", "release"):
            yield Robot("release-plz", _CRATES)
        elif program == "semantic-release" and not command.has("--dry-run", "-d", "--noop", "--print", "--strict"):
            if verb not in ("changelog", "generate-config"):
                yield Robot("semantic-release", _ALL)
        elif (program, verb) in (("craft", "publish"), ("craft", "prepare")):
            yield Robot("craft", _ALL)
        elif (program, verb) == ("knope", "release"):
            yield Robot("knope", frozenset())
