"""What the jobs of a run do on the registry stand-ins, played for the runs of the independent GitHub."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.sandbox.actions.assumed import all_uploads
from bot.sandbox.actions.local import read_local, read_tree
from bot.sandbox.actions.publishing import Artifacts, JobRun, Publisher, PublishFailed
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.git.repository import GitRepository
from bot.sandbox.model import Repository, User, WorkflowRun
from bot.workflows import events
from bot.workflows.files import read_workflow
from bot.workflows.runs import RunJob, run_of
from tests.virtual_time import BEGINNING

Run = dict[str, Any]
"""A run, as the oracle keeps it."""


class Work:
    """Does what a run's jobs do: those for a tag build, and upload with the tag's files; all others pass."""

    def __init__(self, mini: Any, publisher: Publisher) -> None:
        self._mini = mini
        self._publisher = publisher
        self.failures: list[str] = []
        """Why a registry, or cargo, refused."""

    async def __call__(self, run: Run) -> str:
        await asyncio.sleep(run["seconds"])
        tag = run["inputs"].get("tag", run["branch"])
        commit = self._mini.git.resolve(f"refs/tags/{tag}")
        if commit is None or run["file"] is None:
            return "success"
        git = GitRepository(Path(self._mini.git.path))
        content = await git.read_file(run["sha"], run["path"])
        if content is None:
            return "failure"
        workflow = read_workflow(run["path"], content)
        local, ref = await read_local(git, run["sha"]), f"refs/tags/{tag}"
        jobs = run_of(workflow, _event(run["event"], tag), {run["path"]: workflow}, local)
        tree, made = await read_tree(git, commit), Artifacts()
        try:
            for place, each in enumerate(jobs):
                if each.runs is not False:
                    job, here = _job(each), (self._repository(), self._run(run), ref, jobs)
                    done = JobRun(*here, job, tree, made, local, place, all_uploads(job))
                    self._publisher.finish(done, Scenario())
        except PublishFailed as refused:
            self.failures.append(str(refused))
            return "failure"
        return "success"

    def _repository(self) -> Repository:
        mini = self._mini
        return Repository(mini.repo_id, mini.node, self._owner(), mini.name, mini.default, False, BEGINNING)

    def _owner(self) -> User:
        owner = self._mini.user(self._mini.owner)
        return User(owner["id"], owner["login"])

    def _run(self, run: Run) -> WorkflowRun:
        return WorkflowRun(
            id=run["id"],
            workflow_id=run["workflow"],
            name=run["name"],
            path=run["path"],
            event=run["event"],
            head_branch=run["branch"],
            head_sha=run["sha"],
            number=run["n"],
            suite_id=run["id"],
            actor=self._owner(),
            created_at=run["at"],
            updated_at=run["at"],
            attempt=run["attempt"],
        )


def _job(job: RunJob) -> RunJob:
    return replace(job, steps=tuple(step for step in job.steps if step.runs is not False))


def _event(name: str, tag: str) -> events.Event:
    if name == "release":
        return events.release(tag)
    return events.dispatch() if name == "workflow_dispatch" else events.push_of_tag(tag)
