"""What reported about a commit, each thing with the names by which it may be required."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.github.facts import ACTIONS_APP, PASSING, STATUS, Check, CommitChecks, Job, WorkflowRun
from bot.release.answers import Detail

DYNAMIC, CODEQL = "dynamic/", "dynamic/github-code-scanning/"
"""Paths of runs that have no workflow file. No documentation lists them; they are seen in public threads, such as
gptme/gptme-contrib#1640 (Dependabot) and Rul1an/assay#3035 (CodeQL).
"""
GONE = ""
"""Stands for the branch of a check of which GitHub names none any more: it is not the base branch, which is there."""
BY_HAND, QUEUED = "workflow_dispatch", "merge_group"
QUEUE = "gh-readonly-queue/{branch}/pr-"
"""What the names of a merge queue's branches begin with, as in https://github.com/imbue-ai/sculptor/pull/393. A push of
such a branch starts workflows, too; those runs are none of the base branch.
"""


@dataclass(frozen=True, slots=True)
class Item:
    """Anything that can be green or red: a workflow run, a check run, a commit status."""

    names: frozenset[str]
    status: str
    conclusion: str | None
    failures: tuple[Detail, ...]
    run: WorkflowRun | None = None
    of_actions: bool = False
    """Whether it is a run of a file below .github/workflows that tests the commit, or a job of one."""
    by_another: bool = False
    """Whether it is a commit status, or a check of an App that is not GitHub Actions."""
    branch: str | None = None
    """The branch that it was reported for; None of a commit status, of which nobody tells, and of what is no check."""

    @property
    def label(self) -> str:
        """Its shortest name."""
        return min(self.names, key=len)

    @property
    def ended(self) -> bool:
        """Whether it has a result."""
        return self.status == "completed"

    @property
    def passed(self) -> bool:
        """Whether it ended as GitHub counts well; skipped and neutral are no reason against a commit."""
        return self.ended and self.conclusion in PASSING

    @property
    def proves(self) -> bool:
        """Whether something of the repository's own ran and succeeded: what was skipped proves nothing."""
        return self.of_actions and self.ended and self.conclusion == "success"


@dataclass(frozen=True, slots=True)
class Reported:
    """All that reported about one commit."""

    workflows: Mapping[str, Item]
    """By path: what each workflow file found, in the run that counts."""
    by_hand: Mapping[str, Item]
    """The same of workflows that only a person started."""
    codeql: tuple[Item, ...]
    checks: tuple[Item, ...]
    """Jobs of Actions, check runs of other Apps and commit statuses."""
    apart: tuple[Item, ...]
    """Runs that GitHub starts by itself, but for CodeQL's."""

    def named(self, name: str) -> tuple[Item, ...]:
        """What has this name; a workflow file, a workflow or a check."""
        return tuple(item for item in self._items if name in item.names)

    @property
    def names(self) -> frozenset[str]:
        """Every name that something has."""
        return frozenset(name for item in self._items for name in item.names)

    @property
    def _items(self) -> tuple[Item, ...]:
        """What may be required."""
        return (*self.workflows.values(), *self.by_hand.values(), *self.codeql, *self.checks)


def reported(checks: CommitChecks, branch: str) -> Reported:
    """What counts on a commit of `branch`.

    A run counts by its newest attempt, when a push to the branch, a merge queue or a person's dispatch started it: a
    tag's own publish run or a nightly run says nothing about the commit.
    """
    runs: dict[str, list[WorkflowRun]] = {}
    dynamic = [run for run in checks.runs if is_dynamic(run)]
    attempts = {run.id: run for run in sorted(checks.runs, key=_age)}
    for run in (run for run in attempts.values() if _tests(run, branch) and not is_dynamic(run)):
        runs.setdefault(run.workflow_path, []).append(run)
    items = {path: _item(_that_counts(of), checks) for path, of in runs.items()}
    pushed = {path for path, of in runs.items() if any(run.event != BY_HAND for run in of)}
    scanned = [run for run in dynamic if run.path.startswith(CODEQL) and run.head_branch == branch]
    counted = frozenset(run.id for of in runs.values() for run in of)
    return Reported(
        workflows={path: item for path, item in items.items() if path in pushed},
        by_hand={path: item for path, item in items.items() if path not in pushed},
        codeql=tuple(_item(_newest(of), checks) for of in _by_workflow(scanned)),
        checks=tuple(_check(check, counted) for check in checks.checks),
        apart=tuple(_item(run, checks) for run in dynamic if not run.path.startswith(CODEQL)),
    )


def on_pull_request(checks: CommitChecks) -> tuple[Item, ...]:
    """What reported about the head of a pull request; none of it proves anything of the commit that it is merged as."""
    runs = {run.workflow_path: run for run in sorted(checks.runs, key=_age) if run.event == "pull_request"}
    items = (replace(_item(run, checks), run=None, of_actions=False) for run in runs.values())
    return (*items, *(_check(check, frozenset()) for check in checks.checks))


def last_news(checks: CommitChecks, branch: str) -> Iterable[WorkflowRun]:
    """The runs whose changes are news about the commit."""
    return (run for run in checks.runs if _tests(run, branch) or run.path.startswith(CODEQL))


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


def newest_attempts(runs: Iterable[WorkflowRun]) -> tuple[WorkflowRun, ...]:
    """One run a workflow: the one with the highest number and attempt."""
    return tuple({run.workflow_id: run for run in sorted(runs, key=_age)}.values())


def is_dynamic(run: WorkflowRun) -> bool:
    """Whether GitHub started it by itself; such a run has no workflow file."""
    return run.event == "dynamic" or run.path.startswith(DYNAMIC)


def _that_counts(runs: list[WorkflowRun]) -> WorkflowRun:
    """Of one workflow's runs on a commit: what one found green, a later one that was cancelled or skipped, or that a
    person started, does not take back. A push's or queue's run that goes on or failed does.
    """
    if any(run.conclusion == "success" for run in runs):
        runs = [run for run in runs if run.conclusion == "success" or _says_more(run)]
    return _newest(runs)


def _says_more(run: WorkflowRun) -> bool:
    return run.event != BY_HAND and run.conclusion not in ("cancelled", "skipped", "neutral")


def _newest(runs: Iterable[WorkflowRun]) -> WorkflowRun:
    return max(runs, key=_age)


def _age(run: WorkflowRun) -> tuple[int, int]:
    return (run.number, run.attempt)


def _by_workflow(runs: Iterable[WorkflowRun]) -> Iterable[list[WorkflowRun]]:
    found: dict[int, list[WorkflowRun]] = {}
    for run in runs:
        found.setdefault(run.workflow_id, []).append(run)
    return found.values()


def _tests(run: WorkflowRun, branch: str) -> bool:
    if run.event == QUEUED:
        return run.head_branch.startswith(QUEUE.format(branch=branch))
    return run.event in {"push", BY_HAND} and run.head_branch == branch


def _item(run: WorkflowRun, checks: CommitChecks) -> Item:
    failures = describe_failure(run, checks.jobs.get(run.id, ()))
    names = frozenset({run.file, run.name, run.workflow_path})
    return Item(names, run.status, run.conclusion, failures, run, of_actions=not is_dynamic(run))


def _check(check: Check, counted: frozenset[int]) -> Item:
    names = frozenset({check.name, f"{check.app}/{check.name}"})
    told = (Detail(f"{check.name}: {check.conclusion or check.status}", check.url),)
    return Item(
        names,
        check.status,
        check.conclusion,
        told,
        of_actions=check.run in counted,
        by_another=check.app != ACTIONS_APP,
        branch=None if check.app == STATUS else check.branch or GONE,
    )
