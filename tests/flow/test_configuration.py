"""`.github/release.toml` on the default branch changes how a release goes, and a mistake in it is answered."""

from bot.release.model import Phase
from tests.play import EXAMPLE, play

STAGES = """
[[package]]
name = "tidewater"
registry = "crates.io"

[[package]]
name = "tidewater-py"
registry = "pypi"
after = ["tidewater"]
"""


async def configured(on, text):
    await on.world.push(on.repository, "main", {".github/release.toml": text}, "Configure releases", by="morgan")
    await on.settle()


async def test_a_package_that_comes_after_another_is_tagged_when_that_one_is_verified(tmp_path):
    async with play(tmp_path) as on:
        await configured(on, STAGES)
        await on.comment(EXAMPLE)
        commit = await on.merge()
        assert await on.tags() == {"v0.5.0": commit, "py-v0.4.0": commit}
        pushes = [call.request["refUpdates"] for call in on.calls("POST", "git-receive-pack")]
        assert [[update["name"] for update in push] for push in pushes if "tags" in push[0]["name"]] == [
            ["refs/tags/v0.5.0"],
            ["refs/tags/py-v0.4.0"],
        ]
        heads = [body.partition(" ")[0] for body in on.milestones()]
        assert heads == ["📦", "🏷️", "🔎", "🏷️", "🔎", "🎉"], on.thread()


async def test_only_who_the_configuration_allows_may_release(tmp_path):
    async with play(tmp_path) as on:
        await configured(on, '[release]\npermission = "admin"\n')
        on.world.grant(on.repository, "keeper", "maintain")
        await on.comment(EXAMPLE, by="keeper")
        assert "may not release here" in on.said()[0]
        assert not on.pull_requests


async def test_a_mistake_in_the_configuration_is_answered_with_its_line(tmp_path):
    async with play(tmp_path) as on:
        await configured(on, '[release]\npermision = "admin"\n')
        await on.comment(EXAMPLE)
        assert ".github/release.toml" in on.said()[0]
        assert "permision" in on.said()[0]
        assert [release.phase for release in await on.releases()] == [Phase.REFUSED]


async def test_only_the_required_workflows_hold_a_release_up(tmp_path):
    async with play(tmp_path, "ci") as on:
        names = sorted({run.path.rpartition("/")[2] for run in on.repository.runs.values() if run.event == "push"})
        await configured(on, f'[release]\nrequired = ["{names[-1]}"]\n')
        await on.comment(EXAMPLE)
        commit = await on.merge()
        assert (await on.tags())["v0.5.0"] == commit


async def test_config_from_base_a_pull_request_changes_no_rule(tmp_path):
    async with play(tmp_path) as on:
        rules = {".github/release.toml": '[release]\npermission = "write"\n'}
        on.world.grant(on.repository, "climber", "write")
        await on.world.push(on.repository, "easier", rules, "Let me release", by="climber")
        await on.world.open_pull_request(on.repository, head="easier", base="main", title="Rules", by="climber")
        await on.comment(EXAMPLE, by="climber")
        assert "may not release here" in on.said()[0]
        assert not on.pull_requests
