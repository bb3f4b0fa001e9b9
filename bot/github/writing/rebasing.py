"""Having the branch of an open pull request follow its base: one commit on the new head takes the old one's place.

The new commit is made on a branch of its own, and then both names are moved at once: a branch that for a moment held
nothing but its base would have its pull request closed by GitHub.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.github import decode
from bot.github.documents import BEFORE_FOLLOWING, Step, opening_document
from bot.github.errors import GitHubError, StaleData
from bot.github.facts import RepositoryRef
from bot.github.transport.client import Client
from bot.github.writing.opening import BranchState, Proposal, missing, reset, step_input
from bot.github.writing.receive_pack import NO_OBJECT, RefUpdate
from bot.github.writing.refs import push


def successor_of(branch: str) -> str:
    """The name under which the new commit is made."""
    return f"{branch}-next"


async def make_successor(client: Client, repository: RepositoryRef, proposal: Proposal, *, instead_of: str) -> str:
    """Make the proposal's commit on the successor of its branch; its id. Nothing of the pull request changes yet.

    Raises StaleData when the branch is not at `instead_of` any more (a person pushed: that stays), Conflict when the
    successor's name holds something else. Whatever a crash left behind is found first and continued.
    """
    names = {"owner": repository.owner, "name": repository.name}
    successor = successor_of(proposal.branch)
    refs = {"branch": f"refs/heads/{proposal.branch}", "next": f"refs/heads/{successor}"}
    found = (await client.graphql(BEFORE_FOLLOWING, **names, **refs)).complete()["repository"]
    if ((found["branch"] or {}).get("target") or {}).get("oid") != instead_of:
        raise StaleData(f"The branch {proposal.branch} does not end in {instead_of[:10]} any more")
    return await _successor(client, repository, replace(proposal, branch=successor), found["next"])


async def succeed(client: Client, repository: RepositoryRef, branch: str, commit: str, *, instead_of: str) -> None:
    """Move the branch from `instead_of` to its successor's `commit`, and drop the successor; both or neither."""
    moves = [
        RefUpdate(f"refs/heads/{branch}", instead_of, commit),
        RefUpdate(f"refs/heads/{successor_of(branch)}", commit, NO_OBJECT),
    ]
    await push(client, repository, moves)


async def leftover(client: Client, repository: RepositoryRef, branch: str, headline: str) -> str | None:
    """The commit of ours on the successor of `branch`, when a crash left it behind; None for anybody else's."""
    names = {"owner": repository.owner, "name": repository.name}
    refs = {"branch": f"refs/heads/{branch}", "next": f"refs/heads/{successor_of(branch)}"}
    found = (await client.graphql(BEFORE_FOLLOWING, **names, **refs)).complete()["repository"]["next"]
    target = (found or {}).get("target") or {}
    return str(target["oid"]) if decode.headline(target) == headline else None


async def left_behind(client: Client, repository: RepositoryRef, branch: str, headline: str, parent: str) -> str | None:
    """The head of `branch` where that is a commit of ours on `parent` and no pull request is open from it."""
    names = {"owner": repository.owner, "name": repository.name}
    refs = {"branch": f"refs/heads/{branch}", "next": f"refs/heads/{successor_of(branch)}"}
    found = (await client.graphql(BEFORE_FOLLOWING, **names, **refs)).complete()["repository"]["branch"]
    target = (found or {}).get("target") or {}
    parents = [each["oid"] for each in (target.get("parents") or {}).get("nodes", ())]
    if not target or (decode.headline(target), parents) != (headline, [parent]):
        return None
    asked = {"owner": repository.owner, "repo": repository.name, "head": f"{repository.owner}:{branch}"}
    opened = await client.get("/repos/{owner}/{repo}/pulls{?head,state}", **asked, state="open")
    return None if opened else str(target["oid"])


async def _successor(
    client: Client, repository: RepositoryRef, proposal: Proposal, found: Mapping[str, Any] | None
) -> str:
    """The proposal's commit on its base, on the proposal's branch, of which `found` is what stands there."""
    target = (found or {}).get("target") or {}
    parents = tuple(parent["oid"] for parent in (target.get("parents") or {}).get("nodes", ()))
    state = BranchState(None, target.get("oid"), decode.headline(target), parents)
    steps = tuple(step for step in missing(state, proposal) if step is not Step.PULL)
    if not steps:
        return str(state.head)
    await reset(client, repository, proposal, state)
    inputs = {step.value: step_input(step, repository, proposal) for step in steps}
    answer = await client.graphql(opening_document(steps), **inputs)
    made = (answer.data.get(Step.COMMIT) or {}).get("commit")
    if made is None:
        answer.complete()
        raise GitHubError("GitHub made no commit and did not say why")
    return str(made["oid"])
