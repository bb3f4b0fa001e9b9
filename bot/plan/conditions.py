"""Which jobs and steps of a workflow cannot run when a tag is pushed, as far as their `if` tells plainly."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_ELSEWHERE = re.compile(r"github\.event_name\s*==\s*'(?:pull_request|pull_request_target|schedule|merge_group)'")
_COMPARED = re.compile(r"(?P<not>!?)\s*matrix\.(?P<path>[\w.-]+)\s*(?:(?P<op>==|!=)\s*(?P<value>'[^']*'|[\w.-]+))?")
_SEARCHED = re.compile(
    r"(?P<not>!?)\s*(?P<how>startsWith|endsWith|contains)\(\s*matrix\.(?P<path>[\w.-]+)\s*,\s*(?P<value>'[^']*')\s*\)",
    re.IGNORECASE,
)


def never_runs(job_or_step: Mapping[str, Any], combinations: Iterable[Mapping[str, Any]] = ()) -> bool:
    """Whether its `if` is false for each of these combinations of the matrix; without any only what needs none counts.

    A condition that is too clever to be read here may be true.
    """
    condition = str(job_or_step.get("if") or "").strip()
    condition = condition.removeprefix("${{").removesuffix("}}").strip()
    if not condition or "||" in condition:
        return False
    parts = [part.strip() for part in condition.split("&&")]
    if any(part.lower() == "false" or _ELSEWHERE.fullmatch(part) for part in parts):
        return True
    made = list(combinations)
    return bool(made) and all(any(_is_false(part, matrix) for part in parts) for matrix in made)


def _is_false(part: str, matrix: Mapping[str, Any]) -> bool:
    found = _COMPARED.fullmatch(part) or _SEARCHED.fullmatch(part)
    value = _value(found["path"], matrix) if found else None
    if found is None or value is None:
        return False
    wanted = (found["value"] or "").strip("'").lower()  # GitHub compares without regard to case
    match (found.groupdict().get("how") or found["op"] or "").lower():
        case "startswith":
            holds = value.startswith(wanted)
        case "endswith":
            holds = value.endswith(wanted)
        case "contains":
            holds = wanted in value
        case "==":
            holds = value == wanted
        case "!=":
            holds = value != wanted
        case _:
            holds = value not in ("", "false", "0")
    return holds == bool(found["not"])


def _value(path: str, matrix: Mapping[str, Any]) -> str | None:
    """In lower case; empty for what the combination does not have, None for what is no single word."""
    found: Any = matrix
    for key in path.split("."):
        found = found.get(key, "") if isinstance(found, dict) else ""
    return found.lower() if isinstance(found, str) else None
