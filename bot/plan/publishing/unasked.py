"""What starts by itself when Shipmate works: workflows that would publish before a review, or once too often.

Which event starts which workflow, and on which ref it runs:
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows. Workflows that other
repositories offer (`uses: owner/name/.github/workflows/…`) are not looked into.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.listed import listed
from bot.plan.model import Plan, Tree
from bot.plan.naming import branch_of_carried, branch_of_yanked, prefix_of
from bot.workflows import events
from bot.workflows.actions import Local
from bot.workflows.document import line_of
from bot.workflows.events import Event
from bot.workflows.files import Workflow, is_workflow, read_workflow, started
from bot.workflows.publishing import registries
from bot.workflows.releasing import RELEASE_TYPES, Releasing, Start, read_workflows
from bot.workflows.runs import RunJob, run_of
from bot.workflows.triggers import Filters, starts
from bot.workflows.values import Partial, Value

SUCCESSOR = "-next"
"""Behind a release branch's name: where the commit is made that takes the place of ours when the base moves."""
LONGEST_CHAIN = 3
"""Workflows that start each other by `workflow_run`.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
"""
_MOST_NAMED = 4
_ANOTHER_PREFIX = "another-prefix-than-that/"


@dataclass(frozen=True, slots=True)
class Where:
    """The repository that a plan is for."""

    base: str
    """Branch into which the pull request goes."""
    default: str = ""
    """Its default branch; empty when it is not known."""
    repository: str = ""
    """Its full name; empty when it is not known."""

    @property
    def known(self) -> dict[str, Value]:
        """Of the `github` context, whatever happens."""
        names = {"repository": self.repository, "repository_owner": self.repository.partition("/")[0]}
        about = {"default_branch": self.default, "full_name": self.repository}
        event = {"repository": Partial({key: text for key, text in about.items() if text})}
        return {**(names if self.repository else {}), "event": event}


@dataclass(frozen=True, slots=True)
class _Found:
    """A job that publishes for something that Shipmate does."""

    workflow: Workflow
    event: Event
    act: str
    """What happened, as in "when …"."""
    job: RunJob


def publishers_unasked(tree: Tree, plan: Plan, where: Where, branch: str | None = None) -> tuple[Problem, ...]:
    """Each workflow that would, or may, publish for the release branch or its pull request; `branch` is its name where
    that is not the plan's.

    `tree` holds all workflow files of the branch that is released from; where GitHub goes by the default branch's and
    that is another, they are taken to be the same.
    """
    branch = branch or plan.branch
    prefix = prefix_of(branch, [bump.tag for bump in plan.bumps]) or plan.policy.branch_prefix
    found = _found(tree, plan, where, branch)
    if not found:
        return ()
    elsewhere = _found(tree, plan, where, branch.replace(prefix, _ANOTHER_PREFIX, 1))
    return tuple(_problem(tree, each, prefix, key not in elsewhere) for key, each in found.items())


def published_besides(tree: Tree, plan: Plan, where: Where) -> Iterator[str]:
    """Sentences about what the release's tags and GitHub Releases publish that is no part of the release."""
    tags = list(dict.fromkeys(bump.tag for bump in plan.bumps))
    for each in (workflow for workflow in read_workflows(tree, where.repository)[0] if workflow.publishes):
        by_tag: dict[str, list[str]] = {}
        by_release: dict[str, list[str]] = {}
        for tag in tags:
            bumps = [bump for bump in plan.bumps if bump.tag == tag]
            pushed = _published(each, [events.push_of_tag(tag, **where.known)])
            for registry in pushed - {bump.package.registry for bump in bumps}:
                by_tag.setdefault(registry.label, []).append(tag)
            made = [events.release(tag, action, **where.known) for action in RELEASE_TYPES]
            asked = {bump.package.registry for bump in bumps if bump.package.start is Start.RELEASE}
            for registry in _published(each, made) - asked:
                by_release.setdefault(registry.label, []).append(tag)
        for label, those in sorted(by_tag.items()):
            what = f"{each.path} publishes to {label} when {listed(those, most=_MOST_NAMED)} is pushed"
            yield f"{what}, and no package of this release has that tag there."
        for label, those in sorted(by_release.items()):
            what = f"{each.path} publishes to {label} when the GitHub Release of {listed(those, most=_MOST_NAMED)}"
            yield f"{what} is published, which no package of this release needs."


def _published(each: Releasing, happened: Sequence[Event]) -> set[Registry]:
    starting = (event for event in happened if starts(each.workflow.triggers, event) is not False)
    runs = (run_of(each.workflow, event, each.files, each.local) for event in starting)
    return {registry for run in runs for registry in registries(run)}


def _found(tree: Tree, plan: Plan, where: Where, branch: str) -> dict[tuple[str, str], _Found]:
    """The first job of each workflow and kind of event."""
    files = {path: read_workflow(path, tree[path]) for path in sorted(tree) if is_workflow(path)}
    local = Local(tree)
    candidates = {each.path for each in read_workflows(tree, where.repository)[0] if each.publishes}
    found: dict[tuple[str, str], _Found] = {}
    for act, event in _happens(files, plan, where, branch) if candidates else ():
        for path in started(files, event):
            key = (path, event.name)
            if path in candidates and key not in found:
                job = next((job for job in run_of(files[path], event, files, local) if registries([job])), None)
                found |= {key: _Found(files[path], event, act, job)} if job else {}
    return found


def _happens(files: Mapping[str, Workflow], plan: Plan, where: Where, branch: str) -> Iterator[tuple[str, Event]]:
    """What Shipmate does until the merge, and the runs of workflows that follow each other from there."""
    done = list(_done(plan, where, branch))
    yield from done
    names = {(files[path].name, event.name) for _, event in done for path in started(files, event)}
    told: set[tuple[str, str]] = set()
    for _ in range(LONGEST_CHAIN):
        told |= names
        ended = [(name, events.finished_run(name, branch, by, **where.known)) for name, by in sorted(names)]
        yield from ((f"a run of {name} for the branch {branch} has ended", event) for name, event in ended)
        names = {(files[path].name, event.name) for _, event in ended for path in started(files, event)} - told


def _done(plan: Plan, where: Where, branch: str) -> Iterator[tuple[str, Event]]:
    """What Shipmate itself does with the branch and its pull request."""
    changed = frozenset(edit.path for edit in plan.edits)
    known, about = where.known, where.known["event"]
    tags = list(dict.fromkeys(bump.tag for bump in plan.bumps))
    prefix = prefix_of(branch, tags) or plan.policy.branch_prefix
    carried = (branch_of_carried(prefix, tags),) if where.base != where.default else ()
    for name in (branch, f"{branch}{SUCCESSOR}", branch_of_yanked(prefix, tags), *carried):
        ref = f"refs/heads/{name}"
        yield f"I make the branch {name}", events.created(name, **known)
        made = {**known, "event": {**about, "created": True, "deleted": False}}
        yield f"I push the branch {name}", events.push(ref, **made)
        moved = {**known, "event": {**about, "created": False, "deleted": False}}
        yield f"I push the branch {name}", events.push(ref, changed, **moved)
        yield f"I delete the branch {name}", events.deleted(name, where.default, **known)
    head = Partial(ref=branch, repo=Partial(full_name=where.repository, fork=False) if where.repository else Partial())
    base = Partial(ref=where.base)
    pull = Partial(head=head, base=base, merged=False, draft=False, title=plan.title, labels=[])
    context = {**known, "head_ref": branch, "event": {**about, "pull_request": pull}}
    acts = {"opened": "open", "synchronize": "move", "edited": "edit", "closed": "close"}
    for action, act in acts.items():
        what = f"I {act} the pull request from {branch}"
        yield what, events.pull_request(0, where.base, action, changed, **context)
        yield what, events.pull_request_target(where.base, action, changed, **context)


def _problem(tree: Tree, found: _Found, prefix: str, elsewhere: bool) -> Problem:
    """`elsewhere`: with another prefix it would not start."""
    workflow, job, name = found.workflow, found.job, found.event.name
    line, key = line_of(tree[workflow.path], "on", name), job.id.rpartition("/")[2]
    in_file = f" of {job.path}" if job.path != workflow.path else ""
    place = f"job `{key}`{in_file}, line {line_of(tree[job.path], 'jobs', key)}"
    would = "publishes" if job.runs is True else "may publish"
    labels = listed(sorted(registry.label for registry in registries([job])))
    what = f"{would} to {labels} when {found.act}, before anybody has reviewed it ({place})"
    fix = _fix(workflow.triggers.get(name, Filters()), name, prefix, key)
    another = " Another `branch-prefix` in .github/release.toml helps, too." if elsewhere else ""
    return Problem(f"{workflow.path}:{line}" if line else workflow.path, what, f"{fix}{another}")


def _fix(filters: Filters, name: str, prefix: str, job: str) -> str:
    pattern = "'" + re.sub(r"([+?*\[\]!])", r"\\\1", prefix) + "**'"
    match name:
        case "push" | "workflow_run" if filters.branches is not None:
            return f"Add '!{pattern[1:]} as the last of `on.{name}.branches`."
        case "push" | "workflow_run":
            ignore = f"Add {pattern} to `branches-ignore` of `on.{name}`"
            by_tags = name == "push" and filters.tags is None and filters.tags_ignore is None
            return f"{ignore}, and `tags: ['**']` if tags shall still start it." if by_tags else f"{ignore}."
        case "create" | "delete":
            return _only_if(job, f"!startsWith(github.event.ref, '{prefix}')")
    return _only_if(job, f"!startsWith(github.head_ref, '{prefix}')")


def _only_if(job: str, condition: str) -> str:
    return f"Give the job `{job}` the condition `if: ${{{{ {condition} }}}}`, or add that to the one that it has."
