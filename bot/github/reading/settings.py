"""The settings of a repository that can refuse what a release does, read once before it is proposed.

Rulesets are shown to a token that reads metadata, `current_user_can_bypass` too, `bypass_actors` not:
https://github.com/s4k10503/velvet/issues/320. Environments take `actions: read`:
https://docs.github.com/en/rest/deployments/environments. What may not be read tells nothing.
"""

from collections.abc import Collection, Sequence
from typing import Any

from bot.github.errors import Forbidden, NotFound
from bot.github.facts import DeploymentPolicy, NamePattern, Rule, Ruleset
from bot.github.reading.runs import RunsReader
from bot.github.transport.client import Json

MOST_BRANCHES = 500


class SettingsReader(RunsReader):
    """Rules and environments of one repository."""

    async def branches(self) -> tuple[str, ...]:
        """The names of its branches, by name; of very many the first."""
        found: list[str] = []
        async for branch in self._items("/branches{?per_page}"):
            found.append(branch["name"])
            if len(found) == MOST_BRANCHES:
                break
        return tuple(found)

    async def rules_of_branch(self, branch: str) -> tuple[Json, ...]:
        """The rules that GitHub says apply to a branch, which need not exist; none on a plan without rules."""
        try:
            return tuple([rule async for rule in self._items("/rules/branches/{branch}{?per_page}", branch=branch)])
        except Forbidden as refused:
            # A private repository on a plan without rules: https://github.com/github/branch-deploy/issues/345
            if not str(refused).lower().startswith("upgrade to"):
                raise
            return ()

    async def branch_rulesets(self, branch: str, kinds: Collection[str]) -> tuple[Ruleset, ...]:
        """The rulesets with rules of these kinds that apply to a branch, each with those rules only."""
        by_ruleset: dict[int, list[Rule]] = {}
        try:
            for rule in await self.rules_of_branch(branch):
                if rule["type"] in kinds and rule.get("ruleset_id") is not None:
                    by_ruleset.setdefault(rule["ruleset_id"], []).append(_rule(rule))
        except (Forbidden, NotFound):
            return ()
        found = [(await self._ruleset(number), tuple(rules)) for number, rules in by_ruleset.items()]
        return tuple(_decoded(record, rules) for record, rules in found if record)

    async def branches_from(self, beginning: str) -> tuple[str, ...]:
        """Names of the branches that begin so.

        https://docs.github.com/en/rest/git/refs#list-matching-references
        """
        found = self._items("/git/matching-refs/heads/{beginning}{?per_page}", beginning=beginning)
        return tuple([each["ref"].removeprefix("refs/heads/") async for each in found])

    async def tag_rulesets(self) -> tuple[Ruleset, ...]:
        """Every ruleset for tags that is in force, its organisation's too."""
        path = "/rulesets{?targets,per_page}"
        try:
            listed = [each async for each in self._items(path, targets="tag")]
        except (Forbidden, NotFound):
            return ()
        active = [each["id"] for each in listed if each.get("target") == "tag" and each["enforcement"] == "active"]
        found = [await self._ruleset(number) for number in active]
        return tuple(_decoded(each, tuple(map(_rule, each.get("rules") or ()))) for each in found if each)

    async def deployment_policies(self, environments: Sequence[str]) -> tuple[DeploymentPolicy, ...]:
        """Of those of these environments that do not let everything deploy."""
        wanted, found = {name.lower() for name in environments}, []
        try:
            records = [each async for each in self._items("/environments{?per_page}", key="environments")]
            for record in records:
                policy = record.get("deployment_branch_policy")
                if record["name"].lower() in wanted and policy is not None:
                    tags = await self._deploying_tags(record["name"]) if policy["custom_branch_policies"] else ()
                    found.append(DeploymentPolicy(record["name"], policy["protected_branches"], tags))
        except (Forbidden, NotFound):
            return ()
        return tuple(found)

    async def _deploying_tags(self, environment: str) -> tuple[str, ...]:
        """Patterns of the tags that may; a policy that does not say what it is about may be about tags."""
        path = "/environments/{environment}/deployment-branch-policies{?per_page}"
        items = self._items(path, key="branch_policies", environment=environment)
        return tuple([each["name"] async for each in items if each.get("type", "tag") == "tag"])

    async def _ruleset(self, number: int) -> Json:
        """One ruleset, whole; None where it may not be read."""
        client = await self._client()
        path = "/repos/{owner}/{repo}/rulesets/{number}"
        try:
            return await client.get(path, **self._names, number=number)
        except (Forbidden, NotFound):
            return None


def _rule(record: Json) -> Rule:
    wanted: Any = record.get("parameters") or {}
    if "pattern" not in wanted:
        return Rule(record["type"])
    return Rule(record["type"], NamePattern(wanted.get("operator", ""), wanted["pattern"], bool(wanted.get("negate"))))


def _decoded(record: Json, rules: tuple[Rule, ...]) -> Ruleset:
    refs = (record.get("conditions") or {}).get("ref_name") or {}
    page = ((record.get("_links") or {}).get("html") or {}).get("href") or ""
    return Ruleset(
        record["id"],
        record["name"],
        rules,
        include=tuple(refs.get("include") or ()),
        exclude=tuple(refs.get("exclude") or ()),
        bypass=record.get("current_user_can_bypass") or "",
        url=page,
    )
