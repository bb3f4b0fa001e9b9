"""The loop: claim a repository that is due, look, decide, act, record, and say when to look again.

Properties
- One repository is in one hand at a time (the lease); repositories do not wait for one another.
- A look repeats safely: facts are read fresh, acts are keyed. So a crash, a lost webhook or a doubled one changes
  only the time it takes.
- Whatever goes wrong, the repository is due again: after a limit's reset, or after a growing pause.
"""

import logging
import random
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import sentry_sdk

from bot.clock import Clock
from bot.comments import answers
from bot.github import GitHub
from bot.github.errors import GitHubError, RateLimited
from bot.reconcile.act import Actor
from bot.reconcile.intake import Intake
from bot.reconcile.observe import Observer, RegistryUnreachable
from bot.registries import Registries
from bot.release.decide import decide
from bot.release.model import Facts, Patience, Release
from bot.store import Lease, LeaseLost, Store

log = logging.getLogger(__name__)

LEASE_SECONDS = 120.0
MOST_STEPS = 24
"""A release moves through at most so many rows in one look; more would be a loop in the table."""
LONGEST_PAUSE = 900.0
LONGEST_WAIT = 60.0
PAUSE_AFTER_STORE_FAILURE = 5.0
SPEAK_UP_AFTER = 3
"""After so many failed looks in a row the thread is told (no-silence)."""


class Worker:
    """One of any number of workers on one store."""

    def __init__(
        self, *, store: Store, github: GitHub, registries: Registries, clock: Clock, patience: Patience, name: str = ""
    ) -> None:
        self._store = store
        self._clock = clock
        self._patience = patience
        self._name = name or f"worker-{uuid.uuid4().hex[:8]}"
        self._actor = Actor(github, store)
        self._intake = Intake(github, store, self._actor, clock)
        self._observer = Observer(github, registries, clock)

    async def run(self) -> None:
        """Work until cancelled; nothing else ends it, or releases would stand still in silence."""
        while True:
            try:
                if not await self.work_once():
                    await self._store.wait_for_work(LONGEST_WAIT)
            except Exception as failure:  # the store itself failed; whatever it was, it may work again
                log.exception("the store failed")
                sentry_sdk.capture_exception(failure)
                await self._clock.sleep(PAUSE_AFTER_STORE_FAILURE)

    async def work_once(self) -> bool:
        """Reconcile the earliest due repository; False when none is due."""
        lease = await self._store.claim(self._name, lease_seconds=LEASE_SECONDS)
        if lease is None:
            return False
        try:
            due_at, attempts = await self._look(lease)
            await self._store.finish(lease, due_at=due_at, attempts=attempts)
        except LeaseLost:
            log.warning("lease of %s was lost; another worker has it", lease.repository.full_name)
        return True

    async def _look(self, lease: Lease) -> tuple[datetime | None, int]:
        """When the repository is due again, and how many looks in a row have failed."""
        try:
            return await self._reconcile(lease), 0
        except LeaseLost:
            raise
        except RateLimited as limited:
            log.warning("%s: rate limited until %s", lease.repository.full_name, limited.until)
            return limited.until, lease.attempts
        except (GitHubError, RegistryUnreachable) as failure:
            log.warning("%s: %s", lease.repository.full_name, failure)
            return await self._give_way(lease, failure)
        except Exception as failure:  # a fault of ours: logged with its id, told to the thread, tried again
            log.exception("%s: look failed", lease.repository.full_name)
            sentry_sdk.capture_exception(failure)
            return await self._give_way(lease, failure)

    async def _reconcile(self, lease: Lease) -> datetime | None:
        await self._intake.take(lease, await self._store.unhandled(lease.repository.id))
        releases = await self._store.open_releases(lease.repository.id)
        times = []
        for release in releases:
            if release.look_at is not None and release.look_at > self._clock.now():
                times.append(release.look_at)
                continue
            # Read again: a release that was carried just now has only just told which packages it takes.
            standing = await self._store.open_releases(lease.repository.id)
            others = [other for other in standing if other.id != release.id]
            due_at = await self._carry(lease, release, others)
            if due_at is not None:
                times.append(due_at)
        return min(times, default=None)

    async def _carry(self, lease: Lease, release: Release, others: list[Release]) -> datetime | None:
        """Take one release as far as it goes now; answers when to look at it again."""
        facts: Facts | None = None
        for _ in range(MOST_STEPS):
            lease = await self._store.renew(lease, LEASE_SECONDS)
            facts = await self._observer.look(lease.repository, release, others, facts)
            decision = decide(release, facts, self._patience)
            problems = (*(facts.preflight.problems if facts.preflight else ()), *facts.disagreements)
            before = release.phase
            release = await self._actor.perform(lease.repository, decision, problems)
            if release.phase is not before:
                release = release.stamped(release.phase, self._clock.now())
            await self._store.save(lease, release)
            if decision.look_at is None or decision.look_at > facts.now:
                break
        else:
            raise RuntimeError(f"release {release.id} does not come to rest in {release.phase}")
        if release.pull_request is not None or not release.phase.is_end:
            await self._actor.show_status(lease.repository, release, decision)
        if release.status_asked is not None:
            await self._actor.answer_status(lease.repository, release, decision)
            await self._store.save(lease, replace(release, status_asked=None))
        return decision.look_at

    async def _give_way(self, lease: Lease, failure: Exception) -> tuple[datetime, int]:
        attempts = lease.attempts + 1
        if attempts == SPEAK_UP_AFTER:
            await self._speak_up(lease, failure)
        pause = min(LONGEST_PAUSE, 2.0**attempts) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
        return self._clock.now() + timedelta(seconds=pause), attempts

    async def _speak_up(self, lease: Lease, failure: Exception) -> None:
        reference = uuid.uuid4().hex[:12]
        log.error("%s: error %s, told to the thread: %r", lease.repository.full_name, reference, failure)
        try:
            for release in await self._store.open_releases(lease.repository.id):
                issue, text = release.request.issue, answers.broken(reference)
                await self._actor.say(lease.repository, issue, release.id, f"broken-{release.phase}", text)
        except GitHubError as second:
            log.warning("%s: could not even say so: %s", lease.repository.full_name, second)
