"""Steps about the release branch and its pull request."""

from datetime import timedelta

from bot.cli.live_check.bench import Bench
from bot.cli.live_check.files import SCRIPT
from bot.cli.live_check.lagging import SHOWN_SECONDS
from bot.cli.live_check.verdicts import Verdict, as_believed, judge_mode, judge_refusal, not_tried, otherwise
from bot.github.errors import StaleData
from bot.github.facts import PullRequestState
from bot.github.writing.opening import Proposal
from bot.github.writing.receive_pack import RefUpdate

BRANCH = "shipmate-live-check"


async def opens(on: Bench) -> Verdict:
    """Branch, commit and pull request in one document, with a file that is executable."""
    proposed = await on.writer.open_pull_request(await _proposal(on, 1))
    on.pull = proposed.pull_request
    on.made[f"refs/heads/{BRANCH}"] = proposed.pull_request.head
    return judge_mode(await _mode(on, proposed.pull_request.head))


async def authors(on: Bench) -> Verdict:
    """Whether GitHub says to an installation's token that it wrote the pull request."""
    if on.pull is None:
        return not_tried("no pull request was opened")
    number = on.pull.number

    async def ours() -> bool | None:
        found = await on.reader.own_pull_requests(on.clock.now() - timedelta(days=1))
        return any(each.pull_request.number == number for each in found) or None

    there, _ = await on.until(ours, within=SHOWN_SECONDS)
    return as_believed(f"#{number} is ours") if there else otherwise(f"`viewerDidAuthor` is false for #{number}")


async def stale(on: Bench) -> Verdict:
    """A push that starts from where the branch is not."""
    if on.pull is None:
        return not_tried("no pull request was opened")
    base = await on.head()
    update = RefUpdate(f"refs/heads/{BRANCH}", base, base)
    return judge_refusal(await on.refused(on.push(update)), StaleData)


async def follows(on: Bench) -> Verdict:
    """The branch moves to its successor, which is deleted in the same push; the pull request stays open."""
    if on.pull is None:
        return not_tried("no pull request was opened")
    again, before = await _proposal(on, 2), on.pull.head
    commit = await on.writer.make_successor(again, instead_of=before)
    await on.writer.follow_base(on.pull.number, again, commit, instead_of=before)
    on.made[f"refs/heads/{BRANCH}"] = commit

    async def seen() -> PullRequestState | None:
        for each in await on.reader.own_pull_requests(on.clock.now() - timedelta(days=1)):
            if on.pull and each.pull_request.number == on.pull.number and each.pull_request.head == commit:
                return each.pull_request.state
        return None

    state, _ = await on.until(seen)
    if state is PullRequestState.OPEN:
        return as_believed(f"#{on.pull.number} is open and ends in the new commit")
    return otherwise(f"#{on.pull.number} is {state or 'not shown with the new commit'}")


async def merges(on: Bench) -> Verdict:
    """A person merges: the merge commit is shown, and its workflow starts."""
    if on.pull is None:
        return not_tried("no pull request was opened")
    number, base = on.pull.number, await on.reader.base(None)
    if not await on.ask(f"Merge #{number} of {on.repository.full_name}"):
        return not_tried("nobody merged the pull request")

    async def merged() -> str | None:
        name, head = base.branch.name, base.branch.head
        found = await on.reader.snapshot(base=name, held=head, branch=BRANCH, pull_request=number, tags=())
        return found.pull_request.merge_commit if found.pull_request else None

    commit, after = await on.until(merged)
    if commit is None:
        return not_tried(f"#{number} is not merged, or its merge commit is not shown after {after:.0f} s")
    runs, _ = await on.until(lambda: _some(on, commit, base.branch.name))
    if not runs:
        return otherwise(f"no workflow started on the merge commit {commit}")
    return as_believed(f"the merge commit was shown after {after:.0f} s, and its workflow started")


async def _some(on: Bench, commit: str, branch: str) -> int | None:
    return len(await on.runs_of(commit, branch)) or None


async def _mode(on: Bench, commit: str) -> str | None:
    client = await on.client()
    path, names = "/repos/{owner}/{repo}/git/trees/{sha}", {"owner": on.repository.owner, "repo": on.repository.name}
    tree = (await client.get(path, **names, sha=commit))["tree"]
    return next((each["mode"] for each in tree if each["path"] == SCRIPT), None)


async def _proposal(on: Bench, time: int) -> Proposal:
    return Proposal(
        base=(await on.reader.base(None)).branch.name,
        base_commit=await on.head(),
        branch=BRANCH,
        headline=f"Live check, commit {time}",
        message="Made by `python -m bot live-check`.",
        files={SCRIPT: f"#!/bin/sh\necho live-check {time}\n".encode(), "live-check.txt": f"{time}\n".encode()},
        title="Live check",
        body="Made by `python -m bot live-check`, which closes it in the end.",
    )
