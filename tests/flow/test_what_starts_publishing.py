"""Publishing that no tag starts, whole: by a GitHub Release, by Shipmate, by nobody."""

from bot.release.model import Phase
from tests.play import BEFORE, EXAMPLE, play

WHEELS = ".github/workflows/python-publish.yml"
ON_TAG = '  push:\n    tags: ["py-v*"]\n'


async def wheels_on(on, event, **files):
    git = on.world.git(on.repository)
    content = (await git.read_file(await on.world.head(on.repository), WHEELS)).decode()
    assert ON_TAG in content
    changed = {WHEELS: content.replace(ON_TAG, event), **files}
    await on.world.push(on.repository, "main", changed, "Publish otherwise", by="morgan")
    await on.sandbox.actions.idle()


def pages(on):
    return {page.tag: page for page in on.repository.releases.values() if page.tag not in BEFORE}


async def released(on):
    return [release.phase for release in await on.releases()] == [Phase.RELEASED]


async def test_a_workflow_that_a_published_release_starts_is_started_by_it_and_verified(tmp_path):
    async with play(tmp_path) as on:
        await wheels_on(on, "  release:\n    types: [published]\n")
        await on.comment(EXAMPLE)
        body = on.repository.issues[on.pull_request.number].body
        assert "when a GitHub Release is published; I publish it right after the tag py-v0.4.0" in body.replace(
            "\\", ""
        )
        await on.merge()
        assert await released(on), on.thread()
        runs = {
            run.event for run in on.repository.runs.values() if run.path == WHEELS and run.head_branch == "py-v0.4.0"
        }
        assert runs == {"release"}
        assert sorted(pages(on)) == ["py-v0.4.0", "v0.5.0"]
        assert on.repository.latest_release == pages(on)["v0.5.0"].id


async def test_of_a_primary_package_it_becomes_the_latest_when_it_is_verified(tmp_path):
    async with play(tmp_path) as on:
        config = '[[package]]\nname = "tidewater-py"\nregistry = "pypi"\n'
        await wheels_on(on, "  release:\n", **{".github/release.toml": config})
        await on.comment("/release tidewater-py 0.4.0")
        await on.merge()
        assert await released(on), on.thread()
        made = [call for call in on.calls("POST", "/releases") if call.status == 201]
        assert len(made) == 1
        assert on.repository.latest_release == pages(on)["py-v0.4.0"].id


async def test_a_draft_is_there_with_its_tag_and_published_last(tmp_path):
    async with play(tmp_path) as on:
        config = '[release]\nrelease = "draft-first"\n'
        await on.world.push(on.repository, "main", {".github/release.toml": config}, "Drafts", by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        await on.merge()
        assert await released(on), on.thread()
        assert [page.draft for page in pages(on).values()] == [False, False]
        assert len(on.repository.releases) == 2 + len(BEFORE)


async def test_a_workflow_with_one_plain_input_is_started_by_shipmate(tmp_path):
    async with play(tmp_path) as on:
        await wheels_on(on, "  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n")
        await on.comment(EXAMPLE)
        await on.merge()
        assert await released(on), on.thread()
        runs = [run for run in on.repository.runs.values() if run.path == WHEELS and run.event == "workflow_dispatch"]
        assert [run.head_branch for run in runs] == ["py-v0.4.0"]


async def test_what_no_workflow_publishes_is_a_person_s_to_publish(tmp_path):
    async with play(tmp_path) as on:
        await on.world.push(on.repository, "main", {WHEELS: None}, "Publish by hand", by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        await on.merge()
        assert "Publish it as you always do" in on.milestones()[-1], on.thread()
