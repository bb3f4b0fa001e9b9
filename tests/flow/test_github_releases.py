"""GitHub Releases: published once, from a draft of ours, and never over what somebody else prepared."""

import pytest

from bot.github import Writer
from bot.ledger import Mark, ReleaseId, Word
from bot.reconcile.effects.github_releases import GitHubReleases
from bot.release.model import Phase
from tests.flow.test_crashes import fail_once
from tests.play import BEFORE, EXAMPLE, play


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """A failed look is repeated soon."""
    monkeypatch.setattr("bot.reconcile.back_off.LONGEST_PAUSE", 0.2)


def pages(on):
    return {page.tag: page for page in on.repository.releases.values() if page.tag not in BEFORE}


async def configure(on, text: str) -> None:
    await on.world.push(on.repository, "main", {".github/release.toml": text}, "Configure", by="morgan")
    await on.settle()


async def test_each_tag_gets_its_release_with_its_section_and_only_the_primary_is_latest(tmp_path):
    async with play(tmp_path) as on:
        await on.comment(EXAMPLE)
        await on.merge()
        crate, wheel = pages(on)["v0.5.0"], pages(on)["py-v0.4.0"]
        assert (crate.draft, wheel.draft, on.repository.latest_release) == (False, False, crate.id)
        assert (crate.name, wheel.name) == ("tidewater v0.5.0", "tidewater-py v0.4.0")
        assert "### " in crate.body
        assert "shipmate" not in crate.body
        assert len(on.repository.releases) == 2 + len(BEFORE)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2], ids=["first", "second"])
@pytest.mark.parametrize("method", ["draft_release", "publish_release"])
async def test_once_a_crash_between_draft_and_publishing_leaves_one_release_a_tag(
    tmp_path, monkeypatch, method, at, after
):
    async with play(tmp_path) as on:
        fail_once(monkeypatch, Writer, method, after=after, at=at)
        await on.comment(EXAMPLE)
        await on.merge()
        assert len(on.repository.releases) == 2 + len(BEFORE)
        assert not any(page.draft or "shipmate" in page.body for page in pages(on).values())
        assert on.repository.latest_release == pages(on)["v0.5.0"].id


async def test_a_draft_that_a_person_prepared_is_left_to_them_and_named(tmp_path):
    async with play(tmp_path) as on:
        theirs = await on.world.create_release(on.repository, tag="v0.5.0", body="Mine", draft=True, by="morgan")
        await on.comment(EXAMPLE)
        await on.merge()
        assert (theirs.draft, theirs.body) == (True, "Mine")
        assert len(on.repository.releases) == 2 + len(BEFORE)
        assert "the GitHub Release of v0.5.0 is a draft by morgan" in on.milestones()[-1]
        assert "untagged-" in on.milestones()[-1]


async def test_a_release_is_published_although_the_workflows_of_main_changed_after_the_tags(tmp_path, monkeypatch):
    async with play(tmp_path) as on:
        publish = GitHubReleases.publish

        async def late(self, *args):
            await on.world.push(on.repository, "main", {".github/workflows/ci.yml": "on: push\n"}, by="morgan")
            return await publish(self, *args)

        monkeypatch.setattr(GitHubReleases, "publish", late)
        await on.comment(EXAMPLE)
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED]
        assert set(pages(on)) == {"v0.5.0", "py-v0.4.0"}


async def test_where_releases_are_immutable_each_is_finished_before_it_is_published(tmp_path):
    async with play(tmp_path) as on:
        on.repository.immutable_releases = True
        await on.comment(EXAMPLE)
        await on.merge()
        assert [page.immutable for page in pages(on).values()] == [True, True]
        assert [call.status for call in on.calls("PATCH", "/releases/")] == [200, 200]


async def test_a_tag_that_an_immutable_release_has_burned_is_said_and_holds_nothing_up(tmp_path):
    async with play(tmp_path) as on:
        on.repository.burned_tags.add("v0.5.0")
        await on.comment(EXAMPLE)
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED]
        assert set(pages(on)) == {"py-v0.4.0"}
        assert "GitHub takes no Release for v0.5.0" in on.milestones()[-1]


async def test_github_s_generated_notes_stand_below_the_section_when_they_are_wanted(tmp_path):
    async with play(tmp_path) as on:
        await configure(on, "[release]\ngenerated-notes = true\n")
        await on.comment(EXAMPLE)
        await on.merge()
        body = pages(on)["v0.5.0"].body
        assert body.index("### ") < body.index("**Full Changelog**")
        assert "compare/v0.4.0...v0.5.0" in body
        assert "compare/py-v0.3.0...py-v0.4.0" in pages(on)["py-v0.4.0"].body


async def test_a_fix_of_an_older_line_does_not_become_the_latest_release(tmp_path):
    async with play(tmp_path) as on:
        await on.world.push_tag(on.repository, "v0.6.0", await on.world.head(on.repository), by="morgan")
        await on.settle()
        latest = on.repository.latest_release
        await on.comment(EXAMPLE)
        await on.merge()
        assert "v0.5.0" in pages(on)
        assert on.repository.latest_release == latest


async def test_a_draft_of_a_person_is_theirs_even_with_a_mark_of_ours_in_it(tmp_path):
    async with play(tmp_path) as on:
        comment = await on.comment(EXAMPLE)
        forged = f"Mine\n\n{Mark(ReleaseId(comment.id), Word.DRAFT).text}"
        theirs = await on.world.create_release(on.repository, tag="v0.5.0", body=forged, draft=True, by="morgan")
        await on.merge()
        assert (theirs.draft, theirs.body) == (True, forged)
        assert "the GitHub Release of v0.5.0 is a draft by morgan" in on.milestones()[-1]
