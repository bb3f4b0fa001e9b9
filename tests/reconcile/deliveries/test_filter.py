"""What the door keeps: counted in statements that the database gets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from bot.events import InstallationChanged, MalformedEvent, parse_event
from bot.github.facts import RepositoryRef
from bot.reconcile.deliveries.filter import DeliveryFilter
from bot.release.model import Phase
from bot.store import Store
from tests.release.builders import release
from tests.store.builders import TurnedClock
from tests.test_events import SHA, body, comment

REPOSITORY = RepositoryRef(7, "R_7", "octo/demo", 42)
COMMAND = comment(text="/release 0.5.0")
RUN = body(action="completed", workflow_run={"head_sha": SHA})


@pytest.fixture
def clock():
    return TurnedClock()


@pytest.fixture
async def store(tmp_path, clock):
    async with Store.open(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}", clock) as store:
        yield store


@pytest.fixture
def delivery_filter(store, clock):
    return DeliveryFilter(store, clock)


@contextmanager
def statements(store) -> Iterator[list[str]]:
    """What the database is told meanwhile, by the first word of each statement."""
    heard: list[str] = []

    def hear(connection, cursor, statement, *rest):
        heard.append(statement.split()[0])

    event.listen(store._engine.sync_engine, "before_cursor_execute", hear)
    yield heard
    event.remove(store._engine.sync_engine, "before_cursor_execute", hear)


async def open_release(store, phase=Phase.MERGED):
    """A release that is open, with everything handled that led to it."""
    delivery_filter = DeliveryFilter(store, store._clock)
    await delivery_filter.keep("issue_comment", "first", COMMAND)
    lease = await store.claim("w", lease_seconds=60)
    await store.save(lease, release(phase))
    await store.handled(["first"])
    await store.finish(lease, due_at=None, attempts=0)


async def unhandled(store):
    return await store.unhandled(REPOSITORY.id)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("star", body(action="created")),
        ("issue_comment", comment(text="nice work")),
        ("issue_comment", comment(action="edited")),
        ("issue_comment", comment(text="> /release 0.5.0")),
        ("pull_request", body(action="labeled", number=4)),
        ("check_run", body(action="created", check_run={"head_sha": SHA})),
    ],
)
async def test_what_concerns_no_release_costs_not_even_a_read(store, delivery_filter, name, raw):
    with statements(store) as told:
        assert await delivery_filter.keep(name, "g", raw) is None
    assert told == []


async def test_where_nothing_is_open_an_event_costs_one_read_a_second(store, delivery_filter, clock):
    with statements(store) as told:
        for number in range(5):
            assert await delivery_filter.keep("workflow_run", f"g{number}", RUN) is None
        await clock.turn(1.5)
        assert await delivery_filter.keep("workflow_run", "later", RUN) is None
    assert told == ["BEGIN", "SELECT", "BEGIN", "SELECT"]
    assert await store.next_due() is None


async def test_a_command_is_kept_without_a_question(store, delivery_filter):
    with statements(store) as told:
        assert await delivery_filter.keep("issue_comment", "g", COMMAND) is True
    assert "SELECT" not in told
    assert await delivery_filter.keep("issue_comment", "g", COMMAND) is False
    assert [each.event for each in await unhandled(store)] == ["issue_comment"]


async def test_events_behind_a_command_that_nobody_has_handled_are_kept(delivery_filter):
    assert await delivery_filter.keep("workflow_run", "before", RUN) is None
    await delivery_filter.keep("issue_comment", "g", COMMAND)
    assert await delivery_filter.keep("workflow_run", "after", RUN) is True


async def test_events_of_an_open_release_are_kept_and_of_an_ended_one_are_not(store, delivery_filter):
    await open_release(store)
    assert await delivery_filter.keep("workflow_run", "g1", RUN) is True
    assert [each.event for each in await unhandled(store)] == ["workflow_run"]
    lease = await store.claim("w", lease_seconds=60)
    await store.save(lease, release(Phase.RELEASED))
    await store.handled(["g1"])
    assert await delivery_filter.keep("workflow_run", "g2", RUN) is None


async def test_a_large_push_is_kept_small(store, delivery_filter):
    await open_release(store)
    push = body(ref="refs/heads/main", commits=[{"message": "x" * 1000}] * 5000)
    assert await delivery_filter.keep("push", "g", push) is True
    (kept,) = await unhandled(store)
    assert len(kept.body) < 300
    assert parse_event("push", kept.body) == parse_event("push", push)


async def test_what_github_would_not_send_is_refused(delivery_filter):
    for raw in (b'{"repository": 3}', b'{"action": "created"}'):
        with pytest.raises(MalformedEvent):
            await delivery_filter.keep("issue_comment", "g", raw)


def installation(action, number=42, **lists):
    return json.dumps({"action": action, "installation": {"id": number}, **lists}).encode()


def record(number=7, name="octo/demo"):
    return {"id": number, "node_id": f"R_{number}", "full_name": name}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("installation", installation("deleted", repositories=[record()])),
        ("installation", installation("deleted")),
        ("installation", installation("suspend")),
        ("installation", installation("unsuspend")),
        ("installation", installation("new_permissions_accepted")),
        ("installation_repositories", installation("removed", repositories_removed=[record(), record(8)])),
    ],
)
async def test_a_change_of_the_installation_wakes_its_open_releases(store, delivery_filter, name, raw):
    await open_release(store)
    assert await delivery_filter.keep(name, "g", raw) is True
    (kept,) = await unhandled(store)
    assert kept.repository == REPOSITORY
    assert isinstance(parse_event(name, kept.body), InstallationChanged)
    assert await delivery_filter.keep(name, "g", raw) is False


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("installation", installation("suspend", 43)),
        ("installation_repositories", installation("removed", repositories_removed=[record(8)])),
        # What one installation lost may have come to another before the word of it arrives.
        ("installation_repositories", installation("removed", 41, repositories_removed=[record()])),
    ],
)
async def test_a_change_of_what_is_not_concerned_is_not_kept(store, delivery_filter, name, raw):
    await open_release(store)
    assert await delivery_filter.keep(name, "g", raw) is None
    assert await unhandled(store) == ()


async def test_a_repository_that_another_installation_got_is_reached_through_it(store, delivery_filter):
    await open_release(store)
    got = installation("added", 43, repositories_added=[record(name="hub/demo"), record(8)])
    assert await delivery_filter.keep("installation_repositories", "g", got) is True
    assert (await unhandled(store))[0].repository == RepositoryRef(7, "R_7", "hub/demo", 43)


async def test_a_renamed_repository_is_known_by_its_new_name(store, delivery_filter):
    await open_release(store)
    renamed = json.loads(body(action="renamed"))
    renamed["repository"]["full_name"] = "octo/new"
    assert await delivery_filter.keep("repository", "g", json.dumps(renamed).encode()) is True
    assert (await unhandled(store))[0].repository.full_name == "octo/new"


async def test_a_check_of_our_own_app_is_no_news(store, clock):
    await open_release(store)
    delivery_filter = DeliveryFilter(store, clock, 7001)
    ours, theirs = (
        body(action="completed", check_run={"head_sha": SHA, "app": {"slug": "shipmate", "id": app}})
        for app in (7001, 7002)
    )
    assert await delivery_filter.keep("check_run", "ours", ours) is None
    assert await delivery_filter.keep("check_run", "theirs", theirs) is True
