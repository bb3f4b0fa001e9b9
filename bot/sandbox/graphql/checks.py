"""What was reported about a commit: jobs of Actions, other Apps' check runs, commit statuses."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.nodes import CheckRunNode, CommitNode, RollupNode, StatusNode
from bot.sandbox.graphql.paging import Connection, page
from bot.sandbox.model import CheckRun, Repository
from bot.sandbox.site import Site

_PASSING = frozenset({"success", "skipped", "neutral"})


@field("Commit.statusCheckRollup", checks="read", statuses="read")
def status_check_rollup(node: CommitNode, info: Info) -> RollupNode | None:
    """Everything together; None when nothing was reported, which is not green."""
    site = info.context.world.site
    found: list[CheckRunNode | StatusNode] = [*_jobs(site, node), *_check_runs(site, node), *_statuses(node)]
    return RollupNode(tuple(found)) if found else None


def _jobs(site: Site, node: CommitNode) -> Iterator[CheckRunNode]:
    for run in node.repo.runs.values():
        if run.head_sha == node.oid:
            for job in run.jobs:
                page_url = payloads.job_page(site, node.repo, run, job)
                yield _check_run(site, node.repo, payloads.check_run_of(run, job), page_url, run.id)


def _check_runs(site: Site, node: CommitNode) -> Iterator[CheckRunNode]:
    newest = {(run.app_id, run.name): run for run in node.repo.checks if run.head_sha == node.oid}
    for run in newest.values():
        yield _check_run(site, node.repo, run)


def _check_run(
    site: Site, repo: Repository, record: CheckRun, page_url: str | None = None, run_id: int | None = None
) -> CheckRunNode:
    shown = payloads.check_run(site, repo, record, page=page_url)
    return CheckRunNode(
        name=record.name,
        status=record.status.upper(),
        conclusion=record.conclusion and record.conclusion.upper(),
        details_url=shown["details_url"],
        started_at=shown["started_at"],
        completed_at=shown["completed_at"],
        app_slug=record.app_slug,
        app_id=record.app_id,
        run_id=run_id,
    )


def _statuses(node: CommitNode) -> Iterator[StatusNode]:
    newest = {status.context: status for status in node.repo.statuses if status.sha == node.oid}
    for status in newest.values():
        yield StatusNode(status.context, status.state.upper(), status.target_url)


@field("StatusCheckRollup.state")
def state(rollup: RollupNode, _: Info) -> str:
    """FAILURE as soon as anything failed, PENDING while anything runs, else SUCCESS."""
    states = {_state(each) for each in rollup.contexts}
    return next(each for each in ("FAILURE", "PENDING", "SUCCESS") if each in states)


def _state(each: CheckRunNode | StatusNode) -> str:
    match each:
        case StatusNode(state="ERROR" | "FAILURE"):
            return "FAILURE"
        case StatusNode(state="SUCCESS"):
            return "SUCCESS"
        case CheckRunNode(status="COMPLETED", conclusion=conclusion):
            return "SUCCESS" if str(conclusion).lower() in _PASSING else "FAILURE"
        case _:
            return "PENDING"


@field("StatusCheckRollup.contexts")
def contexts(rollup: RollupNode, _: Info, *, first: int | None = None, after: str | None = None) -> Connection:
    """Each thing that was reported."""
    return page(rollup.contexts, "contexts", first, after)


@field("CheckRun.checkSuite")
def check_suite(run: CheckRunNode, _: Info) -> CheckRunNode:
    """The suite: all that is asked of it, the run knows."""
    return run


@field("CheckSuite.app")
def app(run: CheckRunNode, _: Info) -> dict[str, Any]:
    """Who made the check run."""
    return {"slug": run.app_slug, "database_id": run.app_id}


@field("CheckSuite.workflowRun", actions="read")
def workflow_run(run: CheckRunNode, _: Info) -> dict[str, Any] | None:
    """The run of Actions that the job belongs to."""
    return {"database_id": run.run_id} if run.run_id else None
