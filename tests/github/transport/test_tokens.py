"""Tokens are narrow, shared and renewed in time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.github import GitHub
from bot.github.errors import BadCredentials, Forbidden, NoAccess
from bot.github.facts import RepositoryRef
from bot.github.transport.tokens import Purpose
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.support import TurnedClock, only_token


async def test_a_token_is_for_one_repository_and_one_purpose(github: GitHub, world: World, ref: RepositoryRef):
    await world.create_repository("octo/other")
    await github.reader(ref).permission("ann")
    token = only_token(world)
    assert token.repository_ids == {ref.id}
    assert set(token.permissions.values()) == {"read"}


async def test_those_who_ask_at_once_share_one_token(github: GitHub, world: World, ref: RepositoryRef):
    reader = github.reader(ref)
    await asyncio.gather(*(reader.permission("ann") for _ in range(5)))
    assert len(world.tokens) == 1
    assert github.requests == 6


async def test_a_token_is_renewed_five_minutes_before_its_end(
    github: GitHub, world: World, ref: RepositoryRef, clock: TurnedClock
):
    await github.reader(ref).permission("ann")
    clock.at += timedelta(minutes=54)
    await github.reader(ref).permission("ann")
    assert len(world.tokens) == 1
    clock.at += timedelta(minutes=2)
    await github.reader(ref).permission("ann")
    assert len(world.tokens) == 2


async def test_a_rejected_token_is_replaced_at_the_next_call(github: GitHub, world: World, ref: RepositoryRef):
    await github.reader(ref).permission("ann")
    world.tokens.clear()
    with pytest.raises(BadCredentials):
        await github.reader(ref).permission("ann")
    assert await github.reader(ref).permission("ann") == "maintain"


async def test_a_permission_that_was_not_accepted_is_named(github: GitHub, world: World, ref: RepositoryRef):
    installation = world.installations[ref.installation_id]
    del installation.permissions["actions"]
    with pytest.raises(Forbidden, match="actions: read") as caught:
        await github.reader(ref).permission("ann")
    assert caught.value.missing and "actions=read" in caught.value.missing


async def test_an_installation_that_is_gone_gives_no_access(github: GitHub, ref: RepositoryRef):
    with pytest.raises(NoAccess, match="not installed"):
        await github.reader(replace(ref, installation_id=1)).permission("ann")


async def test_a_suspended_installation_gives_no_access(github: GitHub, world: World, ref: RepositoryRef):
    await world.suspend(world.installations[ref.installation_id])
    with pytest.raises(NoAccess, match="suspended"):
        await github.locate(ref)


async def test_a_repository_that_was_taken_out_gives_no_access(
    github: GitHub, world: World, repo: Repository, ref: RepositoryRef
):
    await world.create_repository("octo/other")
    await world.uninstall(repo)
    with pytest.raises(NoAccess, match="not among"):
        await github.locate(ref)


async def test_a_repository_is_known_by_its_new_name_with_the_next_token(
    github: GitHub, repo: Repository, ref: RepositoryRef
):
    assert await github.locate(ref) == ref
    repo.name = "renamed"
    assert await github.locate(ref) == ref
    github.forget(ref)
    assert await github.locate(ref) == replace(ref, full_name="octo/renamed")


async def test_a_repository_is_found_under_another_installation(
    github: GitHub, world: World, repo: Repository, ref: RepositoryRef
):
    assert await github.locate(replace(ref, installation_id=1)) == ref


async def test_the_installation_of_a_repository_can_be_asked_for(github: GitHub, repo: Repository, ref: RepositoryRef):
    assert await github.installation_for("octo/demo") == ref.installation_id


def test_no_purpose_may_do_more_than_its_name_says():
    assert set(Purpose.OBSERVE.permissions.values()) == {"read"}
    assert "contents" not in Purpose.SPEAK.permissions
    assert "issues" not in Purpose.CHANGE.permissions
    assert dict(Purpose.RUN.permissions) == {"actions": "write"}
    assert dict(Purpose.PUBLISH.permissions) == {"contents": "write"}
    assert set(Purpose.COMPARE.permissions.values()) == {"read"}
    assert dict(Purpose.DISCUSS.permissions) == {"discussions": "write"}


async def test_another_repository_is_found_by_its_name_with_a_token_that_can_only_name_it(github: GitHub, world: World):
    other = await world.create_repository("ann/other", files={"a": "1"})
    found = await github.find("Ann/Other")
    assert (found.id, found.node_id, found.full_name) == (other.id, other.node_id, "ann/other")
    assert world.calls[-1].request == {"repositories": ["Other"], "permissions": {"metadata": "read"}}


@pytest.mark.parametrize("name", ["octo/unknown", "ann/alone"])
async def test_a_repository_without_the_app_is_no_access(github: GitHub, world: World, repo: Repository, name: str):
    await world.create_repository("ann/alone", files={"a": "1"}, installed=False)
    with pytest.raises(NoAccess):
        await github.find(name)


async def test_no_secret_shows_when_the_adapter_is_printed(github: GitHub, world: World, ref: RepositoryRef):
    await github.reader(ref).permission("ann")
    shown = repr((github, vars(github), vars(github._tokens), list(github._tokens._held.values())))
    assert only_token(world).value not in shown
    assert "PRIVATE KEY" not in shown


async def test_a_newer_name_that_a_webhook_told_is_not_undone_by_an_older_token(
    github: GitHub, repo: Repository, ref: RepositoryRef
):
    await github.locate(ref)
    repo.name = "renamed"
    assert (await github.locate(replace(ref, full_name="octo/renamed"))).full_name == "octo/renamed"
    assert (await github.locate(ref)).full_name == "octo/renamed"
