"""Is everything that was promised on the registry? The verdict with its evidence, line by line.

Asked after the publish run ended: what is published cannot come later by itself once the run is over, so a missing
file is a failure at once. What the registry's own two views (what was uploaded; what cargo or pip reads) do not agree
on is a cache on its way, and is waited for as long as `Timeouts.propagation` says. docs/verification.md lists what is
looked for.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from bot.release.facts import Timeouts
from bot.release.found import Found, RegistryFacts, Unreachable
from bot.release.model import ReleasePackage
from bot.release.verification.verdict import Circumstances, Line, Mark, Origin, State, Verdict, state_of

__all__ = ["Line", "Mark", "Origin", "State", "Verdict", "judge"]

PAUSES = 3
"""An upload whose run is not known may go on for so many of its own longest pauses."""
_UNKNOWN = Origin()


def judge(
    package: ReleasePackage,
    found: RegistryFacts,
    *,
    published_at: datetime | None,
    now: datetime,
    timeouts: Timeouts,
    origin: Origin = _UNKNOWN,
) -> Verdict:
    """The verdict on `package` by what was `found`; its publish run ended at `published_at`.

    None means that nobody knows of a run: then the uploads themselves tell whether more may come.
    """
    if isinstance(found, Unreachable):
        then = f"Nothing follows from it: {'ask again later' if published_at is None else 'I ask again'}."
        line = Line(Mark.WAITING, f"{found.registry} cannot be asked: {found.why}", None, then)
        return Verdict(package, (line,), State.UNREACHABLE)
    circumstances = _circumstances(found, published_at, now, timedelta(seconds=timeouts.propagation), origin)
    lines = tuple(found.lines(package, circumstances))
    return Verdict(package, lines, state_of(lines))


def _circumstances(
    found: Found, published_at: datetime | None, now: datetime, propagation: timedelta, origin: Origin
) -> Circumstances:
    if published_at is not None:
        return Circumstances(now, now - published_at >= propagation, may_still_come=False, origin=origin)
    times = sorted(found.uploads)
    age = now - times[-1] if times else None
    pause = max((later - earlier for earlier, later in pairwise(times)), default=timedelta(0))
    return Circumstances(
        now,
        is_late=age is None or age >= propagation,
        may_still_come=age is not None and age < max(propagation, PAUSES * pause),
        origin=origin,
    )
