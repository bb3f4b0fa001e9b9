"""What starts workflow runs, by the workflow files that count for it.

Which event starts which file, on which ref and commit it runs, and what events of Actions' own token do not start:
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows and
https://docs.github.com/en/actions/concepts/security/github_token.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from bot.sandbox.actions.execution import Plan
from bot.sandbox.actions.local import read_local
from bot.sandbox.actions.runs import RunReporter
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import ZERO
from bot.sandbox.model import Issue, QueueEntry, Release, Repository, User, WorkflowRun
from bot.sandbox.world import World
from bot.workflows import events
from bot.workflows.actions import NOTHING, Local
from bot.workflows.events import Event
from bot.workflows.files import FOLDER, Workflow, is_workflow, read_workflow
from bot.workflows.publishing import registries
from bot.workflows.runs import RunJob, run_of
from bot.workflows.triggers import skips_ci, starts
from bot.workflows.values import Partial

OF_ACTIONS = "github-actions[bot]"
"""Who acts by the token that each run gets, whose deeds start nothing but what it dispatches."""
LONGEST_CHAIN = 3
"""Workflows that start each other by `workflow_run`."""
_NOT_OF_DRAFTS = ("created", "edited", "deleted")


@dataclass(frozen=True, slots=True)
class _Where:
    """What a run sees, and who started it."""

    repo: Repository
    ref: str
    """`refs/tags/v1.0.0`."""
    name: str
    """The branch or tag that GitHub shows for it."""
    commit: str
    actor: User
    local: Local = NOTHING
    """What else of the commit its workflows may run."""


class Starts:
    """Makes a plan of each run that something starts, and hands it to `begin`, some at once and some `later`."""

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        report: RunReporter,
        begin: Callable[[Plan, Collection[RunJob]], None],
        later: Callable[[Callable[[], None], float], None],
    ) -> None:
        self._world = world
        self._scenario = scenario
        self._report = report
        self._begin = begin
        self._later = later
        self._links: dict[int, int] = {}
        """How many runs came before a run of `workflow_run`, by its id."""
        self._at: dict[tuple[int, str], tuple[dict[str, Workflow], Local]] = {}
        """What was read, by repository and commit."""
        world.on_push.append(self.pushed)
        world.on_pull_request.append(self.pull_request)
        world.on_merge_group.append(self.queued)
        world.on_release.append(self.released)
        world.start_workflow = self.dispatch

    async def pushed(self, repo: Repository, ref: str, before: str, after: str, actor: User) -> None:
        """A branch or tag has moved."""
        commit = await self._world.git(repo).commit(after) if after != ZERO else None
        if commit is None or skips_ci(commit.message) or actor.login == OF_ACTIONS:
            return
        files, local = await self._read(repo, commit.sha)
        if not files:
            return
        kind, _, name = ref.removeprefix("refs/").partition("/")
        changed = await self._changed_by_push(repo, before, commit.sha) if kind == "heads" else ()
        event = events.push(ref, changed)
        started = [each for each in files.values() if each.problem or starts(each.triggers, event)]
        leader = _first_publishing(files, event, local) if kind == "tags" else _first_ci(started)
        lands = kind == "heads" and self._is_release_merge(repo, name, commit.sha)
        where = _Where(repo, ref, name, commit.sha, actor, local)

        def begin(workflows: Iterable[Workflow]) -> None:
            for workflow in workflows:
                seen = partial(events.push, ref, changed)
                self._run(where, workflow, files, "push", seen, leads=workflow.path == leader, lands=lands)

        if kind == "heads":
            started = [each for each in started if not self._scenario.loses(each.path, lands=lands)]
        wait = {each.path: self._late(each) if kind == "heads" else 0.0 for each in started}
        begin(each for each in started if not wait[each.path])
        for seconds in sorted({*wait.values()} - {0.0}):
            self._later(partial(begin, [each for each in started if wait[each.path] == seconds]), seconds)

    def _late(self, workflow: Workflow) -> float:
        return self._scenario.late + self._scenario.late_files.get(workflow.path, 0.0)

    async def pull_request(self, repo: Repository, issue: Issue, action: str) -> None:
        """Something was done to a pull request; its run tests the merge with the base, but belongs to its head."""
        pull, git = issue.pull_request, self._world.git(repo)
        commit = await git.commit(pull.head_sha) if pull else None
        if pull is None or commit is None or skips_ci(commit.message) or issue.user.login == OF_ACTIONS:
            return
        parted = await git.merge_base(pull.base_sha, pull.head_sha) or ZERO
        changed = (await git.changes(parted, pull.head_sha)).paths
        files, local = await self._read(repo, pull.head_sha)
        event = events.pull_request(issue.number, pull.base, action, changed)
        where = _Where(repo, f"refs/pull/{issue.number}/merge", pull.head, pull.head_sha, issue.user, local)
        for workflow in (each for each in files.values() if starts(each.triggers, event)):
            seen = partial(events.pull_request, issue.number, pull.base, action, changed, head_ref=pull.head)
            self._run(where, workflow, files, "pull_request", seen)

    async def queued(self, repo: Repository, base: str, entry: QueueEntry) -> None:
        """A merge queue wants to know whether a commit is good."""
        files, local = await self._read(repo, entry.commit)
        name = entry.ref.removeprefix("refs/heads/")
        where = _Where(repo, entry.ref, name, entry.commit, self._world.user("github-merge-queue[bot]"), local)
        started = [each for each in files.values() if starts(each.triggers, events.merge_group(base))]
        for workflow in started:
            self._run(where, workflow, files, "merge_group", partial(events.merge_group, base, entry.ref))

    async def released(self, repo: Repository, release: Release, action: str, actor: User) -> None:
        """Something was done to a GitHub Release: the tag's own files count."""
        commit = await self._world.git(repo).resolve(f"refs/tags/{release.tag}")
        unpublished = release.draft and action in _NOT_OF_DRAFTS
        if commit is None or unpublished or actor.login == OF_ACTIONS:
            return
        files, local = await self._read(repo, commit)
        event = events.release(release.tag, action)
        leader = _first_publishing(files, event, local)
        where = _Where(repo, f"refs/tags/{release.tag}", release.tag, commit, actor, local)
        for workflow in (each for each in files.values() if starts(each.triggers, event)):
            seen = partial(events.release, release.tag, action)
            self._run(where, workflow, files, "release", seen, leads=workflow.path == leader)

    async def followed(self, plan: Plan, action: str) -> None:
        """A run was requested, begins or has ended: the default branch's files and its newest commit count."""
        repo, run = plan.repo, plan.run
        before = self._links.get(run.id, 0)
        if before >= LONGEST_CHAIN or await self._world.git(repo).resolve(f"refs/heads/{repo.default_branch}") is None:
            return
        where, files = await self._on_default_branch(repo, run.actor)
        of = partial(events.finished_run, run.name, run.head_branch, run.event)
        seen = partial(of, action=action, conclusion=run.conclusion, ref=where.ref)
        for workflow in (each for each in files.values() if starts(each.triggers, seen())):
            started = self._run(where, workflow, files, "workflow_run", seen)
            self._links[started.id] = before + 1

    async def dispatch(
        self,
        repo: Repository,
        path: str,
        actor: User,
        ref: str | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> WorkflowRun:
        """A person, or a workflow's token, starts a workflow that the default branch has, as it is on a branch or tag
        (default: the default branch).

        Refused as UNPROCESSABLE where it cannot be started so.
        """
        where, known = await self._on_default_branch(repo, actor)
        if ref is not None:
            commit = await self._world.git(repo).resolve(ref)
            if commit is None:
                raise Refusal("UNPROCESSABLE", f"No ref found for: {ref}")
            where = _Where(repo, ref, ref.split("/", 2)[2], commit, actor)
        files, local = await self._read(repo, where.commit)
        where = replace(where, local=local)
        if path not in known or path not in files or "workflow_dispatch" not in files[path].triggers:
            raise Refusal("UNPROCESSABLE", "Workflow does not have 'workflow_dispatch' trigger")
        if strange := sorted({*(inputs or ())} - {*files[path].asks}):
            raise Refusal("UNPROCESSABLE", f"Unexpected inputs provided: {strange}")
        return self._run(where, files[path], files, "workflow_dispatch", partial(events.dispatch, ref=where.ref))

    async def schedule(self, repo: Repository) -> list[WorkflowRun]:
        """The time has come for each workflow of the default branch that has a schedule."""
        where, files = await self._on_default_branch(repo, repo.owner)
        nightly = [each for each in files.values() if "schedule" in each.triggers]
        seen = partial(events.schedule, "0 3 * * *", where.ref)
        return [self._run(where, workflow, files, "schedule", seen) for workflow in nightly]

    def dynamic(self, repo: Repository, path: str, name: str, head: str) -> WorkflowRun:
        """A run that GitHub starts by itself on the default branch's commit `head`, such as Dependabot's.

        Its `path` (`dynamic/…`) names no file, and its event is `dynamic`. The scenario decides how its one job ends.
        """
        job = f"{{name: {name}, runs-on: ubuntu-latest, steps: [{{run: work}}]}}"
        text = f"name: {name}\non: push\njobs: {{job: {job}}}\n"
        workflow, ref = read_workflow(path, text.encode()), f"refs/heads/{repo.default_branch}"
        where = _Where(repo, ref, repo.default_branch, head, repo.owner)
        return self._run(where, workflow, {path: workflow}, "dynamic", partial(events.push, ref, ()))

    def _run(
        self,
        where: _Where,
        workflow: Workflow,
        files: Mapping[str, Workflow],
        name: str,
        seen: Callable[..., Event],
        *,
        leads: bool = False,
        lands: bool = False,
    ) -> WorkflowRun:
        """Begin a run; `seen` makes the event of what is known of its `github` context."""
        repo = where.repo
        run = self._report.new_run(repo, workflow, name, where.name, where.commit, where.actor)
        event = seen(**_context(repo, run))
        jobs = run_of(workflow, event, files, where.local)
        git = self._world.git(repo)
        plan = Plan(repo, run, workflow, git, where.ref, event, jobs, where.local, leads=leads, lands_release=lands)
        self._begin(plan, jobs)
        return run

    # What they are started by

    async def _on_default_branch(self, repo: Repository, actor: User) -> tuple[_Where, dict[str, Workflow]]:
        head, branch = await self._world.head(repo), repo.default_branch
        files, local = await self._read(repo, head)
        return _Where(repo, f"refs/heads/{branch}", branch, head, actor, local), files

    async def _read(self, repo: Repository, commit: str) -> tuple[dict[str, Workflow], Local]:
        """The workflow files at a commit, by path, and what else of it they may run."""
        key = (repo.id, commit)
        if key not in self._at:
            files = await self._workflows(repo, commit)
            self._at[key] = files, await read_local(self._world.git(repo), commit) if files else Local()
        return self._at[key]

    async def _workflows(self, repo: Repository, commit: str) -> dict[str, Workflow]:
        git = self._world.git(repo)
        folder = await git.object(f"{commit}:{FOLDER.rstrip('/')}")
        if folder is None or folder.kind != "tree":
            return {}
        entries = await git.ls_tree(folder.sha, recursive=False)
        found = {FOLDER + each.path: each.sha for each in entries if each.kind == "blob"}
        wanted = {path: found[path] for path in sorted(found) if is_workflow(path)}
        blobs = await git.objects(list(wanted.values()))
        return {path: read_workflow(path, blob.data) for path, blob in zip(wanted, blobs, strict=True) if blob}

    async def _changed_by_push(self, repo: Repository, before: str, after: str) -> tuple[str, ...]:
        """A new branch changes what it has beyond the default branch."""
        git = self._world.git(repo)
        if before == ZERO:
            main = await git.resolve(f"refs/heads/{repo.default_branch}")
            before = (await git.merge_base(main, after) if main and main != after else None) or ZERO
        return (await git.changes(before, after)).paths

    def _is_release_merge(self, repo: Repository, branch: str, commit: str) -> bool:
        """Whether a pull request of the App's was merged as this commit."""
        return any(
            issue.app_id == self._world.app.id and (pull.base, pull.merge_commit_sha) == (branch, commit)
            for issue in repo.issues.values()
            if (pull := issue.pull_request) is not None
        )


def _first_ci(started: Sequence[Workflow]) -> str | None:
    """The path of the workflow that is most likely called CI, else of the first one."""
    paths = [workflow.path for workflow in started if not workflow.problem]
    return min(paths, key=lambda path: ("ci" not in re.split(r"[\W_]", PurePosixPath(path).stem), path), default=None)


def _first_publishing(files: Mapping[str, Workflow], event: Event, local: Local) -> str | None:
    """The path of the first workflow of which a job publishes."""
    return next((path for path, each in files.items() if registries(run_of(each, event, files, local))), None)


def _context(repo: Repository, run: WorkflowRun) -> dict[str, Any]:
    """What is known of the `github` context besides what the event says."""
    return {
        "sha": run.head_sha,
        "repository": repo.full_name,
        "repository_owner": repo.owner.login,
        "actor": run.actor.login,
        "triggering_actor": run.actor.login,
        "workflow": run.name,
        "run_id": str(run.id),
        "run_number": str(run.number),
        "run_attempt": str(run.attempt),
        "event": {"repository": Partial(default_branch=repo.default_branch, full_name=repo.full_name)},
    }
