"""From GitHub's refusal of an act to what is kept of it: whose matter it is, and whether it is for good."""

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


def is_for_good(failure: GitHubError, failed_before: int) -> bool:
    """Whether asking again is in vain until a person has changed something."""
    if isinstance(failure, BY_CHANCE):
        return False
    return isinstance(failure, AT_ONCE) or (isinstance(failure, IN_THE_END) and failed_before + 1 >= SPEAK_UP_AFTER)


def refusal_of(failure: GitHubError, action: Refusable, release: Release) -> Refusal:
    """What to keep of it; `release` knows what was refused before."""
    key, earlier = natural_key(action), release.refused
    again = earlier.again + 1 if earlier is not None and earlier.key == key else 0
    if isinstance(failure, RefRefused):
        return Refusal(key, failure.act, failure.rules, _whose(failure), again)
    return Refusal(key, in_words(action, release), (str(failure),), _whose(failure), again)


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
        case Forbidden(missing=str()) | NotFound(missing=str()):
            return Refused.PERMISSION
        case _:
            return Refused.OTHER
