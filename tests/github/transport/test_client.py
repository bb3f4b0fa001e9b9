"""How GitHub's failures reach the bot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.web import Response, json_response

from bot.github.errors import (
    AlreadyExists,
    BadCredentials,
    Conflict,
    Forbidden,
    GitHubError,
    Gone,
    Invalid,
    NotFound,
    RateLimited,
    ReadOnly,
    StaleData,
    TooOld,
    Unavailable,
)
from bot.github.transport.client import Client
from bot.github.transport.translate import LEAST_PAUSE
from bot.github.transport.wire import Wire
from tests.github.conftest import Script
from tests.sandbox.support import TurnedClock


def said(message: str, status: int, headers: dict[str, str] | None = None, **more: Any) -> Response:
    return json_response({"message": message, **more}, status=status, headers=headers)


OK = json_response({"fine": True})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said("Bad credentials", 401), BadCredentials),
        (said("Resource not accessible by integration", 403), Forbidden),
        (said("This workflow run cannot be retried", 403), TooOld),
        (said("Repository was archived so is read-only.", 403), ReadOnly),
        (said("Not Found", 404), NotFound),
        (said("Git Repository is empty.", 409), Conflict),
        (said("Gone", 410), Gone),
        (said("Reference already exists", 422), Invalid),
        (said("Unavailable For Legal Reasons", 451), GitHubError),
        (Response(status=502, text="<html>", content_type="text/html"), Unavailable),
        (Response(status=200, text="{", content_type="application/json"), Unavailable),
        (Response(status=200, text="<html>We'll be back soon.", content_type="text/html"), Unavailable),
    ],
)
async def test_each_status_is_an_error_of_its_own(script: Script, answer: Response, error: type[Exception]):
    script.steps = [answer]
    with pytest.raises(error) as caught:
        await script.client.get("/thing")
    assert type(caught.value) is error
    assert "ghs_hidden" not in repr(caught.value) + str(caught.value)


async def test_a_refusal_names_the_missing_permission(script: Script):
    script.steps = [said("Resource not accessible", 403, {"X-Accepted-GitHub-Permissions": "contents=write"})]
    with pytest.raises(Forbidden, match="It needs the permission contents: write") as caught:
        await script.client.get("/thing")
    assert caught.value.missing == "contents=write"


async def test_reasons_of_a_422_can_be_told_apart(script: Script):
    reasons = [{"resource": "Release", "code": "already_exists", "field": "tag_name"}]
    script.steps = [said("Validation Failed", 422, errors=reasons)]
    with pytest.raises(Invalid) as caught:
        await script.client.post("/releases", {})
    assert caught.value.codes == ("already_exists",)


@pytest.mark.parametrize("failure", [Response(status=503), None])
async def test_a_get_is_repeated_when_github_is_out_of_order(script: Script, failure: Response | None):
    script.steps = [failure, failure, OK]
    assert await script.client.get("/thing") == {"fine": True}
    assert len(script.asked) == 3


@pytest.mark.parametrize("failure", [Response(status=503), None])
async def test_anything_else_is_sent_once(script: Script, failure: Response | None):
    script.steps = [failure]
    for call in (
        script.client.post("/thing", {}),
        script.client.patch("/thing", {}),
        script.client.graphql("{ x }"),
    ):
        before = len(script.asked)
        with pytest.raises(Unavailable):
            await call
        assert len(script.asked) == before + 1


async def test_a_removal_is_not_repeated_after_a_server_error(script: Script):
    script.steps = [Response(status=503)]
    with pytest.raises(Unavailable):
        await script.client.delete("/thing")
    assert len(script.asked) == 1


async def test_a_get_gives_up_after_three_tries(script: Script):
    script.steps = [Response(status=500)]
    with pytest.raises(Unavailable):
        await script.client.get("/thing")
    assert len(script.asked) == 3


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (said("secondary", 403, {"Retry-After": "17"}), 17),
        (said("slow down", 429), 60),
        (said("You have exceeded a secondary rate limit.", 403), 60),
    ],
)
async def test_a_limit_says_until_when(script: Script, clock: TurnedClock, answer: Response, seconds: int):
    script.steps = [answer]
    with pytest.raises(RateLimited) as caught:
        await script.client.get("/thing")
    assert caught.value.until == clock.now() + timedelta(seconds=seconds)


async def test_the_primary_limit_lasts_until_its_reset(script: Script):
    script.steps = [said("limit", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1900000000"})]
    with pytest.raises(RateLimited) as caught:
        await script.client.get("/thing")
    assert caught.value.until == datetime.fromtimestamp(1_900_000_000, UTC)


async def test_a_limit_that_seems_over_is_still_a_pause(script: Script, clock: TurnedClock):
    past = str(int(clock.now().timestamp()) - 90)
    script.steps = [said("limit", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": past})]
    with pytest.raises(RateLimited) as caught:
        await script.client.get("/thing")
    assert caught.value.until == clock.now() + LEAST_PAUSE


async def test_nothing_is_sent_while_a_limit_holds(script: Script, clock: TurnedClock):
    script.steps = [said("slow down", 429), OK]
    for _ in range(2):
        with pytest.raises(RateLimited):
            await script.client.get("/thing")
    assert len(script.asked) == 1
    await clock.sleep(61)
    assert await script.client.get("/thing") == {"fine": True}


async def test_a_new_token_that_github_does_not_know_yet_is_tried_again(script: Script, clock: TurnedClock):
    fresh = Client(script.wire, lambda: "Bearer ghs_hidden", limit="test", valid_since=clock.now())
    script.steps = [said("Bad credentials", 401), said("Resource not accessible", 403), OK]
    assert await fresh.post("/thing", {}) == {"fine": True}
    assert not fresh.rejected


async def test_a_refusal_that_names_its_reason_is_believed_of_a_new_token_too(script: Script, clock: TurnedClock):
    fresh = Client(script.wire, lambda: "Bearer ghs_hidden", limit="test", valid_since=clock.now())
    script.steps = [said("Unable to re-run this workflow run because it was created over a month ago", 403)]
    with pytest.raises(TooOld):
        await fresh.post("/thing", {})
    assert len(script.asked) == 1


async def test_a_new_token_is_given_up_after_five_seconds(script: Script, clock: TurnedClock):
    began = clock.now()
    fresh = Client(script.wire, lambda: "Bearer ghs_hidden", limit="test", valid_since=began)
    script.steps = [said("Bad credentials", 401)]
    with pytest.raises(BadCredentials):
        await fresh.get("/thing")
    assert fresh.rejected
    assert timedelta(seconds=2) < clock.now() - began <= timedelta(seconds=5)


async def test_every_request_says_who_asks_and_in_which_version(script: Script):
    script.steps = [OK]
    await script.client.get("/thing")
    headers = script.asked[0].headers
    assert headers["Authorization"] == "Bearer ghs_hidden"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["User-Agent"] == "shipmate/test"


async def test_names_with_slashes_stay_in_their_place(script: Script):
    script.steps = [Response(status=204)]
    await script.client.delete("/refs/heads/{branch}", branch="release/a#1")
    assert script.asked[0].raw_path == "/refs/heads/release%2Fa%231"


async def test_an_unchanged_answer_is_not_sent_again(script: Script):
    changed = json_response({"n": 1}, headers={"ETag": '"a"'})
    script.steps = [changed, Response(status=304)]
    assert await script.client.get("/thing") == await script.client.get("/thing") == {"n": 1}
    assert script.asked[1].headers["If-None-Match"] == '"a"'


async def test_a_list_is_read_over_its_pages(script: Script):
    following = {"Link": f'<{script.wire.base_url}/things?page=2>; rel="next"'}
    script.steps = [json_response({"things": [1, 2]}, headers=following), json_response({"things": [3]})]
    assert [item async for item in script.client.items("/things", key="things")] == [1, 2, 3]


async def test_an_answer_without_end_is_not_read_to_the_end(script: Script, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.github.transport.wire.MOST_RECEIVED_BYTES", 10)
    script.steps = [json_response({"much": "x" * 100})]
    with pytest.raises(GitHubError, match="longer than 10 bytes"):
        await script.client.get("/thing")


# What GitHub keeps elsewhere


def sent_on(script: Script, *then: Response) -> None:
    script.steps = [Response(status=302, headers={"Location": f"{script.wire.base_url}/elsewhere?sig=x"}), *then]


async def test_the_end_of_a_file_is_read_where_github_sends_on_to_without_the_credential(script: Script):
    sent_on(script, Response(text="a long log", content_type="text/plain"))
    assert await script.client.end_of_file("/logs", keep=3) == b"log"
    asked, elsewhere = script.asked
    assert asked.headers["Authorization"] == "Bearer ghs_hidden"
    assert "Authorization" not in elsewhere.headers
    assert script.client.requests == 2


async def test_a_file_that_is_too_long_is_given_up(script: Script, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.github.transport.wire.MOST_FILE_BYTES", 10)
    sent_on(script, Response(text="x" * 100))
    with pytest.raises(GitHubError, match="longer than 10 bytes"):
        await script.client.end_of_file("/logs", keep=3)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said("This workflow run cannot be retried", 403), TooOld),
        (said("Repository was archived so is read-only.", 403), ReadOnly),
        (said("Not Found", 404), NotFound),
        (said("Gone", 410), Gone),
        (said("You have exceeded a secondary rate limit", 403), RateLimited),
        (json_response({}), Unavailable),
    ],
)
async def test_a_file_that_github_does_not_send_on_to_is_an_error(
    script: Script, answer: Response, error: type[Exception]
):
    script.steps = [answer]
    with pytest.raises(error):
        await script.client.end_of_file("/logs", keep=3)


async def test_an_error_of_the_other_host_does_not_tell_the_signed_address(script: Script):
    sent_on(script, Response(status=404))
    with pytest.raises(Unavailable) as failure:
        await script.client.end_of_file("/logs", keep=3)
    assert "sig" not in str(failure.value)


# GraphQL


@pytest.mark.parametrize("answer", [Response(text="<html>", content_type="text/html"), Response(), json_response([1])])
async def test_what_is_no_answer_of_graphql_is_unavailable(script: Script, answer: Response):
    script.steps = [answer]
    with pytest.raises(Unavailable):
        await script.client.graphql("{ x }")


async def test_graphql_is_beside_rest(script: Script):
    script.steps = [json_response({"data": {}})]
    await script.client.graphql("{ x }", a=1)
    assert script.asked[0].path == "/graphql"


def test_enterprise_server_has_graphql_outside_of_v3(script: Script):
    wire = Wire(script.wire.session, "https://github.example/api/v3", "shipmate/test", script.wire.clock)
    assert wire.graphql_url == "https://github.example/api/graphql"


async def test_partial_data_can_be_read_beside_its_faults(script: Script):
    errors = [{"type": "NOT_FOUND", "path": ["a", "b"], "message": "Could not resolve"}]
    script.steps = [json_response({"data": {"a": {"b": None, "c": 1}}, "errors": errors})]
    answer = await script.client.graphql("{ a }")
    assert answer.data == {"a": {"b": None, "c": 1}}
    assert answer.faults[0].path == ("a", "b")
    with pytest.raises(NotFound):
        answer.complete()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "FORBIDDEN", "message": "Resource not accessible by integration"}, Forbidden),
        ({"type": "STALE_DATA", "message": "Expected branch to point to"}, StaleData),
        ({"type": "UNPROCESSABLE", "message": 'A ref named "x" already exists in the repository.'}, AlreadyExists),
        ({"type": "UNPROCESSABLE", "message": "No commits between a and b"}, Invalid),
        ({"message": "Something went wrong"}, Unavailable),
    ],
)
async def test_each_graphql_error_is_one_of_ours(script: Script, error: dict[str, str], kind: type[Exception]):
    script.steps = [json_response({"data": None, "errors": [error]})]
    with pytest.raises(kind) as caught:
        (await script.client.graphql("{ a }")).complete()
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("error", "headers", "seconds"),
    [
        ({"type": "RATE_LIMITED", "message": "API rate limit exceeded"}, {}, 60),
        ({"message": "You have exceeded a secondary rate limit"}, {}, 60),
        ({"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "240"}, 240),
        ({"type": "RATE_LIMITED"}, {"Retry-After": "240"}, 240),
        ({"type": "RATE_LIMITED"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1775304030"}, 30),
    ],
)
async def test_limits_of_graphql_come_with_status_200(
    script: Script, clock: TurnedClock, error: dict[str, str], headers: dict[str, str], seconds: int
):
    script.steps = [json_response({"data": None, "errors": [error]}, headers=headers)]
    with pytest.raises(RateLimited) as caught:
        await script.client.graphql("{ a }")
    assert caught.value.until == clock.now() + timedelta(seconds=seconds)
