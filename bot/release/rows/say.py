"""Which comments a block has: the same reason seen again says nothing, another one does. Pure."""

import hashlib
from collections.abc import Iterable

from bot.registries.facts import PyPIRelease
from bot.release.checks import PASSING
from bot.release.facts import Facts, Timeouts
from bot.release.model import Blocked, Release
from bot.release.packages import verdicts_of
from bot.release.rollback.ladder import fates, rollback_of
from bot.release.rollback.model import OnRegistry
from bot.release.verification.judge import Mark
from bot.release.verification.uploads import is_closing


def its_details(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[str, ...]:
    """One comment a reason."""
    return (_reason(release, blocked, 0),)


def each_attempt(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[str, ...]:
    """One comment a reason and attempt of the workflow runs, for each new attempt gives the reason anew."""
    runs = facts.checks.runs if facts.checks else ()
    attempts = sum(run.attempt for run in runs if run.status == "waiting" or run.conclusion not in (None, *PASSING))
    return (_reason(release, blocked, attempts),)


def what_is_missing(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[str, ...]:
    """What is missing, once; once more when something else is, when it still is after publishing ran again, and on the
    last day on which PyPI takes files.
    """
    verdicts = verdicts_of(release, facts, timeouts)
    wrong = [line.text for verdict in verdicts for line in verdict.lines if line.mark is Mark.FAILED]
    again = sum({run.id: run.attempt - 1 for run in release.published_by}.values())
    variant = f"{release.stage}-incomplete-{_digest(wrong)}" + (f"-{again}" if again else "")
    on_pypi = [found for found in facts.registries.values() if isinstance(found, PyPIRelease)]
    if any(is_closing(found.files, facts.now) for found in on_pypi):
        return (variant, f"{release.stage}-incomplete-closing")
    return (variant,)


def what_is_to_yank(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[str, ...]:
    """What a person has to do, said again only when it is something else."""
    published = {fate.package for fate in fates(release, facts) if fate.on_registry is OnRegistry.PUBLISHED}
    left = [str(at) for at, package in enumerate(release.packages) if package.key in published]
    return (f"{rollback_of(release).comment}-{'.'.join(left)}",)


def _reason(release: Release, blocked: Blocked, attempts: int) -> str:
    details = [(detail.text, detail.url) for detail in blocked.details]
    named = hashlib.sha256(repr(details).encode()).hexdigest()[:8]
    again = f"-{release.rollback.comment}" if release.rollback else ""
    return f"{blocked.why.name.lower()}-{release.stage}-{attempts}-{named}{again}"


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
