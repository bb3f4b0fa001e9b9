"""One look: the facts that a release's phase asks for, and no more requests than that takes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot import ledger
from bot.clock import Clock
from bot.github import GitHub, Reader
from bot.github.facts import Branch, OwnPullRequest, PullRequestState, RepositoryRef
from bot.ledger import Mark, Proposes, Word
from bot.packaging.problem import Problem
from bot.plan import disagreements
from bot.plan.changelog.carried import carried
from bot.plan.changelog.notes import notes
from bot.plan.model import Wanted
from bot.plan.paths import CONFIG_PATH
from bot.reconcile.ci import CIReader
from bot.reconcile.observe_rollback import look_back
from bot.reconcile.planning import Planning, read_tree
from bot.reconcile.publishing import jobs_of_publishing, publishing
from bot.reconcile.settings import SettingsReader
from bot.reconcile.snapshot import snapshot_of, with_theirs
from bot.reconcile.unsettled import Unsettled
from bot.registries import Registries
from bot.release.facts import ChangelogEdits, Facts, Preflight
from bot.release.github_releases import comes_with_its_tag, without_page
from bot.release.model import Phase, Release
from bot.workflows.releasing import Start

A_MOMENT = timedelta(seconds=5)
"""When two reads of one look did not fit together, they do so much later.

docs/live-check.md#replication-lag
"""

SOON = timedelta(minutes=10)
"""Within that time GitHub shows the commit of a merge; until then it is looked for again and again.

docs/live-check.md#replication-lag
"""


class Observer:
    """Asks GitHub and the registries; changes nothing."""

    def __init__(self, github: GitHub, registries: Registries, planning: Planning, clock: Clock, lag: float) -> None:
        """`lag` is how long, in seconds, GitHub may not show what happened last."""
        self._github = github
        self._registries = registries
        self._clock = clock
        self._planning = planning
        self._ci = CIReader()
        self._settings = SettingsReader(registries)
        self._lag = timedelta(seconds=lag)

    async def look(
        self, repository: RepositoryRef, release: Release, others: Sequence[Release], seen: Facts | None = None
    ) -> Facts:
        """The facts for the release's phase. `others` are the repository's other open releases; `seen` is what was seen
        of the release a moment ago, since when nothing was done.

        Raises the adapter's errors, and Unsettled: a look that failed halfway tells nothing.
        """
        reader = self._github.reader(repository)
        facts = Facts(now=self._clock.now())
        match release.phase:
            case Phase.REQUESTED if release.review.pull_request is not None:
                return facts
            case Phase.REQUESTED if release.review.opening_at and (
                entry := await self._opened_unnoticed(reader, release)
            ):
                return await self._unnoticed(reader, release, entry, facts)
            case Phase.REQUESTED if release.asked.cancel_by:
                return facts  # whatever preflight would find, or a registry that does not answer: nothing is to be made
            case Phase.REQUESTED:
                return replace(facts, preflight=await self._preflight(reader, release, others))
            case Phase.PROPOSED:
                return await self._proposed(reader, release, others, facts)
            case Phase.MERGED:
                facts = await self._with_checks(reader, release, facts, seen)
                if not facts.snapshot.base_holds:
                    return facts
                return await self._merge_commit(reader, release, facts)
            case Phase.GREEN:
                authority = await reader.permission(release.on_behalf_of)
                facts = await self._with_checks(reader, release, replace(facts, authority=authority))
                return await self._with_pages(reader, release, facts)
            case Phase.TAGGED:
                facts = await self._with_snapshot(reader, release, facts)
                return await publishing(reader, self._registries, release, facts)
            case Phase.PUBLISHED:
                found = {package.key: await self._registries.look(package) for package in release.current}
                facts = replace(facts, registries=found, repository=repository.full_name)
                return await jobs_of_publishing(reader, release, facts) if release.asked.retry_by else facts
            case Phase.VERIFIED:
                return await self._pages(reader, release, facts)
            case Phase.ROLLING_BACK:
                return await look_back(reader, self._registries, release, facts)
            case _:
                return facts

    async def _opened_unnoticed(self, reader: Reader, release: Release) -> OwnPullRequest | None:
        """The release's pull request if it was opened and nobody heard of it, whatever became of it since; None once
        GitHub must show it if it is there.
        """
        for entry in await reader.own_pull_requests(release.request.at):
            if _planned_from(entry, release) is not None:
                return entry
        if release.review.opening_at is not None and self._clock.now() < release.review.opening_at + self._lag:
            until = release.review.opening_at + self._lag
            raise Unsettled("a pull request that may have been opened is not shown yet", until)
        return None

    async def _unnoticed(self, reader: Reader, release: Release, entry: OwnPullRequest, facts: Facts) -> Facts:
        """The pull request that was opened unnoticed, and the branch if it still ends in our commit."""
        pull, planned_from = entry.pull_request, _planned_from(entry, release) or ""
        facts = replace(facts, snapshot=replace(facts.snapshot, pull_request=pull), opened_from=planned_from)
        if pull.state is not PullRequestState.OPEN:
            return facts
        head = await reader.commit(pull.head)
        ours = (head.headline, head.parents) == (release.plan.commit_headline, (planned_from,))
        branch = Branch(entry.branch, pull.head) if ours else None
        return replace(facts, snapshot=replace(facts.snapshot, branch=branch))

    async def _preflight(self, reader: Reader, release: Release, others: Sequence[Release]) -> Preflight:
        wanted = [Wanted(package, version) for package, version in release.request.wanted]
        line = release.request.branch
        found = await self._ci.of_head(
            reader, await self._planning.plan(reader, wanted, others, line=line, with_checks=True)
        )
        return await self._settings.of_plan(reader, release, found)

    async def _proposed(self, reader: Reader, release: Release, others: Sequence[Release], facts: Facts) -> Facts:
        """The pull request and its branches; when the base moved, whether the plan still holds on it."""
        facts = await self._with_snapshot(reader, release, facts, with_checks=True)
        pull, base = facts.snapshot.pull_request, facts.snapshot.base
        if pull is not None and pull.merged_at and not pull.merge_commit and facts.now < pull.merged_at + SOON:
            raise Unsettled(f"#{pull.number} is merged, and its merge commit is not shown yet", facts.now + A_MOMENT)
        facts = await with_theirs(reader, release, facts)
        if pull is None or pull.state is not PullRequestState.OPEN or pull.base != release.plan.base:
            return facts
        if pull.queued:
            # What is pushed now is not what the queue merges, whatever else becomes of it:
            # https://github.com/kgateway-dev/kgateway/issues/10802 and docs/live-check.md#pushed-while-queued
            return facts
        if base is None or base.head == release.plan.compared_with or release.asked.cancel_by or facts.snapshot.tags:
            return facts
        # The versions that were proposed, not the level that was asked for: that may lead elsewhere by now.
        wanted = [Wanted(package.key, package.new) for package in release.packages]
        replan = await self._planning.plan(
            reader, wanted, others, line=release.request.branch, branch=release.review.branch
        )
        if replan.branch != release.plan.base:
            moved = Problem(CONFIG_PATH, f"releases come from {replan.branch} now", "Cancel this one and ask again.")
            return replace(facts, replan=replace(replan, plan=None, problems=(moved,)))
        if replan.base_commit != base.head:
            raise Unsettled(f"{release.plan.base} moved while it was read", facts.now + A_MOMENT)
        if replan.plan is None:
            # Its own merge makes a release impossible to plan, and GitHub may tell of the merge last.
            again = await self._with_snapshot(reader, release, facts)
            if (again.snapshot.pull_request, again.snapshot.base) != (pull, base):
                raise Unsettled(f"#{pull.number} changed while it was read", facts.now + A_MOMENT)
        return replace(facts, replan=replan)

    async def _with_snapshot(
        self, reader: Reader, release: Release, facts: Facts, *, with_checks: bool = False
    ) -> Facts:
        """All that a snapshot tells; `with_checks` of the merge commit, too."""
        snapshot = await snapshot_of(reader, release, with_checks=with_checks)
        return replace(facts, snapshot=snapshot, checks=snapshot.checks or snapshot.merged_checks)

    async def _merge_commit(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        """tree-says-so; a commit's files never change, so they are read once."""
        if release.merge.tree_agrees:
            return facts
        tree = await read_tree(reader, release.merge.commit or "")
        versions = {package.key: package.new for package in release.packages}
        wrong = await asyncio.to_thread(disagreements, tree, versions)
        return replace(facts, disagreements=wrong, notes=await asyncio.to_thread(notes, tree, versions))

    async def _with_checks(self, reader: Reader, release: Release, facts: Facts, seen: Facts | None = None) -> Facts:
        """A snapshot with all that counts for whether the merge commit is green; for less when it is not even there."""
        if seen is not None and _tells_of_its_merge(seen, release):
            found = replace(seen, now=facts.now, snapshot=replace(seen.snapshot, base_holds=True))
        else:
            found = await self._with_snapshot(reader, release, facts, with_checks=True)
        if not _settled(release, found, self._lag).snapshot.base_holds:
            return found
        return await self._ci.of_merge_commit(reader, release, found)

    async def _with_pages(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        """What is there of the GitHub Releases that are made right after their tags, and every tag, where one is."""
        if not any(comes_with_its_tag(package, release) for package in release.current):
            return facts
        tags = (await reader.base(None)).tags
        return replace(await _pages_of(reader, release, facts), all_tags=tuple(tag.name for tag in tags))

    async def _pages(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        """The GitHub Releases of the tags, drafts of ours apart from those that somebody else prepared, and the tags,
        read last: with every tag of the repository where one is without a Release.
        """
        facts = await _pages_of(reader, release, await _carried(reader, release, facts))
        if any(page.assets for page in (*facts.releases, *facts.drafts)):
            looked = {package.key: await self._registries.look(package) for package in release.packages}
            facts = replace(facts, registries=looked)
        if not without_page(release, facts) and not any(package.start is Start.RELEASE for package in release.packages):
            return await self._with_snapshot(reader, release, facts)
        existing = (await reader.base(None)).tags
        wanted = {package.tag for package in release.packages}
        tags = tuple(tag for tag in existing if tag.name in wanted)
        return replace(facts, snapshot=replace(facts.snapshot, tags=tags), all_tags=tuple(tag.name for tag in existing))


async def _carried(reader: Reader, release: Release, facts: Facts) -> Facts:
    """With the default branch's changelogs as they should tell of a maintenance release."""
    if not release.request.branch:
        return facts
    default, versions = await reader.base(None), {package.key: package.new for package in release.packages}
    here = await read_tree(reader, default.branch.head)
    there = await read_tree(reader, release.merge.commit or "")
    files = await asyncio.to_thread(carried, there, here, versions)
    return replace(facts, carried=ChangelogEdits(default.branch.name, default.branch.head, files))


async def _pages_of(reader: Reader, release: Release, facts: Facts) -> Facts:
    """With the GitHub Releases of the tags, the drafts of ours apart."""
    found = await reader.releases([package.tag for package in release.packages])
    mark = Mark(release.subject, Word.DRAFT)
    ours = (each for each in found if each.draft and each.by_a_bot and mark.ends(each.body))
    drafts = {each.tag: each for each in ours}
    others = {each.tag: each for each in found if each.tag not in drafts}
    return replace(facts, releases=tuple(others.values()), drafts=tuple(drafts.values()))


def _tells_of_its_merge(seen: Facts, release: Release) -> bool:
    """Whether the snapshot by which the merge was noticed tells all of its commit: the base branch ends in it."""
    if seen.snapshot.base is None or seen.checks is None or seen.now != release.merge.since:
        return False
    return release.merge.commit == seen.snapshot.base.head == seen.checks.commit


def _settled(release: Release, facts: Facts, lag: timedelta) -> Facts:
    """The facts, unless the base branch is not shown yet with the commit that the release has just taken."""
    since = release.merge.since
    if facts.snapshot.base_holds or release.asked.cancel_by or since is None or facts.now >= since + lag:
        return facts
    raise Unsettled(f"{release.plan.base} is not shown with {release.merge.commit} yet", since + lag)


def _planned_from(entry: OwnPullRequest, release: Release) -> str | None:
    """The commit that a pull request's plan was made from, if it proposes that release."""
    mark = ledger.mark(entry.body)
    if mark is None or mark.subject != release.subject or not isinstance(mark.key, Proposes):
        return None
    return mark.key.commit
