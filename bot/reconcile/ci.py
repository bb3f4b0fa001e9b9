"""What the verdict on a commit's CI rests on, read with as few requests as it takes: what a commit holds never changes.

A calm look asks for nothing more than before: the commit's files are read for its plan anyway. What it changes is read
only where a workflow's `paths` make a difference, and other commits only where the verdict hangs on them.
"""

import asyncio
from dataclasses import replace

import cachetools

from bot.github import Reader
from bot.github.facts import CommitAt, CommitChecks
from bot.plan.config import read_config
from bot.plan.line import policy_of_line
from bot.plan.model import Plan, Tree
from bot.plan.paths import CONFIG_PATH
from bot.plan.policy import Policy
from bot.release.ci.evidence import Elsewhere, Evidence
from bot.release.ci.judge import asks_elsewhere, ran
from bot.release.ci.of_release import evidence_of
from bot.release.ci.pushed import Pushed
from bot.release.ci.reported import reported
from bot.release.ci.required import unknown_names
from bot.release.facts import Facts, Preflight
from bot.release.model import Release
from bot.release.plan_check import NAME as PLAN_CHECK
from bot.workflows.files import is_workflow, read_workflow

MOST_JUDGED_COMMITS = 64
"""Commits whose workflows are remembered."""
FARTHEST = 20
"""Commits before the head that are looked through for one that CI ran for; each costs a request."""

KNOWN_BY = 2
"""Commits before the merge commit on which something must have reported to be known to report on pushes."""


class CIReader:
    """Reads evidence; changes nothing."""

    def __init__(self) -> None:
        self._known: cachetools.LRUCache[tuple[str, str], Pushed] = cachetools.LRUCache(MOST_JUDGED_COMMITS)

    async def of_head(self, reader: Reader, found: Preflight) -> Preflight:
        """Preflight with CI's evidence; that of an earlier commit where no workflow runs for what the head changes."""
        head = found.checks
        if found.plan is None or head is None:
            return found
        policy = found.plan.policy
        rules = await self._rules(reader, policy, found.branch)
        pushed = await _with_queue(reader, policy, await self._pushed(reader, head, found.branch))
        problems = unknown_names(
            policy.required,
            pushed.files,
            reported(head, found.branch).names,
            where=CONFIG_PATH,
            ended=all(run.status == "completed" for run in head.runs),
        )
        if problems:
            return replace(found, plan=None, problems=problems)
        found = replace(found, pushed=pushed, rules=rules)
        if not policy.unchecked and pushed.can_run and not ran(Evidence(head, pushed)):
            found = await self._before(reader, found, head)
        return replace(found, plan=_with_outlook(found.plan, pushed) if found.plan else None)

    async def of_merge_commit(self, reader: Reader, release: Release, facts: Facts) -> Facts:
        """The facts with all that CI's verdict on the merge commit rests on."""
        checks = facts.checks
        if checks is None:
            return facts
        if release.asked.retry_by:
            facts = replace(facts, policy=await _policy_of_today(reader, release.request.branch))
        policy, base = facts.policy or release.plan.policy, release.plan.base
        rules = await self._rules(reader, policy, base)
        pushed = await _with_queue(reader, policy, await self._pushed(reader, checks, base))
        facts = replace(facts, pushed=pushed, rules=rules)
        evidence, pull = evidence_of(release, facts), facts.snapshot.pull_request
        if evidence is None or pull is None or not asks_elsewhere(evidence):
            return facts
        before: list[CommitChecks] = []
        while len(before) < KNOWN_BY and (parent := (before[-1] if before else checks).parent):
            before.append(await reader.reported(parent))
        return replace(facts, elsewhere=Elsewhere(await reader.reported(pull.head), tuple(before)))

    async def _before(self, reader: Reader, found: Preflight, head: CommitChecks) -> Preflight:
        """Judge the newest commit before the head for whose files a workflow runs, where there is one near enough."""
        commits = {each.oid: each for each in await reader.history(head.commit, FARTHEST + 1)}
        commit = commits.get(head.parent or "")
        while commit is not None and found.plan is not None:
            pushed = await self._read(reader, commit, found.branch)
            if pushed.expected:
                told = (
                    f"No workflow runs for what {head.commit} changes, so CI was looked at on {commit.oid}, the newest "
                    "commit before it for which one runs."
                )
                plan = replace(found.plan, warnings=(*found.plan.warnings, told))
                checks = await reader.reported(commit.oid)
                return replace(found, plan=plan, checks=checks, pushed=pushed, judged=commit.oid)
            commit = commits.get(next(iter(commit.parents), ""))
        return found

    async def _pushed(self, reader: Reader, checks: CommitChecks, branch: str) -> Pushed:
        parents = (checks.parent,) if checks.parent else ()
        commit = CommitAt(checks.commit, "", parents, checks.committed_at, checks.message)
        return await self._read(reader, commit, branch)

    async def _read(self, reader: Reader, commit: CommitAt, branch: str) -> Pushed:
        key = (commit.oid, branch)
        if key not in self._known:
            paths = [path for path in await reader.paths(commit.oid) if is_workflow(path)]
            content = await reader.files(commit.oid, paths)
            files = await asyncio.to_thread(lambda: {path: read_workflow(path, text) for path, text in content.items()})
            pushed = Pushed(commit.oid, branch, files, message=commit.message)
            if commit.parents and pushed.hangs_on_paths:
                pushed = replace(pushed, changed=await reader.changed(commit.parents[0], commit.oid))
            self._known[key] = pushed
        return self._known[key]

    async def _rules(self, reader: Reader, policy: Policy, branch: str) -> tuple[str, ...]:
        """Nobody is asked where release.toml says what counts instead. Our own check says nothing of a commit."""
        if policy.required or policy.unchecked:
            return ()
        return tuple(name for name in await reader.required_checks(branch) if name != PLAN_CHECK)


async def _with_queue(reader: Reader, policy: Policy, pushed: Pushed) -> Pushed:
    """A commit of which the branch's merge queue, if it demands one, had to be told that it is good."""
    asks = pushed.has_queued and not policy.unchecked
    return replace(pushed, queued=True) if asks and (await reader.branch_rules(pushed.branch)).queued else pushed


async def _policy_of_today(reader: Reader, line: str | None) -> Policy | None:
    """The configuration that the default branch, and the maintenance branch, have now; None while it cannot be read."""
    default = await _config(reader, None)
    there = {**default, **await _config(reader, line)} if line else default
    today, ours = read_config(there), read_config(default)
    if today.problems or ours.problems:
        return None
    return policy_of_line(today.policy, ours.policy, line) if line else today.policy


async def _config(reader: Reader, branch: str | None) -> Tree:
    return await reader.files((await reader.base(branch)).branch.head, [CONFIG_PATH])


def _with_outlook(plan: Plan, pushed: Pushed) -> Plan:
    """The plan, with a warning where no workflow will run for the files that it changes."""
    merged = replace(pushed, changed=frozenset(edit.path for edit in plan.edits))
    if plan.policy.unchecked or merged.expected or not pushed.can_run:
        return plan
    told = (
        "No workflow runs on pushes that change only what this release changes, so after the merge somebody has to "
        "start one by hand, or `required = []` in .github/release.toml says that none is needed."
    )
    return replace(plan, warnings=(*plan.warnings, told))
