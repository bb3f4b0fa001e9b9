"""What was reported about a commit: jobs of Actions, other Apps' check runs, commit statuses."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.sandbox import payloads
from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.nodes import CheckRunNode, CheckSuiteNode, CommitNode, RefNode, RollupNode, StatusNode
from bot.sandbox.graphql.paging import Connection, page
from bot.sandbox.graphql.repository import qualified_ref
from bot.sandbox.model import CheckRun, Repository, WorkflowRun
from bot.sandbox.site import Site

_PASSING = frozenset({"success", "skipped", "neutral"})


@field("Commit.statusCheckRollup", checks="read", statuses="read")
def status_check_rollup(node: CommitNode, info: Info) -> RollupNode | None:
    """Everything together; None when nothing was reported, which is not green."""
    site = info.context.world.site
    found: list[CheckRunNode | StatusNode] = [*_jobs(site, node), *_check_runs(site, node), *_statuses(node)]
    return RollupNode(tuple(found)) if found else None


@field("Commit.checkSuites", checks="read")
def check_suites(node: CommitNode, _: Info, *, first: int | None = None, after: str | None = None) -> Connection:
    """One for each workflow run, in its newest attempt, and one for each other App that made check runs."""
    runs = [_suite_of_run(node.repo, run) for run in _runs(node)]
    by_app: dict[int, list[CheckRun]] = {}
    for check in _newest_checks(node):
        by_app.setdefault(check.app_id, []).append(check)
    return page([*runs, *(_suite_of_app(node.repo, checks) for checks in by_app.values())], "checkSuites", first, after)


def _runs(node: CommitNode) -> Iterator[WorkflowRun]:
    yield from (run for run in node.repo.runs.values() if run.head_sha == node.oid)


def _newest_checks(node: CommitNode) -> Iterable[CheckRun]:
    return {(run.app_id, run.name): run for run in node.repo.checks if run.head_sha == node.oid}.values()


def _suite_of_run(repo: Repository, run: WorkflowRun) -> CheckSuiteNode:
    slug, app_id = payloads.ACTIONS_APP
    conclusion = run.conclusion and run.conclusion.upper()
    created_at = payloads.stamp(run.created_at)
    return CheckSuiteNode(repo, {"slug": slug, "database_id": app_id}, run.status.upper(), conclusion, created_at, run)


def _suite_of_app(repo: Repository, checks: Sequence[CheckRun]) -> CheckSuiteNode:
    """Ended when all its check runs have, and then as bad as the worst of them."""
    first, ended = checks[0], all(check.status == "completed" for check in checks)
    worst = next((each.conclusion for each in checks if each.conclusion not in _PASSING), "success")
    status, conclusion = ("COMPLETED", str(worst).upper()) if ended else ("IN_PROGRESS", None)
    app = {"slug": first.app_slug, "database_id": first.app_id}
    return CheckSuiteNode(repo, app, status, conclusion, payloads.stamp(first.started_at))


def _jobs(site: Site, node: CommitNode) -> Iterator[CheckRunNode]:
    for run in _runs(node):
        for job in run.jobs:
            page_url = payloads.job_page(site, node.repo, run, job)
            suite = _suite_of_run(node.repo, run)
            yield _check_run(site, node.repo, payloads.check_run_of(run, job), suite, page_url)


def _check_runs(site: Site, node: CommitNode) -> Iterator[CheckRunNode]:
    newest = _newest_checks(node)
    for run in newest:
        suite = _suite_of_app(node.repo, [each for each in newest if each.app_id == run.app_id])
        yield _check_run(site, node.repo, run, suite)


def _check_run(
    site: Site, repo: Repository, record: CheckRun, suite: CheckSuiteNode, page_url: str | None = None
) -> CheckRunNode:
    shown = payloads.check_run(site, repo, record, page=page_url)
    return CheckRunNode(
        name=record.name,
        status=record.status.upper(),
        conclusion=record.conclusion and record.conclusion.upper(),
        details_url=shown["details_url"],
        started_at=shown["started_at"],
        completed_at=shown["completed_at"],
        suite=suite,
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


@field("CheckSuite.branch", contents="read")
async def branch(suite: CheckSuiteNode, info: Info) -> RefNode | None:
    """The branch that it ran for; None when that is gone, and for a tag's run: a tag is no branch."""
    if suite.run is None:
        return None
    return await qualified_ref(suite.repo, info, f"refs/heads/{suite.run.head_branch}")


@field("CheckSuite.workflowRun", actions="read")
def workflow_run(suite: CheckSuiteNode, info: Info) -> dict[str, Any] | None:
    """The run of Actions; GraphQL tells neither its attempt nor its status, which is the suite's."""
    run = suite.run
    if run is None:
        return None
    return {
        "database_id": run.id,
        "event": run.event,
        # docs/live-check.md#dynamic-run-file
        "file": None if run.event == "dynamic" else {"path": run.path},
        "run_number": run.number,
        "updated_at": payloads.stamp(run.updated_at),
        "url": payloads.run_page(info.context.world.site, suite.repo, run),
        "workflow": {"database_id": run.workflow_id, "name": run.name},
    }
