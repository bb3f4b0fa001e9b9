"""The loop: claim a repository that is due, look, decide, act, record, and say when to look again.

Properties
- One repository is in one hand at a time (the lease); repositories do not wait for one another.
- A look repeats safely: facts are read fresh, acts are keyed. So a crash, a lost webhook or a doubled one changes
  only the time it takes.
- Whatever goes wrong, the repository is due again: after a limit's reset, or after a growing pause.
"""

import asyncio
import logging
import random
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import sentry_sdk

from bot.clock import Clock
from bot.comments import answers
from bot.github import GitHub
from bot.github.errors import GitHubError, RateLimited
from bot.reconcile.act import Actor
from bot.reconcile.intake import Intake
from bot.reconcile.lease import while_held
from bot.reconcile.observe import Observer, RegistryUnreachable
from bot.registries import Registries
from bot.release.decide import decide
from bot.release.facts import Facts, Patience
from bot.release.model import Release
from bot.store import Lease, LeaseLost, Store

log = logging.getLogger(__name__)

LEASE_SECONDS = 60.0
"""After a crash a repository waits at most so long; a look may take longer, its lease is renewed meanwhile."""
MOST_STEPS = 24
"""A release moves through at most so many rows in one look; more would be a loop in the table."""
LONGEST_PAUSE = 900.0
LONGEST_WAIT = 60.0
"""The store ends a wait when something is due; this bounds it all the same."""
STORE_PAUSE = 1.0
"""Seconds between two tries while the store fails."""
SPEAK_UP_AFTER = 3
"""After so many failed looks in a row the thread is told (no-silence)."""


class Stopping(Exception):
    """The worker was asked to stop, and stands between two steps."""


class Worker:
    """One of any number of workers on one store. It may itself `run` several times at once."""

    def __init__(
        self,
        *,
        store: Store,
        github: GitHub,
        registries: Registries,
        clock: Clock,
        patience: Patience,
        lease_seconds: float = LEASE_SECONDS,
        name: str = "",
    ) -> None:
        self.lease_seconds = lease_seconds
        """How long a repository waits for this worker when it is killed."""
        self._stopping = asyncio.Event()
        self._held: dict[str, Lease] = {}
        self._store = store
        self._clock = clock
        self._patience = patience
        self._name = name or f"worker-{uuid.uuid4().hex[:8]}"
        self._actor = Actor(github, store)
        self._intake = Intake(github, store, self._actor, clock)
        self._observer = Observer(github, registries, clock)

    async def run(self) -> None:
        """Work until stopped or cancelled; nothing else ends it, or releases would stand still in silence."""
        while not self._stopping.is_set():
            try:
                if not await self.work_once():
                    await self._wait_for_work()
            except LeaseLost as lost:
                log.warning("lease of %s was lost; another worker has it", lost)
            except Exception as failure:  # the store does not answer: nobody else would take up the work again
                log.exception("the store failed; trying again in %d s", STORE_PAUSE)
                sentry_sdk.capture_exception(failure)
                await self._clock.sleep(STORE_PAUSE)

    def stop(self) -> None:
        """Claim nothing more; every `run` returns after the step that is under way, its repository given back."""
        self._stopping.set()

    async def give_back(self) -> None:
        """Give back what runs that were cancelled still hold, so that another worker need not wait for the leases."""
        for lease in tuple(self._held.values()):
            await self._let_go(lease)

    async def work_once(self) -> bool:
        """Reconcile the earliest due repository; False when none is due."""
        lease = await self._store.claim(self._name, lease_seconds=self.lease_seconds)
        if lease is None:
            return False
        self._held[lease.owner] = lease
        try:
            look = self._reconcile(lease)
            due_at, attempts = await while_held(look, lease, self.lease_seconds, self._store, self._clock)
        except LeaseLost:
            log.warning("lease of %s was lost; another worker has it", lease.repository.full_name)
            del self._held[lease.owner]
            return True
        except Stopping:
            await self._let_go(lease)
            return True
        except RateLimited as limited:
            log.warning("%s: rate limited until %s", lease.repository.full_name, limited.until)
            due_at, attempts = limited.until, lease.attempts
        except Exception as failure:  # of the intake, whose deliveries stay unhandled
            _note(lease, failure)
            due_at, attempts = self._after_a_pause(lease), lease.attempts + 1
        del self._held[lease.owner]
        await self._store.finish(lease, due_at=due_at, attempts=attempts)
        return True

    async def _wait_for_work(self) -> None:
        waits = [asyncio.ensure_future(w) for w in (self._store.wait_for_work(LONGEST_WAIT), self._stopping.wait())]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.wait(waits)
        for one in done:
            one.result()

    async def _let_go(self, lease: Lease) -> None:
        del self._held[lease.owner]
        try:
            await self._store.give_back(lease)
        except Exception as failure:  # then the lease ends by itself, later
            log.warning("%s could not be given back: %r", lease.repository.full_name, failure)

    async def _next_step(self, lease: Lease) -> Lease:
        """The lease for one more step; raises LeaseLost, and Stopping when there shall be none."""
        if self._stopping.is_set():
            raise Stopping
        return await self._store.renew(lease, self.lease_seconds)

    async def _reconcile(self, lease: Lease) -> tuple[datetime | None, int]:
        """When the repository is due again, and how often in a row it has failed; one release fails for itself."""
        await self._intake.take(lease, await self._store.unhandled(lease.repository.id))
        releases = await self._store.open_releases(lease.repository.id)
        times, attempts = [], 0
        for release in releases:
            if release.look_at is not None and release.look_at > self._clock.now():
                times.append(release.look_at)
                continue
            # Read again: a release that was carried just now has only just told which packages it takes.
            standing = await self._store.open_releases(lease.repository.id)
            others = [other for other in standing if other.id != release.id]
            try:
                due_at = await self._carry(lease, release, others)
            except (LeaseLost, RateLimited, Stopping):
                raise
            except Exception as failure:  # of this release only: the others go on
                due_at, attempts = await self._give_way(lease, release, failure), lease.attempts + 1
            if due_at is not None:
                times.append(due_at)
        return min(times, default=None), attempts

    async def _carry(self, lease: Lease, release: Release, others: list[Release]) -> datetime | None:
        """Take one release as far as it goes now; answers when to look at it again."""
        facts: Facts | None = None
        for _ in range(MOST_STEPS):
            lease = await self._next_step(lease)
            facts = await self._observer.look(lease.repository, release, others, facts)
            decision = decide(release, facts, self._patience)
            problems = (*(facts.preflight.problems if facts.preflight else ()), *facts.disagreements)
            before = release
            keep = partial(self._keep_halfway, lease, before)
            release = await self._actor.perform(lease.repository, decision, problems, keep)
            if release.phase is not before.phase:
                release = release.stamped(release.phase, self._clock.now())
            if not release.phase.is_end:
                await self._store.save(lease, release)
            if decision.look_at is None or decision.look_at > facts.now:
                break
        else:
            raise RuntimeError(f"release {release.id} does not come to rest in {release.phase}")
        await self._actor.show_status(lease.repository, release, decision)
        if release.status_asked is not None:
            await self._actor.answer_status(lease.repository, release, decision)
        # An ended release is kept last: nobody looks at it again, so by then all must be said.
        if release.phase.is_end or release.status_asked is not None:
            await self._store.save(lease, replace(release, status_asked=None))
        return decision.look_at

    async def _keep_halfway(self, lease: Lease, before: Release, release: Release) -> None:
        await self._store.save(lease, replace(release, phase=before.phase, timeline=before.timeline, look_at=None))

    async def _give_way(self, lease: Lease, release: Release, failure: Exception) -> datetime:
        """When to try again; after several failures in a row the release's thread is told why it stands."""
        _note(lease, failure)
        if lease.attempts + 1 >= SPEAK_UP_AFTER:
            await self._speak_up(lease, release, failure)
        return self._after_a_pause(lease)

    def _after_a_pause(self, lease: Lease) -> datetime:
        doubled = 2.0 ** min(lease.attempts + 1, 32)  # beyond the longest pause, and no overflow after weeks
        pause = min(LONGEST_PAUSE, doubled) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        return self._clock.now() + timedelta(seconds=pause)

    async def _speak_up(self, lease: Lease, release: Release, failure: Exception) -> None:
        reference = uuid.uuid4().hex[:12]
        log.error("%s: error %s, told to the thread: %r", lease.repository.full_name, reference, failure)
        expected = isinstance(failure, GitHubError | RegistryUnreachable)
        text = answers.held_up(str(failure)) if expected else answers.broken(reference)
        key = f"broken-{release.phase}-{type(failure).__name__}"
        try:
            await self._actor.say(lease.repository, release.request.issue, release.id, key, text)
        except GitHubError as second:
            log.warning("%s: could not even say so: %s", lease.repository.full_name, second)


def _note(lease: Lease, failure: Exception) -> None:
    """In the log; a fault of ours, which nobody expects, with all that is known of it."""
    if isinstance(failure, GitHubError | RegistryUnreachable):
        log.warning("%s: %s", lease.repository.full_name, failure)
        return
    log.error("%s: look failed", lease.repository.full_name, exc_info=failure)
    sentry_sdk.capture_exception(failure)
