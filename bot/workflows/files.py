"""A workflow file as it is written: its triggers, its jobs and their steps, nothing filled in.

The syntax: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from bot.workflows.document import InvalidDocument, read_document, text_of
from bot.workflows.events import Event
from bot.workflows.scripts.found import Script
from bot.workflows.triggers import Filters, read_triggers, starts
from bot.workflows.values import Truth, Value

FOLDER = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job."""

    name: str = ""
    uses: str = ""
    run: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Its `with`."""
    env: Mapping[str, str] = field(default_factory=dict)
    condition: Value = None
    continue_on_error: Value = None
    folder: str = ""
    """Its `working-directory`; empty where it does not say one."""


@dataclass(frozen=True, slots=True)
class RunStep(Step):
    """A step with what is known filled in; an expression that is not known stays in its text."""

    runs: Truth = True
    may_fail: Truth = False
    scripts: tuple[Script, ...] = ()
    """The files of the repository that its commands run."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a file, before its matrix makes several of it."""

    id: str
    """Its key in the file."""
    name: str = ""
    needs: tuple[str, ...] = ()
    condition: Value = None
    matrix: Value = None
    continue_on_error: Value = None
    environment: str = ""
    environment_url: str = ""
    container: str = ""
    """The image that its steps run in."""
    runs_on: Value = None
    """A label, several of them, or an expression for either."""
    steps: tuple[Step, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    """`defaults.run.working-directory`."""
    permissions: Mapping[str, str] | None = None
    """What its token may do, where the job or else the file says so; `*` stands for everything."""
    uses: str = ""
    """The reusable workflow that it calls."""
    inputs: Mapping[str, Value] = field(default_factory=dict)
    """`with` of a call."""
    size: int = 0
    """Characters of all its texts, and some for each of its values: what it takes to fill it in."""


@dataclass(frozen=True, eq=False, slots=True)
class Workflow:
    """One workflow file. Two that are read of the same bytes at one path are one object."""

    path: str
    name: str = ""
    """Its `name`, else its path."""
    triggers: Mapping[str, Filters] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    """By key, as they stand in the file."""
    order: tuple[str, ...] = ()
    """Their keys, each after all that it needs."""
    env: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """What a caller may give: `on.workflow_call.inputs`."""
    asks: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """What a person may give who starts it: `on.workflow_dispatch.inputs`."""
    concurrency: Value = None
    """Its `concurrency`: the name of a group, or a mapping."""
    problem: InvalidDocument | None = None
    """Why GitHub cannot start it (`startup_failure`); nothing else is known of it then but its path."""

    @property
    def file(self) -> str:
        """Its file name below .github/workflows."""
        return self.path.removeprefix(FOLDER)


def is_workflow(path: str) -> bool:
    """Whether GitHub takes this file of a repository for a workflow; it looks into no folders below."""
    name = path.removeprefix(FOLDER)
    return path.startswith(FOLDER) and name.endswith((".yml", ".yaml")) and "/" not in name


@lru_cache(maxsize=512)  # planning reads each file twice, and the sandbox all files at every push
def read_workflow(path: str, content: bytes) -> Workflow:
    """Read one file below `.github/workflows`; a mistake in it is told by `problem`, never raised."""
    try:
        return _workflow(path, read_document(content))
    except InvalidDocument as mistake:
        return Workflow(path, path, problem=mistake)


def started(files: Mapping[str, Workflow], event: Event) -> dict[str, Truth]:
    """The paths of the workflows that an event starts, or may start (UNKNOWN): of those runs one waits for news."""
    verdicts = {path: starts(each.triggers, event) for path, each in files.items() if each.problem is None}
    return {path: verdict for path, verdict in verdicts.items() if verdict is not False}


def _workflow(path: str, document: Value) -> Workflow:
    if not isinstance(document, dict):
        raise InvalidDocument("has no event in `on`")
    triggers = read_triggers(document.get("on"))
    written = document.get("jobs")
    if not isinstance(written, dict) or not written:
        raise InvalidDocument("has no job in `jobs`")
    folder, permissions = _folder(document), _permissions(document)
    jobs = {key: _job(key, table, folder, permissions) for key, table in written.items()}
    on = _table(document.get("on"))
    called, by_hand = _table(on.get("workflow_call")), _table(on.get("workflow_dispatch"))
    return Workflow(
        path=path,
        name=text_of(document.get("name")) or path,
        triggers=triggers,
        jobs=jobs,
        order=_order(jobs),
        env=_texts(document.get("env")),
        inputs={key: _table(each) for key, each in _table(called.get("inputs")).items()},
        asks={key: _table(each) for key, each in _table(by_hand.get("inputs")).items()},
        concurrency=document.get("concurrency"),
    )


def _job(key: str, table: Value, folder: str, permissions: Mapping[str, str] | None) -> Job:
    if not isinstance(table, dict):
        raise InvalidDocument(f"has a job `{key}` that is not a mapping")
    if "runs-on" not in table and "uses" not in table:
        raise InvalidDocument(f"has a job `{key}` without `runs-on`")
    environment, runs_on, container = table.get("environment"), table.get("runs-on"), table.get("container")
    own = _permissions(table)
    return Job(
        id=key,
        name=text_of(table.get("name")),
        needs=tuple(text_of(need) for need in _list(table.get("needs"))),
        condition=table.get("if"),
        matrix=_matrix(table.get("strategy")),
        continue_on_error=table.get("continue-on-error"),
        environment=text_of(environment.get("name") if isinstance(environment, dict) else environment),
        environment_url=text_of(_table(environment).get("url")),
        container=text_of(container.get("image") if isinstance(container, dict) else container),
        runs_on=runs_on.get("labels") if isinstance(runs_on, dict) else runs_on,
        steps=tuple(read_step(step) for step in _list(table.get("steps")) if isinstance(step, dict)),
        env=_texts(table.get("env")),
        outputs=_texts(table.get("outputs")),
        folder=_folder(table) or folder,
        permissions=permissions if own is None else own,
        uses=text_of(table.get("uses")),
        inputs=_table(table.get("with")),
        size=_size(table),
    )


def _matrix(strategy: Value) -> Value:
    """A strategy that is computed as a whole may have a matrix, too."""
    return strategy.get("matrix") if isinstance(strategy, dict) else strategy


def read_step(table: Mapping[str, Any]) -> Step:
    """One step of a job or of an action."""
    return Step(
        name=text_of(table.get("name")),
        uses=text_of(table.get("uses")),
        run=text_of(table.get("run")),
        inputs=_texts(table.get("with")),
        env=_texts(table.get("env")),
        condition=table.get("if"),
        continue_on_error=table.get("continue-on-error"),
        folder=text_of(table.get("working-directory")),
    )


def _order(jobs: Mapping[str, Job]) -> tuple[str, ...]:
    """Every `needs` names a job, and none needs itself by a detour."""
    for job in jobs.values():
        if unknown := next((need for need in job.needs if need not in jobs), None):
            raise InvalidDocument(f"has a job `{job.id}` that needs `{unknown}`, which is no job")
    try:
        return tuple(TopologicalSorter({key: job.needs for key, job in jobs.items()}).static_order())
    except CycleError as circle:
        raise InvalidDocument(f"has jobs that need each other: {', '.join(circle.args[1])[:200]}") from None


def _size(value: Value) -> int:
    """Walked without recursion, though documents are shallow, and counted with what aliases repeat."""
    size, left = 0, [value]
    while left:
        each = left.pop()
        size += 20 + (len(each) if isinstance(each, str) else 0)
        left += list(each.values()) if isinstance(each, dict) else each if isinstance(each, list) else []
    return size


def _permissions(table: Mapping[str, Any]) -> Mapping[str, str] | None:
    """`permissions` of a workflow or job; a job's take the place of the workflow's."""
    given = table.get("permissions")
    if isinstance(given, str):
        return {"*": given.removesuffix("-all")}
    return _texts(given) if isinstance(given, dict) else None


def _folder(table: Mapping[str, Any]) -> str:
    """`defaults.run.working-directory` of a workflow or job."""
    return text_of(_table(_table(table.get("defaults")).get("run")).get("working-directory"))


def _table(value: Value) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Value) -> dict[str, str]:
    return {key: text_of(each) for key, each in _table(value).items()}


def _list(value: Value) -> list[Value]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
