"""GitHub's refusals, as they were recorded: each once, in plain words, and under the name of what it is."""

import logging
from typing import Any

import pytest
from aiohttp.web import json_response

from bot.github import GitHub
from bot.github.errors import BadCredentials, Forbidden, GitHubError, Invalid, NotFound, RuleViolation, Unavailable
from bot.github.facts import RepositoryRef
from bot.sandbox.access.app_key import register_app
from bot.sandbox.world import World
from tests.github.conftest import Script

RULES = "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"
WENT_WRONG = "Something went wrong while executing your query. Please include `0000:0000` when reporting this issue."


async def refused(script: Script, status: int, body: dict[str, Any], **headers: str) -> GitHubError:
    script.steps = [json_response(body, status=status, headers=headers)]
    with pytest.raises(GitHubError) as caught:
        await script.client.post("/thing", {})
    return caught.value


async def fault(script: Script, **error: Any) -> GitHubError:
    script.steps = [json_response({"data": {"x": None}, "errors": [{"path": ["x"], **error}]})]
    return (await script.client.graphql("{ x }")).faults[0].error


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        (
            [{"code": "custom", "message": "A pull request already exists for o:b."}],
            "A pull request already exists for o:b.",
        ),
        ([{"code": "already_exists", "field": "tag_name"}], "tag_name: already exists"),
        ([{"code": "invalid", "field": "base", "message": "Branch 'x' was not found"}], "Branch 'x' was not found"),
        (["Sorry, no."], "Sorry, no."),
        ("Sorry, no.", "Sorry, no."),
        (
            [
                {"code": "custom", "field": "pre_receive", "message": f"pre_receive {RULES}"},
                {"code": "custom", "message": "Published releases must have a valid tag"},
            ],
            "pre_receive Repository rule violations found: Cannot create ref due to creations being restricted.; "
            "Published releases must have a valid tag",
        ),
        (None, ""),
    ],
)
async def test_the_text_of_a_422_is_said_once_without_quotes_and_trailing_blanks(
    script: Script, errors: Any, said: str
):
    found = await refused(script, 422, {"message": "Validation Failed"} | ({"errors": errors} if errors else {}))
    assert isinstance(found, Invalid)
    assert str(found) == (f"Validation Failed: {said}" if said else "Validation Failed")


async def test_a_ruleset_that_refuses_is_no_missing_permission(script: Script):
    found = await fault(script, type="FORBIDDEN", message=RULES)
    assert isinstance(found, RuleViolation)
    assert not isinstance(found, Forbidden)
    assert str(found) == "Repository rule violations found: Cannot create ref due to creations being restricted."


@pytest.mark.parametrize("error", [{"message": WENT_WRONG}, {"message": WENT_WRONG, "type": None}])
async def test_a_failure_of_graphql_without_a_type_is_an_outage(script: Script, error: dict[str, Any]):
    assert isinstance(await fault(script, **error), Unavailable)


async def test_a_document_that_graphql_does_not_take_is_no_outage(script: Script):
    found = await fault(script, message="Field 'y' doesn't exist", extensions={"code": "undefinedField"})
    assert type(found) is GitHubError


async def test_a_ref_that_cannot_be_created_is_told_with_both_causes(script: Script):
    found = await fault(script, type="UNPROCESSABLE", message="Ref cannot be created")
    assert isinstance(found, Invalid)
    assert "ruleset" in str(found)
    assert "another branch" in str(found)


async def test_not_found_names_the_permission_that_may_be_missing(script: Script):
    found = await refused(script, 404, {"message": "Not Found"}, **{"X-Accepted-GitHub-Permissions": "workflows=write"})
    assert isinstance(found, NotFound)
    assert str(found) == "Not Found. Either it is not there, or the App lacks the permission workflows: write."


async def test_a_key_that_github_refuses_is_not_an_app_that_is_not_installed(
    world: World,
    github: GitHub,
    ref: RepositoryRef,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(world.app, "public_key", register_app().app.public_key)
    with caplog.at_level(logging.ERROR), pytest.raises(BadCredentials):
        await github.locate(ref)
    with pytest.raises(BadCredentials):
        await github.find(ref.full_name)
    assert "GITHUB_APP_ID" in caplog.text
