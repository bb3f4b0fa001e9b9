"""Who may call: the App's JWT and its installation tokens."""

import re
from datetime import timedelta
from typing import Any

import jwt
import pytest

from bot.sandbox.access.app_key import register_app
from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.support import Api, TurnedClock, only_token

DEMO = "/repos/octo/demo"


async def test_the_app_knows_itself_by_its_jwt(api: Api, repo: Repository) -> None:
    answer = await api.call("GET", "/app", as_=api.jwt())
    assert (answer.status, answer.body["slug"]) == (200, "shipmate")
    assert (await api.call("GET", "/app", as_=api.jwt(iss=api.world.site.client_id))).status == 200


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"exp": 0}, "future time at which the assertion expires"),
        ({"exp": 4_000_000_000}, "too far in the future"),
        ({"iat": 4_000_000_000}, "'Issued at'"),
        ({"iss": "someone"}, "'Issuer'"),
    ],
)
async def test_a_jwt_with_wrong_claims_is_refused(api: Api, changes: dict[str, Any], told: str) -> None:
    answer = await api.call("GET", "/app", as_=api.jwt(**changes))
    assert answer.status == 401
    assert told in answer.body["message"]


async def test_a_jwt_by_another_key_is_refused(api: Api) -> None:
    claims = jwt.decode(api.jwt(), options={"verify_signature": False})
    forged = jwt.encode(claims, register_app().private_key_pem, algorithm="RS256")
    answer = await api.call("GET", "/app", as_=forged)
    assert (answer.status, answer.body["message"]) == (401, "A JSON web token could not be decoded")


async def test_a_token_is_long_and_lasts_an_hour(api: Api, repo: Repository, clock: TurnedClock) -> None:
    token = await api.token(repo)
    assert re.fullmatch(rf"ghs_{api.world.app.id}_[A-Za-z0-9._]{{100,}}", token)
    assert (await api.call("GET", DEMO, as_=token)).status == 200
    clock.at += timedelta(hours=1)
    expired = await api.call("GET", DEMO, as_=token)
    assert (expired.status, expired.body["message"]) == (401, "Bad credentials")


async def test_a_token_can_be_narrowed(api: Api, repo: Repository) -> None:
    await api.token(repo, contents="read")
    token = only_token(api.world)
    assert (token.repository_ids, token.permissions) == ({repo.id}, {"metadata": "read", "contents": "read"})


@pytest.mark.parametrize("permissions", [{"workflows": "write"}, {"checks": "write"}, {"contents": "all"}])
async def test_a_token_cannot_have_more_than_the_installation(
    api: Api, repo: Repository, permissions: dict[str, str]
) -> None:
    path = f"/app/installations/{installation_id(api.world, repo)}/access_tokens"
    answer = await api.call("POST", path, {"permissions": permissions}, as_=api.jwt())
    assert answer.status == 422
    assert answer.body["message"] == "The permissions requested are not granted to this installation."


async def test_a_token_is_only_for_repositories_of_the_installation(api: Api, repo: Repository) -> None:
    other = await api.world.create_repository("octo/other", files={"a": "1"}, installed=False)
    path = f"/app/installations/{installation_id(api.world, repo)}/access_tokens"
    answer = await api.call("POST", path, {"repository_ids": [repo.id, other.id]}, as_=api.jwt())
    assert answer.status == 422


async def test_a_token_does_not_reach_beyond_its_repositories(api: Api, repo: Repository) -> None:
    await api.world.create_repository("octo/other", files={"a": "1"})
    token = await api.token(repo)
    assert (await api.call("GET", "/repos/octo/other", as_=token)).status == 404
    await api.world.uninstall(repo)
    assert (await api.call("GET", DEMO, as_=token)).status == 404


async def test_a_missing_permission_is_named(api: Api, repo: Repository) -> None:
    token = await api.token(repo, issues="read")
    answer = await api.call("POST", f"{DEMO}/issues/1/comments", {"body": "x"}, as_=token)
    assert (answer.status, answer.body["message"]) == (403, "Resource not accessible by integration")
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "issues=write; pull_requests=write"


async def test_a_suspended_installation_is_shut_out(api: Api, repo: Repository) -> None:
    token = await api.token(repo)
    installation = api.world.installation_of(repo)
    assert installation is not None
    await api.world.suspend(installation)
    assert (await api.call("GET", DEMO, as_=token)).status == 401
    path = f"/app/installations/{installation.id}/access_tokens"
    assert (await api.call("POST", path, {}, as_=api.jwt())).status == 403


@pytest.mark.parametrize("credential", [None, "ghs_1_unknown"])
async def test_no_or_bad_credentials_are_401(api: Api, repo: Repository, credential: str | None) -> None:
    assert (await api.call("GET", DEMO, as_=credential)).status == 401
    assert (await api.call("POST", "/graphql", {"query": "{viewer{login}}"}, as_=credential)).status == 401


def installation_id(world: World, repo: Repository) -> int:
    installation = world.installation_of(repo)
    assert installation is not None
    return installation.id
