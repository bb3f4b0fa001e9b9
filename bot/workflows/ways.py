"""The ways in which a workflow may come to publish what a tag stands for: what starts it, and which jobs run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.workflows.actions import Local
from bot.workflows.commands import commands
from bot.workflows.events import (
    Event,
    created,
    dispatch,
    finished_run,
    pull_request,
    pull_request_target,
    push,
    push_of_tag,
    release,
)
from bot.workflows.files import Workflow
from bot.workflows.runs import RunJob, run_of
from bot.workflows.triggers import Filters, starts
from bot.workflows.values import Partial, Truth

RELEASE_TYPES = ("published", "created", "released")
"""What GitHub says of a GitHub Release that is made at once: one run each, for a workflow that names no types.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#release
"""
_BRANCHES = ("main", "master")
"""What default branches are called, for workflows that name none."""
_MOST_BRANCHES = 3


class Start(StrEnum):
    """What makes a package's publish workflow run."""

    TAG = "tag"
    """The push of its tag."""
    RELEASE = "release"
    """Only a GitHub Release that is published."""
    RUN = "run"
    """The end of another workflow's run, which the tag's push starts (`workflow_run`), or a command of such a run."""
    BRANCH = "branch"
    """A push to a branch, or a pull request into it: what is published is whatever stands there."""
    ROBOT = "robot"
    """Another robot, which chooses the version, tags and publishes by itself."""
    HAND = "hand"
    """Only a person, who starts the workflow."""
    NOBODY = "nobody"
    """No workflow, as far as the files say: a person, from a machine."""
    UNKNOWN = "unknown"
    """Something that the files do not tell, such as another repository or a clock."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way for a workflow to run."""

    start: Start
    jobs: tuple[RunJob, ...]
    starts: Truth = True
    """Whether it does start the workflow; UNKNOWN where that hangs on what is not known."""
    after: str = ""
    """Of Start.RUN: path of the workflow that it follows."""
    branch: str = ""
    """Of Start.BRANCH: a branch whose push starts it; empty for a pull request."""


def ways_by_tag(
    workflow: Workflow, tag: str, files: Mapping[str, Workflow], local: Local, known: Mapping[str, str]
) -> Iterator[Way]:
    """The ways in which a tag, or its GitHub Release, starts a workflow, whether or not its jobs publish then."""
    seen = _Seen(workflow, files, local)
    yield from seen.run(push_of_tag(tag, **known), Start.TAG)
    for action in RELEASE_TYPES if "release" in workflow.triggers else ():
        yield from seen.run(release(tag, action, **known), Start.RELEASE)
    yield from _after_others(workflow, tag, files, local, known)


def other_ways(
    workflow: Workflow, files: Mapping[str, Workflow], local: Local, known: Mapping[str, str]
) -> Iterator[Way]:
    """The ways in which something else starts it: a push to a branch, a person, a pull request, a clock."""
    run = _Seen(workflow, files, local).run
    for branch in _branches(workflow.triggers):
        yield from run(push(f"refs/heads/{branch}", **known), Start.BRANCH, branch=branch)
        if "create" in workflow.triggers:
            yield from run(created(branch, **known), Start.BRANCH, branch=branch)
    yield from run(dispatch(**known), Start.HAND)
    for event in _of_pull_requests(workflow.triggers, known):
        yield from run(event, Start.BRANCH)
    for name in ("schedule", "repository_dispatch", "issue_comment", "milestone", "issues"):
        yield from run(Event(name, Partial({**dispatch(**known).github, "event_name": name})), Start.UNKNOWN)


def _of_pull_requests(triggers: Mapping[str, Filters], known: Mapping[str, str]) -> Iterator[Event]:
    """What happens to pull requests, whatever they change."""
    for action in ("closed", "opened"):
        for branch in _branches(triggers, "pull_request")[:1]:
            yield replace(pull_request(0, branch, action, (), **known), paths=None)
        for branch in _branches(triggers, "pull_request_target")[:1]:
            yield replace(pull_request_target(branch, action, (), **known), paths=None)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A workflow with the files of its commit."""

    workflow: Workflow
    files: Mapping[str, Workflow]
    local: Local

    def run(self, event: Event, start: Start, branch: str = "") -> Iterator[Way]:
        """The way of an event, where it starts the workflow or may."""
        verdict = starts(self.workflow.triggers, event)
        if verdict is not False:
            yield Way(start, run_of(self.workflow, event, self.files, self.local), verdict, branch=branch)


def _after_others(
    workflow: Workflow, tag: str, files: Mapping[str, Workflow], local: Local, known: Mapping[str, str]
) -> Iterator[Way]:
    """After the run of another one that the tag starts: by `workflow_run`, or started by one of its commands."""
    pushed = push_of_tag(tag, **known)
    for other in files.values():
        if other.path == workflow.path or not starts(other.triggers, pushed):
            continue
        ended = finished_run(other.name, tag, **known)
        if starts(workflow.triggers, ended):
            yield Way(
                Start.RUN,
                (*run_of(other, pushed, files, local), *run_of(workflow, ended, files, local)),
                after=other.path,
            )
        elif "workflow_dispatch" in workflow.triggers and _dispatches(other, workflow, run_of(other, pushed, files)):
            yield Way(Start.RUN, run_of(workflow, dispatch(**known), files, local), after=other.path)


def _dispatches(other: Workflow, workflow: Workflow, jobs: tuple[RunJob, ...]) -> bool:
    """Whether jobs run `gh workflow run` for it: https://cli.github.com/manual/gh_workflow_run."""
    if not any("workflow run" in step.run for job in other.jobs.values() for step in job.steps):
        return False
    steps = (step for job in jobs if job.runs is not False for step in job.steps if step.runs is not False)
    words = (command.words for step in steps for command in commands(step))
    return any(
        each[:3] == ("gh", "workflow", "run") and {workflow.file, workflow.name} & set(each[3:]) for each in words
    )


def _branches(triggers: Mapping[str, Filters], event: str = "push") -> tuple[str, ...]:
    """Branches that a workflow waits for by their names; the usual ones where it takes any."""
    filters = triggers.get(event, triggers.get("create") if event == "push" else None)
    if filters is None:
        return ()
    named = [name for name in filters.branches or () if not name.startswith("!")]
    plain = [name for name in named if not any(sign in name for sign in "*?[+")]
    made = [name.replace("**", "x").replace("*", "x") for name in named if name not in plain and "[" not in name]
    return tuple(dict.fromkeys((*plain, *made, *_BRANCHES)))[:_MOST_BRANCHES]
