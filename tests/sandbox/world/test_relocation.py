"""Repositories and issues that are not where they were, and what the App may no longer do."""

from typing import Any

import pytest

from bot.sandbox.errors import Refusal
from bot.sandbox.graphql import execute
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.contract.openapi import WebhookContract
from tests.sandbox.support import Api, only_token
from tests.sandbox.world.test_world import events

DEMO = "/repos/octo/demo"


async def test_a_renamed_repository_redirects(api: Api, world: World, repo: Repository) -> None:
    token = await api.token(repo)
    issue = await world.open_issue(repo, "Release", by="ann")
    await world.rename_repository(repo, "new")
    read = await api.call("GET", f"{DEMO}/issues/{issue.number}/comments?per_page=5", as_=token)
    there = f"/repositories/{repo.id}/issues/{issue.number}/comments"
    assert (read.status, read.headers["Location"]) == (301, f"{api.url}{there}?per_page=5")
    written = await api.call("POST", f"{DEMO}/issues/{issue.number}/comments", {"body": "x"}, as_=token)
    assert (written.status, written.headers["Location"]) == (307, api.url + there)
    assert (await api.call("POST", there, {"body": "x"}, as_=token)).status == 201
    assert (await api.call("GET", "/repos/octo/new", as_=token)).body["full_name"] == "octo/new"
    assert (await api.call("GET", f"{DEMO}/installation", as_=api.jwt())).status == 301
    assert events(world)[0] == ("repository", "renamed")


async def test_a_name_that_was_taken_again_leads_to_who_has_it(api: Api, world: World, repo: Repository) -> None:
    await world.rename_repository(repo, "new")
    other = await world.create_repository("octo/demo", files={"a": "1"})
    answer = await api.call("GET", DEMO, as_=await api.token(other))
    assert (answer.status, answer.body["id"]) == (200, other.id)


async def test_graphql_follows_a_rename(api: Api, world: World, repo: Repository) -> None:
    await api.token(repo)
    await world.rename_repository(repo, "new")
    query = 'query { repository(owner: "octo", name: "demo") { id } }'
    _, answer = await execute(world, only_token(world), {"query": query})
    assert answer == {"data": {"repository": {"id": repo.node_id}}}


@pytest.mark.parametrize("installed", [True, False])
async def test_a_transferred_repository_is_with_its_new_owners_installation(
    api: Api, world: World, repo: Repository, installed: bool
) -> None:
    if installed:
        await world.create_repository("hub/other", files={"a": "1"})
    old = await api.token(repo)
    await world.transfer_repository(repo, "hub")
    assert (await api.call("GET", DEMO, as_=old)).status == 404
    found = await api.call("GET", "/repos/hub/demo/installation", as_=api.jwt())
    assert found.status == (200 if installed else 404)
    told = [("installation_repositories", "removed")]
    told += [("installation_repositories", "added"), ("repository", "transferred")] if installed else []
    assert events(world) == told
    assert world.role(repo, world.user("octo")) == "write"


async def test_a_token_tells_what_its_repository_is_called_now(api: Api, world: World, repo: Repository) -> None:
    installation = world.installation_of(repo)
    await world.rename_repository(repo, "new")
    path = f"/app/installations/{installation.id if installation else 0}/access_tokens"
    made = await api.call("POST", path, {"repository_ids": [repo.id]}, as_=api.jwt())
    assert [each["full_name"] for each in made.body["repositories"]] == ["octo/new"]


async def test_a_deleted_issue_is_410_and_its_number_is_not_given_again(
    api: Api, world: World, repo: Repository
) -> None:
    token = await api.token(repo)
    issue = await world.open_issue(repo, "Release", by="ann")
    comment = await world.comment(repo, issue.number, "/release 1.0.0", by="ann")
    await world.delete_issue(repo, issue.number)
    path = f"{DEMO}/issues/{issue.number}"
    assert (await api.call("GET", f"{path}/comments", as_=token)).status == 410
    written = await api.call("POST", f"{path}/comments", {"body": "x"}, as_=token)
    assert (written.status, written.body["message"]) == (410, "This issue was deleted")
    reacted = await api.call("POST", f"{DEMO}/issues/comments/{comment.id}/reactions", {"content": "eyes"}, as_=token)
    assert reacted.status == 404
    assert (await world.open_issue(repo, "Again", by="ann")).number == issue.number + 1


async def test_an_issue_number_that_was_deleted_is_no_pull_request(api: Api, world: World, repo: Repository) -> None:
    await api.token(repo)
    issue = await world.open_issue(repo, "Release", by="ann")
    await world.delete_issue(repo, issue.number)
    query = 'query { repository(owner: "octo", name: "demo") { pullRequest(number: 1) { number } } }'
    _, answer = await execute(world, only_token(world), {"query": query})
    assert answer["data"] == {"repository": {"pullRequest": None}}
    assert [each["type"] for each in answer["errors"]] == ["NOT_FOUND"]


async def test_pull_requests_are_not_deleted(world: World, repo: Repository) -> None:
    await world.push(repo, "release/1", {"a": "1\n"}, by="ann")
    pull = await world.open_pull_request(repo, head="release/1", base="main", title="Release", by="ann")
    with pytest.raises(Refusal):
        await world.delete_issue(repo, pull.number)


async def test_a_locked_issue_takes_no_comment_of_the_apps(api: Api, world: World, repo: Repository) -> None:
    token = await api.token(repo)
    await world.open_issue(repo, "Release", by="ann")
    await world.lock_issue(repo, 1)
    assert (await api.call("POST", f"{DEMO}/issues/1/comments", {"body": "x"}, as_=token)).status == 403


async def test_an_app_that_was_removed_is_nobody(api: Api, world: World, repo: Repository) -> None:
    token = await api.token(repo)
    installation = world.installation_of(repo)
    assert installation is not None
    await world.remove(installation)
    assert (await api.call("GET", DEMO, as_=token)).status == 401
    path = f"/app/installations/{installation.id}/access_tokens"
    assert (await api.call("POST", path, {}, as_=api.jwt())).status == 404


async def test_a_permission_that_was_taken_back_is_not_in_new_tokens(api: Api, world: World, repo: Repository) -> None:
    installation = world.installation_of(repo)
    assert installation is not None
    await world.accept_permissions(installation, {"metadata": "read", "contents": "read"})
    path = f"/app/installations/{installation.id}/access_tokens"
    answer = await api.call("POST", path, {"permissions": {"contents": "write"}}, as_=api.jwt())
    assert answer.status == 422


async def test_all_this_is_told_as_github_describes_it(
    world: World, repo: Repository, webhook_contract: WebhookContract
) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []

    async def hear(event: str, payload: dict[str, Any]) -> None:
        heard.append((event, payload))

    world.listeners.append(hear)
    await world.create_repository("hub/other", files={"a": "1"})
    await world.open_issue(repo, "Release", by="ann")
    await world.lock_issue(repo, 1)
    await world.delete_issue(repo, 1)
    await world.rename_repository(repo, "new")
    await world.transfer_repository(repo, "hub")
    for installation in list(world.installations.values()):
        await world.accept_permissions(installation, {"metadata": "read"})
        await world.remove(installation)
    for event, payload in heard:
        webhook_contract.check(event, payload["action"], payload)
    for delivery in world.deliveries:
        webhook_contract.check(delivery.event, delivery.action, delivery.payload)
    assert {event for event, _ in heard} == {"issues", "repository"}
    assert {delivery.event for delivery in world.deliveries} == {
        "repository",
        "installation",
        "installation_repositories",
    }
