"""Bad input is answered on the thread and changes nothing."""

import asyncio

import pytest

from bot.reconcile.observe import Observer
from bot.release.model import Phase
from tests.play import EXAMPLE, play


async def untouched(on):
    """Nothing was changed: no branch, no pull request, no tag."""
    branches = await on.world.git(on.repository).refs("refs/heads/shipmate/")
    return not branches and not on.pull_requests and not await on.tags()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("/release tidewater 0.3.0", "0.3.0"),
        ("/release banana", "banana"),
        ("/release bananas 0.5.0", "bananas"),
        ("/release tidewater 0.4.0", "0.4.0"),
        ("/release explode", "explode"),
        ("/release cancel", "no release is open"),
        ("/release status", "no release is open"),
    ],
)
async def test_a_wrong_command_is_answered_and_changes_nothing(tmp_path, body, said):
    async with play(tmp_path) as on:
        asked = await on.comment(body)
        assert len(on.said()) == 1, on.thread()
        assert said in on.said()[0]
        assert on.reactions(asked) == {"eyes", "confused"}
        assert await untouched(on)


@pytest.mark.parametrize("role", ["read", "triage", "write"])
async def test_a_person_without_the_role_is_told_so(tmp_path, role):
    async with play(tmp_path) as on:
        on.world.grant(on.repository, "passerby", role)
        asked = await on.comment(EXAMPLE, by="passerby")
        assert "maintain" in on.said()[0]
        assert on.reactions(asked) == {"eyes", "confused"}
        assert await untouched(on)


async def test_head_red_refuses_a_release_and_names_the_job(tmp_path):
    async with play(tmp_path) as on:
        head = (await on.world.git(on.repository).resolve("refs/heads/main")) or ""
        run = next(run for run in on.repository.runs.values() if run.head_sha == head)
        run.conclusion = run.jobs[0].conclusion = "failure"
        await on.comment(EXAMPLE)
        assert "CI is red" in on.said()[0], on.thread()
        assert run.jobs[0].name in on.said()[0]
        assert await untouched(on)


async def test_a_tag_that_exists_refuses_a_release(tmp_path):
    async with play(tmp_path) as on:
        head = (await on.world.git(on.repository).resolve("refs/heads/main")) or ""
        await on.world.push_tag(on.repository, "py-v0.4.0", head, by="morgan")
        await on.comment(EXAMPLE)
        assert "py-v0.4.0" in on.said()[0]
        assert not on.pull_requests


async def test_a_prepared_tree_is_refused_with_the_way_to_release_it(tmp_path):
    async with play(tmp_path) as on:
        git = on.world.git(on.repository)
        files = {"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## [0.5.0] - 2026-11-28\n\n- A dimmer.\n"}
        for entry in await git.ls_tree("refs/heads/main", recursive=True):
            if entry.path.endswith(("Cargo.toml", ".lock")):
                content = (await git.read_file("refs/heads/main", entry.path)) or b""
                files[entry.path] = content.decode().replace("0.4.0", "0.5.0")
        await on.world.push(on.repository, "main", files, "Prepare 0.5.0", by="morgan")
        await on.comment("/release 0.5.0")
        assert "needs no commit" in on.said()[0], on.thread()
        head = await git.resolve("refs/heads/main")
        assert f"git tag v0.5.0 {head} and git push origin v0.5.0" in on.said()[0]
        assert await untouched(on)


async def test_a_configured_branch_that_does_not_exist_refuses_a_release(tmp_path):
    async with play(tmp_path) as on:
        config = {".github/release.toml": '[release]\nbranch = "nope"\n'}
        await on.world.push(on.repository, "main", config, "Configure", by="morgan")
        await on.comment(EXAMPLE)
        assert "there is no such branch" in on.said()[0], on.thread()
        assert await untouched(on)


@pytest.mark.parametrize(
    "body",
    ["Shall we /release 0.5.0?", "```\n/release 0.5.0\n```", "> /release 0.5.0", "    /release 0.5.0", "thanks"],
)
async def test_what_is_no_command_is_not_answered(tmp_path, body):
    async with play(tmp_path) as on:
        asked = await on.comment(body)
        assert on.said() == []
        assert on.reactions(asked) == set()


async def test_a_bot_cannot_command(tmp_path):
    async with play(tmp_path) as on:
        on.world.grant(on.repository, "helper[bot]", "admin")
        await on.comment(EXAMPLE, by="helper[bot]")
        assert on.said() == []


async def test_an_edited_comment_does_not_command(tmp_path):
    async with play(tmp_path) as on:
        asked = await on.comment("hello")
        await on.world.edit_comment(on.repository, asked.id, EXAMPLE, by="morgan")
        await on.settle()
        assert on.said() == []


async def test_help_shows_the_table_of_commands(tmp_path):
    async with play(tmp_path) as on:
        await on.comment("/release help")
        assert "/release cancel" in on.said()[0]


async def test_cancel_closes_the_pull_request_and_deletes_its_branch(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.comment("/release cancel")
        assert "Cancelled" in on.milestones()[-1]
        assert not await on.world.git(on.repository).refs("refs/heads/shipmate/")
        assert [release.phase for release in await on.releases()] == [Phase.CANCELLED]


async def test_a_second_release_on_the_same_thread_waits_for_the_first(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.comment(EXAMPLE)
        assert "already under way" in on.milestones()[-1]
        assert len(on.pull_requests) == 1


async def test_status_is_answered_on_the_thread(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.comment("/release status")
        assert "Waiting for the pull request" in on.milestones()[-1]


@pytest.mark.parametrize("locked", [False, True])
async def test_the_status_of_a_release_that_has_ended_is_its_end_also_where_the_issue_is_locked(tmp_path, locked):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.comment("/release cancel")
        thread = on.issue
        assert thread is not None
        if locked:
            thread.locked = True
            thread = on.repository.issues[on.pull_request.number]
        await on.comment("/release status")
        answers = [comment.body for comment in thread.comments if comment.app_id is not None]
        assert "### 🚫 Cancelled" in answers[-1], on.thread()


async def test_status_is_answered_to_each_who_asks_where_they_ask(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        real, held = Observer.look, asyncio.Event()

        async def late(self, *args):
            await held.wait()
            return await real(self, *args)

        monkeypatch.setattr(Observer, "look", late)
        number = on.pull_request.number
        pull = on.repository.issues[number]
        await on.comment("/release status", settle=False)
        await on.world.comment(on.repository, number, "/release status", by="morgan")
        await on.pass_time(0.5)
        held.set()
        await on.settle()
        assert "Waiting for the pull request" in on.milestones()[-1], on.thread()
        answers = [c.body for c in pull.comments if c.app_id is not None]
        assert [("Waiting for the pull request" in body, "I speak here" in body) for body in answers] == [(True, False)]


async def test_once_the_same_delivery_twice_does_the_work_once(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        asked = next(d for d in on.world.deliveries if d.event == "issue_comment" and d.action == "created")
        on.world.webhooks.send_again(asked)
        await on.settle()
        assert len(on.pull_requests) == 1
        assert sum("proposes" in body for body in on.said()) == 1


async def test_a_workflow_that_would_publish_for_the_release_branch_refuses_until_it_is_mended(tmp_path):
    async with play(tmp_path) as on:
        early = "on: push\njobs:\n  early:\n    runs-on: ubuntu-latest\n    steps: [{run: cargo publish}]\n"
        path = ".github/workflows/early.yml"
        await on.world.push(on.repository, "main", {path: early}, "Publish", by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        assert f"{path}:1" in on.said()[-1], on.thread()
        assert "when I push the branch shipmate/v0.5.0+py-v0.4.0" in on.said()[-1]
        assert not await on.world.git(on.repository).refs("refs/heads/shipmate/")
        mended = early.replace("on: push", "on: {push: {branches-ignore: [main, 'shipmate/**']}}")
        await on.world.push(on.repository, "main", {path: mended}, "Mend", by="morgan")
        await on.settle()
        await on.comment(EXAMPLE)
        assert await on.world.git(on.repository).refs("refs/heads/shipmate/"), on.thread()


async def test_plan_stale_the_branch_follows_no_base_whose_workflow_would_publish_for_it(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        head = await on.world.head(on.repository, "shipmate/v0.5.0+py-v0.4.0")
        early = "on: {push: {branches: ['shipmate/**']}}\njobs: {p: {runs-on: u, steps: [{run: cargo publish}]}}\n"
        await on.world.push(on.repository, "main", {".github/workflows/early.yml": early}, "Publish", by="morgan")
        await on.settle()
        assert ".github/workflows/early.yml:1: publishes to crates.io when I push the branch" in on.status(), (
            on.thread()
        )
        assert await on.world.head(on.repository, "shipmate/v0.5.0+py-v0.4.0") == head
