"""What a repository's settings would refuse later, read in preflight: rulesets, environments, names that are new."""

import asyncio
from dataclasses import replace

import cachetools

from bot.comments.pull_request import commit_message
from bot.github import Reader
from bot.plan.model import Plan
from bot.plan.policy import BRANCH_PREFIX
from bot.registries import Registries
from bot.release.facts import Preflight
from bot.release.model import Release
from bot.release.preflight.branch_names import about_name
from bot.release.preflight.judgement import Judgement
from bot.release.preflight.publishers import (
    Publisher,
    about_environments,
    about_first_publish,
    about_tokens,
    environments,
    publishers,
)
from bot.release.preflight.rulesets import OF_BRANCHES, about_branch, about_tags

MOST_JUDGED = 64
"""Releases whose settings are remembered while they wait for CI."""


class SettingsReader:
    """Reads settings and judges them; changes nothing."""

    def __init__(self, registries: Registries) -> None:
        self._registries = registries
        self._known: cachetools.LRUCache[tuple[str, str], Judgement] = cachetools.LRUCache(MOST_JUDGED)
        """By release and the commit that its plan was made from: looks while CI runs ask for nothing again."""

    async def of_plan(self, reader: Reader, release: Release, found: Preflight) -> Preflight:
        """The preflight, refused where a setting forbids what its plan takes; with warnings where one may.

        What may not be read, and a registry that does not answer, tell nothing.
        """
        plan, pushed = found.plan, found.pushed
        if plan is None or pushed is None:
            return found
        key = (release.id, found.base_commit)
        if key not in self._known:
            publishing = await asyncio.to_thread(publishers, plan.bumps, pushed.files)
            self._known[key] = await self._judged(reader, release, plan, publishing)
        judged = self._known[key]
        if judged.problems:
            return replace(found, plan=None, problems=judged.problems)
        return replace(found, plan=replace(plan, warnings=(*plan.warnings, *judged.warnings)))

    async def _judged(
        self, reader: Reader, release: Release, plan: Plan, publishing: tuple[Publisher, ...]
    ) -> Judgement:
        judged = await _name(reader, plan) + await _rules(reader, release, plan)
        if named := environments(publishing):
            judged += about_environments(publishing, await reader.deployment_policies(named))
        judged += about_first_publish(publishing, await self._new_names(publishing))
        return judged + about_tokens(publishing, await self._closed_names(publishing))

    async def _new_names(self, publishing: tuple[Publisher, ...]) -> frozenset[str]:
        """Keys of the packages with a trusted publisher that their registry does not know."""
        packages = {each.bump.package.key: each.bump.package for each in publishing if each.trusted}
        known = {key: await self._registries.knows(each.registry, each.name) for key, each in packages.items()}
        return frozenset(key for key, there in known.items() if there is False)

    async def _closed_names(self, publishing: tuple[Publisher, ...]) -> frozenset[str]:
        """Keys of the packages that a job publishes with a token and their registry takes from no token."""
        packages = {each.bump.package.key: each.bump.package for each in publishing if not each.trusted}
        taken = {key: await self._registries.takes_tokens(each.registry, each.name) for key, each in packages.items()}
        return frozenset(key for key, fine in taken.items() if fine is False)


async def _name(reader: Reader, plan: Plan) -> Judgement:
    """Nobody is asked about our own prefix, which no other branch is likely to be in the way of."""
    if plan.branch.startswith(BRANCH_PREFIX):
        return Judgement()
    return about_name(plan.branch, await reader.branches_from(plan.branch.partition("/")[0]))


async def _rules(reader: Reader, release: Release, plan: Plan) -> Judgement:
    tags = list(dict.fromkeys(bump.tag for bump in plan.bumps))
    messages = (plan.headline, f"{plan.headline}\n\n{commit_message(release.request)}")
    forbidding = about_branch(plan.branch, messages, await reader.branch_rulesets(plan.branch, OF_BRANCHES))
    return forbidding + about_tags(tags, await reader.tag_rulesets())
