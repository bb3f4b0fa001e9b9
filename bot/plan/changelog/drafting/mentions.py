"""What was merged and is not mentioned in a section that a person wrote."""

import re
from collections.abc import Iterator, Sequence

from bot.plan.changelog.drafting.draft import worth_telling
from bot.plan.changelog.drafting.titles import breaks
from bot.plan.model import Change, Package

_NUMBER = re.compile(r"(?:#|/pull/|/issues/|\bGH-)(\d+)\b")
_MOST_NAMED = 20


def names_numbers(text: str) -> bool:
    """Whether a changelog refers to pull requests by number: only then can one be missed in it."""
    return _NUMBER.search(text) is not None


def not_mentioned(body: str, changes: Sequence[Change], package: Package) -> Iterator[str]:
    """A sentence that names the pull requests that a section does not; nothing where it names all."""
    mentioned = {int(number) for number in _NUMBER.findall(body)}
    missing = [change for change in worth_telling(changes)[0] if change.number and change.number not in mentioned]
    if not missing:
        return
    oldest_first = sorted(missing, key=lambda change: (not breaks(change), change.number or 0))
    named = [f"#{change.number}{' (breaking)' if breaks(change) else ''}" for change in oldest_first[:_MOST_NAMED]]
    more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
    where = package.changelog or package.name
    yield f"{where}: merged since the last release and not mentioned: {', '.join(named)}{more}."
