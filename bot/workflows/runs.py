"""Which jobs and steps run when something happens: one question, one function.

`run_of` takes for granted that what runs ends well; `holds` says the same of a job when others have ended otherwise.
Rules: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds and
#jobsjob_idif; reusable workflows:
https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.packaging.runners import Host, of_runner
from bot.workflows.actions import NOTHING, Local, own_path
from bot.workflows.document import text_of
from bot.workflows.events import Event
from bot.workflows.files import Job, RunStep, Workflow
from bot.workflows.language.evaluate import condition, expanded, filled, written
from bot.workflows.matrix import Combination, combinations
from bot.workflows.steps import flag, labels_of, steps_of
from bot.workflows.values import UNKNOWN, Partial, Scope, Status, Truth, Unknown, Value

_MOST_WORK = 5_000_000
"""Characters of all jobs of a run, all combinations together, that are filled in; the rest is not known."""
_MOST_JOBS = 1_000
"""Jobs of one file, and of one run, that are looked at."""
_DEEPEST = 10
"""Workflows that call each other and are followed, the first one included."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition before a job: its own, or that of the job that calls its workflow."""

    condition: Value
    needs: Mapping[str, tuple[str, ...]]
    """For each job that it needs, by its key in the file: the ids of the jobs of the run that it stands for."""
    before: frozenset[str]
    """The ids of those jobs, and of all that they need."""
    contexts: Mapping[str, Value]
    outputs: Mapping[str, Value]
    """Of the needed jobs, by key, for when they run."""


@dataclass(frozen=True, slots=True)
class RunJob:
    """One job of a run: a job of a file for one combination of its matrix."""

    id: str
    """Its key in the file; behind the caller's and a slash in a called workflow. Combinations share it."""
    name: str
    """As GitHub shows it."""
    path: str
    """The workflow file that it stands in."""
    runs: Truth = True
    """Whether it runs when all before it end well."""
    matrix: Mapping[str, Value] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    """All must hold; the outermost caller's stands first."""
    needs: frozenset[str] = frozenset()
    """The ids that must have ended before it begins."""
    may_fail: Truth = False
    """`continue-on-error`."""
    environment: str | None = None
    environment_url: str = ""
    host: Host | None = None
    """The machine that it runs on; None when its labels do not tell."""
    image: str = ""
    """The container image that its steps run in; empty where that is the machine itself."""
    steps: tuple[RunStep, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    """Of its file and itself."""
    permissions: Mapping[str, str] = field(default_factory=dict)
    calls: str = ""
    """The workflow that it calls, where that is not known here."""
    unknown: str = ""
    """What of it only a run can tell, as a sentence about it; empty when nothing is left open but single values."""

    @property
    def may_identify(self) -> bool:
        """Whether it can get an OIDC token, which trusted publishing needs."""
        return self.permissions.get("id-token", self.permissions.get("*")) == "write"


def run_of(
    workflow: Workflow, event: Event, files: Mapping[str, Workflow], local: Local = NOTHING
) -> tuple[RunJob, ...]:
    """The jobs of the run that an event starts, whether or not it starts one.

    `files` are the workflows of the same commit by path, for those that it calls; `local` the other files of that
    commit, for the actions and scripts in it that its steps run.
    """
    inputs: Value = {} if event.name not in ("", "workflow_dispatch") else UNKNOWN
    return tuple(_Run(event, files, local).jobs(workflow, _Caller(inputs, files=(workflow.path,))))


def holds(gates: Sequence[Gate], endings: Mapping[str, Collection[str | Unknown]], *, cancelled: bool = False) -> Truth:
    """Whether a job runs, by how the jobs before it ended: `success`, `failure`, `cancelled`, `skipped` by id."""
    unknown = False
    for gate in gates:
        ended = {ending for one in gate.before for ending in endings.get(one, ())}
        bad = ended & {"failure", "cancelled", "skipped"}
        success = False if bad or cancelled else UNKNOWN if UNKNOWN in ended else True
        needs = {key: _needed(gate, key, ids, endings) for key, ids in gate.needs.items()}
        status = Status(success, "failure" in ended, cancelled)
        verdict = condition(gate.condition, Scope({**gate.contexts, "needs": needs}, status))
        if verdict is False:
            return False
        unknown |= verdict is UNKNOWN
    return UNKNOWN if unknown else True


def _needed(gate: Gate, key: str, ids: Sequence[str], endings: Mapping[str, Collection[str | Unknown]]) -> Value:
    ended = {ending for one in ids for ending in endings.get(one, ())}
    order = ("failure", "cancelled", UNKNOWN, "success", "skipped")
    result = next((each for each in order if each in ended), "skipped")  # docs/live-check.md#skipped-call-result
    return {"result": result, "outputs": {} if result == "skipped" else gate.outputs.get(key, UNKNOWN)}


@dataclass(frozen=True, slots=True)
class _Caller:
    """What a workflow's jobs have from the job that calls it; of a workflow that nobody calls nothing."""

    inputs: Value
    path: str = ""
    name: str = ""
    gates: tuple[Gate, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """The workflows that are being called, the first one first."""


class _Run:
    def __init__(self, event: Event, files: Mapping[str, Workflow], local: Local) -> None:
        self._event = event
        self._files = files
        self._local = local
        self._endings: dict[str, set[str | Unknown]] = {}
        self._work = self._count = 0

    def jobs(self, workflow: Workflow, caller: _Caller) -> Iterator[RunJob]:
        """The jobs of a file, in its order."""
        if len(workflow.jobs) > _MOST_JOBS:
            known = f"it has more than {_MOST_JOBS} jobs"
            yield RunJob(caller.path, caller.name or workflow.name, workflow.path, UNKNOWN, unknown=known)
            return
        made: dict[str, list[RunJob]] = {}
        contexts = {"github": self._event.github, "inputs": caller.inputs}
        for job in (workflow.jobs[key] for key in workflow.order):
            gate = _gate(job, workflow, made, contexts)
            gates = (*caller.gates, gate)
            needs = {key: _needed(gate, key, ids, self._endings) for key, ids in gate.needs.items()}
            one = RunJob(
                id=caller.path + job.id,
                name=caller.name + (job.name or job.id),
                path=workflow.path,
                runs=holds(gates, self._endings),
                gates=gates,
                needs=frozenset(each for gate in gates for ids in gate.needs.values() for each in ids),
                permissions=caller.permissions if job.permissions is None else job.permissions,
            )
            made[job.id] = list(self._made(workflow, job, one, Scope({**contexts, "needs": needs}), caller))
            for each in made[job.id]:
                ending = UNKNOWN if isinstance(each.runs, Unknown) else "success" if each.runs else "skipped"
                self._endings.setdefault(each.id, set()).add(ending)
        for key in workflow.jobs:
            yield from made[key]

    def _made(self, workflow: Workflow, job: Job, one: RunJob, scope: Scope, caller: _Caller) -> Iterator[RunJob]:
        """A job for each combination of its matrix, or the jobs of the workflow that it calls."""
        found = combinations(expanded(job.matrix, scope)) if self._work < _MOST_WORK else UNKNOWN
        several = 1 if isinstance(found, Unknown) else len(found)
        self._work += job.size * several
        self._count += several
        if self._work > _MOST_WORK or self._count > _MOST_JOBS:
            yield replace(one, unknown="its run is larger than what is looked through")
        elif found == ():
            never = replace(one.gates[-1], condition="false")
            yield replace(one, runs=False, gates=(*one.gates[:-1], never))
        elif isinstance(found, Unknown):
            known = replace(one, matrix=Partial(), unknown="its matrix is computed, or larger than GitHub allows")
            yield from self._for(Combination(Partial()), workflow, job, known, scope, caller)
        else:
            for combination in found:
                yield from self._for(combination, workflow, job, one, scope, caller)

    def _for(
        self, made: Combination, workflow: Workflow, job: Job, one: RunJob, scope: Scope, caller: _Caller
    ) -> Iterator[RunJob]:
        here = Scope({**scope.contexts, "matrix": made.values})
        name = written(one.name, here) if "${{" in one.name else one.name + made.shown
        one = replace(one, name=name if len(name) <= 100 else f"{name[:97]}...", matrix=made.values)
        if job.uses:
            yield from self._called(job, one, here, made.shown, caller)
        else:
            yield self._whole(workflow, job, one, here)

    def _whole(self, workflow: Workflow, job: Job, one: RunJob, scope: Scope) -> RunJob:
        labels = expanded(job.runs_on, scope)
        host = of_runner(labels_of(labels))
        env = {key: written(text, scope) for key, text in (*workflow.env.items(), *job.env.items())}
        return replace(
            one,
            may_fail=flag(job.continue_on_error, scope),
            environment=written(job.environment, scope) or None,
            environment_url=written(job.environment_url, scope),
            host=host,
            image=written(job.container, scope),
            env=env,
            steps=steps_of(job, scope, host, env, self._local),
        )

    def _called(self, job: Job, one: RunJob, scope: Scope, shown: str, caller: _Caller) -> Iterator[RunJob]:
        """The jobs of a reusable workflow; the caller alone when it is skipped, or calls what is not there."""
        path = own_path(job.uses)
        called = self._files.get(path) if path else None
        if one.runs is False:
            yield one
        elif called is None or called.problem or path in caller.files or len(caller.files) >= _DEEPEST:
            yield replace(one, calls=job.uses, unknown=f"it calls {job.uses}, which is not known here")
        else:
            inside = _Caller(
                inputs=_inputs(called, job, scope),
                path=f"{one.id}{shown}/",
                name=f"{one.name} / ",
                gates=one.gates,
                permissions=one.permissions,
                files=(*caller.files, path),
            )
            yield from self.jobs(called, inside)


def _gate(job: Job, workflow: Workflow, made: Mapping[str, Sequence[RunJob]], contexts: Mapping[str, Value]) -> Gate:
    needed = [one for need in job.needs for one in made[need]]
    before = {one.id for one in needed}.union(*(one.gates[-1].before for one in needed if one.gates))
    outputs = {need: _outputs(workflow.jobs[need], contexts) for need in job.needs}
    ids = {need: tuple(dict.fromkeys(one.id for one in made[need])) for need in job.needs}
    return Gate(job.condition, ids, frozenset(before), contexts, outputs)


def _outputs(job: Job, contexts: Mapping[str, Value]) -> Value:
    """A job's outputs are text; those that hang on its steps or matrix are not known."""
    if job.uses:
        return UNKNOWN
    values = {key: filled(text, Scope(contexts)) for key, text in job.outputs.items()}
    return {key: each if isinstance(each, Unknown) else text_of(each) for key, each in values.items()}


def _inputs(called: Workflow, job: Job, scope: Scope) -> dict[str, Value]:
    """What a called workflow is given, else the defaults; one that it does not declare is an error on GitHub."""
    defaults: dict[Any, Value] = {"boolean": False, "number": 0.0}
    given = {key.lower(): value for key, value in job.inputs.items()}
    made = {}
    for key, about in called.inputs.items():
        value = given.get(key.lower(), about.get("default", defaults.get(about.get("type"), "")))
        made[key] = _typed(expanded(value, scope), about.get("type"))
    return made


def _typed(value: Value, kind: Value) -> Value:
    if kind == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), UNKNOWN)
    return text_of(value) if kind == "string" and isinstance(value, bool | float) else value
