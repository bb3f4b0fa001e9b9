import asyncio
import hashlib
import hmac
import io
import json

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.web import make_app
from bot.web.door import LONGEST_READ
from bot.web.signature import is_signed

BODY = json.dumps(
    {
        "action": "created",
        "repository": {"id": 1, "node_id": "R_1", "full_name": "o/r", "private": False},
        "installation": {"id": 10, "node_id": "I_10"},
    }
).encode()


class Keeper:
    """A store that remembers what was written on an issue, or fails."""

    def __init__(self):
        self.kept = {}
        self.broken = False

    async def keep(self, event, guid, body):
        if self.broken:
            raise OSError("disk full")
        if event != "issue_comment":
            return None
        if b'"repository"' not in body:
            raise ValueError("Object missing required field `repository`")
        new = guid not in self.kept
        self.kept[guid] = body
        return new

    async def healthy(self):
        if self.broken:
            raise OSError("disk full")
        return True


@pytest.fixture
def keeper():
    return Keeper()


def door(keeper, secrets=("new", "old")):
    return make_app(secrets=secrets, keep=keeper.keep, healthy=keeper.healthy)


@pytest.fixture
async def client(keeper):
    async with TestClient(TestServer(door(keeper))) as client:
        yield client


def sign(body, key=b"new"):
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def headers(body=BODY, **changes):
    usual = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "issue_comment",
        "X-GitHub-Delivery": "g1",
        "X-Hub-Signature-256": sign(body),
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


async def post(client, body=BODY, **changes):
    return (await client.post("/webhook", data=body, headers=headers(body, **changes))).status


async def test_a_signed_delivery_is_kept_and_answered_202(client, keeper):
    assert await post(client) == 202
    assert keeper.kept == {"g1": BODY}


async def test_a_known_delivery_is_answered_202_again(client):
    assert [await post(client), await post(client)] == [202, 202]


async def test_the_old_secret_counts_while_it_is_rotated(client):
    assert await post(client, **{"X-Hub-Signature-256": sign(BODY, b"old")}) == 202


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=é", sign(BODY, b"wrong"), sign(b"other"), sign(BODY)[7:], sign(BODY).upper()],
)
async def test_what_is_not_signed_is_refused_and_not_kept(client, keeper, signature):
    assert await post(client, **{"X-Hub-Signature-256": signature}) == 401
    assert keeper.kept == {}


async def test_sha1_is_refused(client, keeper):
    sha1 = "sha1=" + hmac.new(b"new", BODY, "sha1").hexdigest()
    assert await post(client, **{"X-Hub-Signature-256": None, "X-Hub-Signature": sha1}) == 401
    assert keeper.kept == {}


async def test_the_signature_is_checked_before_anything_else(client):
    wrong = {"X-Hub-Signature-256": None, "X-GitHub-Event": None, "Content-Type": "text/plain"}
    assert await post(client, b"not json", **wrong) == 401


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b'{"zen": "Keep it logically awesome."}', b"[" * 9999])
async def test_a_body_that_github_would_not_send_is_400(client, body):
    assert await post(client, body) == 400


async def test_missing_headers_are_400_and_forms_415(client):
    assert await post(client, **{"X-GitHub-Delivery": None}) == 400
    assert await post(client, **{"X-GitHub-Event": None}) == 400
    assert await post(client, **{"Content-Type": "application/x-www-form-urlencoded"}) == 415


@pytest.mark.parametrize("name", ["X-GitHub-Delivery", "X-GitHub-Event"])
async def test_a_header_that_is_not_ascii_is_400(client, keeper, name):
    assert await post(client, **{name: "é"}) == 400
    assert keeper.kept == {}


async def test_a_body_that_does_not_come_is_not_waited_for(client):
    async def endless():
        yield BODY[:5]
        await asyncio.sleep(10 * LONGEST_READ)

    answer = await client.post("/webhook", data=endless(), headers=headers())
    assert answer.status == 408


async def test_what_concerns_no_release_is_answered_without_a_write(client, keeper):
    assert await post(client, **{"X-GitHub-Event": "star"}) == 202
    assert keeper.kept == {}


async def test_a_ping_is_answered_with_a_pong(client, keeper):
    ping = headers(**{"X-GitHub-Event": "ping"})
    answer = await client.post("/webhook", data=BODY, headers=ping)
    assert (answer.status, await answer.json()) == (202, {"pong": True})
    assert keeper.kept == {}


async def test_a_body_that_is_not_in_its_encoding_is_400(client):
    assert await post(client, **{"Content-Encoding": "gzip"}) == 400


async def test_a_body_of_more_than_25_mib_is_413(client):
    body = b" " * (25 * 1024 * 1024 + 1)
    assert (await client.post("/webhook", data=io.BytesIO(body), headers=headers(body))).status == 413


async def test_a_store_that_fails_is_503_so_that_github_can_redeliver(client, keeper):
    keeper.broken = True
    assert await post(client) == 503
    assert (await client.get("/healthz")).status == 503


async def test_health_is_told(client):
    answer = await client.get("/healthz")
    assert (answer.status, await answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_there_is_no_door(secrets, keeper):
    with pytest.raises(ValueError, match="mandatory"):
        door(keeper, secrets)


@given(st.binary(), st.text())
def test_no_header_breaks_the_check(body, header):
    assert not is_signed(body, header, [b"secret"])
