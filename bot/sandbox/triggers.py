"""Which workflow files an event starts: GitHub's filter rules. Pure.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax (the `on` sections and the
filter pattern cheat sheet).
"""

import re
from collections.abc import Collection, Iterable
from functools import cache

from bot.sandbox.workflows import Filters, Workflow, parse

__all__ = ["Filters", "Workflow", "matches", "parse", "skips_ci", "starts_on_pull_request", "starts_on_push"]

PULL_REQUEST_TYPES = ("opened", "synchronize", "reopened")
"""What starts a `pull_request` workflow that names no `types`."""

_SKIPS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")


def starts_on_push(workflow: Workflow, ref: str, changed_paths: Collection[str]) -> bool:
    """Whether a push to `ref` (full name) starts the workflow.

    `changed_paths` are those that the push changes; they play no part for tags.
    """
    filters = workflow.triggers.get("push")
    if filters is None:
        return False
    kind, _, name = ref.removeprefix("refs/").partition("/")
    if kind == "tags":
        wanted, unwanted, others = filters.tags, filters.tags_ignore, (filters.branches, filters.branches_ignore)
    else:
        wanted, unwanted, others = filters.branches, filters.branches_ignore, (filters.tags, filters.tags_ignore)
    if not _ref_passes(name, wanted, unwanted, others):
        return False
    return kind == "tags" or _paths_pass(filters, changed_paths)


def starts_on_pull_request(workflow: Workflow, base: str, action: str, changed_paths: Collection[str]) -> bool:
    """Whether what happened to a pull request into branch `base` starts the workflow.

    `changed_paths` are those of the whole pull request.
    """
    filters = workflow.triggers.get("pull_request")
    if filters is None or action not in (filters.types or PULL_REQUEST_TYPES):
        return False
    if not _ref_passes(base, filters.branches, filters.branches_ignore, ()):
        return False
    return _paths_pass(filters, changed_paths)


def skips_ci(message: str) -> bool:
    """Whether a commit message asks for no push and pull request workflows."""
    lowered = message.lower()
    trailer = re.search(r"^skip-checks:\s*true\s*$", lowered, re.MULTILINE)
    return trailer is not None or any(mark in lowered for mark in _SKIPS)


def _ref_passes(
    name: str,
    wanted: tuple[str, ...] | None,
    unwanted: tuple[str, ...] | None,
    others: Iterable[tuple[str, ...] | None],
) -> bool:
    """`others` are the filters for the other kind of ref: a workflow that has only those does not run for this one."""
    if wanted is not None:
        return matches(wanted, name)
    if unwanted is not None:
        return not matches(unwanted, name)
    return all(other is None for other in others)


def _paths_pass(filters: Filters, changed: Collection[str]) -> bool:
    if filters.paths is not None:
        return any(matches(filters.paths, path) for path in changed)
    if filters.paths_ignore is not None:
        return any(not matches(filters.paths_ignore, path) for path in changed)
    return True


def matches(patterns: Iterable[str], name: str) -> bool:
    """Whether a list of patterns takes a name: the last pattern that fits decides, `!` in front of it refuses."""
    taken = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if _compiled(pattern.removeprefix("!")).fullmatch(name):
            taken = not negated
    return taken


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A filter pattern as a regular expression.

    `*` stops at `/`, `**` does not (and `**/` may be nothing), `?` and `+` repeat the character before them.
    """
    parts, at = [], 0
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            parts.append("(?:.*/)?")
            at += 3
        elif pattern.startswith("**", at):
            parts.append(".*")
            at += 2
        elif character == "*":
            parts.append("[^/]*")
            at += 1
        elif character in "?+" and parts:
            parts.append(character)
            at += 1
        elif character == "[" and (end := pattern.find("]", at)) > at + 1:
            parts.append("[" + re.sub(r"([\\\[^])", r"\\\1", pattern[at + 1 : end]) + "]")
            at = end + 1
        elif character == "\\" and at + 1 < len(pattern):
            parts.append(re.escape(pattern[at + 1]))
            at += 2
        else:
            parts.append(re.escape(character))
            at += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        return re.compile(r"(?!)")  # such as `a?+`: GitHub refuses the file, here the pattern fits nothing
