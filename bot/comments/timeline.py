"""A release as it went: each step with its evidence, when it was reached and how long it took."""

from datetime import datetime, timedelta

from bot.comments.markdown import code, link, plain, table
from bot.comments.status import LIFE
from bot.release.model import Phase, Release


def timeline(release: Release) -> str:
    """The steps that were reached, each with a link to what shows it, and the whole time they took."""
    rows: list[tuple[str, str, str, str]] = []
    before: datetime | None = None
    for phase, label in LIFE:
        at = release.reached(phase)
        if at is None:
            continue
        took = duration(at - before) if before else ""
        rows.append((label, _evidence(release, phase), _moment(at, before), took))
        before = at
    first, last = release.reached(Phase.REQUESTED), release.reached(Phase.RELEASED)
    if first and last:
        rows.append(("**Altogether**", "", "", f"**{duration(last - first)}**"))
    return table(("Step", "Where", "At (UTC)", "Took"), rows)


def _evidence(release: Release, phase: Phase) -> str:
    """Links to what shows that a step was taken."""
    web, sha = release.web_url, release.merge.commit or ""
    issue = f"{web}/issues/{release.request.issue}#issuecomment-"
    match phase:
        case Phase.REQUESTED:
            return f"{link('comment', f'{issue}{release.request.comment}')} by {code(release.request.by)}"
        case Phase.PROPOSED:
            return link(f"#{release.review.pull_request}", release.review.url)
        case Phase.MERGED:
            return link(code(sha[:7]), f"{web}/commit/{sha}")
        case Phase.GREEN:
            return link("checks", f"{web}/commit/{sha}/checks")
        case Phase.TAGGED:
            tags = dict.fromkeys(package.tag for package in release.packages)
            return ", ".join(link(code(tag), f"{web}/tree/{tag}") for tag in tags)
        case Phase.PUBLISHED:
            return ", ".join(link(plain(run.text), run.url) for run in release.publishing.run_links)
        case Phase.VERIFIED if release.publishing.verified_in is not None:
            return link("evidence", f"{issue}{release.publishing.verified_in}")
        case Phase.RELEASED:
            pages = {package.tag: package.title for package in release.packages}
            return ", ".join(link(plain(title), f"{web}/releases/tag/{tag}") for tag, title in pages.items())
        case _:
            return ""


def _moment(at: datetime, before: datetime | None) -> str:
    """The time, and the day where it is another than the line above says."""
    return f"{at:%H:%M:%S}" if before and before.date() == at.date() else f"{at:%Y-%m-%d %H:%M:%S}"


def duration(span: timedelta) -> str:
    """`1 h 02 min`, `3 min 05 s`, `4.2 s`."""
    seconds = span.total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"
