"""From GitHub's refusal of an act to what is kept of it: whose matter it is, and whether it is final."""

from bot.github.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    GitHubError,
    Gone,
    Invalid,
    NotFound,
    ReadOnly,
    RefRefused,
    RefRuleViolation,
    RuleViolation,
    StaleData,
    TooOld,
    WorkflowsDiffer,
)
from bot.reconcile.back_off import SPEAK_UP_AFTER
from bot.release.model import Release
from bot.release.records import Refusal, Refused
from bot.release.refusals import Refusable, in_words, natural_key

AT_ONCE = (Forbidden, RuleViolation, Gone)
"""Only a person can change it."""
IN_THE_END = (NotFound, Invalid, Conflict)
"""So does a copy of GitHub's that lags behind answer."""
BY_CHANCE = (AlreadyExists, StaleData)
"""Somebody was faster: the next look sees what stands."""


def refusal_of(failure: GitHubError, action: Refusable, release: Release) -> Refusal | None:
    """What to keep of it; `release` knows what was refused before. None where it is no refusal."""
    if isinstance(failure, BY_CHANCE) or not isinstance(failure, (*AT_ONCE, *IN_THE_END)):
        return None
    key, error, earlier = natural_key(action), type(failure).__name__, release.refused
    same = earlier if earlier is not None and earlier.key == key else None
    times = same.times + 1 if same is not None and same.error == error else 1
    act: str = in_words(action, release)
    why: tuple[str, ...] = (str(failure),)
    if isinstance(failure, RefRefused):
        act, why = failure.act, failure.rules
    return Refusal(
        key,
        act,
        why,
        _whose(failure),
        again=same.again + 1 if same is not None and same.final else 0,
        error=error,
        times=times,
        final=isinstance(failure, AT_ONCE) or times >= SPEAK_UP_AFTER,
    )


def _whose(failure: GitHubError) -> Refused:
    match failure:
        case WorkflowsDiffer():
            return Refused.WORKFLOWS
        case RefRuleViolation() | RuleViolation():
            return Refused.RULE
        case TooOld():
            return Refused.TOO_OLD
        case ReadOnly():
            return Refused.READ_ONLY
        # Any 403 names the permission that its route needs; these words say that it is what lacks:
        # https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
        case Forbidden() if "not accessible by integration" in str(failure).lower():
            return Refused.PERMISSION
        case _:
            return Refused.OTHER
