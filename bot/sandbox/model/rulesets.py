"""Rulesets: which refs they are about, what they forbid, in GitHub's words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

Bypass = Literal["always", "pull_requests_only", "never", "exempt"]

_NO_NEW_REF = "Cannot create ref due to creations being restricted."
_ANY_CHANGE = {
    "pull_request": "Changes must be made through a pull request.",
    "merge_queue": "Changes must be made through the merge queue",
    "required_status_checks": "Required status checks are expected.",
}


@dataclass
class Ruleset:
    """An active ruleset unless `enforcement` says otherwise; `rules` maps a rule's type to its parameters."""

    id: int
    name: str
    target: Literal["branch", "tag"]
    include: list[str]
    """Patterns of full ref names, or `~ALL`."""
    rules: dict[str, dict[str, Any]]
    created_at: datetime
    exclude: list[str] = field(default_factory=list)
    bypass: Bypass = "never"
    """Whether the App can pass over it."""
    enforcement: Literal["active", "evaluate", "disabled"] = "active"

    def is_about(self, ref: str) -> bool:
        """Whether a ref is one of its target, included and not excluded."""
        of = "refs/tags/" if self.target == "tag" else "refs/heads/"
        included = any(covers(pattern, ref) for pattern in self.include)
        return ref.startswith(of) and included and not any(covers(pattern, ref) for pattern in self.exclude)

    def is_active_for(self, ref: str) -> bool:
        """Whether it holds for a ref."""
        return self.enforcement == "active" and self.is_about(ref)

    def broken_by(self, ref: str, *, old: bool, new: bool, message: str | None = None) -> list[str]:
        """What it says of a push by the App that makes (not `old`), moves or deletes (not `new`) a ref."""
        if self.bypass in ("always", "exempt") or not self.is_active_for(ref):
            return []
        said = []
        if "creation" in self.rules and not old:
            said.append(_NO_NEW_REF)
        if "deletion" in self.rules and not new:
            said.append("Cannot delete this branch" if self.target == "branch" else "Cannot delete this tag")
        if "update" in self.rules and old and new:
            said.append("Cannot update this protected ref.")
        if new:
            said += [words for kind, words in _ANY_CHANGE.items() if kind in self.rules and (old or message)]
            said += self._badly_named(ref.split("/", 2)[2], message)
        return said

    def _badly_named(self, name: str, message: str | None) -> list[str]:
        texts = {f"{self.target}_name_pattern": name, "commit_message_pattern": message}
        broken = []
        for kind, text in texts.items():
            wanted = self.rules.get(kind)
            if wanted and text is not None and _looks_like(text, wanted) is bool(wanted.get("negate")):
                broken.append(
                    f"{kind.removesuffix('_pattern').replace('_', ' ').capitalize()} must match a given pattern"
                )
        return broken


def covers(pattern: str, ref: str) -> bool:
    """Ruby's `File.fnmatch` with FNM_PATHNAME: no star goes over a slash but `**/`."""
    return pattern == "~ALL" or _cover(pattern.split("/"), ref.split("/"))


def _cover(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    if not pattern or not parts:
        return not pattern and not parts
    if pattern[0] == "**" and len(pattern) > 1:
        return any(_cover(pattern[1:], parts[skipped:]) for skipped in range(len(parts)))
    return fnmatchcase(parts[0], pattern[0]) and _cover(pattern[1:], parts[1:])


def _looks_like(text: str, wanted: Mapping[str, Any]) -> bool:
    pattern = wanted["pattern"]
    return {
        "starts_with": text.startswith(pattern),
        "ends_with": text.endswith(pattern),
        "contains": pattern in text,
        "regex": wanted["operator"] == "regex" and re.search(pattern, text) is not None,
    }[wanted["operator"]]
