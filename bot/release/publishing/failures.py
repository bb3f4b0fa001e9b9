"""How a publish workflow failed: which jobs, by what known cause, and whether everything landed all the same."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.github.facts import PASSING, Job, WorkflowRun
from bot.release.answers import Answer, Detail, Finding
from bot.release.ci.reported import describe_failure
from bot.release.facts import Facts, Timeouts
from bot.release.found import Unreachable
from bot.release.model import ReleasePackage
from bot.release.publishing.causes import MAY_HAVE_LANDED, explain
from bot.release.verification.judge import State, judge

MOST_EXCERPT_LINES = 40
"""Of a failed step's output that are shown."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The last lines that a failed step printed."""

    job: str
    """As a failure's detail names it: workflow and job."""
    step: str | None
    lines: tuple[str, ...]
    left_out: int
    """How many lines before these were printed, as far as they are known."""


def failed(run: WorkflowRun) -> bool:
    """Whether a run ended, and not well."""
    return run.status == "completed" and run.conclusion not in PASSING


def failed_jobs(run: WorkflowRun, facts: Facts) -> tuple[Job, ...]:
    """The jobs of a run that did not end well."""
    jobs = facts.checks.jobs.get(run.id, ()) if facts.checks else ()
    return tuple(job for job in jobs if job.status == "completed" and job.conclusion not in PASSING)


def may_have_landed(runs: Iterable[WorkflowRun], facts: Facts) -> bool:
    """Whether every failed job of these runs failed by a cause after which the registry may have everything."""
    jobs = [job for run in runs for job in failed_jobs(run, facts)]
    causes = [explain(facts.checks.logs.get(job.id, "")) if facts.checks else None for job in jobs]
    return bool(causes) and all(cause is not None and cause.kind in MAY_HAVE_LANDED for cause in causes)


def how_it_failed(package: ReleasePackage, runs: tuple[WorkflowRun, ...], facts: Facts, timeouts: Timeouts) -> Finding:
    """What the failed runs of a package's tag come to, with the failed jobs by name.

    A registry that cannot be asked is waited for as long as caches may lag; then a person is told what is known.
    """
    rejections = tuple(detail for run in runs for detail in _rejections(run, facts))
    if rejections:
        return Answer.APPROVAL_REJECTED, rejections
    details = tuple(detail for run in runs for detail in _described(run, facts))
    found = facts.registries.get(package.key)
    if found is None or not may_have_landed(runs, facts):
        return Answer.PUBLISH_FAILED, details
    ended_at = max(run.updated_at for run in runs)
    is_late = (facts.now - ended_at).total_seconds() >= timeouts.propagation
    if isinstance(found, Unreachable) and is_late:
        unknown = Detail(f"{found.registry} could not be asked whether it has everything all the same")
        return Answer.PUBLISH_FAILED, (*details, unknown)
    state = judge(package, found, published_at=ended_at, now=facts.now, timeouts=timeouts).state
    answers = {State.COMPLETE: Answer.LANDED, State.INCOMPLETE: Answer.PUBLISH_FAILED}
    return answers.get(state, Answer.LANDING), details


def what_holds_it_up(run: WorkflowRun, package: ReleasePackage, facts: Facts) -> Finding:
    """A run that waits: for a person, by name, or just for the end of a timer."""
    pending = facts.checks.approvals.get(run.id, ()) if facts.checks else ()
    title = f"{run.name} for {package.tag}"
    if not pending:
        return Answer.APPROVAL_AWAITED, (Detail(title, run.url),)
    details = []
    for each in pending:
        said = f"{title}: the environment {each.environment} "
        if each.reviewers:
            said += f"waits for the approval of {' or '.join(each.reviewers)}"
        elif each.until is not None:
            said += f"waits until {each.until:%Y-%m-%d %H:%M} UTC"
        else:
            said += "waits for its protection rules"
        details.append(Detail(said, run.url))
    only_timers = all(each.until is not None and not each.reviewers for each in pending)
    return (Answer.PUBLISHING if only_timers else Answer.APPROVAL_AWAITED), tuple(details)


def excerpts(runs: Iterable[WorkflowRun], facts: Facts) -> tuple[Excerpt, ...]:
    """What the failed steps of these runs printed last, as far as GitHub has it."""
    if facts.checks is None:
        return ()
    found = []
    for run in runs:
        for job in failed_jobs(run, facts):
            lines = facts.checks.logs.get(job.id, "").split("\n")
            if any(lines):
                shown = tuple(lines[-MOST_EXCERPT_LINES:])
                found.append(Excerpt(f"{run.name} / {job.name}", job.failed_step, shown, len(lines) - len(shown)))
    return tuple(found)


def _rejections(run: WorkflowRun, facts: Facts) -> Iterable[Detail]:
    """A job that was never let begin, and a person who said no; the reviews of earlier attempts are told, too."""
    reviews = facts.checks.reviews.get(run.id, ()) if facts.checks else ()
    kept_out = [job for job in failed_jobs(run, facts) if not job.began]
    for review in reviews:
        if kept_out and not review.approved:
            why = f": “{review.comment}”" if review.comment else ""
            said = f"{run.name}: {review.by} rejected the deployment to {' and '.join(review.environments)}{why}"
            yield Detail(said, run.url)


def _described(run: WorkflowRun, facts: Facts) -> Iterable[Detail]:
    """As for CI, with the cause that each job's log tells of."""
    logs = facts.checks.logs if facts.checks else {}
    jobs = failed_jobs(run, facts)
    if not jobs:
        return describe_failure(run, ())
    return [
        replace(detail, cause=explain(logs.get(job.id, ""))) for job in jobs for detail in describe_failure(run, (job,))
    ]
