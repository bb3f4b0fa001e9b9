"""Opening a release's pull request: branch, commit and pull request in one document, each only if it is missing.

What a crash or a lost answer left behind is found first and continued, so that opening twice is opening once.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot import ledger
from bot.defused import defused
from bot.github import decode
from bot.github.documents import BEFORE_OPENING, Step, opening_document
from bot.github.errors import Conflict, GitHubError, StaleData
from bot.github.facts import Proposed, PullRequest, PullRequestState, RepositoryRef
from bot.github.transport.client import Client, Json
from bot.github.writing.receive_pack import RefUpdate
from bot.github.writing.refs import push
from bot.ledger import Proposes, ReleaseId


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request to be opened, with the one commit it brings.

    Its texts start no CI less and close no issue, whoever wrote them: they become commit messages when it is merged.
    """

    base: str
    base_commit: str
    """The commit that the branch begins at."""
    branch: str
    headline: str
    message: str
    """The commit message below its headline."""
    files: Mapping[str, bytes | None]
    """Whole new content by path; None removes the file."""
    title: str
    body: str
    release: ReleaseId | None = None
    """The release that it proposes, whose pull request is told by its mark from an earlier one of the same branch; None
    where any pull request of ours will do.
    """

    def __post_init__(self) -> None:
        for name in ("headline", "message", "title", "body"):
            object.__setattr__(self, name, defused(getattr(self, name)))


async def open_pull_request(client: Client, repository: RepositoryRef, proposal: Proposal) -> Proposed:
    """Make what is missing of the proposal; the pull request and its commit, also when they were there already.

    Raises Conflict when somebody else's commits stand on the branch, or a pull request of another proposal; StaleData
    or AlreadyExists when somebody was faster, StaleData also when it stands with another commit than the proposal's:
    look again, then try again.
    """
    state = await _branch_state(client, repository, proposal)
    ours = state.head if state.holds(proposal) else None
    if state.pull_request is not None:
        _check(state.pull_request, state, proposal)
        return Proposed(state.pull_request, ours)
    if state.others:
        raise Conflict(f"#{state.others[0]} from {proposal.branch} is not mine. Close it, then try again")
    steps = missing(state, proposal)
    await reset(client, repository, proposal, state)
    inputs: dict[str, Any] = {step.value: step_input(step, repository, proposal) for step in steps}
    answer = await client.graphql(opening_document(steps), **inputs)
    opened = decode.pull_request((answer.data.get(Step.PULL) or {}).get("pullRequest"))
    if opened is None:
        answer.complete()
        raise GitHubError("GitHub opened no pull request and did not say why")
    made = (answer.data.get(Step.COMMIT) or {}).get("commit")
    return Proposed(opened, made["oid"] if made else ours)


async def open_what_stands(client: Client, repository: RepositoryRef, proposal: Proposal) -> Proposed:
    """As `open_pull_request`, but our commit of an earlier try is proposed as it stands, also when the base moved on:
    a branch that is there is never reset.
    """
    state = await _branch_state(client, repository, proposal)
    if state.headline == proposal.headline and state.parents:
        proposal = replace(proposal, base_commit=state.parents[0])
    return await open_pull_request(client, repository, proposal)


def _check(found: PullRequest, state: "BranchState", proposal: Proposal) -> None:
    """Whether a pull request that stands is this very proposal's, and brings what it plans; raises if not."""
    if proposal.release is None:
        return
    mark = ledger.mark(state.body)
    if mark is None or mark.subject != proposal.release or not isinstance(mark.key, Proposes):
        what = f"#{found.number} from {proposal.branch} proposes the same for another request"
        raise Conflict(f"{what}, which is no longer carried on. Delete the branch, then try again")
    if not state.holds(proposal):
        raise StaleData(f"#{found.number} was opened with another commit than is proposed now")


@dataclass(frozen=True, slots=True)
class BranchState:
    """What stands of a proposal."""

    pull_request: PullRequest | None
    head: str | None
    """Newest commit of the branch."""
    headline: str | None = None
    parents: tuple[str, ...] = ()
    body: str = ""
    """The pull request's."""
    others: tuple[int, ...] = ()
    """Open pull requests of somebody else from that branch to that base: GitHub takes no second one."""

    def holds(self, proposal: Proposal) -> bool:
        """Whether the branch ends in this proposal's commit."""
        return self.headline == proposal.headline and self.parents == (proposal.base_commit,)


async def _branch_state(client: Client, repository: RepositoryRef, proposal: Proposal) -> BranchState:
    """What is there. A closed pull request counts for nothing, a merged one only if it brought this very commit:
    an older release may have used the same branch name.
    """
    answer = await client.graphql(
        BEFORE_OPENING,
        owner=repository.owner,
        name=repository.name,
        branch=f"refs/heads/{proposal.branch}",
        head=proposal.branch,
    )
    found = answer.complete()["repository"]
    pulls = found["pullRequests"]["nodes"]
    pull = decode.our_pull_request(pulls)
    target: Json = (found["branch"] or {}).get("target") or {}
    parents = tuple(parent["oid"] for parent in target["parents"]["nodes"]) if target else ()
    head = target.get("oid")
    same_commit = pull is not None and pull.head == head and parents == (proposal.base_commit,)
    counts = pull is not None and (
        pull.state is PullRequestState.OPEN or (pull.state is PullRequestState.MERGED and same_commit)
    )
    body = next((node["body"] for node in pulls if pull is not None and node["number"] == pull.number), "")
    found_pulls = [decode.pull_request(each) for each in pulls if not each["viewerDidAuthor"]]
    others = tuple(
        each.number
        for each in found_pulls
        if each is not None and each.state is PullRequestState.OPEN and each.base == proposal.base
    )
    return BranchState(pull if counts else None, head, decode.headline(target), parents, body, others)


def missing(state: BranchState, proposal: Proposal) -> tuple[Step, ...]:
    """The steps that are still to be taken; Conflict when the branch holds somebody else's work."""
    if state.head is None:
        return (Step.REF, Step.COMMIT, Step.PULL)
    if state.head == proposal.base_commit:
        return (Step.COMMIT, Step.PULL)
    if state.headline != proposal.headline:
        what = f"The branch {proposal.branch} holds {state.head[:10]}, which is not the commit of this release"
        raise Conflict(f"{what}. Delete the branch, then try again")
    if state.holds(proposal):
        return (Step.PULL,)
    return (Step.COMMIT, Step.PULL)


async def reset(client: Client, repository: RepositoryRef, proposal: Proposal, state: BranchState) -> None:
    """Take our commit of an earlier try, made before the base moved on, off the branch; nothing where there is none.

    StaleData when somebody moved the branch meanwhile.
    """
    if state.head not in (None, proposal.base_commit) and not state.holds(proposal):
        back = RefUpdate(f"refs/heads/{proposal.branch}", str(state.head), proposal.base_commit)
        await push(client, repository, [back])


def step_input(step: Step, repository: RepositoryRef, proposal: Proposal) -> dict[str, Any]:
    """The variable of one step's mutation."""
    ref = f"refs/heads/{proposal.branch}"
    match step:
        case Step.REF:
            return {"repositoryId": repository.node_id, "name": ref, "oid": proposal.base_commit}
        case Step.COMMIT:
            return {
                "branch": {"repositoryNameWithOwner": repository.full_name, "branchName": proposal.branch},
                "expectedHeadOid": proposal.base_commit,
                "message": {"headline": proposal.headline, "body": proposal.message},
                "fileChanges": _file_changes(proposal.files),
            }
        case Step.PULL:
            return {
                "repositoryId": repository.node_id,
                "baseRefName": proposal.base,
                "headRefName": proposal.branch,
                "title": proposal.title,
                "body": proposal.body,
            }


def _file_changes(files: Mapping[str, bytes | None]) -> dict[str, Any]:
    """There is no word for a file's mode: docs/live-check.md#file-mode."""
    return {
        "additions": [
            {"path": path, "contents": base64.b64encode(content).decode()}
            for path, content in files.items()
            if content is not None
        ],
        "deletions": [{"path": path} for path, content in files.items() if content is None],
    }
