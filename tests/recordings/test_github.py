"""Every answer of GitHub's that was recorded, given to the bot's client: it becomes a fact, or its named outcome."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest

from bot.github.errors import GitHubError
from bot.github.facts import GitHubRelease
from tests.recordings.serving import REF, Served, read, serve, short
from tests.recordings.table import GITHUB
from tests.shared import SHARED, needs_shared

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Ask = Callable[[Served, Any], Awaitable[object]]


async def _files(on: Served, body: Any) -> object:
    blob = {"__typename": "Blob", "oid": "a" * 40, "byteSize": 1, "isBinary": True, "isTruncated": False, "text": None}
    on.before["/graphql"] = {"data": {"repository": {"f0": blob}}}
    return await on.reader.files("b" * 40, ["x"])


ASKS: dict[str, Ask] = {
    r"GET .*/collaborators/.*/permission": lambda on, body: on.reader.permission("user-1"),
    r"GET .*/rules/branches/.*": lambda on, body: on.reader.required_checks("main"),
    r"GET .*/actions/(workflows/\d+/)?runs(\?.*)?": lambda on, body: on.reader.runs("a" * 40),
    r"GET .*/actions/runs/\d+/(attempts/\d+/)?jobs(\?.*)?": lambda on, body: on.reader.jobs(1),
    r"GET .*/actions/jobs/\d+/logs": lambda on, body: on.reader.log(1),
    r"POST .*/actions/runs/\d+/rerun": lambda on, body: on.writer.rerun_failed_jobs(1),
    r"POST .*/actions/runs/\d+/cancel": lambda on, body: on.writer.cancel_run(1),
    r"GET .*/issues/\d+/comments(\?.*)?": lambda on, body: on.reader.comments(1, None),
    r"GET .*/issues/comments(\?.*)?": lambda on, body: on.github.recent_comments(REF, LONG_AGO),
    r"GET .*/issues/comments/\d+": lambda on, body: on.reader.comment(1),
    r"POST .*/issues/\d+/comments": lambda on, body: on.writer.comment(1, "Hello"),
    r"PATCH .*/issues/comments/\d+": lambda on, body: on.writer.edit_comment(1, "Hello"),
    r"POST .*/comments/\d+/reactions": lambda on, body: on.writer.react(1, "eyes"),
    r"GET .*/installation": lambda on, body: on.github.installation_for(REF.full_name),
    r"GET /app/installations(\?.*)?": lambda on, body: on.github.app.installations(),
    r"GET /installation/repositories(\?.*)?": lambda on, body: on.github.app.repositories(42),
    r"POST .*/access_tokens": lambda on, body: on.github.locate(REF),
    r"GET /app/hook/deliveries(\?.*)?": lambda on, body: on.github.app.failed_deliveries(LONG_AGO),
    r"POST /app/hook/deliveries/\d+/attempts": lambda on, body: on.github.app.redeliver(1),
    r"GET .*/git/trees/.*": lambda on, body: on.reader.paths("a" * 40),
    r"GET .*/git/blobs/.*": _files,
    r"GET .*/releases(\?.*)?": lambda on, body: on.reader.all_releases([each["tag_name"] for each in body]),
    r"POST .*/releases": lambda on, body: on.writer.draft_release("v1", name="v1", body="", prerelease=False),
    r"PATCH .*/releases/\d+": lambda on, body: on.writer.publish_release(
        GitHubRelease("v1", "", True, False, "", 1), body="", latest=True
    ),
    r"DELETE .*/releases/\d+": lambda on, body: on.writer.delete_release(1),
    r"PATCH .*/pulls/\d+": lambda on, body: on.writer.close_pull_request(1),
}
"""What the bot asks on each route that it uses, by method and path."""


def _told(value: object) -> str:
    """A fact in short: its type, and what is neither long nor empty of it."""
    if isinstance(value, tuple | list):
        return f"{len(value)}: " + " | ".join(dict.fromkeys(map(_told, value))) if value else "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {len(each)} bytes" for key, each in value.items())
    if not is_dataclass(value):
        return str(value)
    kept = {each.name: getattr(value, each.name) for each in fields(value)}
    words = [f"{name}={_word(each)}" for name, each in kept.items() if isinstance(each, bool | Enum | str) and each]
    return f"{type(value).__name__}({', '.join(each for each in words if len(each) < 40)})"


def _word(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


async def outcome(recording: dict[str, Any]) -> str:
    if "keys" in recording:
        return "only its keys are known: nothing to serve"
    request = recording["request"]
    named = f"{request['method']} {request['path']}"
    ask = next((ask for route, ask in ASKS.items() if re.fullmatch(route, named)), None)
    async with serve(recording) as on:
        try:
            if ask is not None:
                return _told(await ask(on, recording["body"]))
            if request["path"] != "/graphql":
                return f"not asked: {_told(await _as_it_was(on, request))}"
            answer = await on.client.graphql("query Any { viewer { login } }")
            faults = [f"{type(each.error).__name__}: {each.error}" for each in answer.faults]
            return " | ".join(faults) or f"another client's document: {', '.join(answer.data)}"
        except GitHubError as refused:
            return f"{type(refused).__name__}: {refused}"


async def _as_it_was(on: Served, request: dict[str, Any]) -> object:
    """The same request, which the bot does not make."""
    path = request["path"].replace("{", "%7B")
    if request["method"] == "GET":
        found = await on.client.get(path)
        return found if not found else type(found).__name__
    if request["method"] == "DELETE":
        await on.client.delete(path)
        return None
    return await (on.client.patch if request["method"] == "PATCH" else on.client.post)(path, {})


@needs_shared
@pytest.mark.parametrize("name", GITHUB)
async def test_a_recorded_answer_of_github_is_a_fact_or_its_named_outcome(name):
    assert short(await outcome(read(SHARED / "recordings" / f"{name}.json"))) == GITHUB[name]


@needs_shared
def test_no_recorded_answer_of_github_is_left_out():
    folders = ("github-rest", "github-graphql")
    found = [f"{folder}/{file.stem}" for folder in folders for file in (SHARED / "recordings" / folder).iterdir()]
    assert sorted(found) == sorted(GITHUB)
