"""Environments that people guard: what waits for their approval, and what they say to it."""

from collections.abc import Sequence
from typing import Literal

from bot.sandbox.errors import Refusal
from bot.sandbox.model import (
    DeploymentReview,
    Environment,
    Job,
    PendingDeployment,
    Repository,
    User,
    WorkflowRun,
)
from bot.sandbox.payloads.deployments import review_given_json, review_requested_json
from bot.sandbox.world.state import WorldState

Verdict = Literal["approved", "rejected"]


class Deployments(WorldState):
    """Jobs of a guarded environment wait until one of its reviewers approves."""

    def protect(self, repo: Repository, environment: str, *reviewers: User | str) -> Environment:
        """Have an environment's jobs wait for one of these people (at most six)."""
        known = repo.environments.get(environment) or Environment(self.next_id(), environment, self.clock.now())
        known.reviewers = [self.actor(who) for who in reviewers]
        repo.environments[environment] = known
        return known

    async def request_review(
        self, repo: Repository, run: WorkflowRun, environment: Environment, job: Job
    ) -> PendingDeployment:
        """A job waits for an environment; several jobs of a run wait together."""
        pending = run.pending.get(environment.name)
        if pending is None:
            pending = run.pending[environment.name] = PendingDeployment(environment, self.clock.now())
        pending.jobs.append(job)
        payload = review_requested_json(self.site, repo, run, pending, job)
        await self.emit(repo, "deployment_review", payload, by=run.actor)
        return pending

    async def review_deployments(
        self,
        repo: Repository,
        run: WorkflowRun,
        verdict: Verdict,
        *,
        by: User | str,
        comment: str = "",
        environments: Sequence[str] | None = None,
    ) -> None:
        """One person approves or rejects what a run waits for (None: all of it).

        Refused when nothing waits there, or when the person is no reviewer of it.
        """
        user = self.actor(by)
        wanted = list(run.pending) if environments is None else list(environments)
        if not wanted or not set(wanted) <= run.pending.keys():
            raise Refusal("UNPROCESSABLE", "No pending deployment requests to approve or reject")
        if any(user not in run.pending[name].environment.reviewers for name in wanted):
            raise Refusal("FORBIDDEN", "You are not authorized to approve or reject this deployment")
        reviewed = [run.pending.pop(name) for name in wanted]
        for job in (job for pending in reviewed for job in pending.jobs):
            job.status = "queued"
        if not run.pending:
            run.status, run.updated_at = "in_progress", self.clock.now()
        run.reviews.append(DeploymentReview(verdict, user, comment, [each.environment for each in reviewed]))
        for pending in reviewed:
            payload = review_given_json(self.site, repo, run, pending, verdict, user, comment)
            await self.emit(repo, "deployment_review", payload, by=user)
        for pending in reviewed:
            for listener in self.on_review:
                await listener(run, pending.environment.name, verdict)
