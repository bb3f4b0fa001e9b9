"""One repository, once: where it is, what it is owed, what its releases need; answers when to look again.

A look repeats safely: facts are read fresh, acts are keyed. So a crash, a lost webhook or a doubled one changes only
the time it takes. One release that fails holds up no other.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from bot.comments import answers
from bot.github import GitHub
from bot.github.errors import NoAccess, RateLimited
from bot.ledger import Back, Mark, Overtaken
from bot.reconcile.aftercare import Aftercare
from bot.reconcile.back_off import back_off
from bot.reconcile.deliveries.intake import Intake
from bot.reconcile.deliveries.missed_comments import MissedComments
from bot.reconcile.deliveries.queue import Deliveries
from bot.reconcile.effects.comments import Commenter, Thread
from bot.reconcile.effects.discussions import Discussions
from bot.reconcile.effects.downstream import DownstreamRepositories
from bot.reconcile.effects.github_releases import GitHubReleases
from bot.reconcile.effects.once import Once
from bot.reconcile.effects.perform import Performer
from bot.reconcile.effects.plan_checks import PlanChecks
from bot.reconcile.effects.workflows import WorkflowStarter
from bot.reconcile.held_up import HeldUp
from bot.reconcile.observe import Observer
from bot.reconcile.planning import Planning
from bot.reconcile.recovery.open_releases import Recovery
from bot.reconcile.unsettled import Stopping, Unsettled
from bot.registries import Registries
from bot.release.aftercare import POSTPONED, begin
from bot.release.answers import Answer
from bot.release.facts import Timeouts
from bot.release.model import Phase, Release
from bot.release.table import decide, ends_of
from bot.store import Lease, LeaseLost, Store

log = logging.getLogger(__name__)

MOST_STEPS = 24
"""A release moves through at most so many rows in one look; more would be a loop in the table."""


class Reconciler:
    """Looks, decides, acts and records for the repository whose lease the caller holds."""

    def __init__(
        self,
        *,
        store: Store,
        github: GitHub,
        registries: Registries,
        clock: Clock,
        timeouts: Timeouts,
        lease_seconds: float,
        is_stopping: Callable[[], bool],
    ) -> None:
        """Before each step the lease is renewed for `lease_seconds`, and `is_stopping` asked."""
        self._store = store
        self._clock = clock
        self._timeouts = timeouts
        self._lease_seconds = lease_seconds
        self._is_stopping = is_stopping
        self._github = github
        once = Once(store, clock, timeouts.lag)
        self._commenter = Commenter(github, store, once)
        self._performer = Performer(
            github,
            registries,
            self._commenter,
            GitHubReleases(github, once),
            DownstreamRepositories(github, registries),
            Discussions(github, store, self._commenter, once, clock, timeouts.lag),
            WorkflowStarter(github, once),
            PlanChecks(github, once),
            clock,
        )
        self._held_up = HeldUp(github, store, self._commenter, self._performer, clock)
        self._aftercare = Aftercare(store, registries, self._commenter, clock, timeouts)
        planning = Planning(registries, clock)
        self._observer = Observer(github, registries, planning, clock, timeouts.lag)
        self._recovery = Recovery(
            github=github, store=store, commenter=self._commenter, planning=planning, clock=clock, lag=timeouts.lag
        )
        intake = Intake(github, store, self._performer, clock, recall=self._recovery.recall)
        self._missed_comments = MissedComments(github, store, clock, leave=0.0)
        self._deliveries = Deliveries(github, store, intake, clock)

    async def reconcile(self, lease: Lease) -> tuple[datetime | None, int]:
        """When the repository is due again (None: when something happens), and how often in a row it has failed.

        Raises LeaseLost, Stopping, and what the store raises; nothing else.
        """
        try:
            return await self._look(lease)
        except (LeaseLost, Stopping):
            raise
        except RateLimited as limited:
            log.warning("%s: rate limited until %s", lease.repository.full_name, limited.until)
            return limited.until, lease.attempts
        except Unsettled as unsettled:
            log.info("%s: %s", lease.repository.full_name, unsettled)
            return unsettled.at, lease.attempts
        except Exception as failure:  # of the intake, whose deliveries stay unhandled
            self._held_up.note(lease, failure)
            return back_off(self._clock.now(), lease.attempts), lease.attempts + 1

    async def _look(self, lease: Lease) -> tuple[datetime | None, int]:
        try:
            lease = await self._located(lease)
        except NoAccess as closed:
            return await self._wait_outside(lease, closed), 0
        if any(release.away_since for release in await self._store.open_releases(lease.repository.id)):
            # No webhook told what was commanded meanwhile, and a release that goes on now may be past a cancel's time.
            await self._missed_comments.read(lease.repository)
        if await self._recovery.read(lease):
            # What was taken up is looked at before a command is: until then nobody knows whether it is blocked.
            await self._store.wake(lease.repository, self._clock.now())
            deferred = 0
        else:
            deferred = await self._deliveries.take(lease, await self._store.unhandled(lease.repository.id))
        releases = await self._store.open_releases(lease.repository.id)
        times = [back_off(self._clock.now(), deferred)] if deferred else []
        if (once_more := await self._recovery.due_at(lease)) is not None:
            times.append(once_more)
        attempts = 0
        for release in releases:
            if release.look_at is not None and release.look_at > self._clock.now():
                times.append(release.look_at)
                continue
            # Read again: a release that was carried just now has only just told which packages it takes.
            open_releases = await self._store.open_releases(lease.repository.id)
            others = [other for other in open_releases if other.id != release.id]
            try:
                due_at = await self._carry(lease, release, others)
            except (LeaseLost, RateLimited, Stopping):
                raise
            except Unsettled as unsettled:
                log.info("%s: %s", lease.repository.full_name, unsettled)
                due_at, attempts = unsettled.at, max(attempts, lease.attempts)
            except Exception as failure:  # of this release only: the others go on
                due_at, attempts = await self._held_up.tell(lease, release, failure), lease.attempts + 1
            if due_at is not None:
                times.append(due_at)
        times += await self._look_after(lease)
        return min(times, default=None), attempts

    async def _look_after(self, lease: Lease) -> list[datetime]:
        """Look again at the ended releases whose time has come; when each is due. What fails is tried again later."""
        times = []
        for release in await self._store.releases_to_recheck(lease.repository.id):
            due_at, now = release.aftercare.next_at, self._clock.now()
            if due_at is not None and due_at <= now:
                lease = await self._next_step(lease)
                try:
                    due_at = await self._aftercare.look(lease, release)
                except (LeaseLost, RateLimited, Stopping):
                    raise
                except Unsettled as unsettled:
                    due_at = unsettled.at
                except Exception as failure:  # of this release only
                    self._held_up.note(lease, failure)
                    due_at = now + POSTPONED
            if due_at is not None:
                times.append(due_at)
        return times

    async def _located(self, lease: Lease) -> Lease:
        """The lease with the repository's present name and installation, which are kept when they are new."""
        repository = await self._github.locate(lease.repository)
        if repository == lease.repository:
            return lease
        log.info("%s is %s now", lease.repository.full_name, repository.full_name)
        await self._store.wake(repository, self._clock.now())
        return replace(lease, repository=repository)

    async def _wait_outside(self, lease: Lease, closed: NoAccess) -> datetime | None:
        """Nothing can be read or said: remember since when, for the day that the App may come in again."""
        log.warning("%s", closed)
        self._github.forget(lease.repository)
        now = self._clock.now()
        releases = await self._store.open_releases(lease.repository.id)
        for release in releases:
            if release.away_since is None:
                await self._store.save(lease, replace(release, away_since=now, look_at=None))
        if releases or await self._recovery.is_owed(lease):
            return now + timedelta(seconds=self._timeouts.idle)
        again = [release.aftercare.next_at for release in await self._store.releases_to_recheck(lease.repository.id)]
        return min((at for at in again if at is not None and at > now), default=None)

    async def _come_back(self, lease: Lease, release: Release) -> Release:
        """Say why nothing happened for a while."""
        if release.away_since is None:
            return release
        text = answers.back(release.away_since, self._clock.now())
        mark = Mark(release.subject, Back(release.away_since))
        await self._commenter.say(lease, Thread.of(release), mark, text)
        release = replace(release, away_since=None)
        await self._store.save(lease, release)
        return release

    async def _carry(self, lease: Lease, release: Release, others: list[Release]) -> datetime | None:
        """Take one release as far as it goes now; answers when to look at it again."""
        release = await self._come_back(lease, release)
        if await self._ended_before(lease, release):
            return None
        seen = None
        for _ in range(MOST_STEPS):
            lease = await self._next_step(lease)
            facts = await self._observer.look(lease.repository, release, others, seen)
            decision = decide(release, facts, self._timeouts)
            seen = None if decision.actions else facts
            problems = (*(facts.preflight.problems if facts.preflight else ()), *facts.disagreements)
            before = release
            keep = partial(self._keep_halfway, lease, before)
            release = await self._performer.perform(lease, before, decision, problems, keep)
            if release.phase is not before.phase:
                release = release.stamped(release.phase, self._clock.now())
            if not release.phase.is_end:
                await self._store.save(lease, release)
            refused = release.refused is not None and release.refused is not before.refused  # said at once
            if not refused and (decision.look_at is None or decision.look_at > facts.now):
                break
        else:
            raise RuntimeError(f"release {release.id} does not come to rest in {release.phase}")
        release = await self._answer_late_cancel(lease, release)
        await self._commenter.show_status(lease, release, decision.answer, decision.details)
        await self._performer.answer_status(lease, release, decision)
        # An ended release is kept last: nobody looks at it again, so by then all must be said.
        if release.phase.is_end or release.asked.status_questions:
            await self._store.save(lease, begin(replace(release, asked=replace(release.asked, status_questions=()))))
        return decision.look_at

    async def _ended_before(self, lease: Lease, release: Release) -> bool:
        """Whether the release's end was said by a look that broke off then: it stays, whatever the world is by now."""
        for phase, end in ends_of(release.phase):
            if await self._commenter.was_said(
                lease, Thread.of(release), Mark(release.subject, end.comment(release).key)
            ):
                ended = replace(release, blocked=None, look_at=None).moved_to(phase, self._clock.now())
                if end.reaction is not None:
                    await self._performer.react(lease, release.request.comment, end.reaction)
                await self._commenter.show_status(lease, ended, None)
                await self._performer.answer_status(lease, ended, None)
                await self._store.save(lease, begin(replace(ended, asked=replace(ended.asked, status_questions=()))))
                return True
        return False

    async def _answer_late_cancel(self, lease: Lease, release: Release) -> Release:
        """A cancel that was taken and did not end the release was overtaken by a tag; whoever asked is told."""
        held = release.blocked is not None and release.blocked.why is Answer.ACT_REFUSED  # it is still to be done
        if release.asked.cancel_by is None or release.phase is Phase.CANCELLED or held:
            return release
        text = answers.overtaken(release.asked.cancel_by)
        mark = Mark(release.subject, Overtaken(release.phase))
        await self._commenter.say(lease, Thread.of(release), mark, text)
        release = replace(release, asked=replace(release.asked, cancel_by=None))
        if not release.phase.is_end:
            await self._store.save(lease, release)
        return release

    async def _next_step(self, lease: Lease) -> Lease:
        """The lease for one more step; raises LeaseLost, and Stopping when there shall be none."""
        if self._is_stopping():
            raise Stopping
        return await self._store.renew(lease, self._lease_seconds)

    async def _keep_halfway(self, lease: Lease, before: Release, release: Release) -> None:
        await self._store.save(lease, replace(release, phase=before.phase, timeline=before.timeline, look_at=None))
