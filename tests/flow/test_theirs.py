"""Commits that people put on the release branch are named on the card, and where the tags are told of."""

from bot.release.model import Phase
from bot.sandbox.git.objects import RefUpdate
from tests.flow.test_moving_base import BRANCH
from tests.play import EXAMPLE, play

WORKFLOW = ".github/workflows/lint.yml"
LINT = "on: workflow_dispatch\njobs: {lint: {runs-on: ubuntu-latest, steps: [{run: true}]}}\n"


async def test_a_person_s_commits_on_the_release_branch_are_named_before_the_tags_and_with_them(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        assert "not mine" not in on.status()
        first = await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        second = await on.world.push(on.repository, BRANCH, {WORKFLOW: LINT}, "Lint too", by="morgan")
        await on.settle()
        named = f"2 commits that are not mine: `{second[:10]} Lint too` and `{first[:10]} Mine`."
        assert f"{named} They change `{WORKFLOW}` and `NOTES`." in on.status(), on.thread()
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        (tags,) = [body for body in on.milestones() if body.startswith("🏷️")]
        assert named in tags
        assert named in on.status()


async def test_a_commit_that_is_pushed_just_before_the_merge_is_named_as_well(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        mine = await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        await on.world.merge(on.repository, on.pull_request.number, by="morgan", method="squash")
        await on.settle()
        assert f"1 commit that is not mine: `{mine[:10]} Mine`. It changes `NOTES`." in on.status(), on.thread()


async def test_a_commit_that_was_taken_off_the_branch_again_is_not_named_any_more(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        ours = await on.world.head(on.repository, BRANCH)
        await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        await on.settle()
        assert "1 commit that is not mine" in on.status(), on.thread()
        await on.world.update_refs(on.repository, [RefUpdate(f"refs/heads/{BRANCH}", ours)], by="morgan")
        await on.settle()
        assert "not mine" not in on.status(), on.thread()
