"""Two checks of evidence and of publishers, each switched off in turn: the sandbox then plays what they keep away."""

import pytest

from bot.reconcile import planning
from bot.release.ci.reported import Item
from tests.flow.test_evidence import CI, CONFIG, FILTERED, NO_OTHER, push, reporting_first
from tests.play import EXAMPLE, play

PUBLISH = ".github/workflows/publish.yml"


@pytest.mark.parametrize("on_guard", [True, False])
async def test_a_publisher_for_the_bot_s_own_branch_is_refused_else_it_publishes_unreviewed(
    tmp_path, monkeypatch, on_guard
):
    if not on_guard:
        monkeypatch.setattr(planning, "publishers_unasked", lambda *args: ())
    async with play(tmp_path) as on:
        text = (await on.world.files(on.repository))[PUBLISH].replace(
            b"  push:\n", b"  push:\n    branches: ['shipmate/**']\n"
        )
        await push(on, {PUBLISH: text})
        await on.comment(EXAMPLE)
        uploaded = on.sandbox.crates.find("tidewater", "0.5.0") is not None
        assert (bool(on.pull_requests), uploaded) == (not on_guard, not on_guard), on.thread()
        assert not await on.tags()
        assert (f"{PUBLISH}:" in on.milestones()[-1].replace("\\", "")) is on_guard


@pytest.mark.parametrize("on_guard", [True, False])
async def test_green_before_tag_without_a_workflow_that_passed_another_app_s_check_is_not_enough(
    tmp_path, monkeypatch, on_guard
):
    if not on_guard:
        monkeypatch.setattr(Item, "proves", Item.passed)
    async with play(tmp_path) as on:
        await push(on, {**NO_OTHER, CI: FILTERED, CONFIG: '[release]\nrequired = ["DCO"]\n', "src/more.rs": "//\n"})
        reporting_first(on)
        await push(on, {"src/still.rs": "//\n"})
        await on.comment(EXAMPLE)
        await on.merge()
        assert bool(await on.tags()) is not on_guard, on.thread()
        if on_guard:
            assert "CI does not run for these files" in on.milestones()[-1], on.thread()
