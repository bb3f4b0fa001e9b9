"""Rulesets: made by people, and what they forbid the App."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.git.objects import ZERO, RefUpdate
from bot.sandbox.model import Repository
from bot.sandbox.model.rulesets import Bypass, Ruleset
from bot.sandbox.world.state import WorldState


class Rulesets(WorldState):
    """What a push has to keep to."""

    def restrict(
        self,
        repo: Repository,
        *include: str,
        rules: Mapping[str, Mapping[str, Any]] | None = None,
        name: str = "Protected",
        bypass: Bypass = "never",
    ) -> Ruleset:
        """An active ruleset for these patterns of full ref names, all of tags or all of branches; creations are
        restricted unless `rules` say something else.
        """
        made = Ruleset(
            self.next_id(),
            name,
            "tag" if include[0].startswith("refs/tags/") else "branch",
            list(include),
            {kind: dict(more) for kind, more in (rules or {"creation": {}}).items()},
            self.clock.now(),
            bypass=bypass,
        )
        repo.rulesets.append(made)
        return made

    def queue_rule(self, repo: Repository, branch: str) -> Mapping[str, Any] | None:
        """What the rule says by which a branch takes changes through a merge queue only; None where there is none."""
        found = (each.rules.get("merge_queue") for each in repo.rulesets if each.is_active_for(f"refs/heads/{branch}"))
        return next((rule for rule in found if rule is not None), None)

    def broken_rules(self, repo: Repository, update: RefUpdate, message: str | None = None) -> list[str]:
        """What forbids a push by the App, in GitHub's words; `message` is that of a commit which it brings."""
        old, new = update.before != ZERO, update.after != ZERO
        return [
            said
            for ruleset in repo.rulesets
            for said in ruleset.broken_by(update.name, old=old, new=new, message=message)
        ]
