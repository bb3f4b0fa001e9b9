"""Runs that GitHub starts by itself (`dynamic/…`): Dependabot's say nothing of a commit, CodeQL's red blocks it."""

from dataclasses import replace

import pytest

from bot.cli import rehearsal
from bot.release.model import Phase
from bot.sandbox.actions.scenario import Outcome
from tests.play import EXAMPLE, play

DEPENDABOT = ("dynamic/dependabot/dependabot-updates", "Dependabot Updates")
CODEQL = ("dynamic/github-code-scanning/codeql", "CodeQL")


async def run_dynamic(on, which, conclusion, *, head=None):
    """Play such a run on the head of main, to its end."""
    path, name = which
    on.sandbox.actions.scenario.script = lambda run, job, attempt: (
        Outcome(conclusion) if run.event == "dynamic" else None
    )
    on.sandbox.actions.start_dynamic(on.repository, path, name, head or await on.world.head(on.repository))
    await on.sandbox.actions.idle()


async def test_dependabot_s_red_run_does_not_refuse_a_release(tmp_path):
    async with play(tmp_path) as on:
        await run_dynamic(on, DEPENDABOT, "failure")
        await on.comment(EXAMPLE)
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_no_check_ever_ran_where_only_dependabot_s_run_is_green(tmp_path, monkeypatch):
    monkeypatch.setattr(rehearsal, "REHEARSAL_TIMEOUTS", replace(rehearsal.REHEARSAL_TIMEOUTS, ci_appears=0.5))
    async with play(tmp_path) as on:
        await on.world.push(on.repository, "main", {"notes": "1"}, "Notes [skip ci]", by="morgan")
        await run_dynamic(on, DEPENDABOT, "success")
        await on.comment(EXAMPLE)
        assert "CI has not started on `main`" in on.said()[0], on.thread()
        assert not on.pull_requests


async def test_codeql_s_red_run_refuses_a_release_and_is_named(tmp_path):
    async with play(tmp_path) as on:
        await run_dynamic(on, CODEQL, "failure")
        await on.comment(EXAMPLE)
        assert "CI is red" in on.said()[0], on.thread()
        assert "CodeQL" in on.said()[0]


@pytest.mark.parametrize(("which", "tagged"), [(CODEQL, False), (DEPENDABOT, True)], ids=["CodeQL", "Dependabot"])
async def test_on_the_merge_commit_only_codeql_s_red_run_keeps_the_tags_back(tmp_path, which, tagged):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        pull = on.pull_request
        await on.world.merge(on.repository, pull.number, by="morgan")
        await run_dynamic(on, which, "failure", head=pull.merge_commit_sha)
        await on.settle()
        assert bool(await on.tags()) is tagged
        assert ("CodeQL" in on.milestones()[-1]) is not tagged
