"""Tags that GitHub refuses until somebody changes a setting: said once, with a way out, and not asked for again."""

from bot.release.model import Phase
from tests.play import EXAMPLE, Play, play

JOB = "jobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make lint\n"
ANOTHER = {".github/workflows/lint.yml": f"on: workflow_dispatch\n{JOB}"}


def pushes(on: Play) -> list[list[str]]:
    """The refs of each push of the bot's."""
    return [[each["name"] for each in call.request["refUpdates"]] for call in on.calls("POST", "git-receive-pack")]


async def merge_while_the_workflows_change(on: Play) -> str:
    """Merge; GitHub deletes the branch, and another workflow is pushed before CI has ended. The merge commit."""
    await on.comment(EXAMPLE)
    pull = on.pull_request
    await on.world.merge(on.repository, pull.number, by="morgan")
    await on.world.delete_branch(on.repository, pull.head, by="morgan")
    await on.world.push(on.repository, "main", ANOTHER, "Lint", by="morgan")
    await on.settle()
    return pull.merge_commit_sha or ""


async def phases(on: Play) -> list[Phase]:
    return [release.phase for release in await on.releases()]


async def test_a_rule_against_tags_blocks_with_act_ref_and_rule_and_a_retry_goes_on(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.world.restrict(on.repository, "refs/tags/py-*")
        commit = await on.merge()
        said = on.milestones()[-1]
        assert "GitHub refuses what comes next, because a rule of this repository forbids it." in said, on.thread()
        assert "create refs/tags/py-v0.4.0" in said
        assert "Cannot create ref due to creations being restricted" in said
        assert "/release retry" in said
        assert (await on.tags(), len(pushes(on))) == ({}, 1)
        await on.wake()
        await on.settle()
        assert len(pushes(on)) == 1, "GitHub is asked again only on a retry"
        await on.comment("/release retry")
        assert len(pushes(on)) == 2
        assert on.milestones()[-1].splitlines()[0] == said.splitlines()[0], "who retried in vain is told so"
        on.repository.rulesets.clear()
        await on.comment("/release retry")
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}, on.thread()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_a_status_is_answered_while_github_refuses_the_tags(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.world.restrict(on.repository, "refs/tags/*")
        await on.merge()
        before = len(on.said())
        await on.comment("/release status")
        assert len(on.said()) == before + 1
        assert "🛑 Blocked" in on.said()[-1] and "a rule of this repository forbids it" in on.said()[-1]


async def test_tags_are_pushed_all_the_same_where_github_deleted_the_branch_at_the_merge(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        pull = on.pull_request
        await on.world.merge(on.repository, pull.number, by="morgan")
        await on.world.delete_branch(on.repository, pull.head, by="morgan")
        await on.settle()
        assert set(await on.tags()) == {"v0.5.0", "py-v0.4.0"}, on.thread()


async def test_workflow_files_that_no_branch_has_are_a_block_that_the_optional_permission_opens(tmp_path):
    async with play(tmp_path) as on:
        commit = await merge_while_the_workflows_change(on)
        said = on.milestones()[-1]
        assert f"no branch has the workflow files of {commit} any more" in said, on.thread()
        assert "*Workflows: write*" in said and "the newest commit of `main`" in said
        assert await on.tags() == {}
        installation = on.world.installation_of(on.repository)
        assert installation is not None
        installation.permissions["workflows"] = "write"
        await on.comment("/release retry")
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}, on.thread()
        assert await phases(on) == [Phase.RELEASED], on.thread()
        used = [token for token in on.world.tokens.values() if "workflows" in token.permissions]
        assert len(used) == 1


async def test_without_that_permission_a_retry_releases_from_the_newest_commit(tmp_path):
    async with play(tmp_path) as on:
        commit = await merge_while_the_workflows_change(on)
        newest = await on.world.head(on.repository)
        await on.comment("/release retry")
        assert newest != commit
        assert await on.tags() == {"v0.5.0": newest, "py-v0.4.0": newest}, on.thread()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_the_release_branch_stays_until_the_last_tag_stands_and_goes_with_the_end(tmp_path):
    async with play(tmp_path, "publish") as on:
        await on.comment(EXAMPLE)
        await on.merge()
        branch = f"refs/heads/{on.pull_request.head}"
        assert await on.world.git(on.repository).ref(branch) is not None
        on.sandbox.actions.scenario.failures.clear()
        await on.comment("/release retry")
        assert await phases(on) == [Phase.RELEASED], on.thread()
        assert await on.world.git(on.repository).ref(branch) is None
        assert pushes(on)[-1] == [branch]


async def test_a_rule_that_keeps_the_release_branch_does_not_hold_a_release_up(tmp_path):
    async with play(tmp_path) as on:
        on.world.restrict(on.repository, "refs/heads/shipmate/*", rules={"deletion": {}})
        await on.comment(EXAMPLE)
        await on.merge()
        assert await phases(on) == [Phase.RELEASED], on.thread()


async def test_annotated_tags_are_made_where_release_toml_says_so(tmp_path):
    async with play(tmp_path) as on:
        await on.world.push(
            on.repository, "main", {".github/release.toml": '[release]\ntags = "annotated"\n'}, by="morgan"
        )
        await on.settle()
        await on.comment(EXAMPLE)
        commit = await on.merge()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}, on.thread()
        made = await on.world.git(on.repository).object("refs/tags/py-v0.4.0")
        assert made is not None and made.kind == "tag"
        assert b"tagger shipmate[bot] <502+shipmate[bot]@users.noreply.github.com> " in made.data
        assert made.data.endswith(b"\n\ntidewater-py v0.4.0\n")
        assert await phases(on) == [Phase.RELEASED], on.thread()
