"""A check run on the release's pull request says whether the branch still is the plan; it decides nothing."""

from bot.release.model import Phase
from bot.release.plan_check import NAME
from bot.sandbox.access.permissions import INSTALLED_PERMISSIONS
from bot.sandbox.git.objects import RefUpdate
from bot.sandbox.model import CheckRun
from tests.flow.test_moving_base import BRANCH
from tests.play import EXAMPLE, Play, play

MANIFEST = "Cargo.toml"


async def allow_checks(on: Play) -> None:
    """Grant the optional permission."""
    installation = on.world.installation_of(on.repository)
    assert installation is not None
    await on.world.accept_permissions(installation, {**INSTALLED_PERMISSIONS, "checks": "write"})


def plan_checks(on: Play) -> list[CheckRun]:
    """The bot's own, oldest first."""
    return [check for check in on.repository.checks if check.app_id == on.world.app.id]


async def test_the_pull_request_of_release_has_a_check_that_says_it_is_the_plan_once(tmp_path):
    async with play(tmp_path) as on:
        await allow_checks(on)
        await on.comment(EXAMPLE)
        await on.wake()
        await on.settle()
        (check,) = plan_checks(on)
        assert (check.name, check.conclusion, check.head_sha) == (NAME, "success", on.pull_request.head_sha)
        assert "tidewater 0.5.0" in (check.summary or "")
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert plan_checks(on) == [check]
        assert "Checks: write" not in on.status()


async def test_commits_of_people_make_the_check_neutral_and_are_named_in_it(tmp_path):
    async with play(tmp_path) as on:
        await allow_checks(on)
        await on.comment(EXAMPLE)
        ours = await on.world.head(on.repository, BRANCH)
        mine = await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        await on.settle()
        first, second = plan_checks(on)
        assert (first.conclusion, second.conclusion, second.head_sha) == ("success", "neutral", mine)
        assert f"1 commit that is not mine: `{mine[:10]} Mine`. It changes `NOTES`." in (second.summary or "")
        await on.world.update_refs(on.repository, [RefUpdate(f"refs/heads/{BRANCH}", ours)], by="morgan")
        await on.settle()
        assert len(plan_checks(on)) == 2  # of the head that it has again there is one


async def test_a_version_that_a_person_changed_fails_the_check_and_a_green_merge_commit_is_judged_by_itself(tmp_path):
    async with play(tmp_path) as on:
        await allow_checks(on)
        await on.comment(EXAMPLE)
        git, head = on.world.git(on.repository), await on.world.head(on.repository, BRANCH)
        proposed = (await git.read_file(head, MANIFEST) or b"").decode()
        changed = proposed.replace('version = "0.5.0"', 'version = "0.6.0"', 1)
        assert changed != proposed
        await on.world.push(on.repository, BRANCH, {MANIFEST: changed}, "Higher", by="morgan")
        await on.settle()
        assert [check.conclusion for check in plan_checks(on)] == ["success", "failure"]
        assert "0.6.0, not 0.5.0" in (plan_checks(on)[-1].summary or "")
        assert "0.6.0, not 0.5.0" in on.status()
        await on.world.push(on.repository, BRANCH, {MANIFEST: proposed}, "As planned", by="morgan")
        await on.settle()
        assert plan_checks(on)[-1].conclusion == "neutral"
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_a_check_of_ours_that_is_red_on_the_merge_commit_blocks_no_tag(tmp_path):
    async with play(tmp_path) as on:
        await allow_checks(on)
        app = on.world.app

        async def red(event: str, payload: object) -> None:
            sha = on.pull_request.merge_commit_sha if on.issue and on.pull_requests else None
            if sha and not any(check.head_sha == sha for check in on.repository.checks):
                await on.world.add_check_run(
                    on.repository, sha, NAME, conclusion="failure", app_slug=app.slug, app_id=app.id, branch="main"
                )

        on.world.listeners.append(red)
        await on.comment(EXAMPLE)
        merged = await on.merge()
        assert [check.conclusion for check in plan_checks(on) if check.head_sha == merged] == ["failure"]
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_a_rule_that_asks_for_the_check_on_pull_requests_is_not_asked_of_the_merge_commit(tmp_path):
    async with play(tmp_path) as on:
        await allow_checks(on)
        on.repository.required_checks["main"] = [NAME]
        await on.comment(EXAMPLE)
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()


async def test_a_check_of_ours_alone_is_no_ci_for_a_merge_commit(tmp_path):
    async with play(tmp_path) as on:
        await allow_checks(on)
        await on.comment(EXAMPLE)
        on.sandbox.actions.scenario.late = 10_000.0
        app = on.world.app
        merged = await on.world.merge(on.repository, on.pull_request.number, by="morgan")
        await on.world.add_check_run(on.repository, merged, NAME, app_slug=app.slug, app_id=app.id, branch="main")
        await on.until(lambda: "has not started" in on.status())
        assert await on.tags() == {}


async def test_without_the_permission_the_release_goes_on_and_the_card_names_it_once(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        assert on.status().count("Checks: write") == 1, on.thread()
        await on.world.push(on.repository, BRANCH, {"NOTES": "mine"}, "Mine", by="morgan")
        await on.settle()
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert (plan_checks(on), on.status().count("Checks: write")) == ([], 1)
        asked = [call for call in on.calls("POST", "/access_tokens") if "'checks': 'write'" in str(call.request)]
        assert [call.status for call in asked] == [422]


async def test_a_check_that_may_have_been_made_before_a_lost_answer_is_looked_for(tmp_path):
    async with play(tmp_path) as on:
        await allow_checks(on)
        await on.comment(EXAMPLE)
        await on.forget_everything()
        await on.wake()
        await on.settle()
        assert [check.conclusion for check in plan_checks(on)] == ["success"]
