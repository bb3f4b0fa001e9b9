"""Which release a rollback means: the command names its packages and versions, as a confirmation. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.plan.model import Wanted
from bot.release.model import Release
from bot.release.rollback.ladder import named


class Why(Enum):
    """Why a command rolls nothing back."""

    UNKNOWN = auto()
    """No release is known that it could mean."""
    OTHER = auto()
    """It does not name what was released on its thread."""
    UNTAGGED = auto()
    """Nothing of it was tagged."""
    IN_PART = auto()
    """A release under way goes back as a whole."""


@dataclass(frozen=True, slots=True)
class Declined:
    """A rollback that does not begin; nothing is changed because of it."""

    why: Why
    release: Release | None
    """What the command may have meant."""


def which(wanted: Sequence[Wanted], here: Sequence[Release], known: Sequence[Release]) -> Release | Declined:
    """The release that is rolled back. `here` are those of the command's thread, `known` all; newest first each."""
    meant = [release for release in (*here, *known) if named(release, wanted)]
    tagged = [release for release in meant if was_tagged(release)]
    if not meant:
        shown = next((release for release in here if was_tagged(release)), next(iter(here), None))
        return Declined(Why.OTHER if shown else Why.UNKNOWN, shown)
    if not tagged:
        return Declined(Why.UNTAGGED, meant[0])
    found = tagged[0]
    if not found.phase.is_end and len(named(found, wanted)) < len(found.packages):
        return Declined(Why.IN_PART, found)
    return found


def was_tagged(release: Release) -> bool:
    """Whether a tag of it was pushed, or was about to be."""
    return release.publishing.is_tagged or bool(release.publishing.pushed)
