"""Comments by their GraphQL ids."""

from bot.sandbox.model import Repository
from bot.sandbox.payloads.common import node_id
from bot.sandbox.world import World
from tests.sandbox.graphql.conftest import Ask

READ = """query($ids: [ID!]!) { nodes(ids: $ids) { id ... on IssueComment {
  databaseId lastEditedAt reactionGroups { content viewerHasReacted }
} } }"""


async def test_a_comment_tells_its_edits_and_the_apps_reactions(ask: Ask, world: World, repo: Repository):
    issue = await world.open_issue(repo, "Release", by="morgan")
    comment = await world.comment(repo, issue.number, "/release 1.0.0", by="morgan")
    await world.react(repo, comment.id, "rocket", by="morgan")
    await world.react(repo, comment.id, "+1", by=world.app.bot)
    (found,) = (await ask(READ, ids=[node_id("IC", comment.id)]))["data"]["nodes"]
    assert (found["databaseId"], found["lastEditedAt"]) == (comment.id, None)
    assert [g["content"] for g in found["reactionGroups"] if g["viewerHasReacted"]] == ["THUMBS_UP"]
    await world.edit_comment(repo, comment.id, "/release 2.0.0", by="morgan")
    assert (await ask(READ, ids=[node_id("IC", comment.id)]))["data"]["nodes"][0]["lastEditedAt"] is not None


async def test_a_comment_that_is_gone_is_a_null_beside_an_error(ask: Ask, world: World, repo: Repository):
    issue = await world.open_issue(repo, "Release", by="morgan")
    one, other = [await world.comment(repo, issue.number, text, by="morgan") for text in ("a", "b")]
    await world.delete_comment(repo, one.id, by="morgan")
    answer = await ask(READ, ids=[node_id("IC", each.id) for each in (one, other)])
    assert [each and each["databaseId"] for each in answer["data"]["nodes"]] == [None, other.id]
    assert [(each["type"], each["path"]) for each in answer["errors"]] == [("NOT_FOUND", ["nodes", 0])]


async def test_comments_of_another_repository_are_not_found(ask: Ask, world: World, repo: Repository):
    other = await world.create_repository("stranger/tide", files={"a": "1"})
    issue = await world.open_issue(other, "Release", by="morgan")
    comment = await world.comment(other, issue.number, "a", by="morgan")
    assert (await ask(READ, ids=[node_id("IC", comment.id)]))["data"]["nodes"] == [None]
