"""Runs that neither a push nor a pull request starts, and concurrency groups, around a release."""

from bot.release.model import Phase
from bot.sandbox.actions.scenario import Outcome
from tests.flow.test_evidence import NO_OTHER, push
from tests.play import EXAMPLE, play

CI, NIGHTLY, AFTER = (f".github/workflows/{name}.yml" for name in ("ci", "nightly", "after"))
JOBS = "jobs: {test: {runs-on: ubuntu-latest, steps: [{run: make test}]}}\n"
PUSHES = "name: CI\non: {push: {branches: [main]}}\n"
PUBLISHES = (".github/workflows/publish.yml", ".github/workflows/python-publish.yml")


async def phases(on):
    return [release.phase for release in await on.releases()]


async def test_a_nightly_run_that_fails_says_nothing_of_the_commit(tmp_path):
    async with play(tmp_path) as on:
        await push(on, {NIGHTLY: f"name: Nightly\non: {{schedule: [{{cron: '0 3 * * *'}}]}}\n{JOBS}"})
        on.sandbox.actions.scenario.script = lambda run, job, attempt: (
            Outcome("failure") if run.event == "schedule" else None
        )
        (run,) = await on.sandbox.actions.schedule(on.repository)
        await on.sandbox.actions.idle()
        assert (run.conclusion, run.head_sha) == ("failure", await on.world.head(on.repository))
        await on.comment(EXAMPLE)
        await on.merge()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_green_before_tag_a_run_that_follows_ci_is_no_ci_and_does_not_stand_in_for_it(tmp_path):
    after = f"name: After\non: {{workflow_run: {{workflows: [Dependabot Updates], types: [completed]}}}}\n{JOBS}"
    async with play(tmp_path) as on:
        await push(on, {**NO_OTHER, CI: PUSHES + JOBS, AFTER: after})
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.late = 5.0
        merged = await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        on.sandbox.actions.start_dynamic(on.repository, "dynamic/dependabot/x", "Dependabot Updates", merged)
        await on.pass_time(4.0)
        runs = [run.event for run in on.repository.runs.values() if run.head_sha == merged]
        assert runs == ["dynamic", "workflow_run"]
        assert not await on.tags(), on.thread()
        await on.settle()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_ci_that_waits_behind_another_run_of_its_group_is_awaited(tmp_path):
    async with play(tmp_path) as on:
        await push(on, {**NO_OTHER, CI: f"{PUSHES}concurrency: ci\n{JOBS}"})
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.job_seconds = 4.0
        await on.world.push(on.repository, "main", {"notes": "1"}, "Notes", by="morgan")
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.pass_time(3.0)
        merged = on.pull_request.merge_commit_sha
        assert [run.status for run in on.repository.runs.values() if run.head_sha == merged] == ["pending"]
        await on.settle()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_ci_that_a_newer_push_put_out_of_its_group_runs_again_by_itself(tmp_path):
    async with play(tmp_path) as on:
        await push(on, {**NO_OTHER, CI: f"{PUSHES}concurrency: {{group: ci, cancel-in-progress: true}}\n{JOBS}"})
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.job_seconds = 2.0
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.pass_time(1.0)
        await on.world.push(on.repository, "main", {"notes": "1"}, "Notes", by="morgan")
        await on.settle()
        merged = on.pull_request.merge_commit_sha
        (run,) = [run for run in on.repository.runs.values() if (run.head_sha, run.path) == (merged, CI)]
        assert (run.attempt, run.conclusion) == (2, "success")
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_publishing_that_the_other_tag_s_run_cancelled_goes_on_by_retry(tmp_path):
    async with play(tmp_path) as on:
        files = await on.world.files(on.repository)
        group = b"concurrency: {group: publish, cancel-in-progress: true}\non:"
        changed = {path: files[path].replace(b"\non:", b"\n" + group, 1) for path in PUBLISHES}
        assert all(changed[path] != files[path] for path in PUBLISHES)
        await push(on, changed)
        await on.comment(EXAMPLE)
        await on.merge()
        assert await phases(on) == [Phase.TAGGED], on.thread()
        assert "cancelled" in on.milestones()[-1]
        await on.comment("/release retry")
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_a_run_that_is_too_old_to_run_again_is_told_and_the_way_out_works(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        failed = [run for run in on.repository.runs.values() if run.conclusion == "failure"]
        born = [run.created_at for run in failed]
        for run in failed:
            run.created_at = run.created_at.replace(year=run.created_at.year - 1)
        await on.comment("/release retry")
        assert "over a month ago" in on.milestones()[-1], on.thread()
        assert len(on.calls("POST", "/rerun-failed-jobs")) == 1
        for run, at in zip(failed, born, strict=True):
            run.created_at = at
        on.sandbox.actions.scenario.failures.clear()
        await on.comment("/release retry")
        assert await phases(on) == [Phase.RELEASED], on.thread()
