"""What the App reads about itself, and of the newest comments."""

from datetime import timedelta

import pytest

from bot.github import GitHub
from bot.github.errors import Invalid, NotFound
from bot.github.facts import CommentState, RepositoryRef
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.support import TurnedClock
from tests.sandbox.world.test_webhooks import Receiver, connected


async def test_installations_tell_whether_they_are_suspended(github: GitHub, world: World, ref: RepositoryRef):
    other = await world.create_repository("hub/other", files={"a": "1"})
    asleep = world.installation_of(other)
    assert asleep
    await world.suspend(asleep)
    found = {each.id: each.suspended for each in await github.app.installations()}
    assert found == {ref.installation_id: False, asleep.id: True}


async def test_an_installation_tells_its_repositories(github: GitHub, world: World, ref: RepositoryRef):
    for number in range(101):
        await world.create_repository(f"octo/r{number}")
    await world.create_repository("octo/hidden", installed=False)
    found = await github.app.repositories(ref.installation_id)
    assert (len(found), found[0], found[-1].full_name) == (102, ref, "octo/r100")
    with pytest.raises(NotFound):
        await github.app.repositories(1)


async def test_the_token_for_that_can_do_nothing_else(github: GitHub, world: World, ref: RepositoryRef):
    await github.app.repositories(ref.installation_id)
    assert [token.permissions for token in world.tokens.values()] == [{"metadata": "read"}]


async def test_failed_deliveries_are_read_back_to_a_time_and_asked_for_again(
    github: GitHub, world: World, repo: Repository, clock: TurnedClock, ref: RepositoryRef
):
    receiver = Receiver(status=503)
    issue = await world.open_issue(repo, "Release", by="ann")
    async with connected(world, receiver):
        await world.comment(repo, issue.number, "old", by="ann")
        clock.at += timedelta(hours=1)
        begun = clock.now()
        for number in range(101):
            await world.comment(repo, issue.number, str(number), by="ann")
        await world.webhooks.drain()
        failed = await github.app.failed_deliveries(begun)
        assert len(failed) == 101
        newest = failed[0]
        assert (newest.event, newest.action, newest.repository) == ("issue_comment", "created", repo.id)
        assert newest.guid == world.deliveries[-1].guid
        receiver.status = 202
        await github.app.redeliver(newest.id)
    assert (world.deliveries[-1].guid, world.deliveries[-1].status) == (newest.guid, 202)
    clock.at += timedelta(days=4)
    with pytest.raises(Invalid):
        await github.app.redeliver(newest.id)


async def test_recent_comments_are_those_of_all_threads_written_since(
    github: GitHub, world: World, repo: Repository, clock: TurnedClock, ref: RepositoryRef
):
    for title in ("one", "two"):
        await world.open_issue(repo, title, by="ann")
    old = await world.comment(repo, 1, "old", by="ann")
    clock.at += timedelta(hours=1)
    since = clock.now()
    await world.edit_comment(repo, old.id, "edited", by="ann")
    mine = await world.comment(repo, 2, "/release 1.0.0", by="ann")
    ours = await world.comment(repo, 1, "Well", by=world.app.bot)
    found = await github.recent_comments(ref, since)
    assert [(each.id, each.issue, each.author, each.by_us) for each in found] == [
        (mine.id, 2, "ann", False),
        (ours.id, 1, "shipmate[bot]", True),
    ]
    assert (found[0].author_type, found[0].via_app_id, found[1].author_type) == ("User", None, "Bot")


async def test_what_became_of_comments(github: GitHub, world: World, repo: Repository, ref: RepositoryRef):
    await world.open_issue(repo, "one", by="ann")
    seen, edited, gone = [await world.comment(repo, 1, text, by="ann") for text in ("a", "b", "c")]
    listed = await github.recent_comments(ref, world.clock.now())
    await world.react(repo, seen.id, "+1", by=world.app.bot)
    await world.react(repo, seen.id, "rocket", by="ann")
    await world.edit_comment(repo, edited.id, "B", by="ann")
    await world.delete_comment(repo, gone.id, by="ann")
    assert await github.comment_states(ref, [each.node_id for each in listed]) == {
        seen.id: CommentState(edited=False, reactions=frozenset({"+1"})),
        edited.id: CommentState(edited=True, reactions=frozenset()),
    }
    assert await github.comment_states(ref, []) == {}
