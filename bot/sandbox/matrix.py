"""`strategy.matrix`: the combinations that a job runs for, and how they show in its name. Pure.

Rules: https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, TypeAlias

from bot.workflows.document import text_of

Combination: TypeAlias = Mapping[str, Any]
"""One set of `matrix.*` values."""


def combinations(matrix: object) -> list[Combination]:
    """Every combination in GitHub's order; a single empty one without a matrix, or with one computed at run time."""
    if not isinstance(matrix, dict):
        return [{}]
    axes = {str(key): value for key, value in matrix.items() if key not in ("include", "exclude")}
    include, exclude = matrix.get("include") or [], matrix.get("exclude") or []
    lists = [*axes.values(), include, exclude]
    if any(not isinstance(value, list) for value in lists):
        return [{}]  # `${{ fromJSON(…) }}`: what comes out is not in the file
    crossed = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    kept = [each for each in crossed if not any(_agrees(each, out) for out in exclude if isinstance(out, dict))]
    return _included(kept, [each for each in include if isinstance(each, dict)], set(axes)) or [{}]


def _agrees(combination: Combination, part: Mapping[str, Any]) -> bool:
    return all(combination.get(key) == value for key, value in part.items())


def _included(kept: list[dict[str, Any]], include: list[dict[str, Any]], axes: set[str]) -> list[Combination]:
    """An `include` entry extends every combination whose own values it does not change, else it is one more."""
    extended = [dict(each) for each in kept]
    alone = []
    for entry in include:
        own = {key: value for key, value in entry.items() if key in axes}
        fits = [each for each in extended if _agrees(each, own)]
        for each in fits:
            each.update(entry)
        if not fits:
            alone.append(dict(entry))
    return [*extended, *alone]


def suffix(combination: Combination) -> str:
    """What GitHub appends to the name of a job: ` (ubuntu-latest, x86_64)`; nothing without a matrix."""
    shown = ", ".join(_leaves(combination))
    return f" ({shown})" if shown else ""


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif value is not None and value != "":
        yield text_of(value)
