"""A merge queue: what it builds, when it merges and what it refuses."""

import pytest

from bot.sandbox.errors import Refusal
from bot.sandbox.model import Issue, Repository
from bot.sandbox.world import World

QUEUE = "github-merge-queue[bot]"


@pytest.fixture
def moved(world: World) -> list[str]:
    """The refs that were pushed."""
    heard: list[str] = []

    async def listen(repo: Repository, ref: str, before: str, after: str, by: object) -> None:
        heard.append(ref)

    world.on_push.append(listen)
    return heard


async def propose(world: World, repo: Repository, name: str, files: dict[str, str | bytes | None]) -> Issue:
    await world.push(repo, name, files, f"Add {name}", by="ann")
    return await world.open_pull_request(repo, head=name, base="main", title=name, by="ann")


def demand(world: World, repo: Repository, *required: str) -> None:
    repo.required_checks["main"] = list(required)
    world.restrict(repo, "refs/heads/main", rules={"merge_queue": {"merge_method": "SQUASH"}})


async def report(world: World, repo: Repository, number: int, conclusion: str = "success") -> str:
    """Say of what the queue built for a pull request that it is good, or not."""
    entry = next(each for each in repo.queues["main"] if each.number == number)
    commit = entry.commit
    await world.add_check_run(repo, commit, "test", conclusion=conclusion)
    return commit


async def test_a_branch_with_a_queue_is_merged_into_by_the_queue_only(world: World, repo: Repository) -> None:
    issue = await propose(world, repo, "one", {"one": "1"})
    with pytest.raises(Refusal, match="not enabled"):
        await world.enqueue(repo, issue.number, by="ann")
    demand(world, repo, "test")
    with pytest.raises(Refusal, match="through the merge queue"):
        await world.merge(repo, issue.number, by="ann")
    await world.enqueue(repo, issue.number, by="ann")
    with pytest.raises(Refusal, match="in the queue"):
        await world.enqueue(repo, issue.number, by="ann")


async def test_what_was_tested_is_what_is_pushed(world: World, repo: Repository, moved: list[str]) -> None:
    demand(world, repo, "test")
    issue, before = await propose(world, repo, "one", {"one": "1"}), await world.head(repo)
    entry = await world.enqueue(repo, issue.number, by="ann")
    assert entry.ref == f"refs/heads/gh-readonly-queue/main/pr-{issue.number}-{before}"
    assert (await world.head(repo), issue.state) == (before, "open")
    branch, tested = entry.ref, await report(world, repo, issue.number)
    assert (await world.head(repo), issue.state) == (tested, "closed")
    assert moved[-3:] == [branch, "refs/heads/main", branch]
    assert issue.pull_request is not None
    assert (issue.pull_request.merge_commit_sha, issue.pull_request.merged_by) == (tested, world.user(QUEUE))
    assert list(await world.git(repo).refs("refs/heads/gh-readonly-queue/")) == []


async def test_those_in_front_that_are_good_are_pushed_together(
    world: World, repo: Repository, moved: list[str]
) -> None:
    demand(world, repo, "test")
    first, second = await propose(world, repo, "one", {"one": "1"}), await propose(world, repo, "two", {"two": "2"})
    for issue in (first, second):
        await world.enqueue(repo, issue.number, by="ann")
    last = await report(world, repo, second.number)
    assert first.state == second.state == "open"
    mine = await report(world, repo, first.number)
    assert await world.head(repo) == last
    commit = await world.git(repo).commit(last)
    assert commit is not None
    assert commit.parents == (mine,)
    assert moved.count("refs/heads/main") == 1


async def test_who_is_red_is_taken_out_and_who_stands_behind_is_built_anew(world: World, repo: Repository) -> None:
    demand(world, repo, "test")
    first, second = await propose(world, repo, "one", {"one": "1"}), await propose(world, repo, "two", {"two": "2"})
    for issue in (first, second):
        await world.enqueue(repo, issue.number, by="ann")
    before = repo.queues["main"][1].commit
    await report(world, repo, first.number, "failure")
    assert (first.state, world.queued(repo, first.number)) == ("open", False)
    assert repo.queues["main"][0].commit != before
    told = next(each.payload for each in world.deliveries if each.action == "dequeued")
    assert told["reason"] == "CI_FAILURE"
    await report(world, repo, second.number)
    assert "one" not in await world.files(repo)
    assert second.state == "closed"


async def test_who_gets_in_the_way_of_the_base_is_taken_out(world: World, repo: Repository) -> None:
    demand(world, repo, "test")
    issue = await propose(world, repo, "one", {"Cargo.toml": "mine\n"})
    await world.enqueue(repo, issue.number, by="ann")
    await world.push(repo, "main", {"Cargo.toml": "ours\n"}, by="ann")
    assert not world.queued(repo, issue.number)
    assert issue.state == "open"


async def test_what_is_pushed_to_a_queued_branch_is_not_merged(world: World, repo: Repository) -> None:
    demand(world, repo, "test")
    issue = await propose(world, repo, "one", {"one": "1"})
    await world.enqueue(repo, issue.number, by="ann")
    await world.push(repo, "one", {"late": "1"}, by="ann")
    await report(world, repo, issue.number)
    assert "late" not in await world.files(repo)


async def test_checks_that_do_not_come_are_waited_for_as_long_as_the_rule_says(world: World, repo: Repository) -> None:
    demand(world, repo, "test")
    issue = await propose(world, repo, "one", {"one": "1"})
    await world.enqueue(repo, issue.number, by="ann")
    await world.clock.sleep(59 * 60)
    await world.add_status(repo, await world.head(repo), "other", "success")
    assert world.queued(repo, issue.number)
    await world.clock.sleep(60)
    await world.add_status(repo, await world.head(repo), "other", "success")
    assert not world.queued(repo, issue.number)
