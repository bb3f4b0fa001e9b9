"""Is everything that was promised on the registry? The verdict with its evidence, line by line.

Asked after the publish run ended: what is published cannot come later by itself once the run is over, so a missing
file is a failure at once. What the registry's own two views (what was uploaded; what cargo or pip reads) do not agree
on is a cache on its way, and is waited for as long as `Timeouts.propagation` says. docs/verification.md lists what is
looked for.
"""

from datetime import datetime, timedelta

from bot.registries.facts import CrateVersion, PyPIRelease, Unreachable
from bot.release.facts import RegistryFacts, Timeouts
from bot.release.model import ReleasePackage
from bot.release.verification.crate import crate_lines
from bot.release.verification.pypi import files_of, pypi_lines
from bot.release.verification.uploads import longest_pause
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
    if isinstance(found, CrateVersion):
        lines = tuple(crate_lines(package, found, circumstances))
    else:
        lines = tuple(pypi_lines(package, found, circumstances))
    return Verdict(package, lines, state_of(lines))


def _circumstances(
    found: CrateVersion | PyPIRelease,
    published_at: datetime | None,
    now: datetime,
    propagation: timedelta,
    origin: Origin,
) -> Circumstances:
    if published_at is not None:
        return Circumstances(now, now - published_at >= propagation, may_still_come=False, origin=origin)
    if isinstance(found, CrateVersion):
        last, pause = found.created_at, timedelta(0)
    else:
        files = files_of(found)
        last, pause = max((file.uploaded_at for file in files if file.uploaded_at), default=None), longest_pause(files)
    age = now - last if last else None
    return Circumstances(
        now,
        is_late=age is None or age >= propagation,
        may_still_come=age is not None and age < max(propagation, PAUSES * pause),
        origin=origin,
    )
