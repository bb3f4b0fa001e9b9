"""Why a publish job failed, known by what its failed step printed. Pure.

The words for people are in `bot.comments.causes`.
"""

from bot.release.publishing.kinds import MAY_HAVE_LANDED, Cause, Kind
from bot.release.publishing.rules import RULES

__all__ = ["MAY_HAVE_LANDED", "RULES", "Cause", "Kind", "explain"]


def explain(log: str) -> Cause | None:
    """The cause that a failed step's output tells of, None when it is no known one. Total."""
    for rule in RULES:
        for pattern in rule.patterns:
            if found := pattern.search(log):
                groups = tuple((key, value.strip()) for key, value in found.groupdict().items() if value)
                return Cause(rule.kind, (*groups, *rule.gather(log)))
    return None
