"""Check runs of our own: https://docs.github.com/en/rest/checks/runs

Only an App may make them. GitHub shows the newest of each name of an App on a commit, so a second one takes the place
of the first.
"""

from dataclasses import dataclass

from bot.github.facts import RepositoryRef
from bot.github.transport.client import PER_PAGE, Client


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One that has ended."""

    name: str
    head: str
    """The commit that it is about."""
    conclusion: str
    """`success`, `neutral`, `failure`: https://docs.github.com/en/rest/checks/runs#create-a-check-run"""
    title: str
    summary: str
    """Markdown, at most 65,535 characters: the same page."""
    external_id: str
    """What it is known for ours by."""


async def create_check_run(client: Client, repository: RepositoryRef, check: CheckRun) -> int:
    """Make it; its id. Invalid when there is no such commit. To repeat it is harmless, and shows no more."""
    made = await client.post(
        "/repos/{owner}/{repo}/check-runs",
        {
            "name": check.name,
            "head_sha": check.head,
            "external_id": check.external_id,
            "status": "completed",
            "conclusion": check.conclusion,
            "output": {"title": check.title, "summary": check.summary},
        },
        owner=repository.owner,
        repo=repository.name,
    )
    return int(made["id"])


async def find_check_run(client: Client, repository: RepositoryRef, check: CheckRun) -> int | None:
    """The id of the newest of that name on the commit, if it says the same; None when it was not made, or later."""
    path = "/repos/{owner}/{repo}/commits/{ref}/check-runs{?check_name,per_page}"
    variables = {"owner": repository.owner, "repo": repository.name, "ref": check.head, "check_name": check.name}
    async for each in client.items(path, key="check_runs", per_page=PER_PAGE, **variables):
        if (each["external_id"], each["conclusion"]) == (check.external_id, check.conclusion):
            return int(each["id"])
    return None
