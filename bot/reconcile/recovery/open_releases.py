"""Taking up open releases from GitHub, the ledger, when the store does not know them: it may have been lost.

What is trusted: pull requests and comments that our own App wrote, by GitHub's word for it, and the command that the
marker names, as its unedited comment says it. Everything else is made again: the plan from its commit, the rules from
the default branch, the phase by looking.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import ledger
from bot.clock import Clock
from bot.commands import Command, Verb, parse
from bot.comments import answers
from bot.comments.downstream import UPDATE
from bot.github import GitHub, Reader
from bot.github.errors import Gone, NotFound
from bot.github.facts import Comment, OwnPullRequest, PullRequestState, RepositoryRef
from bot.ledger import Mark, Proposes, PullRequestId, ReleaseId, Subject, TagsPushed, Undone, Word
from bot.plan.model import Plan, Wanted
from bot.plan.naming import PREFIXES, branch_of, is_of_changelogs, prefix_told, tags_of
from bot.reconcile.effects.comments import Commenter, Thread, shown
from bot.reconcile.planning import Planning
from bot.reconcile.recovery.owed_commands import with_promises
from bot.reconcile.recovery.rollback import on_its_way_back, pushed_tags, rollback_under_way
from bot.reconcile.recovery.said import Said, keys_of, marks_of
from bot.reconcile.unsettled import Unsettled
from bot.release.model import Phase, Release
from bot.release.records import Merge, Request
from bot.release.with_plan import with_plan
from bot.store import Lease, Scan, Store

log = logging.getLogger(__name__)

PULL_REQUESTS_SINCE = timedelta(days=30)
"""Pull requests that were closed or merged and have not changed for so long are not taken up."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A pull request of ours and what its mark says."""

    entry: OwnPullRequest
    id: ReleaseId
    base_commit: str
    prefix: str
    """Begins the name of its branch."""

    @property
    def tags(self) -> list[str]:
        """That it proposes, by its branch."""
        return tags_of(self.entry.branch, self.prefix)


class Recovery:
    """Reads a repository's ledger once in the life of a store."""

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
        bookmarks, number = self._store.bookmarks, lease.repository.id
        begun = await bookmarks.begin(Scan.LEDGER, number)
        early = self._clock.now() < begun.begun_at + self._lag
        if begun.at or (early and (await bookmarks.begin(Scan.LEDGER_AT_ONCE, number)).at):
            return False
        reader = self._github.reader(lease.repository)
        entries = await reader.own_pull_requests(self._clock.now() - PULL_REQUESTS_SINCE)
        unknown = [found for found in map(_marked, entries) if found and not await self._knows(found)]
        if early:
            if unknown:
                raise Unsettled("what was said last may not be shown yet", begun.begun_at + self._lag)
            await bookmarks.move(Scan.LEDGER_AT_ONCE, number)
            return False
        for found in unknown:
            if not await self._knows(found):  # another pull request may bear its marker too
                await self._take_up(lease, reader, found)
        carried = {release.review.pull_request for release in await self._store.open_releases(lease.repository.id)}
        for entry in entries:
            is_open = entry.pull_request.state is PullRequestState.OPEN
            named = entry.branch.startswith(PREFIXES) and not is_of_changelogs(entry.branch)
            nameless = is_open and _marked(entry) is None and named
            if nameless and not entry.title.startswith(UPDATE) and entry.pull_request.number not in carried:
                nameless_id = PullRequestId(entry.pull_request.number)
                await self._disown(lease, entry, nameless_id, "its text no longer says which it is")
        await bookmarks.move(Scan.LEDGER, number)
        return bool(unknown)

    async def due_at(self, lease: Lease) -> datetime | None:
        """When it is to be read once more; None when it was, or was not read at all yet."""
        begun = await self._store.bookmarks.find(Scan.LEDGER, lease.repository.id)
        return None if begun is None or begun.at else begun.begun_at + self._lag

    async def is_owed(self, lease: Lease) -> bool:
        """Whether that was not done yet, and what is open there may still be young enough to be taken up."""
        begun = await self._store.bookmarks.begin(Scan.LEDGER, lease.repository.id)
        return begun.at is None and self._clock.now() < begun.begun_at + PULL_REQUESTS_SINCE

    async def _knows(self, found: _Found) -> bool:
        return await self._store.release(found.id.text) is not None

    async def recall(self, lease: Lease, versions: Collection[str]) -> None:
        """Take up what the store has forgotten of releases of these versions, also of those that have ended."""
        reader = self._github.reader(lease.repository)
        for found in map(_marked, await reader.own_pull_requests(self._clock.now() - PULL_REQUESTS_SINCE)):
            named = found is not None and any(version in found.entry.branch for version in versions)
            if found is not None and named and not await self._knows(found):
                await self._take_up(lease, reader, found, ended=True)

    async def _take_up(self, lease: Lease, reader: Reader, found: _Found, *, ended: bool = False) -> None:
        asked = await _request(reader, lease.repository, found)
        if asked is None:
            await self._cannot(lease, reader, found, "the comment that asked for it was deleted or edited")
            return
        comments = await _comments(reader, asked.issue, found.entry.pull_request.number)
        said = marks_of(comments)
        keys = keys_of(said, found.id)
        undoing = await rollback_under_way(reader, keys)
        is_cancelled, is_undone = Word.CANCELLED in keys, any(isinstance(key, Undone) for key in keys)
        has_ended = is_cancelled or is_undone or Word.RELEASED in keys
        if undoing is None and has_ended and (not ended or is_cancelled):
            return
        release = Release(found.id.text, asked, timeline=((Phase.REQUESTED, asked.at),))
        planned = await self._plan(reader, found, release)
        if planned is None:
            await self._cannot(lease, reader, found, "it cannot be planned again as it was")
            return
        for mark, comment in said.items():
            await self._store.intents.record(mark, shown(comment.id))
        release = _where_it_stands(planned, found, said)
        if undoing is not None:
            last_word = said.get(Mark(found.id, Word.RELEASED))
            if last_word is not None:
                release = release.moved_to(Phase.RELEASED, last_word.created_at)
            release = on_its_way_back(release, undoing)
        elif has_ended:
            end = Phase.ROLLED_BACK if is_undone else Phase.RELEASED
            at = found.entry.changed_at
            release = replace(release, publishing=replace(release.publishing, tagged_at=at)).moved_to(end, at)
        if not release.phase.is_end:
            where, now = lease.repository, self._clock.now()
            release = await with_promises(release, comments, said, github=self._github, repository=where, now=now)
        await self._store.save(lease, release)
        log.warning("%s: taken up from #%d", found.id.text, found.entry.pull_request.number)

    async def _plan(self, reader: Reader, found: _Found, release: Release) -> Release | None:
        """The release with its plan; None when it would not be the one that is proposed."""
        entry = found.entry
        try:
            head = await reader.commit(entry.pull_request.head)
            again = await self._planning.plan_again(
                reader,
                [Wanted(package, version) for package, version in release.request.wanted],
                line=release.request.branch,
                commit=found.base_commit,
                without=found.tags,
                day=head.committed_at.date(),
            )
        except NotFound:
            return None
        plan = again.plan
        if plan is None or branch_of(found.prefix, [bump.tag for bump in plan.bumps]) != entry.branch:
            return None
        is_ours = (head.headline, head.parents) == (plan.headline, (found.base_commit,)) and await _is_whole(
            reader, entry, plan
        )
        planned = with_plan(release, again)
        return replace(
            planned, review=replace(planned.review, branch=entry.branch, ours=(head.oid,) if is_ours else ())
        )

    async def _cannot(self, lease: Lease, reader: Reader, found: _Found, why: str) -> None:
        """Say so, unless its tags have their GitHub Releases: then it was at its end."""
        pull, tags = found.entry.pull_request, found.tags
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
        await self._disown(lease, found.entry, found.id, why)

    async def _disown(self, lease: Lease, entry: OwnPullRequest, subject: Subject, why: str) -> None:
        """Say on a pull request that what it proposes is not carried on."""
        pull = entry.pull_request
        log.warning("%s: #%d cannot be taken up: %s", lease.repository.full_name, pull.number, why)
        if pull.state is not PullRequestState.CLOSED:
            text = answers.not_taken_up(why, pull.merge_commit)
            await self._commenter.say(lease, Thread(pull.number), Mark(subject, Word.LOST), text)


async def _comments(reader: Reader, *threads: int) -> list[Comment]:
    """Of the threads, those that are there."""
    comments: list[Comment] = []
    for number in threads:
        try:
            comments += await reader.comments(number, None)
        except (NotFound, Gone):
            continue
    return comments


def _marked(entry: OwnPullRequest) -> _Found | None:
    """The release that a pull request of ours proposes, by its mark; None when nothing there can be read."""
    mark = ledger.mark(entry.body)
    if mark is None or not isinstance(mark.key, Proposes) or not isinstance(mark.subject, ReleaseId):
        return None
    return _Found(entry, mark.subject, mark.key.commit, prefix_told(entry.branch, mark.key.prefix))


async def _request(reader: Reader, repository: RepositoryRef, found: _Found) -> Request | None:
    """Who asked for what, from the comment itself; None when it does not say so any more."""
    try:
        comment = await reader.comment(found.id.comment)
    except (NotFound, Gone):
        return None
    commands = list(parse(comment.body))
    position = found.id.position or 0
    if comment.edited or not comment.by_a_person or position >= len(commands):
        return None
    command = commands[position]
    if not isinstance(command, Command) or command.spec.name is not Verb.RELEASE:
        return None
    return Request(
        repository=repository.id,
        issue=comment.issue,
        comment=comment.id,
        by=comment.author,
        role=await reader.permission(comment.author),
        at=comment.created_at,
        text=command.text,
        wanted=tuple((item.package, item.version) for item in command.wanted),
        branch=command.branch,
    )


async def _is_whole(reader: Reader, entry: OwnPullRequest, plan: Plan) -> bool:
    """Whether the branch changes exactly what the plan does: then replacing its commit loses nothing."""
    files = await reader.files(entry.pull_request.head, [edit.path for edit in plan.edits])
    return entry.changed_files == len(plan.edits) and all(files.get(e.path) == e.after for e in plan.edits)


def _where_it_stands(release: Release, found: _Found, said: Said) -> Release:
    """In review, or, once tags were pushed, at the commit that our comment names; looking finds out the rest.

    As long as nobody was told of the pull request, that is still to be done. Whether a commit was about to be made that
    takes ours' place, nobody knows.
    """
    pull = found.entry.pull_request
    at = found.entry.opened_at
    release = replace(release, review=replace(release.review, pull_request=pull.number, url=pull.url, following=True))
    if Mark(found.id, Word.PULL_REQUEST_OPENED) not in said:
        return release
    release = release.moved_to(Phase.PROPOSED, at)
    pushed = [key for key in keys_of(said, found.id) if isinstance(key, TagsPushed)]
    commits = {key.commit for key in pushed}
    if pull.merge_commit is None or len(commits) != 1:
        return release
    merged = release.moved_to(Phase.MERGED, pull.merged_at or at)
    first = min(said[Mark(found.id, key)].created_at for key in pushed)
    tagged = replace(
        merged,
        merge=Merge(commits.pop(), by=pull.merged_by),
        publishing=replace(merged.publishing, pushed=pushed_tags(release, pushed)),
    )
    return tagged.moved_to(Phase.GREEN, first)
