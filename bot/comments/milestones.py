"""The comment of each milestone: posted once, for people to be told."""

from collections.abc import Callable, Mapping, Sequence

from bot.comments import rollback
from bot.comments.markdown import code, fenced, link, plain, prose, table, unmarkable
from bot.comments.reasons import bare, bullets, remedy, sentence, sign
from bot.comments.status import UNCHECKED
from bot.comments.theirs import not_mine
from bot.comments.timeline import timeline
from bot.packaging.problem import Problem
from bot.plan.listed import listed
from bot.release.actions import DeleteBranch, Milestone
from bot.release.answers import Answer
from bot.release.model import Release, ReleasePackage
from bot.release.publishing.failures import Excerpt
from bot.release.table import Decision
from bot.release.verification.judge import Line, Mark, Verdict

NEW_LINE = "\n"
_MOST_NAMED = 6
MARKS: Mapping[Mark, str] = {Mark.OK: "✅", Mark.FAILED: "❌", Mark.WAITING: "⏳", Mark.NOTE: "📝"}


def pull_request_opened(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """The plan is on the table."""
    drafted = [package for package in release.packages if package.drafted]
    lines = [
        f"📦 **#{release.review.pull_request} proposes {_titles(release.packages)}.** "
        f"It was planned from {release.plan.base_commit}. Review it and merge it when you are ready: "
        "the tags follow once CI is green on the merge commit.",
    ]
    if drafted:
        names = listed(code(package.name) for package in drafted)
        lines.append(
            f"✏️ The changelog had nothing under *Unreleased* for {names}, so I drafted "
            f"{'that section' if len(drafted) == 1 else 'those sections'} from what was merged. Edit "
            f"{'it' if len(drafted) == 1 else 'them'} in the pull request: what you merge is what is released."
        )
    lines += [f"⚠️ {prose(warning)}" for warning in release.plan.warnings]
    if release.plan.offer:
        lines.append(f"💡 {prose(release.plan.offer)}")
    return "\n\n".join(lines)


def refused(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """Why a request leads to nothing; nothing has been changed."""
    if decision.answer is Answer.HEAD_RED:
        why = f"**CI is red on `{release.plan.base}` at {release.plan.base_commit}**, and a release starts from green."
        return _not_released(release, f"{why}\n\n{bullets(decision.details)}", "Fix it and ask again.")
    if decision.answer in (Answer.HEAD_SILENT, Answer.HEAD_UNTRIGGERED):
        return _not_released(release, *_nothing_ran(release, decision))
    if decision.answer is Answer.UNAUTHORISED:
        return _not_released(
            release,
            f"**{code(release.request.by)} may not release here.**\n\n{bullets(decision.details)}",
            "Somebody with that role can ask for it.",
        )
    listed = "\n".join(_problem(problem) for problem in problems)
    return _not_released(release, listed, "")


def _nothing_ran(release: Release, decision: Decision) -> tuple[str, str]:
    """Why nobody would know whether the head works, and what to do."""
    base, head = release.plan.base, release.plan.base_commit
    if decision.answer is Answer.HEAD_UNTRIGGERED:
        why = f"**No workflow runs on pushes to `{base}`**, so CI would not run on the commit that is tagged."
        then = (
            f"Let the workflow that tests run `on: push` to `{base}`, and ask again. Or write "
            "`required = []` below `[release]` in `.github/release.toml`: then nothing is checked."
        )
    else:
        why = (
            f"**CI has not started on `{base}` at {head}, or nothing of it passed**: nobody would know whether this "
            "commit works."
        )
        then = (
            f"Start it by hand on `{base}` if it has `workflow_dispatch`, or push a commit on which it runs, and ask "
            "again. `required` below `[release]` in `.github/release.toml` says what has to run."
        )
    return f"{why}\n\n{bullets(decision.details)}".rstrip(), then


def tags_pushed(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """The point of no return, said with its commit."""
    rows = [
        (
            link(code(package.tag), f"{release.web_url}/tree/{package.tag}"),
            package.title,
            code(package.workflow) if package.workflow else "none found: publish by hand",
        )
        for package in release.current
    ]
    several = len(release.current) > 1
    return (
        f"🏷️ **Tag{'s' if several else ''} pushed** on {release.merge.commit}, {_where_ci_stands(release)}.\n\n"
        + table(("Tag", "Package", "Publish workflow"), rows)
        + _apart(decision)
        + "".join(f"\n\n{told}" for told in [not_mine(release)] if told)
        + "\n\nI watch the publish workflows and then check the registries file by file."
    )


def _where_ci_stands(release: Release) -> str:
    return "where CI is green" if not release.plan.policy.unchecked else f"where nothing was checked ({UNCHECKED})"


def _apart(decision: Decision) -> str:
    """What did not pass there and is not CI."""
    if decision.answer is not Answer.UNTAGGED or not decision.details:
        return ""
    return f"\n\nNot required, and not green there:\n\n{bullets(decision.details)}"


def landed(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """A job failed, and nothing is missing."""
    said = bullets(decision.details)
    return (
        "☑️ **A publish job says that it failed, but its upload is on the registry**, so this is no failure and the "
        f"release goes on.\n\n{said}"
    )


def verification(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """The registries' verdict, line by line with its evidence."""
    complete = decision.answer in (Answer.COMPLETE, Answer.STAGE_COMPLETE)
    head = (
        "🔎 **Verified: the registries have exactly what was promised.**"
        if complete
        else "🔎 **Not complete on the registries.** This release is not done."
    )
    parts = [head, *(_verdict(verdict) for verdict in decision.verdicts)]
    if not complete:
        parts.append(remedy(Answer.INCOMPLETE, release))
    return "\n\n".join(parts)


def released(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """The end, with the timeline."""
    pages = [link(package.title, f"{release.web_url}/releases/tag/{package.tag}") for package in release.packages]
    carried = ""
    if release.aftercare.carried_in:
        carried = f"#{release.aftercare.carried_in} carries what changed to the changelog of the default branch."
    notes = (_left_to_do(decision), _differing(release), carried)
    parts = [f"🎉 **Released {listed(pages)}.**", *notes, timeline(release)]
    return "\n\n".join(part for part in parts if part)


def _differing(release: Release) -> str:
    """The files that a GitHub Release offers under the name of a registry's file, and that are not that file."""
    names = [code(name) for name in release.aftercare.assets_astray]
    if not names:
        return ""
    return (
        f"⚠️ **A GitHub Release has other files than the registry:** {listed(names)} differ by their SHA-256. "
        "Find out which build each is from before anybody trusts them."
    )


def _left_to_do(decision: Decision) -> str:
    """The GitHub Releases that are not published, and what to do about each."""
    if not decision.details:
        return ""
    return (
        f"⚠️ **Not every tag has a published GitHub Release yet.**\n\n{bullets(decision.details)}\n\n"
        "A draft that I did not make is not mine to publish: its author may still want to add files or words. "
        "Publish it when it is ready; where GitHub takes no Release for a tag, the changelog has the notes."
    )


def cancelled(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """What was undone, and that nothing was tagged."""
    pull = f"#{release.review.pull_request}"
    ends = {
        Answer.CLOSED: f"{pull} was closed without being merged.{_branch_left(release, decision)}",
        Answer.PULL_GONE: f"{pull} and its branch are gone.",
        Answer.MERGED_ELSEWHERE: f"{pull} was merged, but not into `{release.plan.base}`: {bare(decision.details)}.",
    }
    if decision.answer in ends:
        return f"🚫 **Cancelled**: {ends[decision.answer]} Nothing was tagged."
    by = code(release.asked.cancel_by or "somebody")
    if release.merge.commit:
        left = f"{pull} is merged already, so the version bump stays on `{release.plan.base}`."
    elif release.review.pull_request:
        left = f"{pull} is closed.{_branch_left(release, decision)}"
    else:
        left = "There was no pull request yet."
    return f"🚫 **Cancelled** by {by}. {left} Nothing was tagged."


def _branch_left(release: Release, decision: Decision) -> str:
    if any(isinstance(action, DeleteBranch) for action in decision.actions):
        return " Its branch is deleted."
    if decision.details:
        return f" Its branch {code(release.review.branch)} is left alone: it does not end in a commit of mine."
    return " Its branch is gone."


def elsewhere(issue: int) -> str:
    """Above whatever is said on the pull request because it cannot be said on the issue."""
    return f"*I cannot write on #{issue} (it is locked, deleted or moved), so I speak here.*"


def blocked(release: Release, decision: Decision, problems: Sequence[Problem]) -> str:
    """What is wrong, what exactly, and the way out."""
    parts = [
        f"{sign(decision.answer)} **{sentence(decision.answer, release)}**",
        bullets(decision.details),
        *(_excerpt(excerpt) for excerpt in decision.excerpts),
        remedy(decision.answer, release),
    ]
    return "\n\n".join(part for part in parts if part)


def _excerpt(excerpt: Excerpt) -> str:
    """The end of a log; whatever stands in it stays inside the fence."""
    where = f" of “{plain(excerpt.step)}”" if excerpt.step else ""
    head = f"The last {len(excerpt.lines)} lines" if excerpt.left_out else "The output"
    return f"{head}{where} in {plain(excerpt.job)}:\n\n{fenced(unmarkable(NEW_LINE.join(excerpt.lines)), 'text')}"


MILESTONES: Mapping[Milestone, Callable[[Release, Decision, Sequence[Problem]], str]] = {
    Milestone.PULL_REQUEST_OPENED: pull_request_opened,
    Milestone.REFUSED: refused,
    Milestone.TAGS_PUSHED: tags_pushed,
    Milestone.LANDED: landed,
    Milestone.VERIFICATION: verification,
    Milestone.RELEASED: released,
    Milestone.CANCELLED: cancelled,
    Milestone.BLOCKED: blocked,
    Milestone.ROLLBACK: rollback.begun,
    Milestone.YANK_WANTED: rollback.yank_wanted,
    Milestone.UNDONE: rollback.rolled_back,
}


def _not_released(release: Release, why: str, then: str) -> str:
    parts = [f"❌ {code(release.request.text)} cannot be released. Nothing was changed.", why, then]
    return "\n\n".join(part for part in parts if part)


def _problem(problem: Problem) -> str:
    fix = problem.fix
    said = f"- **{plain(problem.where)}**: {prose(problem.what)}"
    if "\n" in fix:
        return f"{said}\n\n{fenced(fix)}\n"
    return f"{said}\n  → {prose(fix)}" if fix else said


def _verdict(verdict: Verdict) -> str:
    lines = [_line(line) for line in verdict.lines]
    return f"**{plain(verdict.package.title)}** on {verdict.package.registry.label}\n" + "\n".join(lines)


def _line(line: Line) -> str:
    said = f"- {MARKS[line.mark]} {link(plain(line.text), line.link)}"
    return f"{said}\n  → {prose(line.then)}" if line.then else said


def _titles(packages: Sequence[ReleasePackage]) -> str:
    return listed((plain(package.title) for package in packages), most=_MOST_NAMED)
