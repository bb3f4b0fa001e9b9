"""What is said of a release after its end, when the registries no longer show what they showed."""

from bot.comments.markdown import link, plain
from bot.comments.milestones import MARKS
from bot.plan.listed import listed
from bot.release.aftercare import Change
from bot.release.model import Release
from bot.release.verification.judge import Line, Verdict

CHANGED = "⚠️ **Since this release was verified, the registries have changed.**"
MENDED = "✅ **What was wrong on the registries is mended.**"
WAY_OUT = (
    "If you did this on purpose, there is nothing to do. If not: a yanked version can be unyanked on its registry; "
    "what was deleted or quarantined cannot be uploaded again under its number, so release the next patch version."
)


def changed(change: Change) -> str:
    """The new troubles, each with its evidence, and what is mended."""
    parts = [CHANGED, "\n".join(_line(verdict, line) for verdict, line in change.troubles), WAY_OUT]
    if not change.troubles:
        parts = [MENDED]
    if change.mended:
        parts.append("\n".join(f"- ✅ no longer: {plain(words)}" for words in change.mended))
    return "\n\n".join(parts)


def _line(verdict: Verdict, line: Line) -> str:
    package = verdict.package
    told = link(plain(line.text), line.link)
    return f"- {MARKS[line.mark]} **{plain(package.title)}** on {package.registry.label}: {told}"


def carried_body(release: Release) -> str:
    """The text of the pull request that tells the default branch of a maintenance release."""
    titles = listed(plain(package.title) for package in release.packages)
    return f"{titles} was released from `{release.plan.base}` (see #{release.request.issue}). This is its section."
