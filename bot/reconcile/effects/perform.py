"""Doing what was decided, once: each act has a natural key that is observed before it is repeated.

A branch, a tag, a GitHub Release and a reaction are their own keys; comments are `bot.reconcile.effects.comments`'s.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.comments.downstream import passed_on
from bot.comments.milestones import MILESTONES
from bot.comments.status import status_comment
from bot.github import GitHub
from bot.github.errors import Forbidden, GitHubError, RuleViolation
from bot.ledger import Mark, StatusAnswer, Word
from bot.packaging.problem import Problem
from bot.reconcile.effects.changelogs import carry
from bot.reconcile.effects.comments import UNSAID, Commenter, Thread
from bot.reconcile.effects.discussions import Discussions
from bot.reconcile.effects.downstream import DownstreamRepositories
from bot.reconcile.effects.github_releases import GitHubReleases
from bot.reconcile.effects.plan_checks import PlanChecks
from bot.reconcile.effects.pull_requests import Keep, delete_branch, drop_left_behind, follow_base, open_pull_request
from bot.reconcile.effects.refused import refusal_of
from bot.reconcile.effects.rollback import undo
from bot.reconcile.effects.workflows import WorkflowStarter
from bot.registries import Registries
from bot.release.actions import (
    Action,
    CancelRun,
    CarryChangelogs,
    ClosePullRequest,
    CreateRelease,
    DeleteBranch,
    DeleteRelease,
    DeleteTags,
    DraftRelease,
    DropLeftBehind,
    FollowBase,
    MakeLatest,
    MarkYanked,
    Milestone,
    OpenPullRequest,
    PassOn,
    PostComment,
    PushTags,
    React,
    RerunFailedJobs,
    RerunJob,
    ShowPlan,
    StartByRelease,
    StartDiscussion,
    StartWorkflow,
    Yank,
)
from bot.release.model import Phase, Release
from bot.release.records import Refusal
from bot.release.refusals import Refusable, natural_keys
from bot.release.table import Decision
from bot.store import Lease

log = logging.getLogger(__name__)

INDEPENDENT = (CancelRun, CreateRelease, RerunFailedJobs, RerunJob)
"""Acts that are done although another one was refused."""


class Performer:
    """Changes the world for one release at a time, in the repository of a lease."""

    def __init__(
        self,
        github: GitHub,
        registries: Registries,
        commenter: Commenter,
        pages: GitHubReleases,
        downstream: DownstreamRepositories,
        announcer: Discussions,
        starter: WorkflowStarter,
        plan_checks: PlanChecks,
        clock: Clock,
    ) -> None:
        self._github = github
        self._registries = registries
        self._commenter = commenter
        self._pages = pages
        self._downstream = downstream
        self._announcer = announcer
        self._starter = starter
        self._plan_checks = plan_checks
        self._clock = clock

    async def perform(
        self, lease: Lease, before: Release, decision: Decision, problems: Sequence[Problem], keep: Keep
    ) -> Release:
        """Do the decision's actions in order; answers the release, which was `before`, as it stands after them.

        Where GitHub refuses one for good, the release stands where it stood, and what is left is not done.
        Raises the adapter's errors; what was done until then is recorded or will be observed.
        """
        kept = before

        async def noted(so_far: Release) -> None:
            nonlocal kept
            kept = so_far
            await keep(so_far)

        refused: Release | None = None
        decision = await self._without_successor(lease, decision)
        for action in decision.actions:
            if refused is not None and not isinstance(action, INDEPENDENT):
                continue
            try:
                decision = await self._do(lease, before, decision, action, problems, noted)
            except GitHubError as failure:
                refusal = refusal_of(failure, action, decision.release) if isinstance(action, Refusable) else None
                if refusal is None:
                    raise
                if not refusal.final:
                    await keep(replace(kept, refused=refusal))
                    raise
                log.warning("%s: refused for good: %s", before.id, failure)
                refused = refused or _put_back(before, decision.release, action, refusal)
                continue
            if decision.release.refused and decision.release.refused.key in natural_keys((action,)):
                decision = replace(decision, release=replace(decision.release, refused=None))
        return refused or decision.release

    async def _without_successor(self, lease: Lease, decision: Decision) -> Decision:
        """After the review, delete the branch on which a commit was made that was to take the place of ours."""
        release = decision.release
        if not release.review.following or release.phase is Phase.PROPOSED:
            return decision
        try:
            await self._github.writer(lease).drop_successor(release.review.branch, release.plan.commit_headline)
        except (Forbidden, RuleViolation) as kept:
            log.info("%s: %s", release.id, kept)
        return replace(decision, release=replace(release, review=replace(release.review, following=False)))

    async def _do(
        self,
        lease: Lease,
        before: Release,
        decision: Decision,
        action: Action,
        problems: Sequence[Problem],
        keep: Keep,
    ) -> Decision:
        """Do one action; answers the decision with what is known because of that.

        That a pull request is about to be opened is kept, and again as soon as it is open: it may be merged before
        the next look, and preflight could not tell that from a version that is taken.
        """
        release = decision.release
        writer = self._github.writer(lease)
        match action:
            case OpenPullRequest():
                release = replace(release, review=replace(release.review, opening_at=self._clock.now()))
                await keep(release)
                release = await open_pull_request(writer, release, action)
                await keep(release)
            case FollowBase():
                release = await follow_base(writer, before, release, action, keep)
            case ShowPlan():
                release = await self._plan_checks.show(lease, release, action)
            case ClosePullRequest():
                await writer.close_pull_request(release.review.pull_request or 0)
            case DeleteBranch():
                await delete_branch(writer, release, action.head)
            case DropLeftBehind():
                await drop_left_behind(writer, release)
            case PushTags():
                # Kept before: whoever is to undo it must know whose tags they are, whatever crashes here.
                await keep(replace(before, publishing=replace(before.publishing, pushed=release.publishing.pushed)))
                await writer.push_tags(action.tags, action.commit, action.messages)
            case CreateRelease():
                refused = await self._pages.publish(lease, release, action)
                decision = replace(decision, details=(*decision.details, *refused))
            case StartByRelease():
                await self._pages.start(lease, action.page)
            case DraftRelease():
                await self._pages.prepare(lease, release, action.page)
            case StartWorkflow():
                release = await self._starter.start(lease, release, action)
            case MakeLatest():
                await writer.make_latest(action.id)
            case CarryChangelogs():
                number = await carry(writer, release, action)
                release = replace(release, aftercare=replace(release.aftercare, carried_in=number))
            case PassOn():
                await self._pass_on(lease, release)
            case StartDiscussion():
                await self._announcer.announce(lease, release, action.category)
            case RerunFailedJobs():
                await writer.rerun_failed_jobs(action.run)
            case RerunJob():
                await writer.rerun_job(action.job)
            case CancelRun() | DeleteTags() | DeleteRelease() | Yank() | MarkYanked():
                release = await undo(writer, self._registries, release, action)
            case PostComment():
                body = MILESTONES[action.milestone](release, decision, problems)
                mark = Mark(release.subject, action.key)
                comment = await self._commenter.say(lease, Thread.of(release), mark, body)
                if action.milestone is Milestone.VERIFICATION and comment != UNSAID:
                    release = replace(release, publishing=replace(release.publishing, verified_in=comment))
            case React():
                await writer.react(action.comment or release.request.comment, action.content)
        return replace(decision, release=release)

    async def _pass_on(self, lease: Lease, release: Release) -> None:
        """Once: what a person has closed since is not opened again."""
        thread, mark = Thread.of(release), Mark(release.subject, Word.DOWNSTREAM)
        if await self._commenter.was_said(lease, thread, mark):
            return
        body = passed_on(await self._downstream.pass_on(lease, release))
        await self._commenter.say(lease, thread, mark, body)

    async def react(self, lease: Lease, comment: int, content: str) -> bool:
        """Put a reaction on a comment; GitHub keeps one of each kind. False where the issue is locked."""
        return await self._github.writer(lease).react(comment, content)

    async def say(self, lease: Lease, thread: Thread, mark: Mark, body: str) -> None:
        """Post a comment on a thread once for this mark, whatever crashes in between."""
        await self._commenter.say(lease, thread, mark, body)

    async def answer_status(self, lease: Lease, release: Release, decision: Decision | None, held_up: str = "") -> None:
        """Answer each `/release status`: the card once more, where the question was asked, and what holds it up."""
        card = status_comment(release, decision.answer, decision.details) if decision else status_comment(release, None)
        body = f"{card}\n\n{held_up}" if held_up else card
        for question in release.asked.status_questions:
            thread = Thread(question.issue, release.review.pull_request)
            await self._commenter.say(lease, thread, Mark(release.subject, StatusAnswer(question.comment)), body)


def _put_back(before: Release, after: Release, action: Action, refused: Refusal) -> Release:
    """The release as it was before an act of its was refused; why, the next look tells. What was asked is seen to."""
    opening = isinstance(action, OpenPullRequest)
    return replace(
        before,
        refused=refused,
        # Whoever cancels then has the branch deleted that may have been made.
        plan=after.plan if opening else before.plan,
        review=replace(
            before.review,
            branch=after.review.branch if opening else before.review.branch,
            following=before.review.following or isinstance(action, FollowBase),
            # Nothing was opened: another name may be chosen.
            opening_at=None if opening else before.review.opening_at,
        ),
        publishing=replace(before.publishing, pushed=after.publishing.pushed),
        asked=after.asked,
    )
