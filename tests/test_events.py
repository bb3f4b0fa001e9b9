"""From deliveries to events."""

import json
from datetime import UTC, datetime

import pytest

from bot.events import (
    ChecksChanged,
    CommentCreated,
    InstallationChanged,
    MalformedEvent,
    PullRequestChanged,
    RefsChanged,
    ReleaseChanged,
    RepositoryChanged,
    is_command,
    normalized,
    parse_event,
)
from bot.github.facts import RepositoryRef
from tests.shared import SHARED, needs_shared

EXAMPLES = SHARED / "contract/github-webhook-examples.json"
REPOSITORY = RepositoryRef(7, "R_7", "octo/demo", 42)
SHA = "ab" * 20


def body(**fields):
    about = {"repository": {"id": 7, "node_id": "R_7", "full_name": "octo/demo"}, "installation": {"id": 42}}
    return json.dumps({**about, **fields}).encode()


def account(login="ann", number=1, kind="User"):
    return {"id": number, "login": login, "type": kind}


def comment(*, action="created", by=None, sender=None, via=None, text="/release 0.5.0", **issue):
    return body(
        action=action,
        issue={"number": 3, "node_id": "I_3", "locked": False, **issue},
        comment={
            "id": 9,
            "node_id": "IC_9",
            "body": text,
            "created_at": "2026-04-04T12:00:00Z",
            "user": by or account(),
            "performed_via_github_app": via,
        },
        sender=sender or account(),
    )


def test_issue_comment_carries_what_a_command_needs():
    assert parse_event("issue_comment", comment()) == CommentCreated(
        repository=REPOSITORY,
        issue=3,
        comment_id=9,
        comment_node_id="IC_9",
        body="/release 0.5.0",
        author="ann",
        author_id=1,
        author_type="User",
        sender="ann",
        sender_id=1,
        sender_type="User",
        via_app_id=None,
        created_at=datetime(2026, 4, 4, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_a_comment_counts_only_when_it_is_new(action):
    assert parse_event("issue_comment", comment(action=action)) is None


def test_a_person_speaks_for_themselves():
    assert parse_event("issue_comment", comment()).from_a_person


@pytest.mark.parametrize(
    "otherwise",
    [
        {"by": account("shipmate[bot]", 5, "Bot"), "sender": account("shipmate[bot]", 5, "Bot")},
        {"sender": account("bob", 2)},
        {"sender": account("ann", 2)},
        {"via": {"id": 99}},
    ],
)
def test_a_comment_of_a_bot_of_an_app_or_in_another_name_is_from_nobody(otherwise):
    assert not parse_event("issue_comment", comment(**otherwise)).from_a_person
    assert not is_command(parse_event("issue_comment", comment(**otherwise)))


def test_a_comment_of_a_deleted_account_is_from_nobody():
    gone = json.loads(comment())
    gone["comment"]["user"] = None
    found = parse_event("issue_comment", json.dumps(gone).encode())
    assert (found.author, found.from_a_person) == ("ghost", False)


@pytest.mark.parametrize("text", ["nice work", "> /release 0.5.0", "```\n/release 0.5.0\n```", "/released"])
def test_small_talk_is_no_command(text):
    assert not is_command(parse_event("issue_comment", comment(text=text)))


@pytest.mark.parametrize("text", ["now\n/release status", "/release banana"])
def test_a_line_that_is_meant_as_a_command_is_one(text):
    assert is_command(parse_event("issue_comment", comment(text=text)))


@pytest.mark.parametrize(
    ("name", "payload", "event"),
    [
        ("pull_request", {"action": "closed", "number": 4}, PullRequestChanged(REPOSITORY, 4, "closed")),
        ("workflow_run", {"action": "completed", "workflow_run": {"head_sha": SHA}}, ChecksChanged(REPOSITORY, SHA)),
        (
            "deployment_review",
            {"action": "requested", "workflow_run": {"head_sha": SHA}},
            ChecksChanged(REPOSITORY, SHA),
        ),
        ("check_suite", {"action": "completed", "check_suite": {"head_sha": SHA}}, ChecksChanged(REPOSITORY, SHA)),
        (
            "check_run",
            {"action": "completed", "check_run": {"head_sha": SHA, "app": {"slug": "codecov"}}},
            ChecksChanged(REPOSITORY, SHA),
        ),
        ("status", {"sha": SHA, "state": "failure"}, ChecksChanged(REPOSITORY, SHA)),
        ("push", {"ref": "refs/heads/main", "after": SHA}, RefsChanged(REPOSITORY, "refs/heads/main")),
        ("create", {"ref": "v0.5.0", "ref_type": "tag"}, RefsChanged(REPOSITORY, "refs/tags/v0.5.0")),
        ("delete", {"ref": "release/x", "ref_type": "branch"}, RefsChanged(REPOSITORY, "refs/heads/release/x")),
        (
            "release",
            {"action": "published", "release": {"tag_name": "v0.5.0"}},
            ReleaseChanged(REPOSITORY, "v0.5.0", "published"),
        ),
        ("repository", {"action": "renamed"}, RepositoryChanged(REPOSITORY, "renamed")),
    ],
)
def test_what_changes_a_release_is_an_event(name, payload, event):
    assert parse_event(name, body(**payload)) == event


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("pull_request", {"action": "labeled", "number": 4}),
        ("workflow_run", {"action": "requested", "workflow_run": {"head_sha": SHA}}),
        ("check_suite", {"action": "requested", "check_suite": {"head_sha": SHA}}),
        ("check_suite", {"action": "completed", "check_suite": {"head_sha": SHA, "app": {"slug": "github-actions"}}}),
        ("check_run", {"action": "created", "check_run": {"head_sha": SHA}}),
        ("check_run", {"action": "completed", "check_run": {"head_sha": SHA, "app": {"slug": "github-actions"}}}),
        ("status", {"sha": SHA, "state": "pending"}),
        ("deployment_review", {"action": "requested"}),
        ("create", {"ref": None, "ref_type": "repository"}),
        ("ping", {"zen": "Design for failure."}),
        ("star", {"action": "created"}),
        ("repository", {"action": "edited"}),
        ("an_event_of_next_year", {}),
    ],
)
def test_what_changes_nothing_is_no_event(name, payload):
    assert parse_event(name, body(**payload)) is None


def test_installation_brings_its_repositories_and_takes_them_away():
    repositories = [{"id": 7, "node_id": "R_7", "full_name": "octo/demo"}]
    created = json.dumps({"action": "created", "installation": {"id": 42}, "repositories": repositories}).encode()
    deleted = json.dumps({"action": "deleted", "installation": {"id": 42}, "repositories": repositories}).encode()
    assert parse_event("installation", created) == InstallationChanged(42, "created", added=(REPOSITORY,))
    assert parse_event("installation", deleted) == InstallationChanged(42, "deleted", removed=(REPOSITORY,))


def test_installation_repositories_names_both_sides_of_a_change():
    one, two = ({"id": n, "node_id": f"R_{n}", "full_name": f"octo/{n}"} for n in (1, 2))
    changed = {
        "action": "added",
        "installation": {"id": 42},
        "repositories_added": [one],
        "repositories_removed": [two],
    }
    found = parse_event("installation_repositories", json.dumps(changed).encode())
    assert ([r.id for r in found.added], [r.id for r in found.removed]) == ([1], [2])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"action":"created"}',
        b'{"action":1}',
        b'{"action":"\x80"}',
    ],
)
def test_what_github_would_not_send_is_malformed(raw):
    with pytest.raises(MalformedEvent):
        parse_event("issue_comment", raw)


def test_nothing_that_people_wrote_is_kept_but_commands():
    pushed = normalized("push", body(ref="refs/heads/main", commits=[{"message": "a word"}] * 1000))
    assert b"a word" not in pushed.body
    titled = json.loads(comment())
    titled["issue"] |= {"title": "a word", "body": "a word"}
    assert b"a word" not in normalized("issue_comment", json.dumps(titled).encode()).body


def test_a_delivery_that_is_not_for_an_app_is_malformed():
    without = json.loads(comment())
    del without["installation"]
    with pytest.raises(MalformedEvent, match="installation"):
        parse_event("issue_comment", json.dumps(without).encode())


def examples():
    described = json.loads(EXAMPLES.read_bytes()) if EXAMPLES.is_file() else []
    return [
        pytest.param(event["name"], example, id=f"{event['name']}-{position}")
        for event in described
        for position, example in enumerate(event["examples"])
    ]


HANDLED = {
    "issue_comment": CommentCreated,
    "pull_request": PullRequestChanged,
    "workflow_run": ChecksChanged,
    "deployment_review": ChecksChanged,
    "check_suite": ChecksChanged,
    "check_run": ChecksChanged,
    "status": ChecksChanged,
    "push": RefsChanged,
    "create": RefsChanged,
    "delete": RefsChanged,
    "release": ReleaseChanged,
    "installation": InstallationChanged,
    "installation_repositories": InstallationChanged,
    "repository": RepositoryChanged,
}


@needs_shared
@pytest.mark.parametrize(("name", "example"), examples())
def test_githubs_own_examples_are_read(name, example):
    as_an_app_gets_it = {"installation": {"id": 1}, **example}
    event = parse_event(name, json.dumps(as_an_app_gets_it).encode())
    if event is not None:
        assert isinstance(event, HANDLED[name])
        kept = normalized(name, json.dumps(as_an_app_gets_it).encode()).body
        assert parse_event(name, kept) == event
        assert len(kept) < 1000 + len(getattr(event, "body", ""))
        assert (
            getattr(event, "repository", None) is None
            or event.repository.full_name == example["repository"]["full_name"]
        )
    else:
        always = {"push", "release", "installation", "installation_repositories"}
        assert name not in always
