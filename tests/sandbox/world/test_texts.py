"""What the commits say that merging makes, and what GitHub does on what a text says."""

import pytest

from bot.sandbox.model import Issue, Repository
from bot.sandbox.world import World
from bot.sandbox.world.merging import MergeMethod


async def merged(world: World, repo: Repository, method: MergeMethod, *more: str, body: str = "The body.") -> str:
    """The message of the commit that merging a pull request of these commits makes."""
    for number, message in enumerate(("Add one\n\nIts own words.", *more)):
        await world.push(repo, "topic", {"one": f"{number}"}, message, by="ann")
    issue = await world.open_pull_request(repo, head="topic", base="main", title="Topic", body=body, by="ann")
    commit = await world.git(repo).commit(await world.merge(repo, issue.number, method=method, by="ann"))
    assert commit is not None
    return commit.message.strip().replace(f"#{issue.number}", "#N")


@pytest.mark.parametrize(
    ("title", "message", "more", "said"),
    [
        ("COMMIT_OR_PR_TITLE", "COMMIT_MESSAGES", (), "Add one (#N)\n\nIts own words."),
        ("COMMIT_OR_PR_TITLE", "COMMIT_MESSAGES", ("Two",), "Topic (#N)\n\n* Add one\n\nIts own words.\n\n* Two"),
        ("PR_TITLE", "COMMIT_MESSAGES", (), "Topic (#N)\n\nIts own words."),
        ("PR_TITLE", "PR_BODY", ("Two",), "Topic (#N)\n\nThe body."),
        ("COMMIT_OR_PR_TITLE", "PR_BODY", (), "Add one (#N)\n\nThe body."),
        ("PR_TITLE", "BLANK", ("Two",), "Topic (#N)"),
    ],
)
async def test_a_squashed_commit_says_what_the_settings_say(
    world: World, repo: Repository, title: str, message: str, more: tuple[str, ...], said: str
) -> None:
    repo.squash_merge_commit_title, repo.squash_merge_commit_message = title, message  # type: ignore[assignment]
    assert await merged(world, repo, "squash", *more) == said


@pytest.mark.parametrize(
    ("title", "message", "said"),
    [
        ("MERGE_MESSAGE", "PR_TITLE", "Merge pull request #N from octo/topic\n\nTopic"),
        ("MERGE_MESSAGE", "BLANK", "Merge pull request #N from octo/topic"),
        ("PR_TITLE", "PR_BODY", "Topic (#N)\n\nThe body."),
    ],
)
async def test_a_merge_commit_says_what_the_settings_say(
    world: World, repo: Repository, title: str, message: str, said: str
) -> None:
    repo.merge_commit_title, repo.merge_commit_message = title, message  # type: ignore[assignment]
    assert await merged(world, repo, "merge") == said


@pytest.fixture
async def issue(world: World, repo: Repository) -> Issue:
    return await world.open_issue(repo, "Broken", by="ann")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Fixes #1", "closed"),
        ("so this closed: #1.", "closed"),
        ("resolves octo/thing#1", "closed"),
        ("fixes other/thing#1", "open"),
        ("fixes issue #1", "open"),
        ("(#1)", "open"),
        ("fixes #11", "open"),
        ("prefixes #1", "open"),
    ],
)
async def test_a_commit_on_the_default_branch_closes_the_issues_that_it_names(
    world: World, repo: Repository, issue: Issue, text: str, state: str
) -> None:
    text = text.replace("octo/thing", repo.full_name)
    await world.push(repo, "topic", {"b": "1"}, text, by="ann")
    assert issue.state == "open"
    await world.push(repo, "main", {"b": "1"}, text, by="ann")
    assert issue.state == state


async def test_the_text_of_a_merged_pull_request_closes_issues_too(
    world: World, repo: Repository, issue: Issue
) -> None:
    repo.merge_commit_message = "BLANK"
    await merged(world, repo, "merge", body=f"Fixes #{issue.number}")
    assert issue.state == "closed"
