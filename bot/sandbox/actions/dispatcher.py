"""GitHub Actions: which runs a push, a tag or a pull request starts, by the workflow files at that very commit."""

import asyncio
import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from bot.sandbox.actions.approvals import Approvals
from bot.sandbox.actions.execution import Executor, Plan
from bot.sandbox.actions.publishing import Publisher
from bot.sandbox.actions.runs import RunReporter
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.actions.steps import publishes
from bot.sandbox.git.objects import ZERO
from bot.sandbox.model import Issue, Repository, User, WorkflowRun
from bot.sandbox.model import Job as JobRecord
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.triggers import parse, skips_ci, starts_on_pull_request, starts_on_push
from bot.sandbox.workflows import Job, Workflow
from bot.sandbox.world import World

FOLDER = ".github/workflows"


class Actions:
    """Runs the workflows of a world's repositories; publish jobs that succeed upload to the registries.

    It listens to the world by itself; `close` it at the end. A job's outcome is the scenario's to decide.
    """

    def __init__(self, world: World, scenario: Scenario, crates: CratesIO, pypi: PyPI) -> None:
        self._world = world
        self._report = RunReporter(world)
        approvals, publisher = Approvals(world, self._report), Publisher(crates, pypi, world.clock)
        self._executor = Executor(scenario, world.clock, self._report, publisher, approvals)
        self._plans: dict[int, Plan] = {}
        self._tasks: dict[asyncio.Task[None], WorkflowRun] = {}
        self._broken: list[BaseException] = []
        world.on_push.append(self._pushed)
        world.on_pull_request.append(self._pull_request)
        world.on_rerun.append(self._rerun)
        world.on_rerun_job.append(self._rerun_job)
        world.on_cancel.append(self._cancel)

    @property
    def scenario(self) -> Scenario:
        """The script; it may be changed, or replaced, while things run."""
        return self._executor.scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        self._executor.scenario = scenario

    @property
    def logs(self) -> dict[int, str]:
        """What the failed step of a job printed, by job id, where a registry or cargo had something to say."""
        return self._executor.logs

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
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # What starts runs

    async def _pushed(self, repo: Repository, ref: str, before: str, after: str, actor: User) -> None:
        git = self._world.git(repo)
        commit = await git.commit(after) if after != ZERO else None
        if commit is None or skips_ci(commit.message):
            return
        workflows = await self._workflows(repo, commit.sha)
        if not workflows:
            return
        kind, _, name = ref.removeprefix("refs/").partition("/")
        changed = await self._changed_by_push(repo, before, commit.sha) if kind == "heads" else ()
        started = [each for each in workflows if each.problem or starts_on_push(each, ref, changed)]
        leader = _first_publishing(workflows) if kind == "tags" else _first_ci(started)
        lands = kind == "heads" and self._is_release_merge(repo, name, commit.sha)
        for workflow in started:
            run = self._report.new_run(repo, workflow, "push", name, commit.sha, actor)
            github = _context(repo, run, ref, "tag" if kind == "tags" else "branch")
            self._start(
                Plan(repo, run, workflow, git, github, leads=workflow.path == leader, lands_release=lands),
                workflow.jobs,
            )

    async def _pull_request(self, repo: Repository, issue: Issue, action: str) -> None:
        pull, git = issue.pull_request, self._world.git(repo)
        commit = await git.commit(pull.head_sha) if pull else None
        if pull is None or commit is None or skips_ci(commit.message):
            return
        parted = await git.merge_base(pull.base_sha, pull.head_sha) or ZERO
        changed = (await git.changes(parted, pull.head_sha)).paths
        for workflow in await self._workflows(repo, pull.head_sha):
            if starts_on_pull_request(workflow, pull.base, action, changed):
                # The run tests the merge with the base, but is attached to the head of the pull request.
                run = self._report.new_run(repo, workflow, "pull_request", pull.head, pull.head_sha, issue.user)
                github = _context(repo, run, f"refs/pull/{issue.number}/merge", "branch")
                github |= {"base_ref": pull.base, "head_ref": pull.head}
                self._start(Plan(repo, run, workflow, git, github), workflow.jobs)

    def start_dynamic(self, repo: Repository, path: str, name: str, head: str) -> WorkflowRun:
        """A run that GitHub starts by itself on the default branch's commit `head`, such as Dependabot's.

        Its `path` (`dynamic/…`) names no file, and its event is `dynamic`. The scenario decides how its one job ends.
        """
        job = Job(id=name, name=name, runs_on="ubuntu-latest")
        workflow = Workflow(name, path, jobs=(job,))
        run = self._report.new_run(repo, workflow, "dynamic", repo.default_branch, head, repo.owner)
        github = _context(repo, run, f"refs/heads/{repo.default_branch}", "branch")
        self._start(Plan(repo, run, workflow, self._world.git(repo), github), workflow.jobs)
        return run

    async def _rerun(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """The failed jobs run again, and those that need them; the others stay as they are."""
        plan = self._plans[run.id]
        self._repeat(plan, plan.to_repeat(), actor)

    async def _rerun_job(self, repo: Repository, run: WorkflowRun, job: JobRecord, actor: User) -> None:
        """This job runs again, whatever became of it, and those that need it."""
        plan = self._plans[run.id]
        self._repeat(plan, plan.to_repeat(job), actor)

    def _repeat(self, plan: Plan, jobs: Collection[Job], actor: User) -> None:
        old = {plan.records.pop((job.id, job.name)).id for job in jobs if (job.id, job.name) in plan.records}
        plan.cancelled = False
        self._report.begin_attempt(plan.run, old, actor)
        self._start(plan, jobs)

    async def _cancel(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """No job begins any more; those that run end cancelled when their time is over, as a runner takes its time."""
        self._plans[run.id].cancelled = True

    def _start(self, plan: Plan, jobs: Collection[Job]) -> None:
        self._plans[plan.run.id] = plan
        task = asyncio.create_task(self._executor.run(plan, jobs))
        self._tasks[task] = plan.run
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken.append(error)

    # What they are started by

    async def _workflows(self, repo: Repository, commit: str) -> list[Workflow]:
        """The workflow files at a commit, by path."""
        git = self._world.git(repo)
        folder = await git.object(f"{commit}:{FOLDER}")
        if folder is None or folder.kind != "tree":
            return []
        entries = await git.ls_tree(folder.sha, recursive=False)
        files = [each for each in entries if each.kind == "blob" and each.path.endswith((".yml", ".yaml"))]
        blobs = await git.objects([each.sha for each in files])
        found = [parse(f"{FOLDER}/{each.path}", blob.data) for each, blob in zip(files, blobs, strict=True) if blob]
        return sorted(found, key=lambda workflow: workflow.path)

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


def _first_publishing(workflows: Iterable[Workflow]) -> str | None:
    """The path of the first workflow with a job that publishes."""
    return next((each.path for each in workflows if any(publishes(job) for job in each.jobs)), None)


def _context(repo: Repository, run: WorkflowRun, ref: str, ref_type: str) -> dict[str, str]:
    """The `github` context, as far as conditions ask for it."""
    return {
        "event_name": run.event,
        "ref": ref,
        "ref_name": run.head_branch if run.event == "push" else ref.removeprefix("refs/pull/"),
        "ref_type": ref_type,
        "sha": run.head_sha,
        "repository": repo.full_name,
        "repository_owner": repo.owner.login,
        "actor": run.actor.login,
        "triggering_actor": run.actor.login,
        "workflow": run.name,
        "run_attempt": str(run.attempt),
        "event.repository.default_branch": repo.default_branch,
    }
