"""What came of passing a release on to one downstream repository. Plain data."""

from dataclasses import dataclass
from enum import Enum, auto

from bot.plan.downstream.planner import DownstreamPlan
from bot.release.model import ReleasePackage


class Outcome(Enum):
    """What came of it."""

    OPENED = auto()
    """A pull request of ours stands there, opened now or before."""
    SATISFIED = auto()
    """Every requirement accepts the new version as it is."""
    ABSENT = auto()
    """Nothing there requires the package."""
    LEFT = auto()
    """What is required there only a person can change."""
    BY_HAND = auto()
    """The App could not, and says how to do it by hand."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One downstream repository."""

    repository: str
    packages: tuple[ReleasePackage, ...]
    outcome: Outcome
    plan: DownstreamPlan | None = None
    """None when the files could not be read, or are not to be shown here."""
    url: str = ""
    """Of the pull request."""
    why: str = ""
    """Why it could not be done."""
