"""Planning on GitHub: the files and tags of the branch to release from in, a plan or the reasons against it out.

The planner is pure but not instant: it runs beside the event loop, so that a long changelog keeps no webhook waiting.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot.clock import Clock
from bot.github import Reader, facts
from bot.github.errors import NotFound
from bot.github.facts import Base, Branch, MergedChange
from bot.packaging.problem import OlderVersion, Problem
from bot.plan import discover, histories_needed, make_plan, wants_path
from bot.plan.asked.prepared import nothing_to_commit
from bot.plan.changelog.drafting.scope import covering
from bot.plan.changelog.drafting.titles import is_breaking
from bot.plan.changelog.histories import MOST_UNTAGGED, History
from bot.plan.config import declared_paths
from bot.plan.elsewhere.looked_at import looked_at
from bot.plan.fragments.collect import further_paths
from bot.plan.last_tag import last_tag
from bot.plan.line import configuration, of_line, with_branch
from bot.plan.model import Change, Discovery, Plan, Refusal, Tag, Tree, Wanted
from bot.plan.paths import CONFIG_PATH
from bot.plan.publishing.unasked import Where, published_besides, publishers_unasked
from bot.registries import Registries
from bot.release.facts import Preflight
from bot.release.found import Unreachable
from bot.release.model import Release


class RegistryUnreachable(Exception):
    """A registry did not answer a question that preflight cannot do without; look again later."""


class Planning:
    """Asks GitHub and the registries for what the planner needs; changes nothing."""

    def __init__(self, registries: Registries, clock: Clock) -> None:
        self._registries = registries
        self._clock = clock

    async def plan(
        self,
        reader: Reader,
        wanted: Sequence[Wanted],
        others: Sequence[Release],
        *,
        line: str | None = None,
        branch: str | None = None,
        with_checks: bool = False,
    ) -> Preflight:
        """The plan on the newest commit of the branch to release from, or why there is none; `with_checks` of that
        commit when there is one. `line` is the maintenance branch that was asked for; `branch` is the release branch's
        name where it has one already.

        `others` are the repository's other open releases. Raises RegistryUnreachable, and the adapter's errors.
        """
        base, tree, discovery = await self._discover(reader, line, with_checks=with_checks)
        planned = await self._planned(reader, tree, discovery, base, wanted, self._clock.now().date())
        if isinstance(planned, Refusal):
            older = line is None and any(isinstance(each, OlderVersion) for each in planned.problems)
            branches = await reader.branches() if older else ()
            return _refused(with_branch(planned.problems, wanted, branches), base)
        problems = [*_tags_in_use(planned, base), *_under_way(planned, others), *await self._versions_in_use(planned)]
        if not problems and (empty := nothing_to_commit(planned, base.branch.head)):
            problems = [empty]
        where = Where(base.branch.name, discovery.default_branch, base.repository)
        problems += await asyncio.to_thread(publishers_unasked, tree, planned, where, branch)
        if problems:
            return _refused(tuple(problems), base)
        besides = await asyncio.to_thread(lambda: tuple(published_besides(tree, planned, where)))
        return _found(replace(planned, warnings=(*planned.warnings, *besides)), discovery, base)

    async def plan_again(
        self,
        reader: Reader,
        wanted: Sequence[Wanted],
        *,
        line: str | None,
        commit: str,
        without: Collection[str],
        day: date,
    ) -> Preflight:
        """The plan as it was made from `commit` on that day, before the tags `without` stood.

        The configuration is today's. NotFound when there is no such commit.
        """
        base, today, known = await self._discover(reader, line)
        tags = tuple(tag for tag in base.tags if tag.name not in without)
        base = Base(base.node_id, Branch(base.branch.name, commit), tags)
        config = configuration(today)
        then = await read_for_plan(reader, commit, config)
        tree = {**{path: content for path, content in then.items() if path != CONFIG_PATH}, **config}
        discovery = await asyncio.to_thread(discover, tree, _known(tags))
        discovery = of_line(discovery, known, line) if line else discovery
        planned = await self._planned(reader, tree, discovery, base, wanted, day)
        return _refused(planned.problems, base) if isinstance(planned, Refusal) else _found(planned, discovery, base)

    async def _planned(
        self, reader: Reader, tree: Tree, discovery: Discovery, base: Base, wanted: Sequence[Wanted], day: date
    ) -> Plan | Refusal:
        changes: dict[str, Sequence[Change]] = {}
        for history in await asyncio.to_thread(histories_needed, tree, discovery, wanted):
            merged = await self._merged(reader, base, history, with_newcomers=discovery.policy.contributors)
            if merged is not None:
                changes |= {package.key: merged for package in history.packages}
        return await asyncio.to_thread(make_plan, tree, discovery, wanted, date=day, changes=changes)

    async def _merged(
        self, reader: Reader, base: Base, history: History, *, with_newcomers: bool
    ) -> Sequence[Change] | None:
        """What was merged since the last release; None where nobody can tell, or only the history of years."""
        since = last_tag(history.packages[0], history.new)
        head = base.branch.head
        paths = await asyncio.to_thread(covering, await reader.paths(head), history.covers)
        if not paths:
            return ()
        if since is not None:
            merged = await reader.changes(head, since, paths)
            if merged and with_newcomers:
                merged = await reader.with_newcomers(merged, since)
        else:
            merged = await reader.changes(head, None, paths, most=MOST_UNTAGGED + 1)
            merged = merged if merged is not None and len(merged) <= MOST_UNTAGGED else None
        return None if merged is None else tuple(_change(change) for change in merged)

    async def _discover(
        self, reader: Reader, line: str | None = None, *, with_checks: bool = False
    ) -> tuple[Base, Tree, Discovery]:
        """The branch to release from and what it holds. The configuration always comes from the default branch, but
        that of what a maintenance line releases.
        """
        base = await reader.base(None, with_checks=with_checks)
        tree = await read_for_plan(reader, base.branch.head)
        discovery = await _discovered(tree, base)
        default, branch = base.branch.name, line or discovery.policy.branch
        discovery = replace(discovery, default_branch=default)
        if branch is None or branch == default:
            return base, tree, discovery
        config = configuration(tree)
        try:
            base = await reader.base(branch, with_checks=with_checks)
        except NotFound:
            where, what = ("request", "you ask for") if line else (CONFIG_PATH, "`branch` is")
            missing = Problem(where, f"{what} {branch}, and there is no such branch", "Name one that exists.")
            return base, tree, replace(discovery, problems=(*discovery.problems, missing))
        there = await read_for_plan(reader, base.branch.head, config)
        if line is None:
            there = {path: content for path, content in there.items() if path != CONFIG_PATH}
        tree = {**config, **there}
        found = await _discovered(tree, base)
        found = of_line(found, discovery, line) if line else found
        return base, tree, replace(found, default_branch=default)

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


async def _discovered(tree: Tree, base: Base) -> Discovery:
    return await asyncio.to_thread(discover, tree, _known(base.tags), base.repository)


async def read_for_plan(reader: Reader, commit: str, config: Tree | None = None) -> Tree:
    """The same, with a bounded number of other files that may say a version, and those that the configuration declares.

    `config` holds the default branch's `.github/release.toml` where the commit is on another one.
    """
    paths = await reader.paths(commit)
    tree = await read_tree(reader, commit)
    others = looked_at(path for path in paths if path not in tree)
    declared = {*declared_paths(tree), *declared_paths(config or {})}
    more = [*others, *sorted(path for path in declared if path not in tree and path not in others)]
    return {**tree, **await reader.files(commit, more)} if more else tree


async def read_tree(reader: Reader, commit: str) -> Tree:
    """The files at a commit that the planner wants to see."""
    known = await reader.paths(commit)
    tree = await reader.files(commit, [path for path in known if wants_path(path)])
    further = further_paths(tree, known)
    return {**tree, **await reader.files(commit, further)} if further else tree


def _known(tags: Iterable[facts.Tag]) -> list[Tag]:
    return [Tag(tag.name, tag.date) for tag in tags]


def _refused(problems: tuple[Problem, ...], base: Base) -> Preflight:
    return Preflight(None, problems, base.branch.name, base.branch.head)


def _found(plan: Plan, discovery: Discovery, base: Base) -> Preflight:
    primary = discovery.packages[0].key
    return Preflight(plan, (), base.branch.name, base.branch.head, base.checks, primary=primary)


def _change(merged: MergedChange) -> Change:
    return Change(
        title=merged.title or merged.headline,
        number=merged.number,
        labels=merged.labels,
        author=merged.author,
        bot=merged.author_is_bot,
        breaking=is_breaking(merged.body),
        credit=f"@{merged.author}" if merged.author and not merged.author_is_bot else None,
        newcomer=merged.newcomer,
    )


def _tags_in_use(plan: Plan, base: Base) -> list[Problem]:
    existing = {tag.name: tag.commit for tag in base.tags}
    return [
        Problem(bump.tag, f"the tag exists already, on {existing[bump.tag]}", "Tags are never moved; take the next.")
        for bump in plan.bumps
        if bump.tag in existing
    ]


def _under_way(plan: Plan, others: Sequence[Release]) -> list[Problem]:
    busy = {(p.registry, p.name): other for other in others if not other.gives_way for p in other.packages}
    return [
        Problem(bump.package.key, f"a release of it is under way on #{other.request.issue}", "Let it end or cancel it.")
        for bump in plan.bumps
        if (other := busy.get((bump.package.registry, bump.package.name))) is not None
    ]
