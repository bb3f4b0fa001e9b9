"""Which releases an event can concern."""

from bot.events import ChecksChanged, Event, InstallationChanged, PullRequestChanged, RefsChanged, RepositoryChanged
from bot.release.model import Phase, Release
from bot.release.publishing.packages import waits_for_a_hand


def concerns(event: Event, release: Release) -> bool:
    """Whether an event can change what a look at this release would tell. A sweep looks in any case, later."""
    match event:
        case PullRequestChanged(number=number):
            return number == release.review.pull_request
        case ChecksChanged() if release.phase is Phase.TAGGED and waits_for_a_hand(release):
            return True  # a run on the base branch, whose newest commit may be another
        case ChecksChanged(commit=commit):
            return commit == (release.plan.base_commit if release.phase is Phase.REQUESTED else release.merge.commit)
        case RefsChanged(ref=ref):
            if ref == f"refs/heads/{release.plan.base}":
                return release.phase is Phase.PROPOSED
            # Our own tags make this event too; afterwards only a blocked release waits for somebody else's.
            waits = release.blocked is not None or release.phase is Phase.PROPOSED
            waits = waits or release.phase is Phase.ROLLING_BACK
            return waits and ref in {f"refs/tags/{package.tag}" for package in release.packages}
        case RepositoryChanged() | InstallationChanged():
            return True
        case _:
            return False
