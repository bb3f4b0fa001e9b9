"""Environments with reviewers, reviews, and the logs of jobs, as GitHub answers for them."""

import aiohttp
import pytest

from bot.sandbox.actions.dispatcher import Actions
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.errors import Refusal
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.pypi import PyPI

PUBLISH = """
name: Publish
on: {push: {tags: ['v*']}}
jobs:
  check: {name: Check, runs-on: ubuntu-latest, steps: [{run: make check}]}
  publish:
    name: Publish
    needs: check
    environment: crates-io
    runs-on: ubuntu-latest
    steps: [{name: Upload, run: cargo publish}]
"""
FILES = {
    ".github/workflows/publish.yml": PUBLISH,
    "Cargo.toml": '[package]\nname = "thing"\nversion = "1.0.0"\ndescription = "d"\nlicense = "MIT"\n',
    "README.md": "# thing\n",
}
RUNS = "/repos/octo/thing/actions/runs"


@pytest.fixture
async def repo(world):
    made = await world.create_repository("octo/thing", files=FILES, roles={"ann": "maintain"})
    world.protect(made, "crates-io", "ann")
    return made


@pytest.fixture
async def actions(world, repo, clock):
    running = Actions(world, Scenario(job_seconds=0, publish_seconds=0), CratesIO(clock), PyPI(clock))
    yield running
    await running.close()


@pytest.fixture
async def run(world, repo, actions):
    """A publish run that waits for ann."""
    await world.push_tag(repo, "v1.0.0", await world.head(repo), by="ann")
    await actions.idle()
    (only,) = repo.runs.values()
    return only


def ends(run):
    return {job.name: (job.status, job.conclusion) for job in run.jobs}


async def test_a_job_of_a_guarded_environment_waits_and_so_does_its_run(api, repo, run):
    assert run.status == "waiting"
    assert ends(run) == {"Check": ("completed", "success"), "Publish": ("waiting", None)}
    token = await api.token(repo, actions="read")
    (pending,) = (await api.call("GET", f"{RUNS}/{run.id}/pending_deployments", as_=token)).body
    assert (pending["environment"]["name"], pending["reviewers"][0]["reviewer"]["login"]) == ("crates-io", "ann")
    listed = (await api.call("GET", f"{RUNS}/{run.id}/jobs", as_=token)).body["jobs"]
    assert [job["steps"] for job in listed if job["status"] == "waiting"] == [[]]


async def test_what_is_approved_goes_on(api, world, repo, run, actions):
    await world.review_deployments(repo, run, "approved", by="ann", comment="Ship it")
    await actions.idle()
    assert (run.status, run.conclusion) == ("completed", "success")
    token = await api.token(repo, actions="read")
    (review,) = (await api.call("GET", f"{RUNS}/{run.id}/approvals", as_=token)).body
    assert (review["state"], review["user"]["login"], review["comment"]) == ("approved", "ann", "Ship it")
    assert (await api.call("GET", f"{RUNS}/{run.id}/pending_deployments", as_=token)).body == []


async def test_what_is_rejected_fails_without_a_step_and_asks_again_when_it_is_run_again(world, repo, run, actions):
    await world.review_deployments(repo, run, "rejected", by="ann")
    await actions.idle()
    assert (run.conclusion, ends(run)["Publish"], run.jobs[-1].steps) == ("failure", ("completed", "failure"), [])
    for listener in world.on_rerun:
        await listener(repo, run, world.user("ann"))
    await actions.idle()
    assert (run.status, run.attempt, list(run.pending)) == ("waiting", 2, ["crates-io"])


async def test_only_a_reviewer_reviews(world, repo, run):
    with pytest.raises(Refusal):
        await world.review_deployments(repo, run, "approved", by="octo")
    assert run.status == "waiting"


async def test_webhooks_tell_of_the_wait_and_of_the_answer(world, repo, run, actions, webhook_contract):
    await world.review_deployments(repo, run, "approved", by="ann")
    await actions.idle()
    told = [each for each in world.deliveries if each.event == "deployment_review"]
    assert [each.action for each in told] == ["requested", "approved"]
    for delivery in told:
        webhook_contract.check(delivery.event, delivery.action, delivery.payload)


async def test_a_log_is_sent_on_to_and_takes_no_credential_there(api, world, repo, run, actions):
    token = await api.token(repo, actions="read")
    checked, waiting = run.jobs
    path = "/repos/octo/thing/actions/jobs/{}/logs"
    sent_on = await api.call("GET", path.format(checked.id), as_=token)
    assert (sent_on.status, sent_on.body) == (302, None)
    assert (await api.call("GET", path.format(waiting.id), as_=token)).status == 404
    async with aiohttp.ClientSession() as session:
        async with session.get(sent_on.headers["Location"]) as answer:
            text = await answer.text()
        async with session.get(sent_on.headers["Location"], headers={"Authorization": "Bearer x"}) as answer:
            assert answer.status == 400
        async with session.get(sent_on.headers["Location"] + "0") as answer:
            assert answer.status == 403
    assert "##[group]Run make check" in text
    assert text.startswith("\ufeff2026-04-04T12:00:0")


async def test_a_failed_step_prints_what_its_tool_would(api, world, repo, run, actions):
    actions.scenario.failures.add("publish=token")
    await world.review_deployments(repo, run, "approved", by="ann")
    await actions.idle()
    assert "no token found, please run `cargo login`" in run.jobs[-1].log
    assert "##[error]Process completed with exit code 101." in run.jobs[-1].log


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nonsense", "known are: ci, publish, publish=already-exists, .*approval"),
        ("publish=nonsense", "no cause; known are: publish, publish=already-exists"),
        ("publish=", "no cause; known are: publish, publish=already-exists"),
        ("approval=ann", "takes no value: write approval"),
        ("wheel", "names no platform; write wheel=linux-aarch64"),
    ],
)
def test_an_unknown_word_is_refused_with_what_can_be_written_instead(word, said):
    with pytest.raises(ValueError, match=said):
        Scenario.parse([word])


async def test_a_cancelled_run_that_waits_ends_at_once_and_can_no_longer_be_approved(api, world, actions, repo, run):
    token = await api.token(repo, actions="write")
    assert (await api.call("POST", f"{RUNS}/{run.id}/cancel", as_=token)).status == 202
    await actions.idle()
    assert (run.status, run.conclusion) == ("completed", "cancelled")
    assert ends(run)["Publish"] == ("completed", "cancelled")
    with pytest.raises(Refusal):
        await world.review_deployments(repo, run, "approved", by="ann")
