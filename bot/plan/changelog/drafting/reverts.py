"""Changes that were taken back: a change and its revert say nothing together."""

import re
from collections.abc import Sequence

from bot.plan.changelog.drafting.titles import read_title
from bot.plan.model import Change

_QUOTED = re.compile(r'(?P<verb>revert|reapply):?\s+["“](?P<title>.+)["”]', re.IGNORECASE)
_NUMBERS = re.compile(r"\s*\(#(?P<number>\d+)\)(?=\s*$)")


def reverted(title: str) -> str | None:
    """The title that a revert takes back, as it quotes it; None for any other change.

    `git revert` quotes the whole headline, the number included; GitHub's button the pull request's title, without;
    Conventional Commits have a type: https://www.conventionalcommits.org/en/v1.0.0/#how-does-conventional-commits-handle-revert-commits.
    """
    found = _QUOTED.fullmatch(" ".join(title.split()))
    if found is not None:
        return found["title"] if found["verb"].lower() == "revert" else None
    read = read_title(title)
    return read.text.strip("\"'“”") if read.kind == "revert" else None


def without_reverted(changes: Sequence[Change]) -> list[Change]:
    """The changes, newest first, without the pairs of a change and its revert.

    What a revert took back and a later one brought again (`Revert "Revert …"`, `Reapply …`) is there again.
    """
    left = list(changes)
    pairs: list[tuple[Change, Change]] = []
    for change in reversed(changes):
        again = _brought_again(change.title)
        pair = next((pair for pair in reversed(pairs) if again and _is(pair[0], again)), None)
        if pair is not None and not any(_is(other, f'Revert "{again}"') for other in left):
            pairs.remove(pair)
            left[left.index(change)] = pair[0]
            continue
        title = reverted(change.title)
        original = _original(left, change, title) if title else None
        if original is not None:
            left = [other for other in left if other is not change and other is not original]
            pairs.append((original, change))
    return left


def _original(left: Sequence[Change], revert: Change, title: str) -> Change | None:
    """The change that is taken back: the newest before the revert, else any of that title."""
    place = next(index for index, other in enumerate(left) if other is revert)
    return next((other for other in (*left[place + 1 :], *left[:place]) if _is(other, title)), None)


def _brought_again(title: str) -> str | None:
    found = _QUOTED.fullmatch(" ".join(title.split()))
    if found is None:
        return None
    return found["title"] if found["verb"].lower() == "reapply" else reverted(_NUMBERS.sub("", found["title"]))


def _is(change: Change, title: str) -> bool:
    """Whether a change has that title; a number within the quotes must be its own."""
    number = _NUMBERS.search(title)
    if number is not None and change.number is not None and int(number["number"]) == change.number:
        return True
    return _plain(change.title) == _plain(title) and (number is None or change.number is None)


def _plain(title: str) -> str:
    return " ".join(_NUMBERS.sub("", title).split()).lower()
