"""GitHub Actions: which runs a push, a tag or a pull request starts, by the workflow files at that very commit."""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from bot.sandbox.actions.approvals import Approvals
from bot.sandbox.actions.execution import Executor, Plan
from bot.sandbox.actions.publishing import Publisher
from bot.sandbox.actions.runs import RunReporter
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.git.objects import ZERO
from bot.sandbox.model import Issue, Repository, User, WorkflowRun
from bot.sandbox.model import Job as JobRecord
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.world import World
from bot.workflows import events
from bot.workflows.events import Event
from bot.workflows.files import FOLDER, Workflow, is_workflow, read_workflow
from bot.workflows.publishing import registries
from bot.workflows.runs import RunJob, run_of
from bot.workflows.triggers import skips_ci, starts
from bot.workflows.values import Partial


class Actions:
    """Runs the workflows of a world's repositories; publish jobs that succeed upload to the registries.

    It listens to the world by itself; `close` it at the end. A job's outcome is the scenario's to decide.
    """

    def __init__(self, world: World, scenario: Scenario, crates: CratesIO, pypi: PyPI) -> None:
        self._world = world
        self.scenario = scenario
        """The script, which may be changed while things run."""
        self._report = RunReporter(world)
        approvals, publisher = Approvals(world, self._report), Publisher(crates, pypi, world.clock)
        self._executor = Executor(scenario, world.clock, self._report, publisher, approvals)
        self._plans: dict[int, Plan] = {}
        self._tasks: dict[asyncio.Task[None], WorkflowRun] = {}
        self._broken: list[BaseException] = []
        self._later: list[asyncio.Task[None]] = []
        world.on_push.append(self._pushed)
        world.on_pull_request.append(self._pull_request)
        world.on_rerun.append(self._rerun)
        world.on_rerun_job.append(self._rerun_job)
        world.on_cancel.append(self._cancel)

    async def idle(self) -> None:
        """Return when no run is active, but for those that wait for a person.

        Raises what went wrong inside the sandbox itself.
        """
        while active := [task for task, run in self._tasks.items() if run.status != "waiting"]:
            # Not for long: what is active now may come to wait for a person.
            await asyncio.wait(active, timeout=0.05)
        if self._broken:
            raise self._broken.pop()

    async def close(self) -> None:
        """Stop all runs where they are."""
        tasks = {*self._tasks, *self._later}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # What starts runs

    async def _pushed(self, repo: Repository, ref: str, before: str, after: str, actor: User) -> None:
        git = self._world.git(repo)
        commit = await git.commit(after) if after != ZERO else None
        if commit is None or skips_ci(commit.message):
            return
        files = await self._workflows(repo, commit.sha)
        if not files:
            return
        kind, _, name = ref.removeprefix("refs/").partition("/")
        changed = await self._changed_by_push(repo, before, commit.sha) if kind == "heads" else ()
        event = events.push(ref, changed)
        started = [each for each in files.values() if each.problem or starts(each.triggers, event)]
        leader = _first_publishing(files, event) if kind == "tags" else _first_ci(started)
        lands = kind == "heads" and self._is_release_merge(repo, name, commit.sha)

        def begin(workflows: Iterable[Workflow]) -> None:
            for workflow in workflows:
                run = self._report.new_run(repo, workflow, "push", name, commit.sha, actor)
                jobs = run_of(workflow, events.push(ref, changed, **_context(repo, run)), files)
                leads = workflow.path == leader
                self._start(Plan(repo, run, workflow, git, ref, jobs, leads=leads, lands_release=lands), jobs)

        if kind == "heads":
            started = [each for each in started if each.path not in self.scenario.never]
        wait = {each.path: self._late(each) if kind == "heads" else 0.0 for each in started}
        begin(each for each in started if not wait[each.path])
        for seconds in sorted({*wait.values()} - {0.0}):
            late = [each for each in started if wait[each.path] == seconds]
            self._later.append(asyncio.create_task(self._begin_late(partial(begin, late), seconds)))

    def _late(self, workflow: Workflow) -> float:
        return self.scenario.late + self.scenario.late_files.get(workflow.path, 0.0)

    async def _begin_late(self, begin: Callable[[], None], seconds: float) -> None:
        await self._world.clock.sleep(seconds)
        begin()

    async def dispatch(
        self, repo: Repository, path: str, actor: User, *, event: str = "workflow_dispatch"
    ) -> WorkflowRun:
        """A person starts a workflow on the default branch; or, as `merge_group`, a queue does on its newest commit."""
        git, branch = self._world.git(repo), repo.default_branch
        head = await self._world.head(repo)
        files = await self._workflows(repo, head)
        run = self._report.new_run(repo, files[path], event, branch, head, actor)
        jobs = run_of(files[path], events.dispatch(**_context(repo, run)), files)
        self._start(Plan(repo, run, files[path], git, f"refs/heads/{branch}", jobs), jobs)
        return run

    async def _pull_request(self, repo: Repository, issue: Issue, action: str) -> None:
        pull, git = issue.pull_request, self._world.git(repo)
        commit = await git.commit(pull.head_sha) if pull else None
        if pull is None or commit is None or skips_ci(commit.message):
            return
        parted = await git.merge_base(pull.base_sha, pull.head_sha) or ZERO
        changed = (await git.changes(parted, pull.head_sha)).paths
        files = await self._workflows(repo, pull.head_sha)
        event = events.pull_request(issue.number, pull.base, action, changed)
        for workflow in files.values():
            if starts(workflow.triggers, event):
                # The run tests the merge with the base, but is attached to the head of the pull request.
                run = self._report.new_run(repo, workflow, "pull_request", pull.head, pull.head_sha, issue.user)
                known = {**_context(repo, run), "head_ref": pull.head}
                seen = events.pull_request(issue.number, pull.base, action, changed, **known)
                jobs = run_of(workflow, seen, files)
                self._start(Plan(repo, run, workflow, git, f"refs/pull/{issue.number}/merge", jobs), jobs)

    def start_dynamic(self, repo: Repository, path: str, name: str, head: str) -> WorkflowRun:
        """A run that GitHub starts by itself on the default branch's commit `head`, such as Dependabot's.

        Its `path` (`dynamic/…`) names no file, and its event is `dynamic`. The scenario decides how its one job ends.
        """
        job = f"{{name: {name}, runs-on: ubuntu-latest, steps: [{{run: work}}]}}"
        text = f"name: {name}\non: push\njobs: {{job: {job}}}\n"
        workflow, ref = read_workflow(path, text.encode()), f"refs/heads/{repo.default_branch}"
        run = self._report.new_run(repo, workflow, "dynamic", repo.default_branch, head, repo.owner)
        jobs = run_of(workflow, events.push(ref, (), **_context(repo, run)), {path: workflow})
        self._start(Plan(repo, run, workflow, self._world.git(repo), ref, jobs), jobs)
        return run

    async def _rerun(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """The failed jobs run again, and those that need them; the others stay as they are."""
        plan = self._plans[run.id]
        self._repeat(plan, plan.to_repeat(), actor)

    async def _rerun_job(self, repo: Repository, run: WorkflowRun, job: JobRecord, actor: User) -> None:
        """This job runs again, whatever became of it, and those that need it."""
        plan = self._plans[run.id]
        self._repeat(plan, plan.to_repeat(job), actor)

    def _repeat(self, plan: Plan, jobs: Collection[RunJob], actor: User) -> None:
        old = {plan.records.pop((job.id, job.name)).id for job in jobs if (job.id, job.name) in plan.records}
        plan.cancelled = False
        self._report.begin_attempt(plan.run, old, actor)
        self._start(plan, jobs)

    async def _cancel(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """No job begins any more; those that run end cancelled when their time is over, as a runner takes its time."""
        self._plans[run.id].cancelled = True

    def _start(self, plan: Plan, jobs: Collection[RunJob]) -> None:
        self._plans[plan.run.id] = plan
        task = asyncio.create_task(self._executor.run(plan, jobs))
        self._tasks[task] = plan.run
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken.append(error)

    # What they are started by

    async def _workflows(self, repo: Repository, commit: str) -> dict[str, Workflow]:
        """The workflow files at a commit, by path."""
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


def _first_ci(started: Iterable[Workflow]) -> str | None:
    """The path of the workflow that is most likely called CI, else of the first one."""
    paths = [workflow.path for workflow in started if not workflow.problem]
    return min(paths, key=lambda path: ("ci" not in re.split(r"[\W_]", PurePosixPath(path).stem), path), default=None)


def _first_publishing(files: Mapping[str, Workflow], event: Event) -> str | None:
    """The path of the first workflow of which a job publishes."""
    return next((path for path, each in files.items() if registries(run_of(each, event, files))), None)


def _context(repo: Repository, run: WorkflowRun) -> dict[str, Any]:
    """What is known of the `github` context besides what the event says."""
    return {
        "sha": run.head_sha,
        "repository": repo.full_name,
        "repository_owner": repo.owner.login,
        "actor": run.actor.login,
        "triggering_actor": run.actor.login,
        "workflow": run.name,
        "run_attempt": str(run.attempt),
        "event": {"repository": Partial(default_branch=repo.default_branch, full_name=repo.full_name)},
    }
