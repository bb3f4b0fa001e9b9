"""Starting a publish workflow, once: GitHub tells the run's id, and a run that nobody was told of is looked for."""

from dataclasses import replace
from datetime import datetime

from bot.github import GitHub
from bot.ledger import Mark, Started
from bot.reconcile.effects.once import Once
from bot.release.actions import StartWorkflow
from bot.release.ci.reported import BY_HAND
from bot.release.model import Release, ReleasePackage
from bot.release.records import PublishRun
from bot.store import Lease


class WorkflowStarter:
    """Starts workflows in the repository of a lease."""

    def __init__(self, github: GitHub, once: Once) -> None:
        self._github = github
        self._once = once

    async def start(self, lease: Lease, release: Release, action: StartWorkflow) -> Release:
        """Start it; answers the release that knows its run. Raises the adapter's errors, and Unsettled while a run of
        an earlier try may not be shown yet.
        """

        async def find(since: datetime) -> str | None:
            reader = self._github.reader(lease.repository)
            on_tag = action.ref == action.tag
            commit = release.merge.commit or ""
            runs = await reader.runs(commit) if on_tag else await reader.runs_by(BY_HAND, since, action.ref)
            known = {run.id for run in release.publishing.started}
            found = (
                str(run.id)
                for run in runs
                if (run.event, run.file, run.head_branch) == (BY_HAND, action.workflow, action.ref)
                and run.created_at >= since.replace(microsecond=0)
                and run.id not in known
            )
            return next(found, None)

        async def make() -> str:
            run = await self._github.writer(lease).start_workflow(action.workflow, action.ref, dict(action.inputs))
            return str(run or "")

        mark = Mark(release.subject, Started(action.tag, action.workflow))
        run = await self._once.do(mark, find=find, make=make)
        same = [package.key for package in release.current if _is_started_so(package, action)]
        started = [PublishRun(key, int(run), BY_HAND) for key in same] if run else []
        publishing = replace(release.publishing, started=(*release.publishing.started, *started))
        return replace(release, publishing=publishing)


def _is_started_so(package: ReleasePackage, action: StartWorkflow) -> bool:
    """Whether this start is a package's: one run may publish several."""
    inputs = package.dispatch.inputs if package.dispatch else None
    return (package.workflow, inputs) == (action.workflow, action.inputs)
