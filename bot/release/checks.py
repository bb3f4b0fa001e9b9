"""Is CI green on a commit? The rules are those of branch protection, made strict enough to tag by.

- A workflow run counts by its newest attempt, and only when a push to the branch, a merge queue or a person's
  dispatch started it: a tag's own publish run or a nightly run says nothing about the commit.
- Runs that GitHub starts by itself (Dependabot, Pages, Copilot; their path begins with `dynamic/`) say nothing of the
  commit either, but for CodeQL: what it finds is evidence against the commit. That it finds nothing is no evidence
  that CI passed.
- Passing is success, skipped or neutral; anything else that ended is failing (cancelled too: at the tip of a
  branch nobody knows what a cancelled run would have said).
- "No checks" is not green, and neither is "all green so far": a settle time without news must pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.github.facts import ACTIONS_APP, PASSING, Check, CommitChecks, Job, WorkflowRun
from bot.release.answers import Detail
from bot.release.facts import Timeouts

DYNAMIC, CODEQL = "dynamic/", "dynamic/github-code-scanning/"
"""Paths of runs that have no workflow file. No documentation lists them; they are seen in public threads, such as
gptme/gptme-contrib#1640 (Dependabot) and Rul1an/assay#3035 (CodeQL).
"""


class CIState(Enum):
    """The verdict on one commit."""

    GREEN = auto()
    RUNNING = auto()
    RED = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class CI:
    """The verdict with its evidence."""

    state: CIState
    failed: tuple[Detail, ...] = ()
    running: tuple[str, ...] = ()
    failed_runs: tuple[WorkflowRun, ...] = ()
    settles_at: datetime | None = None
    """When green will count, if nothing else happens; only while RUNNING."""


@dataclass(frozen=True, slots=True)
class _Item:
    """Anything that can be green or red: a workflow run, a check run, a commit status."""

    names: frozenset[str]
    status: str
    conclusion: str | None
    failures: tuple[Detail, ...]
    run: WorkflowRun | None = None

    @property
    def label(self) -> str:
        return min(self.names, key=len)

    @property
    def ended(self) -> bool:
        return self.status == "completed"

    @property
    def passed(self) -> bool:
        return self.ended and self.conclusion in PASSING


def judge_ci(checks: CommitChecks, required: tuple[str, ...], *, branch: str, now: datetime, timeouts: Timeouts) -> CI:
    """Whether `checks` make their commit green for a release from `branch`.

    `required` names workflow files, workflows or checks; when it is empty, everything that ran is required.
    """
    items = _items(checks, branch)
    age = (now - checks.committed_at).total_seconds()
    overdue = age >= timeouts.ci_appears
    if required:
        found = {name: [item for item in items if name in item.names] for name in required}
        missing = tuple(name for name, matches in found.items() if not matches)
        items = list({id(item): item for matches in found.values() for item in matches}.values())
    else:
        missing = ()
        items = [item for item in items if item.run is not None or not _is_job_of_actions(item)]
    failed = [item for item in items if item.ended and not item.passed]
    details = [detail for item in failed for detail in item.failures]
    if overdue and items:
        details += [Detail(f"{name}: required, but it never reported") for name in missing]
    if details:
        return CI(CIState.RED, tuple(details), failed_runs=tuple(item.run for item in failed if item.run))
    if not items and overdue:
        return CI(CIState.SILENT)
    running = tuple(item.label for item in items if not item.ended) + missing
    if running or not items:
        return CI(CIState.RUNNING, running=running)
    settles_at = _last_news(checks, branch) + timedelta(seconds=timeouts.settle)
    if now < settles_at:
        return CI(CIState.RUNNING, settles_at=settles_at)
    return CI(CIState.GREEN)


def newest_attempts(runs: Iterable[WorkflowRun]) -> tuple[WorkflowRun, ...]:
    """One run a workflow: the one with the highest number and attempt."""
    newest: dict[int, WorkflowRun] = {}
    for run in runs:
        known = newest.get(run.workflow_id)
        if known is None or (run.number, run.attempt) > (known.number, known.attempt):
            newest[run.workflow_id] = run
    return tuple(newest.values())


def describe_failure(run: WorkflowRun, jobs: tuple[Job, ...]) -> tuple[Detail, ...]:
    """What failed in a run that did not end well: its failed jobs by name and step, else the run itself."""
    failed = [job for job in jobs if job.status == "completed" and job.conclusion not in PASSING]
    if not failed:
        return (Detail(f"{run.name}: {run.conclusion}", run.url),)
    return tuple(
        Detail(
            f"{run.name} / {job.name}: {job.conclusion}" + (f" in “{job.failed_step}”" if job.failed_step else ""),
            job.url,
        )
        for job in failed
    )


def _items(checks: CommitChecks, branch: str) -> list[_Item]:
    newest = newest_attempts(run for run in checks.runs if _tests_branch(run, branch))
    runs = [run for run in newest if not (_is_dynamic(run) and run.conclusion in PASSING)]
    items = [
        _Item(
            frozenset({run.file, run.name, run.path}),
            run.status,
            run.conclusion,
            describe_failure(run, checks.jobs.get(run.id, ())),
            run,
        )
        for run in runs
    ]
    return items + [_check_item(check) for check in checks.checks]


def _check_item(check: Check) -> _Item:
    names = frozenset({check.name, f"{check.app}/{check.name}"})
    return _Item(names, check.status, check.conclusion, (Detail(f"{check.name}: {check.conclusion}", check.url),))


def _is_job_of_actions(item: _Item) -> bool:
    return any(name.startswith(f"{ACTIONS_APP}/") for name in item.names)


def _tests_branch(run: WorkflowRun, branch: str) -> bool:
    if run.event == "merge_group":
        return True
    if _is_dynamic(run) and not run.path.startswith(CODEQL):
        return False
    return run.event in {"push", "workflow_dispatch", "dynamic"} and run.head_branch == branch


def _is_dynamic(run: WorkflowRun) -> bool:
    return run.event == "dynamic" or run.path.startswith(DYNAMIC)


def _last_news(checks: CommitChecks, branch: str) -> datetime:
    return max([checks.committed_at, *(run.updated_at for run in checks.runs if _tests_branch(run, branch))])
