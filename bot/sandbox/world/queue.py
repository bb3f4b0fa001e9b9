"""The merge queue of a branch: what merging its pull requests would make is tested first, and is what is pushed then.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import Any

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import ZERO, GitError, RefUpdate
from bot.sandbox.model import QueueEntry, Repository, User
from bot.sandbox.world.merging import Merging

QUEUE = "github-merge-queue[bot]"
"""Who merges, and who takes a pull request out: https://github.com/imbue-ai/sculptor/pull/393"""
_NEWS = ("check_run", "status", "push")


class MergeQueues(Merging):
    """The acts of those who enqueue, and what the queue does by itself.

    Each entry is built upon the one before it, all are tested at once, and those in front that are good are pushed
    together: the base branch gets one push for all of them, as in https://github.com/aquasecurity/trivy/issues/7722.
    """

    async def enqueue(self, repo: Repository, number: int, *, by: User | str) -> QueueEntry:
        """Put an open pull request into the queue that its base branch demands."""
        issue, pull = self.pull_request(repo, number)
        if self.queue_rule(repo, pull.base) is None:
            raise Refusal("UNPROCESSABLE", f"Merge queue is not enabled for {pull.base}")
        if issue.state != "open" or self.queued(repo, number):
            raise Refusal("UNPROCESSABLE", "Pull request is closed, or in the queue already")
        entry = QueueEntry(number, self.actor(by), pull.head_sha)
        repo.queues.setdefault(pull.base, []).append(entry)
        await self._pull_request_event(repo, issue, "enqueued", by=entry.by)
        await self._advance(repo, pull.base)
        return entry

    async def dequeue(self, repo: Repository, number: int, *, reason: str = "MANUAL", by: User | str = QUEUE) -> None:
        """Take a pull request out of its queue; those behind it are built anew."""
        issue, pull = self.pull_request(repo, number)
        queue = repo.queues.get(pull.base, [])
        entry = next(each for each in queue if each.number == number)
        queue.remove(entry)
        await self._drop(repo, entry)
        await self._pull_request_event(repo, issue, "dequeued", by=self.actor(by), more={"reason": reason})
        await self._advance(repo, pull.base)

    def queued(self, repo: Repository, number: int) -> bool:
        """Whether a pull request is in a queue."""
        return any(entry.number == number for queue in repo.queues.values() for entry in queue)

    async def emit(self, repo: Repository, event: str, payload: Mapping[str, Any], *, by: User) -> None:
        """Send an event; a queue looks at what has changed for it."""
        await super().emit(repo, event, payload, by=by)
        if event in _NEWS:
            for base in list(repo.queues):
                await self._advance(repo, base)

    async def _advance(self, repo: Repository, base: str) -> None:
        """Build what is to be built, merge what is good and take out what is not, until nothing is left to do."""
        if (repo.id, base) in self._advancing:
            return
        self._advancing.add((repo.id, base))
        try:
            while await self._step(repo, base):
                pass
        finally:
            self._advancing.discard((repo.id, base))

    async def _step(self, repo: Repository, base: str) -> bool:
        """One step; False when there is none."""
        queue = repo.queues.get(base, [])
        tip = await self.git(repo).resolve(f"refs/heads/{base}")
        if tip is None:
            return False
        for entry in queue:
            if entry.parent != tip:
                await self._drop(repo, entry)
                await self._build(repo, base, entry, tip)
                return True
            tip = entry.commit
        verdicts = [self._verdict(repo, base, entry) for entry in queue]
        good = list(takewhile(lambda verdict: verdict is True, verdicts))
        if good:
            await self._push(repo, base, queue[: len(good)])
        elif verdicts and isinstance(verdicts[0], str):
            await self.dequeue(repo, queue[0].number, reason=verdicts[0])
        else:
            return False
        return True

    async def _build(self, repo: Repository, base: str, entry: QueueEntry, parent: str) -> None:
        """Make the commit that the base branch would get, and have it tested on a branch of its own."""
        issue, pull = self.pull_request(repo, entry.number)
        rule = self.queue_rule(repo, base) or {}
        method = {"SQUASH": self._squash, "REBASE": self._rebase}.get(rule.get("merge_method", ""), self._merge_commit)
        try:
            commit = await method(repo, issue, replace(pull, head_sha=entry.head_sha), parent, entry.by)
        except GitError:
            await self.dequeue(repo, entry.number, reason="MERGE_CONFLICT")
            return
        entry.parent, entry.commit, entry.since = parent, commit, self.clock.now()
        entry.ref = f"refs/heads/gh-readonly-queue/{base}/pr-{entry.number}-{parent}"
        await self.git(repo).update_refs([RefUpdate(entry.ref, commit)])
        await self.refs_changed(repo, [(entry.ref, ZERO, commit)], by=self.user(QUEUE))
        for listener in self.on_merge_group:
            await listener(repo, base, entry)

    async def _push(self, repo: Repository, base: str, entries: list[QueueEntry]) -> None:
        ref, before, after = f"refs/heads/{base}", entries[0].parent, entries[-1].commit
        await self.git(repo).update_refs([RefUpdate(ref, after, before)])
        del repo.queues[base][: len(entries)]
        for entry in entries:
            issue, pull = self.pull_request(repo, entry.number)
            pull.base_sha = entry.parent
            await self._merged(repo, issue, pull, entry.commit, by=self.user(QUEUE))
        await self.refs_changed(repo, [(ref, before, after)], by=self.user(QUEUE))
        for entry in entries:
            await self._drop(repo, entry)

    async def _drop(self, repo: Repository, entry: QueueEntry) -> None:
        """Its branch is deleted; what runs there goes on."""
        ref, commit = entry.ref, entry.commit
        entry.ref = entry.commit = entry.parent = ""
        if ref:
            await self.git(repo).update_refs([RefUpdate(ref, ZERO, commit)])
            await self.refs_changed(repo, [(ref, commit, ZERO)], by=self.user(QUEUE))

    def _verdict(self, repo: Repository, base: str, entry: QueueEntry) -> bool | str | None:
        """True when all that is required is good, None while that is open, else why the entry cannot be merged."""
        states = [self._reported(repo, entry.commit, name) for name in self._required(repo, base)]
        if "failure" in states:
            return "CI_FAILURE"
        if None not in states:
            return True
        patience = (self.queue_rule(repo, base) or {}).get("check_response_timeout_minutes", 60)
        late = entry.since is not None and self.clock.now() >= entry.since + timedelta(minutes=patience)
        return "CI_TIMEOUT" if late else None

    def _required(self, repo: Repository, base: str) -> list[str]:
        """Names of the checks that the branch's rules require."""
        rules = [each.rules for each in repo.rulesets if each.is_active_for(f"refs/heads/{base}")]
        named = [rule["required_status_checks"]["required_status_checks"] for rule in rules if _requires(rule)]
        return [*repo.required_checks.get(base, []), *(check["context"] for checks in named for check in checks)]

    def _reported(self, repo: Repository, commit: str, name: str) -> str | None:
        """What the newest job, check or status of that name says of a commit; None until it says something."""
        runs = [run for run in repo.runs.values() if run.head_sha == commit]
        found = [(job.id, job.conclusion) for run in runs for job in run.jobs if job.name == name]
        found += [(each.id, each.conclusion) for each in repo.checks if (each.head_sha, each.name) == (commit, name)]
        states = [each for each in repo.statuses if (each.sha, each.context) == (commit, name)]
        found += [(each.id, None if each.state == "pending" else each.state) for each in states]
        conclusion = max(found)[1] if found else None
        return conclusion and ("success" if conclusion in ("success", "skipped", "neutral") else "failure")


def _requires(rules: Mapping[str, Any]) -> bool:
    return "required_status_checks" in rules
