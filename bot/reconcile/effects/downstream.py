"""Passing a verified release on: a pull request in each downstream repository, or how to make the change by hand.

Nothing here holds the release up: whatever another repository answers is an outcome that is said. The files of a
repository are read only where its owner is ours, or where the person who asked for the release may write there: so
nobody learns from a configuration what they may not see, or sends pull requests to strangers.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.comments.downstream import pull_request_text, pull_request_title
from bot.github import DownstreamRepository, GitHub
from bot.github.errors import GitHubError, NoAccess, Unavailable
from bot.github.facts import DownstreamFacts, Permission, RepositoryRef
from bot.github.writing.opening import Proposal
from bot.plan.downstream.lock import IndexedVersion
from bot.plan.downstream.planner import MOVES, DownstreamPlan, Released, plan_downstream, wants_downstream
from bot.plan.listed import listed
from bot.plan.model import Downstream
from bot.registries import Registries
from bot.release.downstream_outcome import Outcome, Passed
from bot.release.found import Unreachable
from bot.release.model import Release, ReleasePackage
from bot.store import Lease

log = logging.getLogger(__name__)

MOST_FILES = 400
"""More manifests than that are not read: the change is then made by hand."""


class DownstreamRepositories:
    """Those that follow what was released from the repository of a lease."""

    def __init__(self, github: GitHub, registries: Registries) -> None:
        self._github = github
        self._registries = registries

    async def pass_on(self, lease: Lease, release: Release) -> tuple[Passed, ...]:
        """What came of each downstream repository; nothing of GitHub's errors is raised."""
        wanted = [(each, release.released_to(each)) for each in dict.fromkeys(release.plan.downstream)]
        return tuple(
            [await self._one(lease.repository, release, each, packages) for each, packages in wanted if packages]
        )

    async def _one(
        self, repository: RepositoryRef, release: Release, downstream: Downstream, packages: tuple[ReleasePackage, ...]
    ) -> Passed:
        unknown = Passed(downstream.repository, packages, Outcome.BY_HAND)
        if by_hand := [package.registry.label for package in packages if package.registry not in MOVES]:
            return replace(unknown, why=f"I cannot move requirements on packages of {listed(dict.fromkeys(by_hand))}")
        try:
            ref = await self._github.find(downstream.repository)
            other = self._github.downstream_repository(ref)
            if ref.owner.lower() != repository.owner.lower():
                role = await other.role(release.request.by)
                if not role.allows(Permission.WRITE):
                    why = f"{release.request.by} may not write there, and its owner is another than here"
                    return replace(unknown, why=why)
            return await self._in(other, repository, release, replace(unknown, repository=ref.full_name))
        except NoAccess:
            return replace(unknown, why="the App is not installed there")
        except GitHubError as failure:
            log.warning("%s: nothing is passed on to %s: %s", repository.full_name, downstream.repository, failure)
            return replace(unknown, why=str(failure))

    async def _in(
        self, other: DownstreamRepository, repository: RepositoryRef, release: Release, passed: Passed
    ) -> Passed:
        branch = f"shipmate/{passed.packages[0].name}-{passed.packages[0].new}"
        state = await other.stand(branch)
        if state.pull_request is not None:
            return replace(passed, outcome=Outcome.OPENED, url=state.pull_request.url)
        plan = await self._plan(other, state.base.head, passed.packages)
        if plan is None:
            return replace(passed, why=f"it has more than {MOST_FILES} manifests")
        passed = replace(passed, plan=plan)
        if not plan.edits:
            outcome = Outcome.LEFT if plan.left else Outcome.SATISFIED if plan.satisfied else Outcome.ABSENT
            return _shown(replace(passed, outcome=outcome), state)
        proposal = _proposal(repository, release, passed, state, branch)
        try:
            url = await _opened(other, proposal)
        except GitHubError as refused:
            log.warning("%s: no pull request in %s: %s", repository.full_name, passed.repository, refused)
            return _shown(replace(passed, why=str(refused)), state)
        return _shown(replace(passed, outcome=Outcome.OPENED, url=url), state)

    async def _plan(
        self, other: DownstreamRepository, commit: str, packages: Sequence[ReleasePackage]
    ) -> DownstreamPlan | None:
        """The edits for all of the packages, made one after the other on the same files."""
        registries = {package.registry for package in packages}
        paths = [p for p in await other.paths(commit) if any(wants_downstream(p, each) for each in registries)]
        if len(paths) > MOST_FILES:
            return None
        tree = await other.files(commit, paths)
        whole = DownstreamPlan()
        for package in packages:
            released = Released(package.name, package.registry, package.old, package.new)
            plan = await asyncio.to_thread(plan_downstream, tree, released, await self._index(package))
            whole = DownstreamPlan(
                (*whole.edits, *plan.edits),
                (*whole.satisfied, *plan.satisfied),
                (*whole.left, *plan.left),
                tuple(dict.fromkeys((*whole.commands, *plan.commands))),
            )
        return whole

    async def _index(self, package: ReleasePackage) -> Mapping[str, IndexedVersion]:
        """What the lock file needs; nothing when the index cannot be asked, and then cargo has to."""
        found = await self._registries.index(package.registry, package.name)
        return {} if isinstance(found, Unreachable) else {each.version: each for each in found}


def _shown(passed: Passed, state: DownstreamFacts) -> Passed:
    """Without what a private repository's files say: the comment may stand where everybody reads."""
    return replace(passed, plan=None) if state.private else passed


async def _opened(other: DownstreamRepository, proposal: Proposal) -> str:
    """The pull request's address; a call whose answer was lost is made once more, and finds what stands."""
    try:
        return (await other.open(proposal)).pull_request.url
    except Unavailable:
        return (await other.open(proposal)).pull_request.url


def _proposal(
    repository: RepositoryRef, release: Release, passed: Passed, state: DownstreamFacts, branch: str
) -> Proposal:
    title = pull_request_title(passed)
    return Proposal(
        base=state.base.name,
        base_commit=state.base.head,
        branch=branch,
        headline=title,
        message=f"Released from {repository.full_name}.",
        files={edit.path: edit.after for edit in passed.plan.edits} if passed.plan else {},
        title=title,
        body=pull_request_text(passed, release, repository.full_name),
    )
