"""`strategy.matrix`: the combinations that a job runs for, and how they show in its name.

Rules: https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations; how
values are compared and which show in the name:
https://github.com/actions/runner/blob/main/src/Sdk/WorkflowParser/Conversion/MatrixBuilder.cs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from bot.workflows.document import text_of
from bot.workflows.values import UNKNOWN, Truth, Unknown, Value, compared

MOST = 256
"""Jobs that one matrix may make: https://docs.github.com/en/actions/reference/limits."""


@dataclass(frozen=True, slots=True)
class Combination:
    """One set of `matrix.*` values."""

    values: Mapping[str, Value]
    shown: str = ""
    """What GitHub appends to the name of a job: ` (ubuntu-latest, x86_64)`; nothing without a matrix."""


def combinations(matrix: Value) -> tuple[Combination, ...] | Unknown:
    """Every combination in GitHub's order; one that is empty without a matrix.

    UNKNOWN when a part of the matrix is, or is nothing that GitHub takes; none when an axis is empty.
    """
    if matrix is None:
        return (Combination({}),)
    if not isinstance(matrix, dict):
        return UNKNOWN
    axes = {key: value for key, value in matrix.items() if key not in ("include", "exclude")}
    include, exclude = _tables(matrix.get("include")), _tables(matrix.get("exclude"))
    if include is None or exclude is None or not all(isinstance(value, list) for value in axes.values()):
        return UNKNOWN
    if prod(map(len, axes.values())) + len(include) > MOST or len(exclude) > MOST:
        return UNKNOWN
    crossed = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    left_out = [[_agrees(out, made) for out in exclude] for made in crossed]
    if any(UNKNOWN in verdicts and True not in verdicts for verdicts in left_out):
        return UNKNOWN
    kept = [made for made, verdicts in zip(crossed, left_out, strict=True) if True not in verdicts]
    return _included(kept, include, axes)


def _included(
    kept: Sequence[dict[str, Any]], include: Sequence[dict[str, Any]], axes: Mapping[str, Value]
) -> tuple[Combination, ...] | Unknown:
    """An entry extends each combination whose own values it does not change, else it is one more."""
    extended, alone = [dict(made) for made in kept], []
    for entry in include:
        own = {key: value for key, value in entry.items() if key in axes}
        verdicts = [_agrees(own, made) for made in kept]
        if UNKNOWN in verdicts:
            return UNKNOWN
        for made, holds in zip(extended, verdicts, strict=True):
            if holds:
                made.update((key, value) for key, value in entry.items() if key not in axes)
        if True not in verdicts:
            alone.append(entry)
    crossed = (Combination(made, _suffix(before)) for made, before in zip(extended, kept, strict=True))
    return (*crossed, *(Combination(dict(entry), _suffix(entry)) for entry in alone))


def _tables(listed: Value) -> list[dict[str, Any]] | None:
    """None for what is no list of tables."""
    if listed is None:
        return []
    return listed if isinstance(listed, list) and all(isinstance(entry, dict) for entry in listed) else None


def _agrees(pattern: Value, value: Value) -> Truth:
    """Whether all that a pattern names is so in a value, compared as in expressions."""
    if isinstance(pattern, dict):
        parts = [_agrees(each, value.get(key) if isinstance(value, dict) else None) for key, each in pattern.items()]
    elif isinstance(pattern, list):
        whole = value if isinstance(value, list) else []
        parts = [_agrees(each, whole[at] if at < len(whole) else None) for at, each in enumerate(pattern)]
    else:
        return compared("==", value, pattern)
    return False if False in parts else UNKNOWN if UNKNOWN in parts else True


def _suffix(values: Mapping[str, Value]) -> str:
    shown = ", ".join(_leaves(values))
    return f" ({shown})" if shown else ""


def _leaves(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(each)
    elif text := "" if isinstance(value, Unknown) else text_of(value):
        yield text
