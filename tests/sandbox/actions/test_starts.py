"""What starts runs beside pushes and pull requests, on which commit, by whose files; and whose turn it is."""

import asyncio

import pytest

from bot.sandbox.actions.dispatcher import Actions
from bot.sandbox.actions.scenario import Outcome, Scenario
from bot.sandbox.actions.starts import OF_ACTIONS
from bot.sandbox.errors import Refusal
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.pypi import PyPI

FOLDER = ".github/workflows/"
JOB = "jobs: {job: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"


class Place:
    """A repository and its runs."""

    def __init__(self, world, repo, actions):
        self.world, self.repo, self.actions = world, repo, actions

    async def push(self, files=None, branch="main", by="ann", **workflows):
        texts = {f"{FOLDER}{name}.yml": f"name: {name}\n{text}\n{JOB}" for name, text in workflows.items()}
        sha = await self.world.push(self.repo, branch, {**(files or {}), **texts}, by=by)
        await self.actions.idle()
        return sha

    def runs(self, name):
        return [run for run in self.repo.runs.values() if run.name == name]

    def told(self, name):
        return [(run.event, run.head_branch, run.head_sha) for run in self.runs(name)]


@pytest.fixture
async def place(world):
    repo = await world.create_repository("octo/thing", files={"a": "1"})
    actions = Actions(world, Scenario(job_seconds=0), CratesIO(world.clock), PyPI(world.clock))
    yield Place(world, repo, actions)
    await actions.close()


async def test_a_published_release_starts_the_tag_s_own_files_on_the_tag_s_commit(place):
    old = await place.push(w="on: {release: {types: [published]}}")
    await place.world.push_tag(place.repo, "v1", old, by="ann", message="v1")
    await place.push(w="on: workflow_dispatch")
    draft = await place.world.create_release(place.repo, tag="v1", draft=True, by="ann")
    await place.actions.idle()
    assert place.told("w") == []
    await place.world.edit_release(place.repo, draft, publish=True, by="ann")
    await place.actions.idle()
    assert place.told("w") == [("release", "v1", old)]


async def test_a_release_of_no_kind_starts_for_all_that_is_done_to_it_but_not_for_drafts(place):
    commit = await place.push(w="on: release")
    release = await place.world.create_release(place.repo, tag="v1", by="ann")
    await place.world.create_release(place.repo, tag="v2", draft=True, target=commit, by="ann")
    await place.world.edit_release(place.repo, release, body="x", by="ann")
    await place.actions.idle()
    assert len(place.runs("w")) == 4  # created, published, released, edited


async def test_a_finished_run_is_followed_by_the_default_branch_s_file_on_its_newest_commit(place):
    await place.push(ci="on: push", after="on: {workflow_run: {workflows: [ci], types: [completed]}}")
    head = await place.world.head(place.repo)
    await place.push({"b": "1"}, "topic", after="on: workflow_dispatch")
    assert place.told("after") == [("workflow_run", "main", head)] * 2


async def test_runs_that_follow_each_other_end_after_three(place):
    chain = {f"w{n}": f"on: {{workflow_run: {{workflows: [w{n - 1}], types: [completed]}}}}" for n in range(1, 6)}
    await place.push(w0="on: push", **chain)
    assert [len(place.runs(f"w{n}")) for n in range(6)] == [1, 1, 1, 1, 0, 0]


async def test_branches_of_what_follows_are_those_of_the_run_before(place):
    await place.push(
        ci="on: push", after="on: {workflow_run: {workflows: [ci], branches: [topic], types: [completed]}}"
    )
    assert place.told("after") == []
    await place.push({"b": "1"}, "topic")
    assert [event for event, *_ in place.told("after")] == ["workflow_run"]


async def test_a_schedule_runs_on_the_default_branch(place):
    head = await place.push(nightly="on: {schedule: [{cron: '0 3 * * *'}]}", ci="on: push")
    await place.actions.schedule(place.repo)
    await place.actions.idle()
    assert place.told("nightly") == [("schedule", "main", head)]


async def test_a_workflow_is_dispatched_only_where_its_files_say_so(place):
    ci = f"{FOLDER}ci.yml"
    await place.push(ci="on: push")
    ann = place.world.user("ann")
    with pytest.raises(Refusal, match="does not have 'workflow_dispatch' trigger"):
        await place.actions.dispatch(place.repo, ci, ann)
    head = await place.push(ci="on: [push, workflow_dispatch]")
    topic = await place.push({"b": "1"}, "topic")
    await place.actions.dispatch(place.repo, ci, ann)
    await place.actions.dispatch(place.repo, ci, ann, "refs/heads/topic")
    with pytest.raises(Refusal, match="No ref found"):
        await place.actions.dispatch(place.repo, ci, ann, "refs/heads/gone")
    await place.actions.idle()
    by_hand = [told for told in place.told("ci") if told[0] == "workflow_dispatch"]
    assert by_hand == [("workflow_dispatch", "main", head), ("workflow_dispatch", "topic", topic)]


async def test_what_a_run_does_by_its_token_starts_only_what_it_dispatches(place):
    await place.push(ci="on: [push, release, pull_request, workflow_dispatch]")
    before = len(place.runs("ci"))
    await place.push({"b": "1"}, "topic", by=OF_ACTIONS)
    await place.world.open_pull_request(place.repo, head="topic", base="main", title="Topic", by=OF_ACTIONS)
    await place.world.create_release(place.repo, tag="v1", by=OF_ACTIONS)
    await place.actions.idle()
    assert len(place.runs("ci")) == before
    await place.actions.dispatch(place.repo, f"{FOLDER}ci.yml", place.world.user(OF_ACTIONS))
    assert len(place.runs("ci")) == before + 1


# Concurrency

GROUP = "on: push\nconcurrency: {group: 'CI-${{ github.ref }}'%s}"


async def settled(place, count):
    """So many runs were started, and each goes on, waits or has ended."""
    while len(place.runs("ci")) < count or any(run.status == "queued" for run in place.runs("ci")):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)


async def three_pushes(place, more=""):
    """How three runs of one group stand when all were started while the first goes on, and how they end."""
    go = asyncio.Event()
    place.world.clock.sleep = lambda seconds: go.wait()
    place.actions.scenario.script = lambda run, job, attempt: Outcome(seconds=1)
    files = {f"{FOLDER}ci.yml": f"name: ci\n{GROUP % more}\n{JOB}"}
    for number in range(3):
        await place.world.push(place.repo, "main", {**files, "b": f"{number}"}, by="ann")
        await settled(place, number + 1)
    seen = [run.status for run in place.runs("ci")]
    go.set()
    await place.actions.idle()
    return seen, [run.conclusion for run in place.runs("ci")]


@pytest.mark.parametrize(
    ("more", "seen", "ends"),
    [
        ("", ["in_progress", "completed", "pending"], ["success", "cancelled", "success"]),
        (", cancel-in-progress: true", ["in_progress", "completed", "pending"], ["cancelled", "cancelled", "success"]),
        (", queue: max", ["in_progress", "pending", "pending"], ["success", "success", "success"]),
    ],
)
async def test_of_a_group_one_run_goes_on_and_the_newest_waits(place, more, seen, ends):
    assert await three_pushes(place, more) == (seen, ends)
