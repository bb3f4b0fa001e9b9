"""What ran in one repository: workflow runs, their jobs and logs, and what holds a run up."""

from collections.abc import AsyncIterator, MutableMapping
from datetime import UTC, datetime
from typing import Any

from bot.github import decode
from bot.github.errors import GitHubError, RateLimited
from bot.github.facts import Job, PendingApproval, RepositoryRef, Review, WorkflowRun
from bot.github.reading.job_log import failed_part
from bot.github.transport.client import PER_PAGE, Client, GraphQLAnswer, Json
from bot.github.transport.tokens import Purpose, Tokens

LOG_END = 256 * 1024
"""Bytes of a job's log that are read, from its end: what failed stands there."""
JobLogs = MutableMapping[tuple[int, int], str]
"""What the failed step of a job printed, by repository and job id; a job that has ended prints no more."""


class RunsReader:
    """The part of a `Reader` that is about runs, and how all of it asks."""

    def __init__(self, tokens: Tokens, repository: RepositoryRef, job_logs: JobLogs) -> None:
        """`job_logs` is a cache that holds a few."""
        self._tokens = tokens
        self._repository = repository
        self._job_logs = job_logs

    async def runs(self, commit: str) -> tuple[WorkflowRun, ...]:
        """The newest attempt of every workflow run on a commit, whatever started it."""
        path = "/actions/runs{?head_sha,per_page}"
        return tuple(
            [decode.workflow_run(run) async for run in self._items(path, key="workflow_runs", head_sha=commit)]
        )

    async def runs_by(self, event: str, since: datetime, branch: str | None = None) -> tuple[WorkflowRun, ...]:
        """The newest attempt of every workflow run that such an event started (on a branch) at or after that time.

        https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository
        """
        path = "/actions/runs{?event,branch,created,per_page}"
        created = f">={since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        asked = {"event": event, "created": created} | ({"branch": branch} if branch else {})
        runs = [decode.workflow_run(run) async for run in self._items(path, key="workflow_runs", **asked)]
        return tuple(run for run in runs if run.created_at >= since)

    async def jobs(self, run_id: int) -> tuple[Job, ...]:
        """The jobs of a run's newest attempt."""
        path = "/actions/runs/{run}/jobs{?filter,per_page}"
        return tuple([decode.job(job) async for job in self._items(path, key="jobs", run=run_id, filter="latest")])

    async def log(self, job_id: int) -> str | None:
        """What the failed step of an ended job printed, cleaned; None when GitHub does not have it, or not yet.

        A log is worth a look and no more: whatever goes wrong but a rate limit counts as not having it.
        """
        key = (self._repository.id, job_id)
        if key not in self._job_logs:
            client = await self._client()
            path = "/repos/{owner}/{repo}/actions/jobs/{job}/logs"
            try:
                end = await client.end_of_file(path, keep=LOG_END, **self._names, job=job_id)
            except RateLimited:
                raise
            except GitHubError:
                return None
            self._job_logs[key] = failed_part(end.decode(errors="replace"))
        return self._job_logs[key]

    async def annotations(self, job_id: int) -> tuple[str, ...]:
        """Why GitHub let an ended job not begin or go on, in its words: what it noted about the job's check run.

        As with a log, whatever goes wrong but a rate limit counts as not having it.
        https://docs.github.com/en/rest/checks/runs#list-check-run-annotations
        """
        path = "/check-runs/{check}/annotations{?per_page}"  # a job's check run has its id
        try:
            noted = [each async for each in self._items(path, check=job_id)]
        except RateLimited:
            raise
        except GitHubError:
            return ()
        return tuple(str(each["message"]) for each in noted if each["annotation_level"] == "failure")

    async def pending_approvals(self, run_id: int) -> tuple[PendingApproval, ...]:
        """The environments that hold up a run which waits."""
        client = await self._client()
        path = "/repos/{owner}/{repo}/actions/runs/{run}/pending_deployments"
        return tuple(decode.pending_approval(each) for each in await client.get(path, **self._names, run=run_id))

    async def reviews(self, run_id: int) -> tuple[Review, ...]:
        """What was said about a run when it waited for approvals, in any of its attempts."""
        client = await self._client()
        path = "/repos/{owner}/{repo}/actions/runs/{run}/approvals"
        return tuple(decode.review(each) for each in await client.get(path, **self._names, run=run_id))

    async def _client(self) -> Client:
        return await self._tokens.client(self._repository, Purpose.OBSERVE)

    async def _items(self, path: str, *, key: str | None = None, **variables: Any) -> AsyncIterator[Json]:
        client = await self._client()
        whole = "/repos/{owner}/{repo}" + path
        async for item in client.items(whole, key=key, **self._names, per_page=PER_PAGE, **variables):
            yield item

    @property
    def _names(self) -> dict[str, str]:
        return {"owner": self._repository.owner, "repo": self._repository.name}

    async def _graphql(self, document: str, **variables: Json) -> GraphQLAnswer:
        client = await self._client()
        return await client.graphql(document, owner=self._repository.owner, name=self._repository.name, **variables)
