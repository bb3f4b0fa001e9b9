"""A workflow file, read: which events start it, and the jobs that a run of it has. Pure.

The syntax is GitHub's: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.sandbox.expressions import fill
from bot.sandbox.matrix import Combination, combinations, suffix
from bot.workflows.document import InvalidDocument, read_document, text_of


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one event; None where a filter is not given, which is not the same as an empty one."""

    branches: tuple[str, ...] | None = None
    branches_ignore: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    tags_ignore: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None
    paths_ignore: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job; matrix values are filled in everywhere."""

    name: str
    """As GitHub shows it: its `name`, else `Run …`."""
    uses: str = ""
    run: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Its `with`."""
    condition: str = ""
    folder: str = "."
    """Its working directory, `.` for the root."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a run: a job of the file for one combination of its matrix."""

    id: str
    """Its key in the file."""
    name: str
    """As GitHub shows it."""
    matrix: Combination = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    can_fail: bool = False
    """`continue-on-error`."""
    condition: str = ""
    environment: str | None = None
    runs_on: str = ""
    steps: tuple[Step, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    """What its token may do, where the job or else the file says so; `*` stands for everything."""

    @property
    def may_identify(self) -> bool:
        """Whether it can get an OIDC token, which trusted publishing needs."""
        return self.permissions.get("id-token", self.permissions.get("*")) == "write"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file."""

    name: str
    """Its `name`, else its path."""
    path: str
    triggers: Mapping[str, Filters] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()
    problem: str | None = None
    """Why GitHub cannot start it (`startup_failure`); nothing else is known of it then but its path."""


class _Invalid(Exception):
    """The file is not a workflow; the message says why."""


@lru_cache(maxsize=256)  # every push and every pull request reads all files again, and few of them ever change
def parse(path: str, content: bytes) -> Workflow:
    """Read one file below `.github/workflows`; a mistake in it is told by `problem`, never raised."""
    try:
        return _workflow(path, read_document(content))
    except (InvalidDocument, _Invalid) as mistake:
        return Workflow(path, path, problem=f"Invalid workflow file: {mistake}")


def _workflow(path: str, document: object) -> Workflow:
    if not isinstance(document, dict):
        raise _Invalid("No event triggers defined in `on`")
    jobs_table = document.get("jobs")
    if not isinstance(jobs_table, dict) or not jobs_table:
        raise _Invalid("No jobs defined in `jobs`")
    folder, shared = _folder(document, "."), _permissions(document, {})
    jobs = tuple(job for key, table in jobs_table.items() for job in _jobs(str(key), table, folder, shared))
    _check_needs(jobs)
    return Workflow(str(document.get("name") or path), path, _triggers(document.get("on")), jobs)


def _triggers(on: object) -> dict[str, Filters]:
    if isinstance(on, str):
        return {on: Filters()}
    if isinstance(on, list):
        return {str(event): Filters() for event in on}
    if not isinstance(on, dict):
        raise _Invalid("No event triggers defined in `on`")
    return {str(event): _filters(table) for event, table in on.items()}


def _filters(table: object) -> Filters:
    if not isinstance(table, dict):
        return Filters()  # `push:` alone, or a list as `schedule` has

    def patterns(key: str) -> tuple[str, ...] | None:
        if key not in table:
            return None
        return tuple(str(pattern) for pattern in _list(table[key]))

    for kind in ("branches", "tags", "paths"):
        if kind in table and f"{kind}-ignore" in table:
            raise _Invalid(f"you may only define one of `{kind}` and `{kind}-ignore`")
    return Filters(
        branches=patterns("branches"),
        branches_ignore=patterns("branches-ignore"),
        tags=patterns("tags"),
        tags_ignore=patterns("tags-ignore"),
        paths=patterns("paths"),
        paths_ignore=patterns("paths-ignore"),
        types=patterns("types"),
    )


def _jobs(key: str, table: object, folder: str, shared: Mapping[str, str]) -> list[Job]:
    """The jobs that one job of the file becomes, in its matrix's order."""
    if not isinstance(table, dict):
        raise _Invalid(f"job `{key}` is not a mapping")
    if "runs-on" not in table and "uses" not in table:
        raise _Invalid(f"job `{key}` needs `runs-on`")
    strategy = table.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    folder = _folder(table, folder)
    permissions = _permissions(table, shared)
    return [_job(key, table, combination, folder, permissions) for combination in combinations(matrix)]


def _job(key: str, table: Mapping[str, Any], matrix: Combination, folder: str, permissions: Mapping[str, str]) -> Job:
    title = str(table.get("name") or key)
    name = fill(title, matrix) if "${{" in title else title + suffix(matrix)
    environment = table.get("environment")
    if isinstance(environment, dict):
        environment = environment.get("name")
    runs_on = table.get("runs-on") or ""
    if isinstance(runs_on, dict):
        runs_on = runs_on.get("labels") or ""
    steps = [step for step in _list(table.get("steps")) if isinstance(step, dict)]
    return Job(
        id=key,
        name=name[:100],
        matrix=matrix,
        needs=tuple(str(need) for need in _list(table.get("needs"))),
        can_fail=fill(text_of(table.get("continue-on-error")), matrix).lower() == "true",
        condition=fill(text_of(table.get("if")), matrix),
        environment=fill(str(environment), matrix) if environment else None,
        runs_on=" ".join(fill(str(label), matrix) for label in _list(runs_on)),
        steps=tuple(_step(step, matrix, folder) for step in steps),
        permissions=permissions,
    )


def _step(table: Mapping[str, Any], matrix: Combination, folder: str) -> Step:
    uses, run = fill(text_of(table.get("uses")), matrix), fill(text_of(table.get("run")), matrix)
    inputs = table.get("with")
    name = fill(text_of(table.get("name")), matrix)
    return Step(
        name=name or f"Run {uses or run.strip().partition(chr(10))[0]}",
        uses=uses,
        run=run,
        inputs={str(k): fill(text_of(v), matrix) for k, v in inputs.items()} if isinstance(inputs, dict) else {},
        condition=fill(text_of(table.get("if")), matrix),
        folder=fill(text_of(table.get("working-directory")), matrix) or folder,
    )


def _permissions(table: Mapping[str, Any], outer: Mapping[str, str]) -> Mapping[str, str]:
    """`permissions` of a workflow or job; a job's take the place of the workflow's."""
    given = table.get("permissions", outer)
    if isinstance(given, str):
        return {"*": given.removesuffix("-all")}
    return {str(scope): str(level) for scope, level in given.items()} if isinstance(given, dict) else {}


def _folder(table: Mapping[str, Any], outer: str) -> str:
    """`defaults.run.working-directory` of a workflow or job."""
    defaults = table.get("defaults")
    run = defaults.get("run") if isinstance(defaults, dict) else None
    return str(run.get("working-directory") or outer) if isinstance(run, dict) else outer


def _check_needs(jobs: tuple[Job, ...]) -> None:
    """Every `needs` names a job, and none needs itself by a detour."""
    needs = {job.id: set(job.needs) for job in jobs}
    for key, wanted in needs.items():
        if unknown := sorted(wanted - needs.keys()):
            raise _Invalid(f"job `{key}` depends on unknown job `{unknown[0]}`")
    while needs:
        free = {key for key, wanted in needs.items() if not wanted & needs.keys()}
        if not free:
            raise _Invalid("the workflow must contain at least one job with no dependencies")
        needs = {key: wanted for key, wanted in needs.items() if key not in free}


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
