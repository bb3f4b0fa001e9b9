"""Publish workflows that no tag starts: one that a person starts is asked for."""

from bot.release.model import Phase
from tests.play import EXAMPLE, play

WHEELS = ".github/workflows/python-publish.yml"
ON_TAG = '  push:\n    tags: ["py-v*"]\n'

ASKS = "  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n      kind: {required: true}\n"
"""More than anybody can guess."""


async def wheels_on(on, event):
    git = on.world.git(on.repository)
    content = (await git.read_file(await on.world.head(on.repository), WHEELS)).decode()
    assert ON_TAG in content
    await on.world.push(
        on.repository, "main", {WHEELS: content.replace(ON_TAG, event)}, "Publish otherwise", by="morgan"
    )
    await on.sandbox.actions.idle()


async def test_a_workflow_that_a_person_starts_is_asked_for_and_the_release_goes_on_by_itself(tmp_path):
    async with play(tmp_path) as on:
        await wheels_on(on, ASKS)
        await on.comment(EXAMPLE)
        body = on.repository.issues[on.pull_request.number].body
        assert "only when it is started by hand" in body
        await on.merge()
        said = on.milestones()[-1].replace("\\", "")
        assert "run it on the tag py-v0.4.0, or on main with tag, kind" in said, on.thread()
        assert f"/actions/workflows/{WHEELS.rpartition('/')[2]}" in said
        assert "✋ Waiting for a workflow to be started" in on.status()
        await on.world.push(on.repository, "main", {"notes": "1"}, "Notes", by="morgan")
        await on.sandbox.actions.dispatch(on.repository, WHEELS, on.issue.user)
        await on.settle()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_a_run_from_before_the_tags_does_not_stand_for_one_after_them(tmp_path):
    async with play(tmp_path) as on:
        await wheels_on(on, ASKS)
        await on.comment(EXAMPLE)
        await on.sandbox.actions.dispatch(on.repository, WHEELS, on.issue.user)
        await on.settle()
        await on.merge()
        assert "only when somebody starts it by hand" in on.milestones()[-1], on.thread()
        assert [release.phase for release in await on.releases()] == [Phase.TAGGED]
