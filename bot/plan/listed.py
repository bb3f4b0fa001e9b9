"""How several things are named in one sentence."""

from collections.abc import Iterable


def listed(items: Iterable[str], *, most: int | None = None) -> str:
    """`a`, `a and b`, `a, b and c`; beyond `most` of them the last are counted: `a, b and 7 more`."""
    names = list(items)
    if most is not None and len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
