"""Green is what had to report: runs that come late or never, other Apps that report first, files for which CI does not
run, checks that only pull requests have.
"""

from dataclasses import replace

import pytest

from bot.cli import rehearsal
from bot.release.model import Phase
from bot.sandbox.actions.scenario import Outcome
from tests.flow.test_dynamic_runs import DEPENDABOT, run_dynamic
from tests.play import EXAMPLE, play

CI, BY_HAND, CONFIG = ".github/workflows/ci.yml", ".github/workflows/by-hand.yml", ".github/release.toml"
NO_OTHER = {".github/workflows/python-ci.yml": None}
JOBS = "jobs: {test: {runs-on: ubuntu-latest, steps: [{run: make test}]}}\n"


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    """In virtual time nothing is late unless a test says so."""
    monkeypatch.setattr(rehearsal, "REHEARSAL_TIMEOUTS", replace(rehearsal.REHEARSAL_TIMEOUTS, ci_appears=8.0))


def reporting_first(on):
    """An App that reports about each push at once, before CI does."""

    async def pushed(repo, ref, before, after, actor):
        if ref == "refs/heads/main":
            await on.world.add_check_run(repo, after, "DCO", app_slug="dco", app_id=1861, branch="main")

    on.world.on_push.insert(0, pushed)


def on_pull_requests(on, name):
    """An App that reports about pull requests' heads only."""

    async def changed(repo, issue, action):
        if issue.pull_request is not None and action in ("opened", "synchronize"):
            head = issue.pull_request
            await on.world.add_check_run(repo, head.head_sha, name, app_slug="dco", app_id=1861, branch=head.head)

    on.world.on_pull_request.append(changed)


async def push(on, files, message="Change"):
    commit = await on.world.push(on.repository, "main", files, message, by="morgan")
    await on.sandbox.actions.idle()
    return commit


def each_run_was_repeated_once(on):
    asked = [call.path for call in on.calls("POST", "/rerun-failed-jobs")]
    return len(asked) == len(set(asked)) == 2


async def phases(on):
    return [release.phase for release in await on.releases()]


async def test_green_before_tag_ci_that_appears_late_is_awaited_though_another_app_reported_first(tmp_path):
    async with play(tmp_path) as on:
        reporting_first(on)
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.late = 5.0
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.pass_time(4.0)
        assert not await on.tags(), on.thread()
        await on.settle()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_green_before_tag_ci_that_never_appears_is_named_and_not_replaced(tmp_path):
    async with play(tmp_path) as on:
        reporting_first(on)
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.never = {CI}
        merged = await on.merge()
        await run_dynamic(on, DEPENDABOT, "success", head=merged)
        await on.settle()
        assert not await on.tags()
        assert "CI has not started on the merge commit" in on.milestones()[-1], on.thread()
        assert "ci.yml: has not started" in on.milestones()[-1]
        on.sandbox.actions.scenario.never = set()
        fixed = await push(on, {"notes": "1"})
        await on.comment("/release retry")
        assert set((await on.tags()).values()) == {fixed}, on.thread()


FILTERED = f"name: CI\non: {{push: {{branches: [main], paths: ['src/**', 'Cargo.lock.md']}}}}\n{JOBS}"
STARTED_BY_HAND = f"name: By hand\non: workflow_dispatch\n{JOBS}"


async def test_where_ci_does_not_run_for_the_head_s_files_the_commit_before_is_judged_and_named(tmp_path):
    async with play(tmp_path) as on:
        tested = await push(on, {**NO_OTHER, CI: FILTERED, "src/more.rs": "// more\n"})
        await push(on, {"notes": "1"})
        await on.comment(EXAMPLE)
        assert f"CI was looked at on {tested}" in on.milestones()[0], on.thread()
        assert "No workflow runs on pushes that change only what this release changes" in on.milestones()[0]


async def test_where_ci_is_red_before_a_head_for_whose_files_it_does_not_run_nothing_is_released(tmp_path):
    async with play(tmp_path) as on:
        on.sandbox.actions.scenario.script = lambda run, job, attempt: Outcome("failure")
        tested = await push(on, {**NO_OTHER, CI: FILTERED, "src/more.rs": "// more\n"})
        await push(on, {"notes": "1"})
        await on.comment(EXAMPLE)
        assert "CI is red" in on.milestones()[-1], on.thread()
        assert f"this is about {tested}" in on.milestones()[-1]


async def ci_does_not_run(on):
    """A release whose merge commit changes nothing that CI runs for."""
    await push(on, {**NO_OTHER, CI: FILTERED, BY_HAND: STARTED_BY_HAND, "src/more.rs": "// more\n"})
    await on.comment(EXAMPLE)
    merged = await on.merge()
    assert not await on.tags()
    assert "CI does not run for these files" in on.milestones()[-1], on.thread()
    return merged


async def test_where_ci_does_not_run_for_the_merged_files_a_workflow_started_by_hand_counts(tmp_path):
    async with play(tmp_path) as on:
        merged = await ci_does_not_run(on)
        await on.sandbox.actions.dispatch(on.repository, BY_HAND, on.world.user("morgan"))
        await on.comment("/release retry")
        assert set((await on.tags()).values()) == {merged}, on.thread()
        assert await phases(on) == [Phase.RELEASED]


async def test_where_ci_does_not_run_for_the_merged_files_the_configuration_may_say_that_none_is_needed(tmp_path):
    async with play(tmp_path) as on:
        await ci_does_not_run(on)
        await push(on, {CONFIG: "[release]\nrequired = []\n"})
        await on.comment("/release retry")
        assert await phases(on) == [Phase.RELEASED], on.thread()
        assert "Nothing checked on the merge commit: `required = []`" in on.status()
        assert "where nothing was checked" in "".join(on.milestones())


async def test_a_check_that_only_pull_requests_have_is_taken_from_there(tmp_path):
    async with play(tmp_path) as on:
        on.repository.required_checks["main"] = ["DCO"]
        on_pull_requests(on, "DCO")
        await on.comment(EXAMPLE)
        await on.merge()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_a_check_of_the_pull_request_s_branch_on_the_commit_where_it_began_is_none_of_main(tmp_path):
    async with play(tmp_path) as on:
        on.repository.required_checks["main"] = ["DCO"]
        on_pull_requests(on, "DCO")

        async def begun(repo, ref, before, after, actor):
            if ref.startswith("refs/heads/") and ref != "refs/heads/main":
                await on.world.add_check_run(repo, after, "DCO", app_slug="dco", app_id=1861, branch=ref[11:])

        on.world.on_push.append(begun)
        await on.comment(EXAMPLE)
        assert [run.name for run in on.repository.checks if run.head_sha == await on.world.head(on.repository)] == [
            "DCO"
        ]
        await on.merge()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_a_required_check_that_is_known_to_report_on_pushes_is_awaited_there(tmp_path):
    async with play(tmp_path) as on:
        reporting_first(on)
        on_pull_requests(on, "DCO")
        await push(on, {"notes": "1"})
        await push(on, {"notes": "2"})
        on.repository.required_checks["main"] = ["DCO"]
        del on.world.on_push[0]
        await on.comment(EXAMPLE)
        await on.merge()
        assert "DCO: has not started" in on.milestones()[-1], on.thread()
        assert not await on.tags()
        merged = await on.world.head(on.repository)
        await on.world.add_check_run(on.repository, merged, "DCO", app_slug="dco", app_id=1861, branch="main")
        await on.settle()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_a_required_check_that_reports_nowhere_is_named_with_the_line_that_settles_it(tmp_path):
    async with play(tmp_path) as on:
        on.repository.required_checks["main"] = ["Lint PR title"]
        await on.comment(EXAMPLE)
        await on.merge()
        said = on.milestones()[-1].replace("\\", "")
        assert "Lint PR title: required, and nothing on pushes to main reports it" in said, on.thread()
        assert 'required = ["ci.yml", "python-ci.yml"]' in said
        await push(on, {CONFIG: '[release]\nrequired = ["ci.yml"]\n'})
        await on.comment("/release retry")
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_ci_that_a_newer_push_cancelled_runs_again_by_itself_and_once(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.script = lambda run, job, attempt: (
            Outcome("cancelled")
            if (run.head_branch, run.head_sha) == ("main", on.pull_request.merge_commit_sha) and attempt == 1
            else None
        )
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.world.push(on.repository, "main", {"notes": "1"}, "Notes", by="morgan")
        await on.settle()
        assert await phases(on) == [Phase.RELEASED], on.thread()
        assert each_run_was_repeated_once(on)
        assert not any(body.startswith("🛑") for body in on.milestones())


async def test_ci_that_is_cancelled_again_waits_for_a_person(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.script = lambda run, job, attempt: (
            Outcome("cancelled")
            if (run.head_branch, run.head_sha) == ("main", on.pull_request.merge_commit_sha)
            else None
        )
        await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.world.push(on.repository, "main", {"notes": "1"}, "Notes", by="morgan")
        await on.settle()
        assert "CI failed on the merge commit" in on.milestones()[-1], on.thread()
        assert each_run_was_repeated_once(on)


async def test_a_name_in_required_that_nothing_has_is_refused_at_once_with_the_nearest(tmp_path):
    async with play(tmp_path) as on:
        await push(on, {CONFIG: '[release]\nrequired = ["ci.yaml"]\n'})
        await on.comment(EXAMPLE)
        assert "names 'ci.yaml', which no workflow, job or check has" in on.said()[0], on.thread()
        assert "Did you mean `ci.yml`?" in on.said()[0].replace("\\", "")
        assert not on.pull_requests


async def test_a_repository_without_a_workflow_on_pushes_is_told_so_before_anything(tmp_path):
    async with play(tmp_path) as on:
        await push(on, {**NO_OTHER, CI: f"name: CI\non: pull_request\n{JOBS}"})
        await on.comment(EXAMPLE)
        assert "No workflow runs on pushes to `main`" in on.milestones()[-1], on.thread()
        assert "ci.yml: does not run on pushes" in on.milestones()[-1]
        assert not on.pull_requests


async def test_the_bot_s_own_check_runs_are_not_counted(tmp_path):
    async with play(tmp_path) as on:
        on.repository.required_checks["main"] = ["Shipmate: release plan"]
        app = on.world.app
        await on.world.add_check_run(
            on.repository,
            await on.world.head(on.repository),
            "Shipmate: release plan",
            conclusion="failure",
            app_slug=app.slug,
            app_id=app.id,
        )
        await on.comment(EXAMPLE)
        assert on.pull_requests, on.thread()
