"""The sandbox is honest: whole plays, judged against GitHub's own published descriptions.

Every REST request that the bot sent and every answer that the sandbox gave, every webhook that it sent, and every
GraphQL document are validated. What the descriptions cannot say (behaviour) the sandbox's own tests say.
"""

from datetime import UTC, datetime

import pytest
from graphql import build_schema, parse, validate

from bot.github.errors import GitHubError
from bot.github.facts import RepositoryRef
from tests.contract.documents import every_document
from tests.contract.openapi import RestContract, WebhookContract, by_each
from tests.flow.test_configuration import configured
from tests.flow.test_downstream import board, boat
from tests.play import EXAMPLE, play
from tests.store.builders import held
from tests.virtual_time import in_virtual_time


async def record(folder, *fail, acts):
    """The calls and the deliveries of one play."""
    async with play(folder, *fail) as on:
        await acts(on)
        return list(on.world.calls), list(on.world.deliveries)


async def a_whole_release(on):
    await on.comment(EXAMPLE)
    await on.comment("/release status")
    await on.merge()


async def a_cancelled_release(on):
    on.world.grant(on.repository, "passerby", "read")
    await on.comment("/release banana")
    await on.comment(EXAMPLE, by="passerby")
    await on.comment(EXAMPLE)
    await on.comment("/release cancel")


async def a_release_that_is_taken_back(on):
    on.sandbox.actions.scenario.publish_seconds = 1.0
    await on.comment("/release tidewater 0.5.0")
    await on.world.merge(on.repository, on.pull_request.number, by="morgan")
    await on.until(lambda: any(run.head_branch == "v0.5.0" for run in on.repository.runs.values()))
    await on.comment("/release rollback tidewater 0.5.0")


async def a_retried_release(on):
    on.repository.required_checks["main"] = [run.jobs[0].name for run in on.repository.runs.values()][:1]
    await on.comment(EXAMPLE)
    await on.world.add_status(on.repository, on.pull_request.head_sha, "lint/style", "success")
    await on.merge()
    on.sandbox.actions.scenario.failures.clear()
    await on.comment("/release retry")


async def an_approved_release(on):
    on.world.protect(on.repository, "crates-io", "morgan")
    await on.comment(EXAMPLE)
    await on.merge()
    for verdict in ("rejected", "approved"):
        (run,) = [run for run in on.repository.runs.values() if run.pending]
        await on.world.review_deployments(on.repository, run, verdict, by="morgan", comment="So be it")
        await on.settle()
        await on.comment("/release retry")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return in_virtual_time(record_all(tmp_path_factory))


async def a_release_that_others_follow(on):
    await boat(on)
    await board(on, "Announcements")
    both = '[[downstream]]\nrepository = "morgan/boat"\npackage = "tidewater"\n[announce]\ncategory = "Announcements"\n'
    await configured(on, both)
    await on.comment(EXAMPLE)
    await on.merge()
    assert on.repository.discussions


async def the_rare_requests(on):
    """What a calm release does not need: fallbacks, repetitions, and things that are not there."""
    await on.comment("/release help")
    head = await on.world.push(on.repository, "main", {"logo.png": b"\x89PNG\x00\xff"}, "Add a logo", by="morgan")
    await on.settle()
    bot, ref = on.bot.github, await reference(on)
    reader, writer = bot.reader(ref), bot.writer(held(ref))
    await bot.installation_for(ref.full_name)
    await reader.files(head, ["logo.png", "README.md", "absent"])
    await reader.comments(on.issue.number, None)
    await reader.comments(on.issue.number, datetime(2026, 1, 1, tzinfo=UTC))
    await reader.permission("nobody-of-that-name")
    await reader.releases(["v0.4.0"])
    (job, *_) = await reader.jobs(max(on.repository.runs))
    await writer.rerun_job(job.id)
    await on.sandbox.actions.idle()
    run = next(iter(on.repository.runs.values()))
    await reader.jobs(run.id)
    await writer.react(on.issue.comments[0].id, "eyes")
    await writer.delete_branch("absent", head)
    await writer.cancel_run(run.id)
    draft = await on.world.create_release(on.repository, tag="v9", draft=True, by=on.world.app.bot)
    assert [page.id for page in await reader.all_releases(["v9"])] == [draft.id]
    await writer.delete_release(draft.id)
    for tag, fine in (("v0.4.1", True), ("v0.4.0", False)):
        draft = await writer.draft_release(tag, name=tag, body="Old", prerelease=False)
        if fine:
            await writer.publish_release(draft, body="Old", latest=False)
        else:
            with pytest.raises(GitHubError):
                await writer.publish_release(draft, body="Old", latest=False)
            await writer.delete_release(draft.id)
    await writer.generated_notes("v0.4.1", since="v0.4.0")
    number = await writer.comment(on.issue.number, "Hello")
    await writer.edit_comment(number, "Hello again")
    for act in (writer.edit_comment(1, "x"), writer.comment(9999, "x"), reader.paths("0" * 40)):
        with pytest.raises(GitHubError):
            await act


async def reference(on):
    repository = on.repository
    installation = on.world.installation_of(repository)
    return RepositoryRef(repository.id, repository.node_id, repository.full_name, installation.id)


async def record_all(tmp_path_factory):
    plays = [
        (a_whole_release, ()),
        (a_cancelled_release, ()),
        (a_retried_release, ("publish",)),
        (an_approved_release, ()),
        (a_release_that_is_taken_back, ()),
        (a_release_that_others_follow, ()),
        (the_rare_requests, ()),
    ]
    calls, deliveries = [], []
    for acts, fail in plays:
        more_calls, more_deliveries = await record(tmp_path_factory.mktemp("play"), *fail, acts=acts)
        calls += more_calls
        deliveries += more_deliveries
    return calls, deliveries


@by_each
def test_every_request_and_every_answer_is_as_github_describes_it(recorded, folder):
    calls, _ = recorded
    contract = RestContract(folder)
    distinct = set()
    for call in calls:
        if call.path == "/graphql":
            distinct.add(("GraphQL", call.request["query"], call.status))
            continue
        contract.check(call.method, call.path, call.status, call.request, call.response)
        distinct.add((contract.template(call.method, call.path), str(sorted(call.request or {})), call.status))
    assert len(distinct) > 30, sorted(str(each)[:90] for each in distinct)


@by_each
def test_every_webhook_is_as_github_describes_it(recorded, folder):
    _, deliveries = recorded
    contract = WebhookContract(folder)
    assert {"issue_comment", "pull_request", "push", "workflow_run", "check_run", "deployment_review"} <= {
        d.event for d in deliveries
    }
    for delivery in deliveries:
        contract.check(delivery.event, delivery.action, delivery.payload)


@by_each
def test_every_graphql_document_that_was_sent_is_valid_by_githubs_schema(recorded, folder):
    calls, _ = recorded
    schema = build_schema((folder / "github.graphql").read_text("utf-8"), assume_valid=True, assume_valid_sdl=True)
    sent = {call.request["query"] for call in calls if call.path == "/graphql"}
    assert len(sent) >= 6
    for document in sent | set(every_document().values()):
        assert validate(schema, parse(document)) == []
