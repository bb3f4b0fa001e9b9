"""Texts of a release that GitHub would act on once they are a commit message: CI starts, and no issue is closed."""

import pytest

from bot.release.model import Phase
from tests.play import EXAMPLE, play

SQUASH = [("COMMIT_OR_PR_TITLE", "COMMIT_MESSAGES"), ("PR_TITLE", "PR_BODY"), ("COMMIT_OR_PR_TITLE", "BLANK")]
MERGE = [("MERGE_MESSAGE", "PR_TITLE"), ("PR_TITLE", "PR_BODY")]
ENTRY = "- No more [skip ci] in messages, which closes #1 and fixes: #1.\n"


async def a_dangerous_entry(on):
    """An open issue, and a changelog that names it so that a commit would close it."""
    issue = await on.world.open_issue(on.repository, "Broken", by="morgan")
    log = (await on.world.files(on.repository))["CHANGELOG.md"].decode()
    text = log.replace("\n\n## [0.4.0]", f"\n{ENTRY.replace('#1', f'#{issue.number}')}\n## [0.4.0]", 1)
    assert text != log
    await on.world.push(on.repository, "main", {"CHANGELOG.md": text}, "Note it", by="morgan")
    await on.sandbox.actions.idle()
    return issue


@pytest.mark.parametrize(("title", "message"), SQUASH)
async def test_squashed_a_release_starts_ci_and_closes_nothing(tmp_path, title, message):
    async with play(tmp_path) as on:
        here = on.repository
        here.squash_merge_commit_title, here.squash_merge_commit_message = title, message
        issue = await a_dangerous_entry(on)
        await on.comment(EXAMPLE)
        await on.merge(method="squash")
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert issue.state == "open"


@pytest.mark.parametrize(("title", "message"), MERGE)
async def test_merged_a_release_starts_ci_and_closes_nothing(tmp_path, title, message):
    async with play(tmp_path) as on:
        here = on.repository
        here.merge_commit_title, here.merge_commit_message = title, message
        issue = await a_dangerous_entry(on)
        await on.comment(EXAMPLE)
        await on.merge()
        assert [release.phase for release in await on.releases()] == [Phase.RELEASED], on.thread()
        assert issue.state == "open"


async def test_a_person_s_text_of_that_kind_starts_no_ci_and_the_block_says_so(tmp_path):
    async with play(tmp_path) as on:
        on.repository.squash_merge_commit_message = "PR_BODY"
        issue = await a_dangerous_entry(on)
        await on.comment(EXAMPLE)
        await on.world.edit_issue(
            on.repository, on.pull_request.number, title="Release", body=f"[skip ci] fixes #{issue.number}"
        )
        merged = await on.merge(method="squash")
        assert issue.state == "closed"
        assert not [run for run in on.repository.runs.values() if run.head_sha == merged]
        assert "since the commit's message says to skip CI" in on.milestones()[-1], on.thread()
        assert not await on.tags()
