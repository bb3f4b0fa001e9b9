"""What was reported about a commit: jobs of Actions, other Apps' check runs, commit statuses."""

from collections.abc import Iterable, Iterator, Sequence

from bot.sandbox.graphql.binding import field
from bot.sandbox.graphql.context import Info
from bot.sandbox.graphql.nodes import CheckSuiteNode, CommitNode, Node, RefNode
from bot.sandbox.graphql.repository import qualified_ref
from bot.sandbox.model import CheckRun, Repository, WorkflowRun
from bot.sandbox.payloads.actions import check_run_json, check_run_of, job_page, run_page
from bot.sandbox.payloads.common import ACTIONS_APP
from bot.sandbox.site import Site

_PASSING = frozenset({"success", "skipped", "neutral"})


@field("Commit.statusCheckRollup", checks="read", statuses="read")
def status_check_rollup(node: CommitNode, info: Info) -> Node | None:
    """Everything together; None when nothing was reported, which is not green."""
    site = info.context.world.site
    found = [*_jobs(site, node), *_check_runs(site, node), *_statuses(node)]
    return {"contexts": found} if found else None


@field("Commit.checkSuites", checks="read")
def check_suites(node: CommitNode, _: Info) -> list[CheckSuiteNode]:
    """One for each workflow run, in its newest attempt, and one for each other App that made check runs."""
    by_app: dict[int, list[CheckRun]] = {}
    for check in _newest_checks(node):
        by_app.setdefault(check.app_id, []).append(check)
    runs = [_suite_of_run(node.repo, run) for run in _runs(node)]
    return runs + [_suite_of_app(node.repo, checks) for checks in by_app.values()]


def _runs(node: CommitNode) -> Iterator[WorkflowRun]:
    yield from (run for run in node.repo.runs.values() if run.head_sha == node.oid)


def _newest_checks(node: CommitNode) -> Iterable[CheckRun]:
    return {(run.app_id, run.name): run for run in node.repo.checks if run.head_sha == node.oid}.values()


def _suite_of_run(repo: Repository, run: WorkflowRun) -> CheckSuiteNode:
    app: Node = {"slug": ACTIONS_APP[0], "database_id": ACTIONS_APP[1]}
    return CheckSuiteNode(repo, app, run.status, run.conclusion, run.created_at, run.head_branch, run)


def _suite_of_app(repo: Repository, checks: Sequence[CheckRun]) -> CheckSuiteNode:
    """Ended when all its check runs have, and then as bad as the worst of them."""
    first, ended = checks[0], all(check.status == "completed" for check in checks)
    worst = next((each.conclusion for each in checks if each.conclusion not in _PASSING), "success")
    status, conclusion = ("completed", worst) if ended else ("in_progress", None)
    app: Node = {"slug": first.app_slug, "database_id": first.app_id}
    return CheckSuiteNode(repo, app, status, conclusion, first.started_at, first.branch)


def _jobs(site: Site, node: CommitNode) -> Iterator[Node]:
    for run in _runs(node):
        for job in run.jobs:
            page = job_page(site, node.repo, run, job)
            yield _check_run(check_run_of(run, job), page, _suite_of_run(node.repo, run))


def _check_runs(site: Site, node: CommitNode) -> Iterator[Node]:
    newest = _newest_checks(node)
    for run in newest:
        suite = _suite_of_app(node.repo, [each for each in newest if each.app_id == run.app_id])
        yield _check_run(run, check_run_json(site, node.repo, run)["details_url"], suite)


def _check_run(record: CheckRun, page: str, suite: CheckSuiteNode) -> Node:
    return {
        "typename": "CheckRun",
        "name": record.name,
        "status": record.status,
        "conclusion": record.conclusion,
        "details_url": page,
        "check_suite": suite,
    }


def _statuses(node: CommitNode) -> Iterator[Node]:
    newest = {status.context: status for status in node.repo.statuses if status.sha == node.oid}
    for each in newest.values():
        about = {"context": each.context, "state": each.state, "target_url": each.target_url}
        yield {"typename": "StatusContext", **about}


@field("CheckSuite.branch", contents="read")
async def branch(suite: CheckSuiteNode, info: Info) -> RefNode | None:
    """The branch that it ran for; None when that is gone, and for a tag's run: a tag is no branch."""
    if suite.branch is None:
        return None
    return await qualified_ref(suite.repo, info, f"refs/heads/{suite.branch}")


@field("CheckSuite.workflowRun", actions="read")
def workflow_run(suite: CheckSuiteNode, info: Info) -> Node | None:
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
        "updated_at": run.updated_at,
        "url": run_page(info.context.world.site, suite.repo, run),
        "workflow": {"database_id": run.workflow_id, "name": run.name},
    }
