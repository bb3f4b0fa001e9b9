"""The status comment: one for each release, edited through its life."""

from datetime import datetime

from bot.comments.markdown import code, plain, table
from bot.comments.plan_check import contradictions, no_check
from bot.comments.reasons import bullets, remedy, sentence, sign
from bot.comments.theirs import not_mine
from bot.release.answers import Answer, Detail
from bot.release.model import Phase, Release, ReleasePackage

LIFE: tuple[tuple[Phase, str], ...] = (
    (Phase.REQUESTED, "Requested"),
    (Phase.PROPOSED, "Pull request"),
    (Phase.MERGED, "Merged"),
    (Phase.GREEN, "CI green on the merge commit"),
    (Phase.TAGGED, "Tags pushed"),
    (Phase.PUBLISHED, "Publish workflows"),
    (Phase.VERIFIED, "Registries verified"),
    (Phase.RELEASED, "GitHub Releases"),
)


UNDER_WAY = frozenset({Answer.PUBLISHING, Answer.LANDING})
"""Answers of a wait whose details are worth a look meanwhile: the runs."""


UNCHECKED = "`required = []` in `.github/release.toml`"
"""Why nothing was checked."""


def status_comment(release: Release, answer: Answer | None, details: tuple[Detail, ...] = ()) -> str:
    """The whole state of a release on one card: packages, steps, and why it waits; `details` are those of `answer`."""
    title = " + ".join(f"{package.name} {package.new}" for package in release.packages)
    parts = [f"### {_flag(release)} {title or code(release.request.text)}"]
    if release.packages:
        parts.append(_packages(release))
    parts.append(_steps(release))
    if told := not_mine(release):
        parts.append(told)
    if release.phase is Phase.PROPOSED and (wrong := contradictions(release)):
        parts.append(wrong)
    if lacking := no_check(release):
        parts.append(lacking)
    now = _now(release, answer, details)
    if now:
        parts.append(now)
    return "\n\n".join(parts)


def _flag(release: Release) -> str:
    if release.phase is Phase.RELEASED:
        return "✅ Released:"
    if release.phase is Phase.CANCELLED:
        return "🚫 Cancelled:"
    if release.phase is Phase.REFUSED:
        return "❌ Not released:"
    if release.phase is Phase.ROLLED_BACK:
        return "↩️ Rolled back:"
    if release.phase is Phase.ROLLING_BACK:
        return "↩️ Rolling back"
    if release.blocked and release.blocked.why is Answer.APPROVAL_AWAITED:
        return "✋ Waiting for an approval:"
    if release.blocked and release.blocked.why is Answer.START_AWAITED:
        return "✋ Waiting for a workflow to be started:"
    return "🛑 Blocked:" if release.blocked else "🚢 Releasing"


def _packages(release: Release) -> str:
    rows = [
        (f"**{plain(package.name)}**", _versions(package), code(package.tag), package.registry.label)
        for package in release.packages
    ]
    return table(("Package", "Version", "Tag", "Registry"), rows)


def _versions(package: ReleasePackage) -> str:
    return f"{package.old} → **{package.new}**" if package.old != package.new else f"**{package.new}**"


def _steps(release: Release) -> str:
    return "\n".join(_step(release, phase, label) for phase, label in LIFE)


def _step(release: Release, phase: Phase, label: str) -> str:
    if phase is Phase.GREEN and release.plan.policy.unchecked:
        label = f"Nothing checked on the merge commit: {UNCHECKED}"
    at = release.reached(phase)
    order = list(Phase)
    if at is not None and order.index(phase) <= order.index(release.phase):
        return f"- ✅ {label}{_evidence(release, phase)} <sub>{_clock(at)}</sub>"
    if release.phase.is_end or order.index(phase) != order.index(release.phase) + 1:
        return f"- ▫️ {label}"
    mark = sign(release.blocked.why) if release.blocked else "⏳"
    return f"- {mark} {label}{_evidence(release, phase)}"


def _evidence(release: Release, phase: Phase) -> str:
    if phase is Phase.REQUESTED:
        return f" by {code(release.request.by)}"
    if phase is Phase.PROPOSED and release.review.pull_request:
        return f" #{release.review.pull_request}"
    if phase is Phase.MERGED and release.merge.commit:
        return f" as {release.merge.commit}"
    return ""


def _now(release: Release, answer: Answer | None, details: tuple[Detail, ...]) -> str:
    if release.blocked is not None:
        why = release.blocked.why
        parts = [f"**{sentence(why, release)}**", bullets(release.blocked.details), remedy(why, release)]
        return "\n\n".join(part for part in parts if part)
    if release.phase.is_end or answer is None:
        return ""
    shown = bullets(details) if answer in UNDER_WAY else ""
    return "\n\n".join(part for part in (sentence(answer, release), shown) if part)


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
