"""Every delivery that was recorded becomes its event, or nothing; none is called malformed that GitHub may send us."""

import json
from typing import Any

import pytest

from bot.events import MalformedEvent, parse_event
from tests.recordings.serving import read
from tests.recordings.table import WEBHOOKS
from tests.shared import SHARED, needs_shared


def outcome(recording: dict[str, Any]) -> str:
    name, body = recording["event"], dict(recording["body"])
    # What a hook of the repository's own was told, an App is told with its installation.
    body.setdefault("installation", {"id": 42, "node_id": "I_42"})
    try:
        event = parse_event(name, json.dumps(body).encode())
    except MalformedEvent as mistake:
        return f"malformed: {mistake}"
    if event is None:
        return "nothing"
    action = getattr(event, "action", "")
    return f"{type(event).__name__}{f' {action}' if action else ''}"


@needs_shared
@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_recorded_delivery_becomes_its_event(name):
    assert outcome(read(SHARED / "recordings" / "webhooks" / f"{name}.json")) == WEBHOOKS[name]


@needs_shared
def test_no_recorded_delivery_is_left_out():
    found = sorted(file.stem for file in (SHARED / "recordings" / "webhooks").glob("*.json"))
    assert found == sorted(WEBHOOKS)
    assert {name.partition("-")[0] for name in found} > {"issue_comment", "pull_request", "push", "workflow_run"}
