"""The steps of a job as a run has them: values filled in, local composite actions in the place of what uses them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.packaging.runners import Host
from bot.workflows.actions import Local
from bot.workflows.document import text_of
from bot.workflows.files import Job, RunStep, Step
from bot.workflows.language.evaluate import condition, expanded, written
from bot.workflows.values import UNKNOWN, Partial, Scope, Truth, Value, is_known, truth

_DEEPEST = 10
"""Composite actions that use each other and are followed.

https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runsstepsuses
"""
_MOST_STEPS = 1_000
"""Steps of one job that are looked at, those of its actions included."""


def steps_of(job: Job, scope: Scope, host: Host | None, env: Mapping[str, str], local: Local) -> tuple[RunStep, ...]:
    """The steps of a job for one combination of its matrix."""
    inside = Scope({**scope.contexts, "runner": _runner(host)})
    changes_env = any("GITHUB_ENV" in step.run for step in job.steps)
    made = local.made([written(step.run, inside) for step in job.steps if ">" in step.run or "cp " in step.run])
    around = _Around(env, job.folder, local, made, changes_env=changes_env)
    found: list[RunStep] = []
    for step in job.steps:
        found += around.steps(step, inside)
        if len(found) > _MOST_STEPS:
            break
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a step has from its job, or from the step that uses its action."""

    env: Mapping[str, str]
    folder: str
    local: Local
    made: Mapping[str, str]
    changes_env: bool
    """A script of the job sets variables, so that those that the file sets are no longer certain."""
    caller: RunStep | None = None
    depth: int = 0

    def steps(self, step: Step, scope: Scope) -> Iterator[RunStep]:
        """A step, or those of the action in its place."""
        own = {**self.env, **{key: written(text, scope) for key, text in step.env.items()}}
        certain = {} if self.changes_env else {key: text for key, text in own.items() if "${{" not in text}
        here = Scope({**scope.contexts, "env": Partial(certain)})
        one = self._one(step, own, here)
        action = self.local.action(one.uses) if one.uses and self.depth < _DEEPEST else None
        if action is None or one.runs is False:
            yield one
            return
        given = {key.lower(): value for key, value in step.inputs.items()}
        inputs = {key: expanded(given.get(key.lower(), text), here) for key, text in action.defaults.items()}
        inside = Scope({**scope.contexts, "inputs": inputs, "steps": UNKNOWN})
        around = replace(self, env=own, folder="", caller=one, depth=self.depth + 1)
        for inner in action.steps:
            yield from around.steps(inner, inside)

    def _one(self, step: Step, own: Mapping[str, str], here: Scope) -> RunStep:
        uses, run = written(step.uses, here), written(step.run, here)
        folder = written(step.folder or self.folder, here) or "."
        runs, may_fail = condition(step.condition, here), flag(step.continue_on_error, here)
        name = written(step.name, here) or f"Run {uses or run.strip().partition(chr(10))[0]}"
        if self.caller is not None:
            runs, name = _both(self.caller.runs, runs), self.caller.name
            may_fail = True if self.caller.may_fail is True else may_fail
        return RunStep(
            name=name,
            uses=uses,
            run=run,
            inputs={key: written(text, here) for key, text in step.inputs.items()},
            env=own,
            condition=step.condition,
            continue_on_error=step.continue_on_error,
            folder=folder,
            runs=runs,
            may_fail=may_fail,
            scripts=self.local.scripts(run, folder, self.made),
        )


def _both(first: Truth, second: Truth) -> Truth:
    return False if False in (first, second) else True if first is True and second is True else UNKNOWN


def labels_of(value: Value) -> list[str]:
    """The labels of `runs-on`; none that is not known: labels of which one is not told tell nothing."""
    labels = value if isinstance(value, list) else [value]
    return [text_of(label) for label in labels] if is_known(labels) else []


def flag(value: Value, scope: Scope) -> Truth:
    """`continue-on-error`: false where it is not said. A text counts by what it says."""
    found = expanded(value, scope)
    return found.strip().lower() == "true" if isinstance(found, str) else truth(found)


def _runner(host: Host | None) -> Value:
    """The `runner` context, as far as the labels tell it."""
    if host is None:
        return UNKNOWN
    known = {"os": {"linux": "Linux", "macos": "macOS", "windows": "Windows"}[host.system]}
    if host.architecture:
        known["arch"] = {"x86_64": "X64"}.get(host.architecture, "ARM64")
    return Partial(known)
