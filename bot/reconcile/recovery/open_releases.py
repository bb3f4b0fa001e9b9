"""Taking up open releases from GitHub, the ledger, when the store does not know them: it may have been lost.

What is trusted: pull requests and comments that our own App wrote, by GitHub's word for it, and the command that the
marker names, as its unedited comment says it. Everything else is made again: the plan from its commit, the rules from
the default branch, the phase by looking.
"""

import logging
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.commands import Command, Verb, parse
from bot.comments import answers
from bot.comments.markdown import PROPOSES, markers
from bot.github import GitHub, Reader
from bot.github.errors import Gone, NotFound
from bot.github.facts import Comment, OwnPullRequest, PullRequestState, RepositoryRef
from bot.plan.model import Plan, Wanted
from bot.reconcile.effects.comments import Commenter, Thread, shown
from bot.reconcile.planning import Planning
from bot.reconcile.recovery.owed_commands import with_promises
from bot.reconcile.recovery.rollback import on_its_way_back, pushed_tags, rollback_under_way
from bot.reconcile.unsettled import Unsettled
from bot.release.actions import Milestone
from bot.release.model import Phase, Release, Request
from bot.release.with_plan import with_plan
from bot.store import Lease, Store

log = logging.getLogger(__name__)

AS_FAR_BACK = timedelta(days=30)
"""Pull requests that were closed or merged and have not changed for so long are not taken up."""
_RELEASE_ID = re.compile(r"r[0-9]{1,19}(-[0-9]{1,2})?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
AT_ONCE = "ledger-at-once"
"""Key of the effect that says that it was read at the store's beginning."""
RELEASES = "release/"
"""Begins the names of release branches."""
ENDS = frozenset({str(Milestone.RELEASED), str(Milestone.CANCELLED), str(Milestone.UNDONE)})


@dataclass(frozen=True, slots=True)
class _Found:
    """A pull request of ours and what its marker says."""

    entry: OwnPullRequest
    release_id: str
    base_commit: str

    @property
    def comment(self) -> int:
        """Id of the comment that asked."""
        return int(self.release_id.removeprefix("r").partition("-")[0])

    @property
    def position(self) -> int:
        """Which of that comment's commands it was."""
        return int(self.release_id.partition("-")[2] or 0)


class Recovery:
    """Reads a repository's ledger once in the life of a store; the caller holds the lease."""

    def __init__(
        self, *, github: GitHub, store: Store, commenter: Commenter, planning: Planning, clock: Clock, lag: float
    ) -> None:
        """`lag` is how long, in seconds, GitHub may not show what a lost process has written last."""
        self._github = github
        self._store = store
        self._commenter = commenter
        self._planning = planning
        self._clock = clock
        self._lag = timedelta(seconds=lag)

    async def read(self, lease: Lease) -> bool:
        """Take up what is open and not known; whether there was such. Does nothing when this was done before.

        It is read at once, and once more when GitHub must show what a process that died just now has left.
        Raises the adapter's errors, and Unsettled while that may not be seen whole.
        """
        begun = await self._store.intend(f"repository-{lease.repository.id}", "ledger")
        early = self._clock.now() < begun.at + self._lag
        if begun.done or (early and (await self._store.intend(begun.subject, AT_ONCE)).done):
            return False
        reader = self._github.reader(lease.repository)
        entries = await reader.own_pull_requests(self._clock.now() - AS_FAR_BACK)
        unknown = [found for found in map(_marked, entries) if found and not await self._knows(found)]
        if early:
            if unknown:
                raise Unsettled("what was said last may not be shown yet", begun.at + self._lag)
            await self._store.record(begun.subject, AT_ONCE, "")
            return False
        for found in unknown:
            if not await self._knows(found):  # another pull request may bear its marker too
                await self._take_up(lease, reader, found)
        carried = {release.pull_request for release in await self._store.open_releases(lease.repository.id)}
        for entry in entries:
            is_open = entry.pull_request.state is PullRequestState.OPEN
            nameless = is_open and _marked(entry) is None and entry.branch.startswith(RELEASES)
            if nameless and entry.pull_request.number not in carried:
                await self._disown(lease, entry, f"p{entry.pull_request.number}", "its text no longer says which it is")
        await self._store.record(begun.subject, begun.key, "")
        return bool(unknown)

    async def due_at(self, lease: Lease) -> datetime | None:
        """When it is to be read once more; None when it was, or was not read at all yet."""
        begun = await self._store.effect(f"repository-{lease.repository.id}", "ledger")
        return None if begun is None or begun.done else begun.at + self._lag

    async def is_owed(self, lease: Lease) -> bool:
        """Whether that was not done yet, and what is open there may still be young enough to be taken up."""
        begun = await self._store.intend(f"repository-{lease.repository.id}", "ledger")
        return not begun.done and self._clock.now() < begun.at + AS_FAR_BACK

    async def _knows(self, found: _Found) -> bool:
        return await self._store.release(found.release_id) is not None

    async def recall(self, lease: Lease, versions: Collection[str]) -> None:
        """Take up what the store has forgotten of releases of these versions, also of those that have ended."""
        reader = self._github.reader(lease.repository)
        for found in map(_marked, await reader.own_pull_requests(self._clock.now() - AS_FAR_BACK)):
            named = found is not None and any(version in found.entry.branch for version in versions)
            if found is not None and named and not await self._knows(found):
                await self._take_up(lease, reader, found, ended=True)

    async def _take_up(self, lease: Lease, reader: Reader, found: _Found, *, ended: bool = False) -> None:
        request = await _request(reader, lease.repository, found)
        if request is None:
            await self._cannot(lease, reader, found, "the comment that asked for it was deleted or edited")
            return
        asked, wanted = request
        comments = await _comments(reader, asked.issue, found.entry.pull_request.number)
        said = _said(comments)
        keys = [key for subject, key in said if subject == found.release_id]
        undoing = await rollback_under_way(reader, keys)
        ends = {key.partition("-")[0] for key in keys} & ENDS
        if undoing is None and ends and (not ended or Milestone.CANCELLED in ends):
            return
        release = Release(found.release_id, asked, wanted, timeline=((Phase.REQUESTED, asked.at),))
        planned = await self._plan(reader, found, release)
        if planned is None:
            await self._cannot(lease, reader, found, "it cannot be planned again as it was")
            return
        for (subject, key), comment in said.items():
            await self._store.record(subject, key, shown(comment.id))
        release = _where_it_stands(planned, found, said)
        if undoing is not None:
            last_word = said.get((found.release_id, str(Milestone.RELEASED)))
            if last_word is not None:
                release = release.moved_to(Phase.RELEASED, last_word.created_at)
            release = on_its_way_back(release, undoing)
        elif ends:
            end = Phase.ROLLED_BACK if Milestone.UNDONE in ends else Phase.RELEASED
            at = found.entry.changed_at
            release = replace(release, tagged_at=at).moved_to(end, at)
        if not release.phase.is_end:
            where, now = lease.repository, self._clock.now()
            release = await with_promises(release, comments, said, github=self._github, repository=where, now=now)
        await self._store.save(lease, release)
        log.warning("%s: taken up from #%d", found.release_id, found.entry.pull_request.number)

    async def _plan(self, reader: Reader, found: _Found, release: Release) -> Release | None:
        """The release with its plan; None when it would not be the one that is proposed."""
        entry = found.entry
        try:
            head = await reader.commit(entry.pull_request.head)
            again = await self._planning.plan_again(
                reader,
                [Wanted(package, version) for package, version in release.wanted],
                commit=found.base_commit,
                without=entry.branch.removeprefix("release/").split("+"),
                day=head.committed_at.date(),
            )
        except NotFound:
            return None
        plan = again.plan
        if plan is None or plan.branch != entry.branch:
            return None
        is_ours = (head.headline, head.parents) == (plan.title, (found.base_commit,)) and await _is_whole(
            reader, entry, plan
        )
        return replace(with_plan(release, again), ours=(head.oid,) if is_ours else ())

    async def _cannot(self, lease: Lease, reader: Reader, found: _Found, why: str) -> None:
        """Say so, unless its tags have their GitHub Releases: then it was at its end."""
        pull, tags = found.entry.pull_request, found.entry.branch.removeprefix(RELEASES).split("+")
        if pull.state is PullRequestState.MERGED:
            there = await reader.snapshot(
                base=pull.base,
                held=pull.merge_commit or pull.head,
                branch=found.entry.branch,
                pull_request=pull.number,
                tags=tags,
            )
            if len(there.releases) == len(tags):
                return
        await self._disown(lease, found.entry, found.release_id, why)

    async def _disown(self, lease: Lease, entry: OwnPullRequest, subject: str, why: str) -> None:
        """Say on a pull request that what it proposes is not carried on."""
        pull = entry.pull_request
        log.warning("%s: #%d cannot be taken up: %s", lease.repository.full_name, pull.number, why)
        if pull.state is not PullRequestState.CLOSED:
            text = answers.not_taken_up(why, pull.merge_commit)
            await self._commenter.say(lease.repository, Thread(pull.number), subject, "lost", text)


async def _comments(reader: Reader, *threads: int) -> list[Comment]:
    """Of the threads, those that are there."""
    comments: list[Comment] = []
    for number in threads:
        try:
            comments += await reader.comments(number, None)
        except (NotFound, Gone):
            continue
    return comments


def _said(comments: Iterable[Comment]) -> dict[tuple[str, str], Comment]:
    """What our own App said, by subject and key; of two that say the same, the first."""
    said: dict[tuple[str, str], Comment] = {}
    for comment in comments:
        if comment.by_us:
            said |= {mark: comment for mark in markers(comment.body) if mark not in said}
    return said


def _marked(entry: OwnPullRequest) -> _Found | None:
    """The release that a pull request of ours proposes, by its marker; None when nothing there can be read."""
    for subject, key in markers(entry.body):
        kind, _, commit = key.partition(" ")
        if kind == PROPOSES and _RELEASE_ID.fullmatch(subject) and _COMMIT.fullmatch(commit):
            return _Found(entry, subject, commit)
    return None


async def _request(
    reader: Reader, repository: RepositoryRef, found: _Found
) -> tuple[Request, tuple[tuple[str | None, str], ...]] | None:
    """Who asked for what, from the comment itself; None when it does not say so any more."""
    try:
        comment = await reader.comment(found.comment)
    except (NotFound, Gone):
        return None
    commands = list(parse(comment.body))
    if comment.edited or not comment.by_a_person or found.position >= len(commands):
        return None
    command = commands[found.position]
    if not isinstance(command, Command) or command.spec.name is not Verb.RELEASE:
        return None
    request = Request(
        repository=repository.id,
        issue=comment.issue,
        comment=comment.id,
        by=comment.author,
        role=await reader.permission(comment.author),
        at=comment.created_at,
        text=command.text,
    )
    return request, tuple((item.package, item.version) for item in command.wanted)


async def _is_whole(reader: Reader, entry: OwnPullRequest, plan: Plan) -> bool:
    """Whether the branch changes exactly what the plan does: then replacing its commit loses nothing."""
    files = await reader.files(entry.pull_request.head, [edit.path for edit in plan.edits])
    return entry.changed_files == len(plan.edits) and all(files.get(e.path) == e.after for e in plan.edits)


def _where_it_stands(release: Release, found: _Found, said: dict[tuple[str, str], Comment]) -> Release:
    """In review, or, once tags were pushed, at the commit that our comment names; looking finds out the rest.

    As long as nobody was told of the pull request, that is still to be done. Whether a commit was about to be made that
    takes ours' place, nobody knows.
    """
    pull = found.entry.pull_request
    at = found.entry.opened_at
    release = replace(release, pull_request=pull.number, pull_request_url=pull.url, following=True)
    if (release.id, str(Milestone.PULL_REQUEST_OPENED)) not in said:
        return release
    release = release.moved_to(Phase.PROPOSED, at)
    pushed = [key for subject, key in said if subject == release.id and key.startswith(Milestone.TAGS_PUSHED)]
    commits = {key.rpartition("-")[2] for key in pushed}
    if pull.merge_commit is None or len(commits) != 1:
        return release
    merged = release.moved_to(Phase.MERGED, pull.merged_at or at)
    first = min(said[release.id, key].created_at for key in pushed)
    tagged = replace(merged, merge_commit=commits.pop(), merged_by=pull.merged_by, pushed=pushed_tags(release, pushed))
    return tagged.moved_to(Phase.GREEN, first)
