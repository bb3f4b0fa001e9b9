"""What people put on the release branch, in words."""

from bot.comments.markdown import code
from bot.plan.listed import listed
from bot.release.model import Release

MOST_NAMED = 6


def not_mine(release: Release) -> str:
    """One paragraph; empty where nothing but our own commit was merged, or is to be."""
    theirs = release.review.theirs
    if theirs is None or not theirs.commits:
        return ""
    count = len(theirs.commits)
    many = "1 commit that is" if count == 1 else f"{'at least ' if theirs.more else ''}{count} commits that are"
    they = "It changes" if count == 1 else "They change"
    paths = f" {they} {listed(map(code, theirs.paths), most=MOST_NAMED)}." if theirs.paths else ""
    return f"✍️ The release has {many} not mine: {listed(map(code, theirs.commits), most=MOST_NAMED)}.{paths}"
