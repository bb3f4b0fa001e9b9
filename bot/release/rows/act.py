"""What each row of the table does: from a release and the facts of one look to actions. Pure."""

from dataclasses import replace

from bot.defused import defused
from bot.github.facts import PASSING, PullRequestState
from bot.ledger import Landed, TagsPushed, Verified, Word
from bot.plan.naming import branch_of_carried
from bot.release.actions import (
    Action,
    CarryChangelogs,
    ClosePullRequest,
    DeleteBranch,
    DropLeftBehind,
    FollowBase,
    OpenPullRequest,
    PassOn,
    PostComment,
    PushTags,
    React,
    RerunFailedJobs,
    RerunJob,
    StartDiscussion,
    StartWorkflow,
)
from bot.release.ci.of_release import merge_commit_ci
from bot.release.facts import Facts, Timeouts
from bot.release.github_releases import latest_now, missing_pages, pages_with_the_tags
from bot.release.model import Phase, Release
from bot.release.publishing.packages import publish_runs, tolerated_failures


def nothing(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Wait, or go on to the next question."""
    return ()


def propose(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Open the pull request of the plan and say so."""
    if facts.preflight is None or facts.preflight.plan is None:
        return ()
    opening = OpenPullRequest(facts.preflight.plan, facts.preflight.base_commit)
    return (opening, *say_proposed(release, facts, timeouts))


def say_proposed(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """The pull request is there."""
    return (PostComment(Word.PULL_REQUEST_OPENED), React("+1"))


def withdraw(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Close what is open."""
    if release.phase is Phase.REQUESTED:
        tried = release.review.branch and (release.refused is not None or release.review.opening_at is not None)
        return (DropLeftBehind(),) if tried and release.review.pull_request is None else ()
    proposed = release.review.pull_request and not release.merge.commit
    pull = facts.snapshot.pull_request
    is_closed = pull is not None and pull.state is PullRequestState.CLOSED
    closing: tuple[Action, ...] = (ClosePullRequest(),) if proposed and not is_closed else ()
    # A branch that ends in a person's commit is not ours to delete.
    ours = facts.snapshot.branch is not None and facts.snapshot.branch.head in release.review.ours
    deleting = (DeleteBranch(facts.snapshot.branch.head),) if proposed and ours and facts.snapshot.branch else ()
    return (*closing, *deleting)


def follow(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Have the pull request follow its base."""
    if facts.replan is None or facts.replan.plan is None or facts.snapshot.branch is None:
        return ()
    return (FollowBase(facts.replan.plan, facts.replan.base_commit, facts.snapshot.branch.head),)


def push_tags(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """All tags of the stage that do not stand yet, together, and the GitHub Releases that come with them."""
    tags = tags_to_push(release, facts)
    messages = {tag: _message(tag, release) for tag in tags} if release.plan.policy.annotated else None
    pushing = PushTags(tags, release.merge.commit or "", messages)
    return (pushing, announce_tags(with_pushed(release, facts)), *_starts(release, facts))


def _message(tag: str, release: Release) -> str:
    """What an annotated tag says: whose version it is."""
    return defused(", ".join(package.title for package in release.packages if package.tag == tag))


def tags_to_push(release: Release, facts: Facts) -> tuple[str, ...]:
    """The stage's tags that do not stand."""
    existing = {tag.name for tag in facts.snapshot.tags}
    return tuple(dict.fromkeys(package.tag for package in release.current if package.tag not in existing))


def with_pushed(release: Release, facts: Facts) -> Release:
    """The release that remembers which tags it pushes: only those may ever be deleted."""
    return replace(
        release,
        publishing=replace(
            release.publishing, pushed=tuple(dict.fromkeys((*release.publishing.pushed, *tags_to_push(release, facts))))
        ),
    )


def say_tagged(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """The tags stand already (a crash after pushing, or a person's hand)."""
    return (announce_tags(release), *_starts(release, facts))


def _starts(release: Release, facts: Facts) -> tuple[Action, ...]:
    """What publishing the stage needs beside its tags."""
    starts: dict[object, StartWorkflow] = {}
    for package in release.current:
        if package.dispatch and package.workflow and not publish_runs(package, release, facts):
            ref = package.tag if package.dispatch.on_tag else release.plan.base
            start = StartWorkflow(package.workflow, package.tag, ref, package.dispatch.inputs)
            starts.setdefault((start.workflow, start.ref, start.inputs), start)  # one run may publish several
    return (*pages_with_the_tags(release, facts), *starts.values())


def publish_anew(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """On `/release retry`: a GitHub Release that starts a publish workflow and is gone."""
    return pages_with_the_tags(release, facts) if release.asked.retry_by else ()


def announce_tags(release: Release) -> PostComment:
    """One comment a publish stage; it also tells the ledger's reader where the tags stand, and who put them there."""
    ours = {package.tag for package in release.current} <= set(release.publishing.pushed)
    return PostComment(TagsPushed(release.publishing.stage, release.merge.commit or "", None if ours else True))


def say_landed(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """A job says that it failed, and the registry says otherwise."""
    return (PostComment(Landed(release.publishing.stage)),)


def verified(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Post the verification's result."""
    return (PostComment(Verified(release.publishing.stage)),)


def create_releases(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """A GitHub Release for each tag that has none; only the primary package becomes the latest."""
    pages: tuple[Action, ...] = (*missing_pages(release, facts), *latest_now(release, facts))
    return (*pages, *conclude(release, facts, timeouts))


def conclude(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """Who comes after hears of it, and the release branch goes if it still ends in our commit: until here it held the
    workflow files of the tagged commit, without which GitHub may refuse its tags.
    """
    deleting = tuple(DeleteBranch(head) for head in release.review.ours[-1:])
    follows = any(release.released_to(each) for each in release.plan.downstream)
    passing: tuple[Action, ...] = (PassOn(),) if follows else ()
    carrying: tuple[Action, ...] = ()
    if facts.carried is not None and facts.carried.files:
        tags = list(dict.fromkeys(package.tag for package in release.packages))
        titles = ", ".join(package.title for package in release.packages)
        branch = branch_of_carried(release.plan.policy.branch_prefix, tags)
        carrying = (CarryChangelogs(facts.carried, branch, defused(f"changelog: {titles}")),)
    category = release.plan.policy.announce
    announcing: tuple[Action, ...] = (StartDiscussion(category),) if category else ()
    return (*deleting, *passing, *carrying, *announcing)


def rerun_ci(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """On `/release retry`: CI's failed jobs once more."""
    if not release.asked.retry_by:
        return ()
    return rerun_cancelled(release, facts, timeouts)


def rerun_cancelled(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """CI that a newer push cancelled, once more; nobody has to ask."""
    failed = merge_commit_ci(release, facts, timeouts).failed_runs
    return tuple(RerunFailedJobs(run.id, run.attempt) for run in failed)


def rerun_what_may_fail(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """On `/release retry` of what is incomplete: of each publish run the first job that failed without making it fail.

    GitHub runs one job of a run at a time again; another that failed is the next retry's.
    """
    if not release.asked.retry_by:
        return ()
    return tuple(RerunJob(jobs[0].id) for jobs in tolerated_failures(release, facts) if jobs)


def rerun_publishing(release: Release, facts: Facts, timeouts: Timeouts) -> tuple[Action, ...]:
    """On `/release retry`: the publish workflows' failed jobs once more."""
    if not release.asked.retry_by:
        return ()
    runs = [run for package in release.current for run in publish_runs(package, release, facts)]
    return tuple(
        RerunFailedJobs(run.id, run.attempt)
        for run in runs
        if run.status == "completed" and run.conclusion not in PASSING
    )
