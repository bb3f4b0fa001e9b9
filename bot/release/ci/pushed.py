"""Which workflow runs a commit must have: those that its own workflow files start when it is pushed to its branch.

What GitHub compares, and where it gives up, is told at
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#git-diff-comparisons: a push to a
branch that exists is held directly against what the branch was; of the files that differ only the first 300 are looked
at; with more than 1,000 commits, or where GitHub cannot make the comparison in time, the workflow always runs. So a
workflow with a `paths` filter is certain only up to 300 files, and a run that came unexpectedly always counts.

Here a commit is held against its first parent. That is the same for a merge, a squash and a push of one commit; of
several commits that are pushed together only the last one's files are known, so that a run may come unexpectedly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.release.answers import Detail
from bot.workflows.events import merge_group, push
from bot.workflows.files import Workflow, started
from bot.workflows.runs import run_of
from bot.workflows.triggers import Filters, skips_ci, starts
from bot.workflows.values import UNKNOWN, Truth

FILES_LOOKED_AT = 300
"""Of a push that changes more, nobody knows which files GitHub holds against a filter.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#git-diff-comparisons
"""


@dataclass(frozen=True, eq=False, slots=True)
class Pushed:
    """One commit as it was pushed: its own workflow files, and what it changes."""

    commit: str
    branch: str
    files: Mapping[str, Workflow] = field(repr=False)
    """By path."""
    changed: frozenset[str] | None = None
    """Paths that differ from its first parent; None when they are not known, or were not needed."""
    message: str = ""
    queued: bool = False
    """Whether its branch takes changes through a merge queue only, so that the queue's workflows ran on it before."""

    @property
    def expected(self) -> Mapping[str, Truth]:
        """The paths of the workflows that the push, or the queue before it, starts, or may start (UNKNOWN)."""
        return _expected(self)

    @property
    def hangs_on_paths(self) -> bool:
        """Whether one has to know what the commit changes."""
        return UNKNOWN in started(self.files, push(self.ref)).values()

    @property
    def skips_ci(self) -> bool:
        """Whether its message keeps its workflows from starting."""
        return skips_ci(self.message)

    @property
    def ref(self) -> str:
        """The full name of its branch."""
        return f"refs/heads/{self.branch}"

    @property
    def jobs(self) -> frozenset[str]:
        """Names of the checks that the expected runs make, as far as they are known before."""
        pushed, queue = push(self.ref, self.changed), merge_group(self.branch)
        by_push = started(self.files, pushed)
        runs = (run_of(self.files[path], pushed if path in by_push else queue, self.files) for path in self.expected)
        return frozenset(job.name for run in runs for job in run)

    @property
    def only_queued(self) -> frozenset[str]:
        """The paths of the expected workflows that only the merge queue starts."""
        return frozenset(self.expected) - started(self.files, push(self.ref)).keys()

    def why_not(self) -> tuple[Detail, ...]:
        """Why each workflow that could test a push does not run for this one; of others nothing is said."""
        silent = (each for path, each in self.files.items() if path not in self.expected)
        return tuple(Detail(f"{each.file}: {why}") for each in silent if (why := self._why_not(each)))

    def _why_not(self, workflow: Workflow) -> str:
        filters = workflow.triggers.get("push")
        if workflow.problem is not None:
            return f"GitHub cannot read it ({workflow.problem.what})"
        if filters is None:
            return "does not run on pushes" if {"pull_request", "merge_group"} & workflow.triggers.keys() else ""
        anything = replace(filters, paths=None, paths_ignore=None)
        if starts({"push": anything}, push(self.ref)) is False:
            return "" if _for_tags_only(filters) else f"does not run for the branch {self.branch}"
        return "its `paths` take none of the changed files" if filters.paths else "its `paths-ignore` takes every file"

    @property
    def can_run(self) -> bool:
        """Whether some push to the branch, of whatever files, starts a workflow, or the merge queue before it does."""
        return (self.queued and self.has_queued) or bool(started(self.files, push(self.ref)))

    @property
    def has_queued(self) -> bool:
        """Whether a merge queue to the branch, where there is one, starts a workflow."""
        return bool(started(self.files, merge_group(self.branch)))


@lru_cache(maxsize=64)  # each look asks several times
def _expected(pushed: Pushed) -> Mapping[str, Truth]:
    by_queue = started(pushed.files, merge_group(pushed.branch)) if pushed.queued else {}
    found = {**started(pushed.files, push(pushed.ref, pushed.changed)), **by_queue}
    if pushed.changed is None or len(pushed.changed) <= FILES_LOOKED_AT:
        return found
    return {
        path: UNKNOWN if _by_paths(pushed.files[path]) and path not in by_queue else verdict
        for path, verdict in found.items()
    }


def _by_paths(workflow: Workflow) -> bool:
    filters = workflow.triggers.get("push", Filters())
    return filters.paths is not None or filters.paths_ignore is not None


def _for_tags_only(filters: Filters) -> bool:
    tags = filters.tags is not None or filters.tags_ignore is not None
    return tags and filters.branches is None and filters.branches_ignore is None
