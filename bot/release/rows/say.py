"""Which comments a block has: the same reason seen again says nothing, another one does. Pure."""

import hashlib
from dataclasses import replace

from bot.github.facts import PASSING
from bot.ledger import Block, Incomplete, IncompleteClosing, Key, YankWanted
from bot.release.answers import LEDGER_REASONS, Blocked
from bot.release.facts import Facts, Timeouts
from bot.release.found import Found
from bot.release.model import Release
from bot.release.publishing.packages import verdicts_of
from bot.release.rollback.ladder import fates, rollback_of
from bot.release.rollback.model import OnRegistry
from bot.release.verification.judge import Mark


def its_reason(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[Block, ...]:
    """One comment a reason."""
    return (_reason(release, blocked, 0),)


def each_attempt(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[Block, ...]:
    """One comment a reason and attempt of the workflow runs, for each new attempt gives the reason anew."""
    runs = facts.checks.runs if facts.checks else ()
    attempts = sum(run.attempt for run in runs if run.status == "waiting" or run.conclusion not in (None, *PASSING))
    return (_reason(release, blocked, attempts),)


def each_refusal(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[Block, ...]:
    """One comment a reason and refusal: who retried in vain is told so."""
    refused = release.refused
    if refused is None:
        return its_reason(release, facts, timeouts, blocked)
    return (replace(_reason(release, blocked, refused.again), digest=_digest(repr((refused.key, refused.why)))),)


def what_is_missing(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[Key, ...]:
    """What is missing, once; once more when something else is, when it still is after publishing ran again, and on the
    last day on which a registry takes files.
    """
    verdicts = verdicts_of(release, facts, timeouts)
    wrong = [line.text for verdict in verdicts for line in verdict.lines if line.mark is Mark.FAILED]
    again = sum({run.id: run.attempt - 1 for run in release.publishing.ended_well}.values())
    told = Incomplete(release.publishing.stage, _digest("\n".join(wrong)), again or None)
    if any(isinstance(found, Found) and found.is_closing(facts.now) for found in facts.registries.values()):
        return (told, IncompleteClosing(release.publishing.stage))
    return (told,)


def what_is_to_yank(release: Release, facts: Facts, timeouts: Timeouts, blocked: Blocked) -> tuple[YankWanted, ...]:
    """What a person has to do, said again only when it is something else."""
    published = {fate.package for fate in fates(release, facts) if fate.on_registry is OnRegistry.PUBLISHED}
    left = tuple(at for at, package in enumerate(release.packages) if package.key in published)
    return (YankWanted(rollback_of(release).comment, left),)


def _reason(release: Release, blocked: Blocked, attempts: int) -> Block:
    details = [(detail.text, detail.url) for detail in blocked.details]
    again = release.rollback.comment if release.rollback else None
    return Block(LEDGER_REASONS[blocked.why], release.publishing.stage, attempts, _digest(repr(details)), again)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
