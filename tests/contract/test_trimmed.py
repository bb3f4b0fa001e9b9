"""The descriptions in this folder are GitHub's, and they notice what the whole ones notice."""

from typing import Any

import pytest

from tests import shared
from tests.contract.openapi import TRIMMED, RestContract, WebhookContract
from tests.contract.trim import WEBHOOKS, trimmed_files, trimmed_webhooks
from tests.shared import needs_shared

REACTIONS = "/repos/octo/demo/issues/comments/1/reactions"


@pytest.fixture(scope="module")
def rest() -> RestContract:
    return RestContract(TRIMMED)


@needs_shared
def test_the_trimmed_descriptions_are_what_make_contract_makes_of_the_whole_ones():
    for name, text in trimmed_files().items():
        assert (TRIMMED / name).read_text("utf-8") == text, f"{name} is not up to date: run `make contract`"


def test_the_trimmed_descriptions_are_small():
    assert sum(path.stat().st_size for path in TRIMMED.glob("github*")) < 500_000


@pytest.mark.parametrize(
    ("method", "path", "status", "sent", "answered", "noticed"),
    [
        ("PUT", REACTIONS, 200, None, None, "GitHub has no PUT"),
        ("GET", "/repos/octo/demo/releases?sort=name", 200, None, [], "no query parameter sort"),
        ("GET", "/repos/octo/demo/releases?per_page=many", 200, None, [], "query parameter per_page"),
        ("POST", REACTIONS, 201, None, {}, "needs a body"),
        ("POST", REACTIONS, 201, {"content": "ship"}, {}, "'ship' is not one of"),
        ("POST", REACTIONS, 201, {"content": "eyes", "by": "ann"}, {}, "knows no by"),
        ("POST", REACTIONS, 201, {"content": "eyes"}, {"id": 1}, "is a required property"),
        ("POST", REACTIONS, 299, {"content": "eyes"}, {}, "does not answer 299"),
        ("GET", "/repos/octo/demo/releases", 200, None, {}, "is not of type 'array'"),
        ("GET", "/repos/octo/demo/releases", 403, None, {"message": 1}, "is not of type 'string'"),
    ],
)
def test_the_trimmed_rest_description_notices(
    rest: RestContract, method: str, path: str, status: int, sent: Any, answered: Any, noticed: str
):
    with pytest.raises(AssertionError, match=noticed):
        rest.check(method, path, status, sent, answered)


def test_the_trimmed_webhook_description_notices():
    contract = WebhookContract(TRIMMED)
    with pytest.raises(AssertionError, match="no webhook pull-request-merged"):
        contract.check("pull_request", "merged", {})
    with pytest.raises(AssertionError, match="'ref' is a required property"):
        contract.check("push", None, {"before": "0" * 40})


def test_a_field_that_is_named_like_a_word_of_the_description_stays():
    schema = {"type": "object", "description": "Prose", "properties": {"description": {"type": "string", "title": "A"}}}
    assert trimmed(schema) == {"type": "object", "properties": {"description": {"type": "string"}}}


def test_a_keyword_of_which_nothing_is_known_is_not_lost_in_silence():
    with pytest.raises(LookupError, match="contains"):
        trimmed({"type": "array", "contains": {"type": "string"}})


def trimmed(schema: Any) -> Any:
    """What is kept of a schema that every webhook refers to."""
    payload = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/it"}}}}
    described = {"post": {"requestBody": payload, "responses": {}}}
    document = {"webhooks": dict.fromkeys(WEBHOOKS, described), "components": {"schemas": {"it": schema}}}
    return trimmed_webhooks({"openapi": "3.1.0", **document})["components"]["schemas"]["it"]


def test_a_run_that_needs_the_whole_descriptions_fails_without_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shared, "MISSING", ("contract",))
    monkeypatch.delenv("SHIPMATE_REQUIRE_SHARED", raising=False)
    shared.demand_it()
    monkeypatch.setenv("SHIPMATE_REQUIRE_SHARED", "1")
    with pytest.raises(pytest.UsageError, match="SHIPMATE_REQUIRE_SHARED is set"):
        shared.demand_it()
