"""Jobs whose environment somebody guards: they wait, and go on or fail by what is said to them."""

import asyncio

from bot.sandbox.actions.runs import RunReporter
from bot.sandbox.model import Environment, Repository, User, WorkflowRun
from bot.sandbox.model import Job as JobRecord
from bot.sandbox.model.rulesets import covers
from bot.sandbox.world import World
from bot.sandbox.world.deployments import Verdict
from bot.workflows.runs import RunJob


class Approvals:
    """Holds jobs up until a reviewer of their environment has spoken, or their run is cancelled."""

    def __init__(self, world: World, report: RunReporter) -> None:
        self._world = world
        self._report = report
        self._awaited: dict[tuple[int, str], asyncio.Future[Verdict | None]] = {}
        world.on_review.append(self._reviewed)
        world.on_cancel.append(self._cancelled)

    async def passed(self, repo: Repository, run: WorkflowRun, job: RunJob, guarded: bool) -> JobRecord | None:
        """None for a job that need not wait. Else its record once somebody spoke: queued, to be begun; or
        completed, for it was rejected or cancelled.

        `guarded`: the owner guards the environment from now on.
        """
        if guarded and job.environment is not None:
            self._world.protect(repo, job.environment, repo.owner)
        environment = repo.environments.get(job.environment or "")
        if environment is not None and (why := _kept_out(run, environment)):
            record = await self._report.job_skipped(repo, run, job.name, "failure")
            record.kept_out = why
            return record
        if environment is None or not environment.reviewers:
            return None
        key = (run.id, environment.name)
        answer = self._awaited.setdefault(key, asyncio.get_running_loop().create_future())
        record = await self._report.job_waits(repo, run, job.name, environment)
        verdict = await answer
        if verdict != "approved":
            await self._report.job_completed(repo, run, record, "failure" if verdict else "cancelled", None)
        return record

    async def _reviewed(self, run: WorkflowRun, environment: str, verdict: Verdict) -> None:
        answer = self._awaited.pop((run.id, environment), None)
        if answer is not None:
            answer.set_result(verdict)

    async def _cancelled(self, repo: Repository, run: WorkflowRun, actor: User) -> None:
        """What waits in a cancelled run ends at once, and can no longer be approved."""
        run.pending.clear()
        for key in [key for key in self._awaited if key[0] == run.id]:
            self._awaited.pop(key).set_result(None)


def _kept_out(run: WorkflowRun, environment: Environment) -> str:
    """GitHub's note where an environment does not let a run's ref deploy; empty where it does.

    As in https://github.com/amd/gaia/issues/2935
    """
    if environment.tags is None or any(covers(pattern, run.head_branch) for pattern in environment.tags):
        return ""
    what = f'Tag "{run.head_branch}" is not allowed to deploy to {environment.name}'
    return f"{what} due to environment protection rules."
