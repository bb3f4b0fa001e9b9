"""The App's log of deliveries, and redelivery."""

from datetime import timedelta
from typing import Any

from bot.sandbox.model import Repository
from bot.sandbox.world import World
from tests.sandbox.support import Api, TurnedClock
from tests.sandbox.world.test_webhooks import Receiver, connected

LOG = "/app/hook/deliveries"


async def failures(api: Api, **query: Any) -> list[dict[str, Any]]:
    """All pages of the failed ones."""
    found, path = [], f"{LOG}?status=failure&per_page=2"
    while path:
        answer = await api.call("GET", path, as_=api.jwt())
        assert answer.status == 200
        found += answer.body
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<").removeprefix(api.url)
    return found


async def test_failed_deliveries_are_listed_newest_first_over_pages(api: Api, world: World, repo: Repository) -> None:
    issue = await world.open_issue(repo, "Release", by="ann")
    async with connected(world, Receiver(status=500)):
        for number in range(5):
            await world.comment(repo, issue.number, str(number), by="ann")
    async with connected(world, Receiver()):
        await world.comment(repo, issue.number, "well", by="ann")
    found = await failures(api)
    assert [each["guid"] for each in found] == [each.guid for each in reversed(world.deliveries[:5])]
    assert {(each["event"], each["action"], each["status_code"]) for each in found} == {
        ("issue_comment", "created", 500)
    }
    well = await api.call("GET", f"{LOG}?status=success", as_=api.jwt())
    assert [each["status"] for each in well.body] == ["OK"]


async def test_what_was_not_sent_is_in_no_log(api: Api, world: World, repo: Repository) -> None:
    await world.push(repo, "main", {"a": "1"}, by="ann")
    assert (await api.call("GET", LOG, as_=api.jwt())).body == []


async def test_a_webhook_that_nobody_answered_is_a_failure(api: Api, world: World, repo: Repository) -> None:
    async with connected(world, Receiver()):
        world.webhooks.fate = lambda delivery: ()
        await world.push(repo, "main", {"a": "1"}, by="ann")
    (lost,) = await failures(api)
    assert (lost["status"], lost["repository_id"]) == ("failed to connect", repo.id)


async def test_a_redelivery_has_the_same_guid_and_body_and_a_line_of_its_own(
    api: Api, world: World, repo: Repository
) -> None:
    receiver = Receiver(status=503)
    async with connected(world, receiver):
        await world.push(repo, "main", {"a": "1"}, by="ann")
        await world.webhooks.drain()
        (failed,) = await failures(api)
        receiver.status = 202
        answer = await api.call("POST", f"{LOG}/{failed['id']}/attempts", as_=api.jwt())
        assert answer.status == 202
    (first, one), (second, other) = receiver.got
    assert first["X-GitHub-Delivery"] == second["X-GitHub-Delivery"]
    assert one == other
    whole = (await api.call("GET", LOG, as_=api.jwt())).body
    assert [(each["guid"], each["redelivery"], each["status_code"]) for each in whole] == [
        (failed["guid"], True, 202),
        (failed["guid"], False, 503),
    ]


async def test_what_is_older_than_three_days_is_not_sent_again(
    api: Api, world: World, repo: Repository, clock: TurnedClock
) -> None:
    async with connected(world, Receiver(status=503)):
        await world.push(repo, "main", {"a": "1"}, by="ann")
    clock.at += timedelta(days=3, seconds=1)
    (failed,) = await failures(api)
    assert (await api.call("POST", f"{LOG}/{failed['id']}/attempts", as_=api.jwt())).status == 422
    assert len(world.deliveries) == 1


async def test_only_the_app_itself_reads_its_log(api: Api, repo: Repository) -> None:
    assert (await api.call("GET", LOG, as_=await api.token(repo))).status == 401
    assert (await api.call("GET", f"{LOG}/1", as_=api.jwt())).status == 404
    assert (await api.call("GET", f"{LOG}?cursor=x", as_=api.jwt())).status == 422


async def test_the_app_lists_its_installations_and_their_repositories(api: Api, world: World, repo: Repository) -> None:
    other = await world.create_repository("octo/other", files={"a": "1"})
    await world.create_repository("elsewhere/hidden", files={"a": "1"}, installed=False)
    installations = (await api.call("GET", "/app/installations?per_page=100", as_=api.jwt())).body
    assert [(each["account"]["login"], each["suspended_at"]) for each in installations] == [("octo", None)]
    path = f"/app/installations/{installations[0]['id']}/access_tokens"
    token = (await api.call("POST", path, {}, as_=api.jwt())).body["token"]
    listed = (await api.call("GET", "/installation/repositories?per_page=100", as_=token)).body
    assert (listed["total_count"], [each["id"] for each in listed["repositories"]]) == (2, [repo.id, other.id])
