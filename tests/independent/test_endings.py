"""The bot's whole release on a GitHub that was written without it: each scenario of its README ends as that says.

Those that end wrongly are marked with how they end; whoever mends one has to take its mark away.
"""

import asyncio
import re
from collections import Counter

import pytest

from bot.release.model import Phase
from tests.independent.courses import A_WHILE, merged_at_once
from tests.independent.oracle import load
from tests.independent.scenarios import SCENARIOS, released, untagged
from tests.independent.stage import Stage, stage

pytestmark = pytest.mark.slow

ASKED_BEFORE = {
    **dict.fromkeys(("contents", "pull_requests", "issues", "actions"), "write"),
    **dict.fromkeys(("metadata", "checks", "statuses", "deployments"), "read"),
}
"""What README asked for before anything optional was."""
OPTIONAL = {"checks": "write", "workflows": "write", "discussions": "write", "environments": "read", "members": "read"}


def _cases():
    for name, scenario in SCENARIOS.items():
        marks = [pytest.mark.xfail(strict=True, reason=scenario.wrong)] if scenario.wrong else []
        yield pytest.param(scenario, id=name, marks=marks)


@pytest.mark.parametrize("scenario", list(_cases()))
async def test_it_ends_right(shared, tmp_path, scenario):
    oracle = load(shared)
    options = scenario.switches(oracle)
    async with stage(oracle, tmp_path, middlewares=scenario.middlewares(), **options) as on:
        try:
            await scenario.course(on)
            scenario.right(on, await on.release())
            await _holds_everywhere(on)
        except AssertionError as wrong:
            raise AssertionError(f"{wrong}\n{on.mini.strange}\n{on.thread()}") from wrong


@pytest.mark.parametrize("granted", [ASKED_BEFORE, {**ASKED_BEFORE, **OPTIONAL}], ids=["asked before", "everything"])
async def test_a_calm_release_needs_no_more_than_was_granted(shared, tmp_path, granted):
    async with stage(load(shared), tmp_path, permissions=dict(granted)) as on:
        await merged_at_once(on)
        released(on, await on.release())
        await _holds_everywhere(on)


@pytest.mark.parametrize(("branches", "ends"), [("release/**", released), ("shipmate/**", untagged("publish.yml"))])
async def test_nothing_is_published_for_a_branch_before_it_was_reviewed(shared, tmp_path, branches, ends):
    async with stage(load(shared), tmp_path) as on:
        tags = '  push:\n    tags: ["v*"]\n'
        await on.edit_workflow("publish.yml", tags, f'{tags}    branches: ["{branches}"]\n')
        await merged_at_once(on)
        ends(on, await on.release())
        published = {run["branch"] for run in on.mini.runs.values() if run["path"].endswith("/publish.yml")}
        assert published <= {"v0.5.0"}, on.thread()


def test_every_scenario_of_the_readme_is_played(shared):
    text = (shared / "oracle" / "README.md").read_text("utf-8")
    rows = text.partition("| Scenario | Right ending |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| ([a-z0-9][a-z0-9-]+) \|", rows, re.MULTILINE)) == sorted(SCENARIOS)


async def _holds_everywhere(on: Stage) -> None:
    """What is right whatever the ending is."""
    assert on.mini.strange == [], "GitHub was asked for what it does not have"
    assert on.crashed == []
    assert all(green for _, green in on.tagged.values()), f"tagged without CI: {on.tagged}"
    marks = Counter(mark for body in on.said() for mark in re.findall(r"<!-- shipmate .* -->", body))
    assert [mark for mark, times in marks.items() if times > 1] == [], "said twice"
    struck = [fault for fault in on.mini.on.faults if fault.seen >= fault.after]
    assert struck or not on.mini.on.faults, "the fault never struck"
    release = await on.release()
    if release is None or release.phase is not Phase.RELEASED:
        before = len(on.said())
        await on.ask("/release status")
        await asyncio.sleep(A_WHILE)
        assert len(on.said()) > before, "/release status was not answered"
