"""How a push can end, and what the bot makes of it; the server is scripted, its words are GitHub's."""

import base64
from typing import Any

import pytest
from aiohttp import web

from bot.github.errors import (
    AlreadyExists,
    BadCredentials,
    Forbidden,
    GitHubError,
    Invalid,
    Moved,
    NotFound,
    RateLimited,
    RulesViolated,
    StaleData,
    Unavailable,
    WorkflowsDiffer,
)
from bot.github.facts import RepositoryRef
from bot.github.transport.wire import Wire
from bot.github.writing.receive_pack import NO_OBJECT, RefUpdate
from bot.github.writing.refs import push
from tests.github.conftest import Script
from tests.github.writing.test_receive_pack import GITHUB, ONE, SERVICE, TWO, banded, line, report

REPOSITORY = RepositoryRef(1, "R_1", "octo/demo", 1)
TAG, BRANCH = "refs/tags/v1", "refs/heads/release/x"
MADE = RefUpdate(TAG, NO_OBJECT, ONE)
OTHER = RefUpdate("refs/tags/a", NO_OBJECT, ONE)
MOVED = RefUpdate(BRANCH, ONE, TWO)
GONE = RefUpdate(BRANCH, ONE, NO_OBJECT)
ADDRESS = "https://github.com/octo/demo/rules?ref=refs%2Ftags%2Fv1"
PADDING = " " * 8
"""GitHub's lines end so."""
RULE = (
    f"error: GH013: Repository rule violations found for {TAG}.{PADDING}\nReview all repository rules at {ADDRESS}\n\n"
)
RULE += f"- Cannot create ref due to creations being restricted.{PADDING}\n\n"
PROTECTED = f"error: GH006: Protected branch update failed for {BRANCH}.\nerror: Cannot delete a protected branch\n"
DECLINED = "push declined due to repository rule violations"
WORKFLOW = "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml`"
WORKFLOW += " without `workflows` permission"
AT_ONE = {"branch": ONE}


def advertised(**refs: str) -> web.Response:
    """What stands: `tag` and `branch`."""
    names = {"tag": TAG, "branch": BRANCH}
    lines = [f"{oid} {names[name]}" for name, oid in refs.items()] or [f"{NO_OBJECT} capabilities^{{}}"]
    lines[0] += f"\0{' '.join(GITHUB)}"
    body = SERVICE + b"".join(line(f"{each}\n") for each in lines) + b"0000"
    return web.Response(body=body, content_type="application/x-git-receive-pack-advertisement")


def reported(*lines: str, remarks: str = "") -> web.Response:
    packets = [(2, remarks)] if remarks else []
    body = banded(*packets, (1, report("unpack ok", *lines)))
    return web.Response(body=body, content_type="application/x-git-receive-pack-result")


async def pushed(script: Script, *updates: RefUpdate) -> None:
    await push(script.client, REPOSITORY, updates)


async def test_a_push_asks_for_the_refs_first_and_gives_git_the_token_as_github_takes_it(script: Script):
    script.steps = [advertised(branch=ONE), reported(f"ok {BRANCH}")]
    await pushed(script, MOVED)
    asked = [(each.method, each.path_qs) for each in script.asked]
    assert asked == [
        ("GET", "/octo/demo.git/info/refs?service=git-receive-pack"),
        ("POST", "/octo/demo.git/git-receive-pack"),
    ]
    token = base64.b64encode(b"x-access-token:ghs_hidden").decode()
    assert {each.headers["Authorization"] for each in script.asked} == {f"Basic {token}"}
    assert script.asked[1].headers["Content-Type"] == "application/x-git-receive-pack-request"


NOT_MOVED, NOT_THERE = "atomic transaction failed", "failed to update ref"
RESTRICTED = "Cannot create ref due to creations being restricted"
REFUSALS: dict[str, tuple[RefUpdate, dict[str, str], web.Response, dict[str, str] | None, type[GitHubError], str]] = {
    "exists": (MADE, {}, reported(f"ng {TAG} {NOT_MOVED}"), {"tag": TWO}, AlreadyExists, f"{TAG} already exists"),
    "moved": (MOVED, AT_ONE, reported(f"ng {BRANCH} {NOT_THERE}"), {"branch": TWO}, StaleData, "is not at 1111111111"),
    "gone": (GONE, AT_ONE, reported(f"ng {BRANCH} {NOT_MOVED}"), {}, StaleData, "is not at 1111111111 any more"),
    "rule": (
        MADE,
        {},
        reported(f"ng {TAG} {DECLINED}", remarks=RULE),
        None,
        RulesViolated,
        f"create {TAG}: {RESTRICTED}",
    ),
    "rule of one": (
        *(OTHER, {}, reported(*(f"ng {name} {DECLINED}" for name in ("refs/tags/a", TAG)), remarks=RULE), None),
        *(RulesViolated, f"GitHub refuses to create {TAG}: {RESTRICTED}"),
    ),
    "protected": (
        *(GONE, AT_ONE, reported(f"ng {BRANCH} protected branch hook declined", remarks=PROTECTED), None),
        *(RulesViolated, f"GitHub refuses to delete {BRANCH}: Cannot delete a protected branch"),
    ),
    "hook": (
        *(MOVED, AT_ONE, reported(f"ng {BRANCH} pre-receive hook declined"), None),
        *(RulesViolated, f"refuses to move {BRANCH}: pre-receive hook declined"),
    ),
    "workflow": (MADE, {}, reported(f"ng {TAG} {WORKFLOW}"), None, WorkflowsDiffer, "without `workflows` permission"),
    "other": (
        *(MADE, {}, reported(f"ng {TAG} missing necessary objects", remarks="fatal: bad object\n"), {}),
        *(Invalid, "missing necessary objects; fatal: bad object"),
    ),
}
"""What is pushed where something stands, the answer, what stands then, if that is asked for, and what it means."""


@pytest.mark.parametrize(("update", "before", "answer", "after", "error", "said"), REFUSALS.values(), ids=REFUSALS)
async def test_each_refusal_of_a_ref_has_its_name(
    script: Script,
    update: RefUpdate,
    before: dict[str, str],
    answer: web.Response,
    after: dict[str, str] | None,
    error: type[GitHubError],
    said: str,
):
    """Whether a ref stands elsewhere is looked at: servers have many words for it."""
    script.steps = [advertised(**before), answer, *([advertised(**after)] if after is not None else [])]
    with pytest.raises(error) as refused:
        await pushed(script, *([OTHER, MADE] if update is OTHER else [update]))
    assert said in str(refused.value)
    assert ADDRESS not in str(refused.value)
    assert len(script.asked) == (2 if after is None else 3)


@pytest.mark.parametrize(
    ("status", "text", "headers", "error", "said"),
    [
        (401, "Invalid username or token.", {}, BadCredentials, "does not accept the App's credentials"),
        (403, "Write access to repository not granted.", {}, Forbidden, "It needs the permission contents: write."),
        (403, "This repository was archived so it is read-only.", {}, Forbidden, "archived so it is read-only."),
        (403, "Slow down", {"Retry-After": "60"}, RateLimited, "rate limited until"),
        (404, "Repository not found.", {}, NotFound, "Repository not found."),
        (503, "<html>", {}, Unavailable, "answered 503"),
        (200, "<html>Unicorn!</html>", {}, Unavailable, "text/plain"),
    ],
)
async def test_each_refusal_in_http_has_its_name(
    script: Script, status: int, text: str, headers: dict[str, str], error: type[GitHubError], said: str
):
    refusal = web.Response(status=status, text=text, headers=headers)
    for before in ([], [advertised()]):
        script.steps, script.asked = [*before, refusal], []
        script.wire.limited_until.clear()
        with pytest.raises(error, match=said) as refused:
            await pushed(script, MADE)
        assert "ghs_hidden" not in repr(refused.value)


async def test_a_repository_that_was_renamed_is_found_by_its_new_name_first(script: Script):
    script.steps = [advertised(), web.Response(status=301, headers={"Location": "/octo/other.git"})]
    with pytest.raises(Moved):
        await pushed(script, MADE)


@pytest.mark.parametrize("answer", [reported(), None], ids=["silent about the ref", "hung up"])
async def test_a_push_without_an_answer_may_have_happened_and_is_not_repeated(script: Script, answer: Any):
    script.steps = [advertised(), answer, advertised()]
    with pytest.raises(Unavailable):
        await pushed(script, MADE)
    assert [each.method for each in script.asked] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("rest", "git"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
        ("https://github.example.org/api/v3", "https://github.example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_git_is_where_github_has_it(rest: str, git: str):
    assert Wire(None, rest, "shipmate", None).git_url == git  # type: ignore[arg-type]  # only addresses are asked for
