"""Which events start a workflow: the `on` section, its filters and types.

Rules: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax, the `on` sections.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.workflows.document import InvalidDocument, text_of
from bot.workflows.events import Event
from bot.workflows.filters import matches
from bot.workflows.values import UNKNOWN, Truth, Value

PULL_REQUEST_TYPES = ("opened", "synchronize", "reopened")
"""What starts a `pull_request` workflow that names no `types`."""

SKIPS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
"""https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs"""
_KEYS = ("branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore", "types", "workflows")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one event; None where a filter is not given, which is not the same as an empty one."""

    branches: tuple[str, ...] | None = None
    branches_ignore: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    tags_ignore: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None
    paths_ignore: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    workflows: tuple[str, ...] | None = None
    """Of `workflow_run`: the names of the workflows that it waits for."""


def read_triggers(on: Value) -> dict[str, Filters]:
    """The events of an `on` section. Raises InvalidDocument."""
    if isinstance(on, str) and on:
        return {on: Filters()}
    if isinstance(on, list) and on:
        return {text_of(event): Filters() for event in on}
    if not isinstance(on, dict) or not on:
        raise InvalidDocument("has no event in `on`")
    return {event: _filters(table) for event, table in on.items()}


def starts(triggers: Mapping[str, Filters], event: Event) -> Truth:
    """Whether an event starts a workflow with these triggers; UNKNOWN when that hangs on what is not known."""
    filters = triggers.get(event.name)
    if filters is None:
        return False
    match event.name:
        case "push":
            return _pushed(filters, event)
        case "pull_request" | "pull_request_target":
            into = _ref_passes(event.base, filters.branches, filters.branches_ignore, ())
            wanted = event.action in (filters.types or PULL_REQUEST_TYPES)
            return _paths_pass(filters, event.paths) if into and wanted else False
        case "workflow_run":
            run = event.github["event"]["workflow_run"]
            wanted = event.action in (filters.types or (event.action,))
            on_branch = _ref_passes(run.get("head_branch"), filters.branches, filters.branches_ignore, ())
            return run.get("name") in (filters.workflows or ()) and wanted and on_branch
        case "merge_group":  # of whatever files: it has no filter for them
            wanted = event.action in (filters.types or (event.action,))
            return wanted and _ref_passes(event.base, filters.branches, filters.branches_ignore, ())
    return filters.types is None or event.action in filters.types


def skips_ci(message: str) -> bool:
    """Whether a commit message asks for no push and pull request workflows.

    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
    """
    lowered = message.lower()
    trailer = re.search(r"^skip-checks:\s*true\s*$", lowered, re.MULTILINE)
    return trailer is not None or any(mark in lowered for mark in SKIPS)


def _filters(table: Value) -> Filters:
    if not isinstance(table, dict):
        return Filters()  # `push:` alone, or a list as `schedule` has
    for kind in ("branches", "tags", "paths"):
        if kind in table and f"{kind}-ignore" in table:
            raise InvalidDocument(f"has both `{kind}` and `{kind}-ignore` for one event")
    return Filters(**{key.replace("-", "_"): _patterns(table[key]) for key in _KEYS if key in table})


def _patterns(value: Value) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(text_of(pattern) for pattern in listed if not isinstance(pattern, list | dict))


def _pushed(filters: Filters, event: Event) -> Truth:
    kind, _, name = text_of(event.ref).removeprefix("refs/").partition("/")
    branches, tags = (filters.branches, filters.branches_ignore), (filters.tags, filters.tags_ignore)
    if kind == "tags":  # paths play no part
        return _ref_passes(name, *tags, branches)
    return _paths_pass(filters, event.paths) if _ref_passes(name, *branches, tags) else False


def _ref_passes(
    name: str,
    wanted: tuple[str, ...] | None,
    unwanted: tuple[str, ...] | None,
    others: Collection[tuple[str, ...] | None],
) -> bool:
    """`others` are the filters for the other kind of ref: a workflow that has only those does not run for this one."""
    if wanted is not None:
        return matches(wanted, name)
    if unwanted is not None:
        return not matches(unwanted, name)
    return all(other is None for other in others)


def _paths_pass(filters: Filters, changed: Collection[str] | None) -> Truth:
    if filters.paths is None and filters.paths_ignore is None:
        return True
    if changed is None:
        return UNKNOWN
    if filters.paths is not None:
        return any(matches(filters.paths, path) for path in changed)
    return any(not matches(filters.paths_ignore or (), path) for path in changed)
