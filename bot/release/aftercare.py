"""After the end: what was complete may not stay so, and is looked at again. Pure.

A version can be yanked, quarantined or deleted at any time, and a cache can show a file that is not there to stay. So
an ended release is held against the registries four times more, and people hear of it only when something changed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.release.facts import Facts, Timeouts
from bot.release.model import Phase, Release
from bot.release.publishing.packages import verdicts_on
from bot.release.records import Aftercare
from bot.release.verification.judge import Line, Mark, State, Verdict

AFTER = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=24), timedelta(days=13))
"""When to look again, from the release's end; the last time a day before PyPI takes no more files for it."""
POSTPONED = timedelta(minutes=5)
"""How much later, when a registry cannot be asked or is not of one mind."""
GIVEN_UP = timedelta(hours=12)
"""How long a look is postponed at most: a registry that never answers again is not asked for ever."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one such look found to be other than it was said last."""

    troubles: tuple[tuple[Verdict, Line], ...]
    """What is wrong now and was not."""
    mended: tuple[str, ...]
    """What was wrong and is not any more, in the words in which it was said."""


def begin(release: Release) -> Release:
    """The same release, to be looked at again if it ended as released, and not otherwise."""
    next_at = _time(release, release.aftercare.looks) if release.phase is Phase.RELEASED else None
    return replace(release, aftercare=replace(release.aftercare, next_at=next_at))


def look_again(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Release, Change | None]:
    """The release as it stands after this look, and what to say of it, if anything.

    The facts are those of its packages' registries. While they tell nothing for sure nothing is said, and the look is
    postponed.
    """
    now = facts.now
    ended = release.reached(Phase.RELEASED) or now
    verdicts = verdicts_on(release, release.packages, facts, published_at=ended, timeouts=timeouts)
    if any(verdict.state in (State.UNREACHABLE, State.PROPAGATING) for verdict in verdicts):
        if now - ended < AFTER[min(release.aftercare.looks, len(AFTER) - 1)] + GIVEN_UP:
            return replace(release, aftercare=replace(release.aftercare, next_at=now + POSTPONED)), None
        looks = _due(now - ended)
        next_at = _time(release, looks)
        return replace(release, aftercare=replace(release.aftercare, looks=looks, next_at=next_at)), None
    wrong = {_words(v, line): (v, line) for v in verdicts for line in v.lines if line.mark is Mark.FAILED}
    new = tuple(pair for words, pair in wrong.items() if words not in release.aftercare.troubles)
    mended = tuple(words for words in release.aftercare.troubles if words not in wrong)
    looks = _due(now - ended)
    after = replace(release, aftercare=Aftercare(_time(release, looks), looks, tuple(wrong)))
    return after, Change(new, mended) if new or mended else None


def _due(age: timedelta) -> int:
    """How many of the looks are due by then."""
    return sum(after <= age for after in AFTER)


def _time(release: Release, number: int) -> datetime | None:
    ended = release.reached(Phase.RELEASED)
    return None if ended is None or number >= len(AFTER) else ended + AFTER[number]


def _words(verdict: Verdict, line: Line) -> str:
    return f"{verdict.package.title}: {line.text}"
