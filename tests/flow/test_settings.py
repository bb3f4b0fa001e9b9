"""What a repository's settings would refuse later is told before the pull request, with a way out that works."""

import pytest

from bot.release.model import Phase
from tests.play import EXAMPLE, Play, play

PRIVATE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


async def refused(on: Play) -> str:
    """What is said of a release that was refused before anything was made."""
    await on.comment(EXAMPLE)
    assert not on.pull_requests, on.thread()
    assert {release.phase for release in await on.releases()} == {Phase.REFUSED}
    return on.said()[-1].replace("\\", "").replace("`", "")


async def released(on: Play) -> None:
    await on.comment(EXAMPLE)
    commit = await on.merge()
    assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}, on.thread()
    assert (await on.releases())[0].phase is Phase.RELEASED, on.thread()


async def test_a_ruleset_against_the_tags_is_told_and_the_bypass_list_opens_the_way(tmp_path):
    async with play(tmp_path) as on:
        ruleset = on.world.restrict(on.repository, "refs/tags/py-*", name="No tags")
        said = await refused(on)
        assert "refs/tags/py-v0.4.0" in said and "refs/tags/v0.5.0" not in said
        assert "“No tags”" in said and f"/rules/{ruleset.id}" in said and "bypass list" in said
        ruleset.bypass = "always"
        await released(on)


async def test_a_ruleset_against_the_release_branch_is_told_with_branch_and_ruleset(tmp_path):
    async with play(tmp_path) as on:
        on.world.restrict(on.repository, "refs/heads/release/**/*", "refs/heads/shipmate/**/*", name="No branches")
        said = await refused(on)
        assert "“No branches”" in said and "refs/heads/" in said and "v0.5.0" in said
        on.repository.rulesets.clear()
        await released(on)


async def test_a_rule_about_commit_messages_is_told_with_the_message(tmp_path):
    async with play(tmp_path) as on:
        wanted = {"operator": "starts_with", "pattern": "JIRA-", "negate": False, "name": ""}
        on.world.restrict(on.repository, "refs/heads/**/*", rules={"commit_message_pattern": wanted})
        assert "start with JIRA-" in await refused(on)


@pytest.mark.parametrize("enforcement", ["evaluate", "disabled"])
async def test_a_ruleset_that_is_not_in_force_holds_nothing_up(tmp_path, enforcement):
    async with play(tmp_path) as on:
        on.world.restrict(on.repository, "refs/tags/**/*").enforcement = enforcement
        await released(on)


async def test_a_private_repository_on_a_plan_without_rules_is_released_from(tmp_path):
    async with play(tmp_path) as on:
        on.repository.has_rules = False
        await released(on)
        answers = [call.response for call in on.calls("GET", "/rulesets")]
        assert {answer["message"] for answer in answers} == {PRIVATE}


async def test_an_environment_that_does_not_let_the_tag_deploy_is_told_with_its_way_out(tmp_path):
    async with play(tmp_path) as on:
        on.world.protect(on.repository, "pypi").tags = ["v*"]
        said = await refused(on)
        assert "python-publish.yml" in said and "py-v0.4.0" in said
        assert "the environment pypi does not let the tag py-v0.4.0 deploy" in said
        on.repository.environments["pypi"].tags = ["v*", "py-v*"]
        await released(on)


async def test_an_environment_that_keeps_the_tag_out_after_the_preflight_is_a_block_with_its_cause(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        on.world.protect(on.repository, "pypi").tags = ["v*"]
        await on.merge()
        said = on.milestones()[-1]
        assert "pypi" in said and "py-v0.4.0" in said and "deploy" in said, on.thread()
        on.repository.environments["pypi"].tags = None
        await on.comment("/release retry")
        assert (await on.releases())[0].phase is Phase.RELEASED, on.thread()


async def test_an_environment_that_lets_the_tag_deploy_holds_nothing_up(tmp_path):
    async with play(tmp_path) as on:
        on.world.protect(on.repository, "pypi").tags = ["py-*"]
        await released(on)
        asked = [call.path.partition("?")[0].rpartition("tidewater/")[2] for call in on.calls("GET", "/environments")]
        assert asked == ["environments", "environments/pypi/deployment-branch-policies"]


async def test_settings_are_asked_for_once_in_a_release(tmp_path):
    async with play(tmp_path) as on:
        await released(on)
        parts = ("/rulesets", "/environments", "/rules/branches/release", "/rules/branches/shipmate")
        assert sum(len(on.calls("GET", part)) for part in parts) == 3


async def test_names_that_are_new_on_their_registries_are_warned_of_in_the_pull_request(tmp_path):
    async with play(tmp_path) as on:
        on.sandbox.pypi.projects.clear()
        on.sandbox.crates.versions.clear()
        await on.comment(EXAMPLE)
        body = on.repository.issues[on.pull_request.number].body
        assert "tidewater is not on crates.io yet" in body and "published with a token" in body
        assert "tidewater-py is not on PyPI yet" in body and "pending publisher" in body


async def test_names_that_are_there_are_not_warned_of(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        assert "is not on" not in on.repository.issues[on.pull_request.number].body


async def test_a_token_for_a_crate_of_trusted_publishers_alone_is_warned_of(tmp_path):
    async with play(tmp_path) as on:
        path = ".github/workflows/publish.yml"
        text = (await on.world.files(on.repository))[path].decode()
        assert "id-token: write" in text
        await on.world.push(
            on.repository, "main", {path: text.replace("id-token: write", "packages: read")}, by="morgan"
        )
        await on.settle()
        on.sandbox.crates.trusted_only.add("tidewater")
        await on.comment(EXAMPLE)
        body = on.repository.issues[on.pull_request.number].body
        assert "tidewater takes new versions from trusted publishers alone" in body, body


async def test_a_branch_prefix_that_an_existing_branch_stands_in_the_way_of_is_refused(tmp_path):
    async with play(tmp_path) as on:
        config = '[release]\nbranch-prefix = "main/"\n'
        await on.world.push(on.repository, "main", {".github/release.toml": config}, "Prefix", by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        (said,) = on.milestones()
        assert "the release branch `main/v0.5.0+py-v0.4.0` cannot be made" in said, on.thread()
        assert "there is a branch `main`" in said
        assert on.pull_requests == []
        assert on.calls("POST", "mutation Open(") == []
