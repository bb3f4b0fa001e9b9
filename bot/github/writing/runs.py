"""Starting, repeating and stopping workflow runs of one repository."""

from collections.abc import Mapping
from typing import Any

from bot.github.errors import Conflict, Forbidden, NotFound
from bot.github.facts import RepositoryRef
from bot.github.transport.client import Client, Json
from bot.github.transport.tokens import Purpose, Tokens


class RunsWriter:
    """One repository's runs, through tokens of just the permissions that each act needs."""

    def __init__(self, tokens: Tokens, repository: RepositoryRef) -> None:
        self._tokens = tokens
        self._repository = repository

    async def rerun_failed_jobs(self, run_id: int) -> None:
        """Have GitHub run a workflow run's failed jobs again, as its next attempt; fine when that runs already."""
        client = await self._client(Purpose.RUN)
        try:
            await client.post(self._path("/actions/runs/{run}/rerun-failed-jobs"), {}, **self._names, run=run_id)
        except (Forbidden, Conflict) as refused:
            # https://github.com/metabase/metabase/issues/70916; the other words: docs/live-check.md#rerun-words
            if not any(word in str(refused).lower() for word in ("already running", "no failed jobs")):
                raise

    async def rerun_job(self, job: int) -> None:
        """Have GitHub run one job again, and those that need it; fine when its run runs already, or the job is one of
        an earlier attempt.
        """
        client = await self._client(Purpose.RUN)
        try:
            await client.post(self._path("/actions/jobs/{job}/rerun"), {}, **self._names, job=job)
        except NotFound:
            return
        except (Forbidden, Conflict) as refused:
            # https://github.com/metabase/metabase/issues/70916
            if "already running" not in str(refused).lower():
                raise

    async def cancel_run(self, run_id: int) -> None:
        """Have GitHub stop a workflow run, which takes a while; fine when it has ended."""
        client = await self._client(Purpose.RUN)
        try:
            await client.post(self._path("/actions/runs/{run}/cancel"), {}, **self._names, run=run_id)
        except (Conflict, NotFound):
            return

    async def start_workflow(self, file: str, ref: str, inputs: Mapping[str, str]) -> int | None:
        """Start a workflow that has `workflow_dispatch` on a branch or tag; the run's id, where GitHub tells it.

        Not idempotent: each call starts a run. Invalid when the workflow is not started so, or not with these inputs.
        https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
        """
        client = await self._client(Purpose.RUN)
        wanted = {"ref": ref, "inputs": dict(inputs), "return_run_details": True}
        path = self._path("/actions/workflows/{file}/dispatches")
        answer: Json | None = await client.post(path, wanted, **self._names, file=file)
        return answer.get("workflow_run_id") if answer else None

    async def _client(self, purpose: Purpose) -> Client:
        return await self._tokens.client(self._repository, purpose)

    def _path(self, rest: str) -> str:
        return "/repos/{owner}/{repo}" + rest

    @property
    def _names(self) -> dict[str, Any]:
        return {"owner": self._repository.owner, "repo": self._repository.name}
