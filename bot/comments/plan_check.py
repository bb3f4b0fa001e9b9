"""What the check run on a release's pull request says, and what the card says in its place."""

from collections.abc import Mapping

from bot.comments.markdown import code, plain
from bot.comments.theirs import not_mine
from bot.plan.listed import listed
from bot.release.model import Release
from bot.release.records import PlanVerdict

TITLES: Mapping[PlanVerdict, str] = {
    PlanVerdict.AS_PLANNED: "The branch is the plan",
    PlanVerdict.ADDED_TO: "The branch holds more than the plan",
    PlanVerdict.CONTRADICTED: "The versions do not agree with the plan",
}
_MOST_NAMED = 6


def summary(release: Release, verdict: PlanVerdict) -> str:
    """Markdown, below the title."""
    planned = listed(f"{code(f'{package.name} {package.new}')} as {code(package.tag)}" for package in release.packages)
    parts = [f"Planned from {release.plan.base_commit}: {planned}."]
    if verdict is not PlanVerdict.AS_PLANNED:
        parts.append(not_mine(release) or f"✍️ {code(release.review.branch)} ends in a commit that is not mine.")
        parts.append(contradictions(release))
    parts.append(
        "This check decides nothing: the commit that is merged is read and judged by itself before it is tagged."
    )
    return "\n\n".join(part for part in parts if part)


def contradictions(release: Release) -> str:
    """Where the branch says other versions than the plan; empty where it does not."""
    theirs = release.review.theirs
    if theirs is None or not theirs.wrong:
        return ""
    return f"⚠️ The versions do not agree with the plan any more: {listed(map(plain, theirs.wrong), most=_MOST_NAMED)}."


def no_check(release: Release) -> str:
    """That there is no check run, and why; empty where there is one, or is to be."""
    shown = release.review.shown
    if shown is None or not shown.lacks:
        return ""
    return (
        "<sub>No check run tells whether the pull request still is the plan: the App has not the optional permission "
        f"*{shown.lacks}*.</sub>"
    )
