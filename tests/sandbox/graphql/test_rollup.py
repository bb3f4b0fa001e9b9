"""What GraphQL tells about the checks of a commit."""

from typing import Any

from bot.sandbox.model import Job, Repository, WorkflowRun
from bot.sandbox.world import World
from tests.sandbox.graphql.conftest import Ask, head, within

ROLLUP = within("""object(expression: "main") { ... on Commit { statusCheckRollup { contexts(first: 9) { nodes {
  __typename
  ... on CheckRun { name status conclusion checkSuite { app { slug } workflowRun { databaseId } } }
  ... on StatusContext { context state }
} } } } }""")


async def rollup(ask: Ask) -> Any:
    return (await ask(ROLLUP))["data"]["repository"]["object"]["statusCheckRollup"]


async def test_no_report_is_no_rollup(ask: Ask):
    assert await rollup(ask) is None


async def test_the_rollup_holds_jobs_checks_and_statuses(ask: Ask, world: World, repo: Repository):
    sha, now, morgan = await head(world, repo), world.clock.now(), world.user("morgan")
    run = WorkflowRun(50, 5, "CI", ".github/workflows/ci.yml", "push", "main", sha, 1, 51, morgan, now, now)
    run.jobs = [Job(52, "test", "in_progress", started_at=now)]
    repo.runs[run.id] = run
    await world.add_check_run(repo, sha, "coverage", app_slug="codecov")
    await world.add_status(repo, sha, "bench", "pending", by="morgan")
    await world.add_status(repo, sha, "bench", "success", by="morgan")
    found = await rollup(ask)
    job, check, status = found["contexts"]["nodes"]
    assert job["checkSuite"] == {"app": {"slug": "github-actions"}, "workflowRun": {"databaseId": 50}}
    assert (job["name"], job["status"], job["conclusion"]) == ("test", "IN_PROGRESS", None)
    assert check["checkSuite"] == {"app": {"slug": "codecov"}, "workflowRun": None}
    assert status == {"__typename": "StatusContext", "context": "bench", "state": "SUCCESS"}


SUITES = within("""object(expression: "main") { ... on Commit { checkSuites(first: 9) { nodes {
  status conclusion branch { name } app { slug }
  workflowRun { databaseId event runNumber workflow { databaseId name } file { path } }
} } } }""")


async def test_each_run_and_each_other_app_has_a_suite(ask: Ask, world: World, repo: Repository):
    sha, now, morgan = await head(world, repo), world.clock.now(), world.user("morgan")
    for number, branch in ((50, "main"), (60, "v1")):
        run = WorkflowRun(
            number, 5, "CI", ".github/workflows/ci.yml", "push", branch, sha, 1, number + 1, morgan, now, now
        )
        repo.runs[run.id] = run
    repo.runs[50].status, repo.runs[50].conclusion = "completed", "success"
    await world.add_check_run(repo, sha, "coverage", app_slug="codecov")
    await world.add_check_run(repo, sha, "patch", app_slug="codecov", conclusion="failure")
    suites = (await ask(SUITES))["data"]["repository"]["object"]["checkSuites"]
    ours, tags, others = suites["nodes"]
    assert ours == {
        "status": "COMPLETED",
        "conclusion": "SUCCESS",
        "branch": {"name": "main"},
        "app": {"slug": "github-actions"},
        "workflowRun": {
            "databaseId": 50,
            "event": "push",
            "runNumber": 1,
            "workflow": {"databaseId": 5, "name": "CI"},
            "file": {"path": ".github/workflows/ci.yml"},
        },
    }
    assert (tags["status"], tags["branch"], tags["workflowRun"]["databaseId"]) == ("QUEUED", None, 60)
    assert (others["conclusion"], others["app"], others["workflowRun"]) == ("FAILURE", {"slug": "codecov"}, None)
