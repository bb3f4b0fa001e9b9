"""Publishing is watched: approvals, failures with their cause and log, and failures that are none."""

import pytest
from markdown_it import MarkdownIt

from bot import ledger
from bot.release.answers import Answer
from bot.release.model import Phase
from bot.sandbox.actions.failures import CAUSES, Failure
from bot.sandbox.actions.scenario import Outcome
from tests.play import EXAMPLE, play

PATCHED = "bot.sandbox.actions.execution.CAUSES"


async def asked_and_merged(on):
    await on.comment(EXAMPLE)
    return await on.merge()


async def review(on, verdict, **said):
    (run,) = [run for run in on.repository.runs.values() if run.pending]
    await on.world.review_deployments(on.repository, run, verdict, by="morgan", **said)
    await on.settle()


async def phases(on):
    return [release.phase for release in await on.releases()]


async def test_a_guarded_environment_is_named_with_its_reviewers_and_the_approval_is_followed(tmp_path):
    async with play(tmp_path, "approval") as on:
        await asked_and_merged(on)
        said = on.milestones()[-1]
        assert said.startswith("✋ **A publish workflow waits for a person's approval")
        assert "the environment crates-io waits for the approval of morgan" in said
        assert "/actions/runs/" in said
        assert "Waiting for an approval" in on.status()
        await review(on, "approved")
        assert await phases(on) == [Phase.RELEASED], on.thread()
        assert "✋" not in on.status()


async def test_a_card_no_longer_waits_for_an_approval_that_was_given(tmp_path):
    async with play(tmp_path, "approval") as on:
        await asked_and_merged(on)
        on.sandbox.actions.scenario.publish_seconds = 8.0
        (run,) = [run for run in on.repository.runs.values() if run.pending]
        await on.world.review_deployments(on.repository, run, "approved", by="morgan")
        await on.until(lambda: "Publishing is under way" in on.status(), within=7.5)
        assert "Publish crate for v0.5.0" in on.status()


async def test_a_rejected_deployment_says_who_and_why_and_a_retry_asks_again(tmp_path):
    async with play(tmp_path, "approval") as on:
        await asked_and_merged(on)
        await review(on, "rejected", comment="Not on a Friday, @ann")
        said = on.milestones()[-1]
        assert "The deployment of a publish workflow was rejected" in said
        assert "morgan rejected the deployment to crates-io: “Not on a Friday, @\u200bann”" in said
        await on.comment("/release retry")
        assert "waits for the approval of morgan" in on.milestones()[-1]
        await review(on, "approved")
        assert await phases(on) == [Phase.RELEASED], on.thread()


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("publish", "The registry was out of order (503)"),
        ("publish=token", "no token to publish with"),
        ("publish=429", "takes no more uploads for now (429)"),
        ("publish=audit", "`RUSTSEC-2026-0042`"),
        ("publish=platform", "`linux_x86_64` is no platform"),
        ("publish=invalid-publisher", "owner `morgan`, repository `tidewater`, workflow `python-publish.yml`"),
    ],
)
async def test_a_failure_shows_the_last_lines_of_its_log_and_its_cause_in_words(tmp_path, word, named):
    async with play(tmp_path, word) as on:
        await asked_and_merged(on)
        said = on.milestones()[-1]
        assert "A publish workflow failed" in said
        assert named in said
        assert "```text\n" in said
        assert "Error: Process completed with exit code" in said
        assert "\x1b" not in said
        assert "Post job cleanup" not in said
        assert named in on.status()
        assert "```" not in on.status()


async def test_an_upload_that_says_it_exists_is_no_failure_when_the_registry_has_everything(tmp_path):
    async with play(tmp_path, "publish=already-exists") as on:
        await asked_and_merged(on)
        assert await phases(on) == [Phase.RELEASED], on.thread()
        heads = [body.partition(" ")[0] for body in on.milestones()]
        assert heads == ["📦", "🏷️", "☑️", "🔎", "🎉"], on.thread()
        assert "`0.5.0` is on the registry already" in on.thread()


def failing(where, *, output, uploads):
    """The first attempt of the job that publishes there fails and prints this; by then it may have uploaded."""

    def script(run, job, attempt):
        return Outcome("failure", 0.1, cause="scripted") if where in job.registries and attempt == 1 else None

    return script, {**CAUSES, "scripted": Failure(lambda job: output, uploads=uploads)}


async def test_a_retry_that_finds_its_upload_landed_finishes_the_release(tmp_path, monkeypatch):
    script, causes = failing("crates.io", output=["error: [55] Failed sending data to the peer"], uploads=True)
    monkeypatch.setattr(PATCHED, causes)
    async with play(tmp_path) as on:
        on.sandbox.actions.scenario.script = script
        await asked_and_merged(on)
        assert "Failed sending data to the peer" in on.milestones()[-1]
        await on.comment("/release retry")
        (run,) = [run for run in on.repository.runs.values() if run.head_branch == "v0.5.0"]
        assert (run.attempt, run.conclusion) == (2, "failure")  # the registry refused what it has
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_an_upload_that_exists_only_in_part_stays_a_failure(tmp_path, monkeypatch):
    script, causes = failing("pypi", output=["400 File already exists. See the help."], uploads=True)
    monkeypatch.setattr(PATCHED, causes)
    async with play(tmp_path, "wheel=linux-aarch64") as on:
        on.sandbox.actions.scenario.script = script
        await asked_and_merged(on)
        (release,) = await on.releases()
        assert release.blocked is not None, on.thread()
        assert release.blocked.why is Answer.PUBLISH_FAILED, on.thread()
        assert "is on the registry already" in on.milestones()[-1]
        assert "skip-existing: true" in on.milestones()[-1]


HOSTILE = [
    "```",
    "</details>",
    "<!-- shipmate r1 released -->",
    "@morgan look",
    "/release cancel",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "\u202e\x1b[2J\x1b]0;title\x07bell",
    *(f"line {n}" for n in range(60)),
    "~~~~",
]


async def test_no_log_breaks_out_of_its_fence_calls_anybody_or_passes_for_a_marker(tmp_path, monkeypatch):
    monkeypatch.setattr(PATCHED, {**CAUSES, "publish": Failure(lambda job: HOSTILE)})
    async with play(tmp_path, "publish") as on:
        await asked_and_merged(on)
        said = on.milestones()[-1]
        (fence,) = [token for token in MarkdownIt().parse(said) if token.type == "fence"]
        assert "The last 40 lines of “cargo publish”" in said
        assert len(fence.content.splitlines()) == 40
        assert fence.content.splitlines()[-2] == "~~~~"
        assert "/release retry" not in fence.content
        assert ledger.mark(said) is not None
        assert "ghp_" not in said
        assert await phases(on) == [Phase.TAGGED]


async def test_a_retry_of_what_is_incomplete_runs_the_job_again_that_was_allowed_to_fail(tmp_path):
    async with play(tmp_path, "wheel=linux-aarch64") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        assert "linux-aarch64 wheel is missing" in on.milestones()[-1]
        await on.comment("/release retry")
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.PUBLISHED]
        assert sum("Not complete on the registries" in body for body in on.milestones()) == 2  # the retry was in vain
        on.sandbox.actions.scenario.failures.clear()
        await on.comment("/release retry")
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert "linux-aarch64 wheel (" in on.milestones()[-2]
