"""CI's verdicts that a release asks for: on the head before it, and on its merge commit."""

from bot.release.answers import Detail
from bot.release.ci.evidence import Evidence
from bot.release.ci.judge import CI, CIState, judge_ci
from bot.release.facts import Facts, Timeouts
from bot.release.model import Release


def head_ci(facts: Facts, timeouts: Timeouts) -> CI:
    """CI's verdict on the commit that would be released from; without facts about that it is running."""
    found = facts.preflight
    if found is None or found.plan is None or found.checks is None or found.pushed is None:
        return CI(CIState.RUNNING)
    policy = found.plan.policy
    evidence = Evidence(
        checks=found.checks,
        pushed=found.pushed,
        required=policy.required,
        rules=found.rules,
        has_pull_request=False,
        unchecked=policy.unchecked,
    )
    return _judged(evidence, found.judged or found.base_commit, facts, timeouts)


def merge_commit_ci(release: Release, facts: Facts, timeouts: Timeouts) -> CI:
    """CI's verdict on the merge commit; without facts about exactly that commit it is running, never green."""
    evidence = evidence_of(release, facts)
    return CI(CIState.RUNNING) if evidence is None else _judged(evidence, release.merge.commit, facts, timeouts)


def evidence_of(release: Release, facts: Facts) -> Evidence | None:
    """What the verdict on the merge commit rests on; None before it is known."""
    if facts.checks is None or facts.pushed is None:
        return None
    policy = facts.policy or release.plan.policy
    return Evidence(
        checks=facts.checks,
        pushed=facts.pushed,
        required=policy.required,
        rules=facts.rules,
        elsewhere=facts.elsewhere,
        unchecked=policy.unchecked,
        since=release.merge.since,
    )


def superseded(ci: CI) -> bool:
    """Whether nothing failed but workflow runs that were cancelled in their first attempt."""
    cancelled = all(run.conclusion == "cancelled" and run.attempt == 1 for run in ci.failed_runs)
    return cancelled and len(ci.failed_runs) == ci.failures > 0


def rerun_was_asked(ci: CI, release: Release) -> bool:
    """Whether GitHub was asked to run them again, which it may not show yet."""
    asked = release.publishing.rerun_at
    return asked is not None and all(run.updated_at <= asked for run in ci.failed_runs)


def _judged(evidence: Evidence, commit: str | None, facts: Facts, timeouts: Timeouts) -> CI:
    if not evidence.checks.commit == evidence.pushed.commit == commit:
        return CI(CIState.RUNNING)
    return judge_ci(evidence, now=facts.now, timeouts=timeouts)


def running_details(ci: CI) -> tuple[Detail, ...]:
    """What is still awaited, by name."""
    return tuple(Detail(name) for name in ci.running)
