"""A base branch that demands a merge queue: the commit that the queue tested is what is pushed and tagged."""

from dataclasses import replace

import pytest

from bot.cli import rehearsal
from bot.release.model import Phase
from bot.sandbox.actions.scenario import Outcome
from tests.flow.test_moving_base import text
from tests.play import EXAMPLE, play

CI, PYTHON = ".github/workflows/ci.yml", ".github/workflows/python-ci.yml"
QUEUE = ".github/workflows/queue.yml"
JOBS = "jobs: {{{job}: {{runs-on: ubuntu-latest, steps: [{{run: make test}}]}}}}\n"
ON_BOTH = "name: CI\non: {push: {branches: [main]}, merge_group: {branches: [main]}}\n" + JOBS.format(job="test")
ON_PUSH = "name: Python\non: {push: {branches: [main]}}\n" + JOBS.format(job="py")
ON_QUEUE = "name: Queue\non: merge_group\n" + JOBS.format(job="queue")
OF_QUEUE = "name: Queue\non: {merge_group: {branches: [other]}}\n" + JOBS.format(job="queue")


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr(rehearsal, "REHEARSAL_TIMEOUTS", replace(rehearsal.REHEARSAL_TIMEOUTS, ci_appears=8.0))


async def demand(on, files, *required, **rule):
    """Have main demand a merge queue; CI is what these files say."""
    await on.world.push(on.repository, "main", {PYTHON: None, **files}, "Queue", by="morgan")
    await on.sandbox.actions.idle()
    checks = {"required_status_checks": [{"context": name} for name in required]}
    rules = {"merge_queue": {"merge_method": "MERGE", **rule}, "required_status_checks": checks}
    on.world.restrict(on.repository, "refs/heads/main", rules=rules, name="Queue")
    first = await proposal(on, "first", {"first": "1\n"})
    await on.world.enqueue(on.repository, first.number, by="morgan")
    await on.settle()


async def proposal(on, name, files):
    """Somebody else's pull request."""
    await on.world.push(on.repository, name, files, f"Add {name}", by="morgan")
    issue = await on.world.open_pull_request(on.repository, head=name, base="main", title=name, by="morgan")
    await on.settle()
    return issue


async def add_last_entry(on):
    """Somebody adds a changelog entry past the queue, where it does not get in the way of the release's own changes."""
    log = await text(on, "CHANGELOG.md", "refs/heads/main")
    new = log.replace("\n\n## [0.4.0]", "\n- A tide table.\n\n## [0.4.0]", 1)
    return await on.world.push(on.repository, "main", {"CHANGELOG.md": new}, "Note it", by="morgan")


async def phases(on):
    return [release.phase for release in await on.releases()]


def runs(on, commit, path):
    return [run.event for run in on.repository.runs.values() if (run.head_sha, run.path) == (commit, path)]


@pytest.mark.parametrize("method", ["MERGE", "SQUASH", "REBASE"])
async def test_green_before_tag_what_the_queue_pushed_is_tagged_by_the_queue_s_own_run(tmp_path, method):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_QUEUE}, "queue", merge_method=method)
        await on.comment(EXAMPLE)
        merged = await on.enqueue()
        assert set((await on.tags()).values()) == {merged}, on.thread()
        assert runs(on, merged, CI) == ["merge_group"]
        assert on.pull_request.merged_by.login == "github-merge-queue[bot]"
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_green_before_tag_each_workflow_of_pushes_is_awaited_behind_the_queue_s(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_BOTH, PYTHON: ON_PUSH}, "test")
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.late_files = {PYTHON: 5.0}
        await on.world.enqueue(on.repository, on.pull_request.number, by="morgan")
        await on.until(lambda: on.pull_request.merged)
        await on.pass_time(4.0)
        assert not await on.tags(), on.thread()
        await on.settle()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_green_before_tag_a_red_run_of_the_later_push_is_not_outweighed_by_the_queue_s(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_BOTH}, "test")
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.script = lambda run, job, attempt: (
            Outcome("failure") if run.event == "push" and run.head_branch == "main" else None
        )
        await on.enqueue()
        assert "CI failed on the merge commit" in on.milestones()[-1], on.thread()
        assert not await on.tags()


async def test_a_release_in_a_group_of_two_has_no_push_of_its_own_and_moves_to_the_commit_that_has(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_BOTH, PYTHON: ON_PUSH}, "test")
        await on.comment(EXAMPLE)
        other = await proposal(on, "topic", {"NOTES": "more\n"})
        seconds = {f"pr-{on.pull_request.number}-": 3.0}
        on.sandbox.actions.scenario.script = lambda run, job, attempt: next(
            (Outcome(seconds=long) for part, long in seconds.items() if part in run.head_branch), None
        )
        await on.world.enqueue(on.repository, on.pull_request.number, by="morgan")
        await on.world.enqueue(on.repository, other.number, by="morgan")
        await on.settle()
        merged, last = on.pull_request.merge_commit_sha, other.pull_request.merge_commit_sha
        assert await on.world.head(on.repository) == last != merged
        assert runs(on, merged, PYTHON) == []
        assert "python-ci.yml: has not started" in on.milestones()[-1], on.thread()
        assert not await on.tags()
        await on.comment("/release retry")
        assert set((await on.tags()).values()) == {last}, on.thread()
        assert await phases(on) == [Phase.RELEASED]


async def test_a_pull_request_that_goes_past_the_queue_lacks_what_only_the_queue_starts(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_BOTH, QUEUE: ON_QUEUE}, "test")
        await on.comment(EXAMPLE)
        await on.world.merge(on.repository, on.pull_request.number, by="morgan", past_the_queue=True)
        await on.settle()
        assert "queue.yml: has not started, and only the merge queue starts it" in on.milestones()[-1], on.thread()
        assert not await on.tags()
        other = await proposal(on, "topic", {"NOTES": "more\n"})
        await on.world.enqueue(on.repository, other.number, by="morgan")
        await on.settle()
        await on.comment("/release retry")
        assert set((await on.tags()).values()) == {other.pull_request.merge_commit_sha}, on.thread()


async def test_a_workflow_of_another_branch_s_queue_is_not_awaited(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_BOTH, QUEUE: OF_QUEUE}, "test")
        await on.comment(EXAMPLE)
        await on.enqueue()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_what_the_queue_refused_waits_for_people_and_is_released_from_the_queue_s_second_try(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_QUEUE}, "queue")
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.script = lambda run, job, attempt: Outcome("failure")
        assert await on.enqueue() == ""
        assert await phases(on) == [Phase.PROPOSED], on.thread()
        assert not on.world.queued(on.repository, on.pull_request.number)
        on.sandbox.actions.scenario.script = None
        await on.pass_time(1.0)  # the same commit once more would be as red
        merged = await on.enqueue()
        assert set((await on.tags()).values()) == {merged}, on.thread()


async def test_a_pull_request_in_the_queue_is_left_alone_and_follows_its_base_once_it_is_out(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_QUEUE})
        await on.comment(EXAMPLE)
        on.repository.required_checks["main"] = ["what never reports"]
        head = on.pull_request.head_sha
        await on.world.enqueue(on.repository, on.pull_request.number, by="morgan")
        base = await add_last_entry(on)
        await on.settle()
        assert on.world.queued(on.repository, on.pull_request.number)
        assert on.pull_request.head_sha == head, on.thread()
        await on.world.dequeue(on.repository, on.pull_request.number)
        await on.settle()
        assert on.pull_request.head_sha != head, on.thread()
        commit = await on.world.git(on.repository).commit(on.pull_request.head_sha)
        assert commit.parents == (base,)
        assert "A tide table." in (await text(on, "CHANGELOG.md", commit.sha)).partition("## [0.5.0]")[2]


async def test_a_head_that_went_past_the_queue_is_not_released_from_where_only_the_queue_tests(tmp_path):
    async with play(tmp_path) as on:
        await demand(on, {CI: ON_QUEUE}, "queue")
        await on.world.push(on.repository, "main", {"NOTES": "more\n"}, "Past the queue", by="morgan")
        await on.comment(EXAMPLE)
        assert "CI has not started on `main`" in on.milestones()[-1], on.thread()
        assert "ci.yml: has not started, and only the merge queue starts it" in on.milestones()[-1]
        other = await proposal(on, "topic", {"NOTES": "more still\n"})
        await on.world.enqueue(on.repository, other.number, by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        assert "No workflow runs" not in on.milestones()[-1], on.thread()
        assert on.pull_requests


async def test_without_a_queue_a_workflow_that_only_a_queue_starts_is_no_ci(tmp_path):
    async with play(tmp_path) as on:
        await on.world.push(on.repository, "main", {PYTHON: None, CI: ON_QUEUE}, "Queue", by="morgan")
        await on.comment(EXAMPLE)
        assert "No workflow runs on pushes to `main`" in on.milestones()[-1], on.thread()
        assert not on.pull_requests
