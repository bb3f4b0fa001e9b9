"""The question that each phase asks of the world, and how a look's facts answer it.

Level-triggered: nothing here knows which webhook came. Each function is total: whatever the facts, one answer.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from bot.github.facts import Permission, PullRequestState
from bot.release.answers import Answer, Detail, Finding
from bot.release.ci.judge import CIState
from bot.release.ci.of_release import head_ci, merge_commit_ci, rerun_was_asked, running_details, superseded
from bot.release.facts import Facts, Preflight, Timeouts
from bot.release.found import Unreachable
from bot.release.github_releases import drafts_left, latest_now, without_page
from bot.release.model import Phase, Release
from bot.release.publishing.packages import tags_astray, tags_gone, tolerated_failures, verdicts_of
from bot.release.publishing.progress import publishing_of
from bot.release.records import Refused
from bot.release.rollback.ladder import what_is_left_to_undo
from bot.release.verification.judge import Mark, State
from bot.release.with_plan import is_same_plan

Question: TypeAlias = Callable[[Release, Facts, Timeouts], Finding]


def can_it_be_released(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """Preflight: everything that can fail later is found now, before anything is changed.

    It is not asked again once the pull request is there: that may be merged by now, and its version no longer new.
    """
    if facts.preflight is None and (release.review.pull_request is not None or facts.snapshot.pull_request is not None):
        return Answer.OPENED, ()
    if release.asked.cancel_by:
        return Answer.CANCEL_ASKED, ()
    preflight = facts.preflight
    if preflight is None:
        return Answer.HEAD_RUNNING, ()
    if preflight.plan is None or preflight.checks is None:
        return Answer.UNPLANNABLE, ()
    if not release.request.role.allows(Permission(preflight.plan.policy.permission)):
        return Answer.UNAUTHORISED, (Detail(f"needs {preflight.plan.policy.permission}, has {release.request.role}"),)
    ci = head_ci(facts, timeouts)
    answers = {
        CIState.RED: Answer.HEAD_RED,
        CIState.SILENT: Answer.HEAD_SILENT,
        CIState.UNTRIGGERED: Answer.HEAD_UNTRIGGERED,
        CIState.UNREPORTED: Answer.HEAD_SILENT,
        CIState.RUNNING: Answer.HEAD_RUNNING,
        CIState.GREEN: Answer.READY,
    }
    return answers[ci.state], (*_instead_of_the_head(preflight), *(ci.details or running_details(ci)))


def _instead_of_the_head(preflight: Preflight) -> tuple[Detail, ...]:
    """Which commit was judged, where that is not the head."""
    if not preflight.judged:
        return ()
    why = f"no workflow runs for what {preflight.base_commit} changes"
    return (Detail(f"this is about {preflight.judged}, the newest commit for which CI runs: {why}"),)


def what_became_of_the_pull_request(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """Open, merged or closed; a merge that already happened wins over a cancel that came too late."""
    pull = facts.snapshot.pull_request
    if pull is not None and pull.state is PullRequestState.MERGED and pull.merge_commit:
        if pull.base != release.plan.base:
            return Answer.MERGED_ELSEWHERE, (Detail(f"into {pull.base} instead of {release.plan.base}", pull.url),)
        return Answer.MERGED, ()
    if release.asked.cancel_by:
        return Answer.CANCEL_ASKED, _not_ours(release, facts)
    if pull is not None and pull.state is PullRequestState.CLOSED:
        return Answer.CLOSED, _not_ours(release, facts)
    if pull is None or pull.state is not PullRequestState.OPEN:
        proposed = release.reached(Phase.PROPOSED) or facts.now
        gone = pull is None and facts.snapshot.branch is None and _elapsed(proposed, facts) >= timeouts.lag
        return (Answer.PULL_GONE if gone else Answer.IN_REVIEW), ()
    elsewhere = (Detail(f"#{pull.number} goes to {pull.base}", pull.url),) if pull.base != release.plan.base else ()
    if facts.snapshot.base is None:  # where it was renamed, GitHub takes the pull request along
        return Answer.BASE_GONE, elsewhere
    if elsewhere:
        return Answer.RETARGETED, elsewhere
    if facts.snapshot.tags:
        return Answer.TAG_ELSEWHERE, tuple(
            Detail(f"{tag.name} stands on {tag.commit} already") for tag in facts.snapshot.tags
        )
    return _does_the_plan_hold(release, facts)


def _does_the_plan_hold(release: Release, facts: Facts) -> Finding:
    """Whether the newest commit of the base leads to the plan that the pull request shows."""
    if facts.replan is None:
        return Answer.IN_REVIEW, ()
    if facts.replan.plan is None:
        return Answer.PLAN_STALE, tuple(Detail(f"{p.where}: {p.what}") for p in facts.replan.problems)
    # On a commit that was taken off the base, the same plan would bring that commit back.
    if facts.snapshot.branch is None or (is_same_plan(release, facts.replan) and facts.snapshot.base_holds):
        return Answer.IN_REVIEW, ()
    if facts.snapshot.branch.head in release.review.ours:
        return Answer.BASE_MOVED, ()
    if (
        facts.snapshot.branch_follows and facts.snapshot.base_holds
    ):  # a person merged the base: theirs to review, and theirs to merge
        return Answer.IN_REVIEW, ()
    return Answer.EDITED, (*_not_ours(release, facts), *_taken_off(release, facts))


def _taken_off(release: Release, facts: Facts) -> tuple[Detail, ...]:
    """The commit that the plan was made from, when the base branch was forced back behind it."""
    if facts.snapshot.base_holds:
        return ()
    what = f"{release.plan.base} does not hold {release.plan.base_commit} any more, which this was planned from"
    return (Detail(f"{what}: a merge may bring back what was taken off {release.plan.base}"),)


def _not_ours(release: Release, facts: Facts) -> tuple[Detail, ...]:
    """The release branch's head, when that is a person's commit."""
    if facts.snapshot.branch is None or facts.snapshot.branch.head in release.review.ours:
        return ()
    return (Detail(f"{release.review.branch} ends in {facts.snapshot.branch.head}, which is not mine"),)


def is_the_merge_commit_right_and_green(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """tree-says-so and green-before-tag, on exactly the commit that would be tagged, which the base branch holds."""
    tagged = release.publishing.is_tagged or any(tag.commit == release.merge.commit for tag in facts.snapshot.tags)
    if release.asked.cancel_by and not tagged:
        return Answer.CANCEL_ASKED, ()
    newer = facts.snapshot.base is not None and facts.snapshot.base.head != release.merge.commit
    if release.asked.retry_by and newer and not tagged:
        return Answer.MOVED_ON, ()
    if facts.snapshot.base is None:
        return Answer.BASE_GONE, ()
    if not facts.snapshot.base_holds:
        return Answer.OFF_BASE, (Detail(f"{release.plan.base} does not hold {release.merge.commit}"),)
    if facts.disagreements:
        return Answer.TREE_DISAGREES, tuple(Detail(f"{p.where}: {p.what}") for p in facts.disagreements)
    ci = merge_commit_ci(release, facts, timeouts)
    answers = {
        CIState.RED: Answer.CI_RED,
        CIState.SILENT: Answer.CI_SILENT,
        CIState.UNTRIGGERED: Answer.CI_UNTRIGGERED,
        CIState.UNREPORTED: Answer.CI_UNREPORTED,
        CIState.RUNNING: Answer.CI_RUNNING,
        CIState.GREEN: Answer.CI_GREEN,
    }
    if ci.state is CIState.RED and newer and superseded(ci):
        if not rerun_was_asked(ci, release):
            return Answer.CI_CANCELLED, ci.details
        if release.publishing.rerun_at is not None and _elapsed(release.publishing.rerun_at, facts) < timeouts.lag:
            return Answer.CI_RUNNING, ci.details
    return answers[ci.state], ci.details or running_details(ci)


def may_the_tags_be_pushed(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """Every safety check once more, in the look that pushes: tags never move, authorised now, still green, and still
    on the base branch.
    """
    existing = {tag.name: tag.commit for tag in facts.snapshot.tags}
    if release.asked.cancel_by and release.publishing.stage == 0 and release.merge.commit not in existing.values():
        return Answer.CANCEL_ASKED, ()
    # Also the tags of later stages: what they stop had better not begin.
    astray = tags_astray(release.packages, release, facts)
    if astray:
        return Answer.TAG_ELSEWHERE, astray
    if all(package.tag in existing for package in release.current):
        return Answer.TAGGED, ()
    if not facts.snapshot.base_holds:
        return Answer.OFF_BASE, ()
    if facts.disagreements or not release.merge.tree_agrees:
        return Answer.NO_LONGER_GREEN, ()
    ci = merge_commit_ci(release, facts, timeouts)
    if ci.state is not CIState.GREEN:
        return Answer.NO_LONGER_GREEN, ()
    needed = Permission(release.plan.policy.permission)
    if facts.authority is None or not facts.authority.allows(needed):
        return Answer.UNAUTHORISED, (Detail(f"@{release.on_behalf_of} has {facts.authority or Permission.NONE}"),)
    if _workflows_want_a_newer_commit(release, facts):
        return Answer.MOVED_ON, ()
    return Answer.UNTAGGED, ci.apart


def _workflows_want_a_newer_commit(release: Release, facts: Facts) -> bool:
    """Who retries in vain over workflow files moves the release to the newest commit, whose files some branch has."""
    refused = release.refused
    if refused is None or refused.of is not Refused.WORKFLOWS or not refused.again or release.asked.retry_by:
        return False
    stands = release.publishing.is_tagged or any(tag.commit == release.merge.commit for tag in facts.snapshot.tags)
    newer = facts.snapshot.base is not None and facts.snapshot.base.head != release.merge.commit
    return newer and not stands


def how_did_publishing_end(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """The publish workflow runs of the stage's tags; the worst answer of all packages counts."""
    gone, astray = tags_gone(release.current, facts), tags_astray(release.current, release, facts)
    if gone and not astray and _elapsed(release.publishing.tagged_at or facts.now, facts) < timeouts.lag:
        return Answer.RUN_AWAITED, ()
    if gone and not astray and release.asked.retry_by:
        return Answer.TAG_GONE, gone
    if astray or gone:
        return Answer.TAG_ELSEWHERE, (*astray, *gone)
    findings = [publishing_of(package, release, facts, timeouts) for package in release.current]
    order = (
        Answer.PUBLISH_FAILED,
        Answer.APPROVAL_REJECTED,
        Answer.RUN_LOST,
        Answer.START_AWAITED,
        Answer.UPLOAD_AWAITED,
        Answer.APPROVAL_AWAITED,
        Answer.RUN_AWAITED,
        Answer.PUBLISHING,
        Answer.LANDING,
        Answer.LANDED,
        Answer.PUBLISHED,
    )
    worst = min((answer for answer, _ in findings), key=order.index, default=Answer.PUBLISHED)
    return worst, tuple(detail for answer, details in findings if answer is worst for detail in details)


def is_everything_on_the_registries(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """The verdicts of the stage's packages; the worst counts."""
    verdicts = verdicts_of(release, facts, timeouts)
    if len(verdicts) < len(release.current):
        return Answer.UNREACHABLE, ()
    since = release.publishing.silent_since
    if since is not None and _elapsed(since, facts) >= timeouts.propagation:
        names = {found.registry for found in facts.registries.values() if isinstance(found, Unreachable)}
        if names and not any(verdict.state is State.INCOMPLETE for verdict in verdicts):
            return Answer.REGISTRY_SILENT, tuple(_silent(name, since) for name in sorted(names))
    for state, answer in (
        (State.INCOMPLETE, Answer.INCOMPLETE),
        (State.UNREACHABLE, Answer.UNREACHABLE),
        (State.PROPAGATING, Answer.PROPAGATING),
    ):
        lines = tuple(
            Detail(f"{verdict.package.title}: {line.text}", line.link)
            for verdict in verdicts
            if verdict.state is state
            for line in verdict.lines
            if line.mark in (Mark.FAILED, Mark.WAITING)
        )
        if any(verdict.state is state for verdict in verdicts):
            again = answer is Answer.INCOMPLETE and release.asked.retry_by and any(tolerated_failures(release, facts))
            return Answer.JOBS_LEFT if again else answer, lines
    last = release.publishing.stage >= len(release.stages) - 1
    return (Answer.COMPLETE if last else Answer.STAGE_COMPLETE), ()


def _silent(registry: str, since: datetime) -> Detail:
    return Detail(f"{registry} has not answered since {since:%Y-%m-%d %H:%M} UTC")


def does_each_tag_have_its_release(release: Release, facts: Facts, timeouts: Timeouts) -> Finding:
    """GitHub Releases by tag; a draft that somebody prepared counts, is left to them, and named.

    The tags are looked at once more: for a missing one GitHub would make a tag of its own.
    """
    gone, astray = tags_gone(release.packages, facts), tags_astray(release.packages, release, facts)
    if astray or gone:
        return Answer.TAG_LOST, (*astray, *gone)
    left = drafts_left(facts)
    to_do = without_page(release, facts) or latest_now(release, facts)
    return (Answer.WITHOUT_RELEASES if to_do else Answer.WITH_RELEASES), left


QUESTIONS: Mapping[Phase, Question] = {
    Phase.REQUESTED: can_it_be_released,
    Phase.PROPOSED: what_became_of_the_pull_request,
    Phase.MERGED: is_the_merge_commit_right_and_green,
    Phase.GREEN: may_the_tags_be_pushed,
    Phase.TAGGED: how_did_publishing_end,
    Phase.PUBLISHED: is_everything_on_the_registries,
    Phase.VERIFIED: does_each_tag_have_its_release,
    Phase.ROLLING_BACK: what_is_left_to_undo,
}


def _elapsed(since: datetime, facts: Facts) -> float:
    return (facts.now - since).total_seconds()
