"""The shortest script that still fails in the same way: mishaps are left out as long as that changes nothing."""

import time
from collections.abc import Callable, Sequence

from chaos.run import Result
from chaos.script import Mishap, Script

MOST_SECONDS = 60.0
"""Of the machine's time."""


def shrink(result: Result, play: Callable[[Script], Result]) -> Result:
    """The result of the shortest script found in which a property of the first violation is still broken."""
    broken = result.violations[0].property
    best, until = result, time.monotonic() + MOST_SECONDS
    size = max(1, len(result.script.mishaps) // 2)
    while size >= 1 and time.monotonic() < until:
        reduced = None
        for without in _parts(best.script.mishaps, size):
            found = play(best.script.only(frozenset(best.script.mishaps) - frozenset(without)))
            if any(violation.property == broken for violation in found.violations):
                reduced = found
                break
            if time.monotonic() > until:
                break
        if reduced is not None:
            best = reduced
            size = min(size, max(1, len(best.script.mishaps)))
        elif size == 1:
            break
        else:
            size //= 2
        if not best.script.mishaps:
            break
    return best


def _parts(mishaps: Sequence[Mishap], size: int) -> list[Sequence[Mishap]]:
    return [mishaps[at : at + size] for at in range(0, len(mishaps), size)]
