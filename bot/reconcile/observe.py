"""One look: the facts that a release's phase asks for, and no more requests than that takes.

The planner is pure but not instant: it runs beside the event loop, so that a long changelog keeps no webhook waiting.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.github import GitHub, Reader
from bot.github.errors import NotFound
from bot.github.facts import Base, CommitChecks, MergedChange, RepositoryRef
from bot.plan import disagreements, discover, drafts_needed, make_plan, wants_path
from bot.plan.last_tag import last_tag
from bot.plan.model import Change, Discovery, Plan, Problem, Refusal, Tree, Wanted
from bot.plan.notes import notes
from bot.plan.paths import CONFIG_PATH
from bot.registries import Registries
from bot.registries.facts import Unreachable
from bot.release.checks import PASSING
from bot.release.facts import Facts, Preflight
from bot.release.model import Phase, Release

FRESH = timedelta(seconds=10)
"""CI that the look before read so lately is not read again in the look that tags."""


class RegistryUnreachable(Exception):
    """A registry did not answer a question that preflight cannot do without; look again later."""


class Observer:
    """Asks GitHub and the registries; changes nothing."""

    def __init__(self, github: GitHub, registries: Registries, clock: Clock) -> None:
        self._github = github
        self._registries = registries
        self._clock = clock

    async def look(
        self, repository: RepositoryRef, release: Release, others: Sequence[Release], before: Facts | None
    ) -> Facts:
        """The facts for the release's phase. `others` are the repository's other open releases; `before` is what the
        look that has just led into this phase told, under the same lease.

        Raises the adapter's errors: a look that failed halfway tells nothing.
        """
        reader = self._github.reader(repository)
        facts = Facts(now=self._clock.now())
        match release.phase:
            case Phase.REQUESTED if release.pull_request is not None:
                return facts
            case Phase.REQUESTED:
                return replace(facts, preflight=await self._preflight(reader, release, others))
            case Phase.PROPOSED:
                return await self._pull_request(reader, release, facts)
            case Phase.MERGED:
                if release.retry_asked_by:
                    facts = await self._pull_request(reader, release, facts)
                facts = await self._merge_commit(reader, release, facts)
                return await self._checks(reader, release, facts)
            case Phase.GREEN:
                authority = await reader.permission(release.on_behalf_of)
                facts = await self._tags(reader, release, replace(facts, authority=authority))
                # Before this stage was ever tagged; a look at publishing knows the runs only, not all checks.
                untagged = release.tagged_at is None
                if untagged and before is not None and before.checks is not None and facts.now - before.now < FRESH:
                    return replace(facts, checks=before.checks, required=before.required)
                return await self._checks(reader, release, facts)
            case Phase.TAGGED:
                facts = await self._tags(reader, release, facts)
                return replace(facts, checks=await _runs(reader, release.merge_commit or "", facts.now))
            case Phase.PUBLISHED:
                found = {package.key: await self._registries.look(package) for package in release.current}
                return replace(facts, registries=found)
            case Phase.VERIFIED:
                tags = tuple(package.tag for package in release.packages)
                return replace(facts, releases=await reader.releases(tags))
            case _:
                return facts

    async def _preflight(self, reader: Reader, release: Release, others: Sequence[Release]) -> Preflight:
        base, tree, discovery = await self._discover(reader)
        wanted = [Wanted(package, version) for package, version in release.wanted]
        changes = {}
        for package in await asyncio.to_thread(drafts_needed, tree, discovery, wanted):
            since = last_tag(package, (tag.name for tag in base.tags))
            if since is not None:
                merged = await reader.changes(base.branch.head, since, package.path)
                changes[package.key] = tuple(_change(change) for change in merged)
        today = self._clock.now().date()
        planned = await asyncio.to_thread(make_plan, tree, discovery, wanted, date=today, changes=changes)
        if isinstance(planned, Refusal):
            return _refused(planned.problems, base)
        problems = [*_tags_in_use(planned, base), *_under_way(planned, others), *await self._versions_in_use(planned)]
        if problems:
            return _refused(tuple(problems), base)
        return Preflight(
            plan=planned,
            problems=(),
            branch=base.branch.name,
            base_commit=base.branch.head,
            checks=await reader.checks(base.branch.head),
            required=await self._required(reader, planned.policy.required, base.branch.name),
            primary=discovery.packages[0].key,
        )

    async def _discover(self, reader: Reader) -> tuple[Base, Tree, Discovery]:
        """The branch to release from and what it holds; the configuration always comes from the default branch."""
        base = await reader.base(None)
        tree = await _tree(reader, base.branch.head)
        discovery = await asyncio.to_thread(discover, tree, [tag.name for tag in base.tags])
        branch = discovery.policy.branch
        if branch is None or branch == base.branch.name:
            return base, tree, discovery
        config = {path: content for path, content in tree.items() if path == CONFIG_PATH}
        try:
            base = await reader.base(branch)
        except NotFound:
            missing = Problem(
                CONFIG_PATH, f"`branch` is {branch}, and there is no such branch", "Name one that exists."
            )
            return base, tree, replace(discovery, problems=(*discovery.problems, missing))
        tree = {**{p: c for p, c in (await _tree(reader, base.branch.head)).items() if p != CONFIG_PATH}, **config}
        return base, tree, await asyncio.to_thread(discover, tree, [tag.name for tag in base.tags])

    async def _versions_in_use(self, plan: Plan) -> list[Problem]:
        problems = []
        for bump in plan.bumps:
            found = await self._registries.exists(bump.package.registry, bump.package.name, bump.new)
            if isinstance(found, Unreachable):
                raise RegistryUnreachable(f"{found.registry}: {found.why}")
            if found:
                what = f"{bump.package.name} {bump.new} is on {bump.package.registry.label} already"
                problems.append(Problem(bump.package.key, what, "A version can be published once; take the next."))
        return problems

    async def _pull_request(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        snapshot = await reader.snapshot(
            base=release.base,
            branch=release.branch,
            pull_request=release.pull_request,
            tags=[package.tag for package in release.packages],
        )
        return replace(facts, pull_request=snapshot.pull_request, base=snapshot.base, tags=snapshot.tags)

    async def _merge_commit(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        """tree-says-so; a commit's files never change, so they are read once."""
        if release.tree_agrees:
            return facts
        tree = await _tree(reader, release.merge_commit or "")
        versions = {package.key: package.new for package in release.packages}
        wrong = await asyncio.to_thread(disagreements, tree, versions)
        return replace(facts, disagreements=wrong, notes=await asyncio.to_thread(notes, tree, versions))

    async def _checks(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        checks: CommitChecks = await reader.checks(release.merge_commit or "")
        required = await self._required(reader, release.policy.required, release.base)
        return replace(facts, checks=checks, required=required)

    async def _tags(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        return replace(facts, tags=(await self._pull_request(reader, release, facts)).tags)

    async def _required(self, reader: Reader, configured: tuple[str, ...], branch: str) -> tuple[str, ...]:
        return configured or await reader.required_checks(branch)


async def _runs(reader: Reader, commit: str, now: datetime) -> CommitChecks:
    """The workflow runs of a commit with the jobs of those that failed; publishing needs no other checks."""
    runs = await reader.runs(commit)
    failed = [run for run in runs if run.status == "completed" and run.conclusion not in PASSING]
    return CommitChecks(commit, now, runs, (), {run.id: await reader.jobs(run.id) for run in failed})


async def _tree(reader: Reader, commit: str) -> Tree:
    paths = [path for path in await reader.paths(commit) if wants_path(path)]
    return await reader.files(commit, paths)


def _refused(problems: tuple[Problem, ...], base: Base) -> Preflight:
    return Preflight(None, problems, base.branch.name, base.branch.head)


def _change(merged: MergedChange) -> Change:
    return Change(
        title=merged.title or merged.headline,
        number=merged.number,
        labels=merged.labels,
        author=merged.author,
        bot=merged.author_is_bot,
    )


def _tags_in_use(plan: Plan, base: Base) -> list[Problem]:
    standing = {tag.name: tag.commit for tag in base.tags}
    return [
        Problem(bump.tag, f"the tag exists already, on {standing[bump.tag]}", "Tags are never moved; take the next.")
        for bump in plan.bumps
        if bump.tag in standing
    ]


def _under_way(plan: Plan, others: Sequence[Release]) -> list[Problem]:
    busy = {(p.registry, p.name): other for other in others if not other.gives_way for p in other.packages}
    return [
        Problem(bump.package.key, f"a release of it is under way on #{other.request.issue}", "Let it end or cancel it.")
        for bump in plan.bumps
        if (other := busy.get((bump.package.registry, bump.package.name))) is not None
    ]
