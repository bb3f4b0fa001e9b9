"""Jobs whose environment somebody guards: they wait, and go on or fail by what is said to them."""

import asyncio

from bot.sandbox.deployments import Verdict
from bot.sandbox.model import Job as JobRecord
from bot.sandbox.model import Repository, WorkflowRun
from bot.sandbox.runs import RunReporter
from bot.sandbox.workflows import Job
from bot.sandbox.world import World


class Approvals:
    """Holds jobs up until a reviewer of their environment has spoken."""

    def __init__(self, world: World, report: RunReporter) -> None:
        self._world = world
        self._report = report
        self._awaited: dict[tuple[int, str], asyncio.Future[Verdict]] = {}
        world.on_review.append(self._reviewed)

    async def passed(self, repo: Repository, run: WorkflowRun, job: Job, guarded: bool) -> JobRecord | None:
        """None for a job that need not wait. Else its record once somebody spoke: queued, to be begun; or
        completed, for it was rejected.

        `guarded`: the owner guards the environment from now on.
        """
        if guarded and job.environment is not None:
            self._world.protect(repo, job.environment, repo.owner)
        environment = repo.environments.get(job.environment or "")
        if environment is None or not environment.reviewers:
            return None
        key = (run.id, environment.name)
        answer = self._awaited.setdefault(key, asyncio.get_running_loop().create_future())
        record = await self._report.job_waits(repo, run, job.name, environment)
        if await answer == "rejected":
            await self._report.job_completed(repo, run, record, "failure", None)
        return record

    async def _reviewed(self, run: WorkflowRun, environment: str, verdict: Verdict) -> None:
        answer = self._awaited.pop((run.id, environment), None)
        if answer is not None:
            answer.set_result(verdict)
