"""Everything that the bot reads of one repository: each method is one look, fresh unless it says otherwise."""

from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.github import decode
from bot.github.documents import BASE, CHECKS, COMMIT, HISTORY, Find, snapshot_document
from bot.github.errors import NotFound
from bot.github.facts import (
    PASSING,
    Base,
    BranchRules,
    Comment,
    CommitAt,
    CommitChecks,
    GitHubRelease,
    MergedChange,
    OwnPullRequest,
    Permission,
    ReleaseSnapshot,
    RepositoryRef,
)
from bot.github.reading.check_pages import CheckPages
from bot.github.reading.file_cache import FileCache
from bot.github.reading.merged_changes import MOST_CHANGES, merged_changes, with_newcomers
from bot.github.reading.own_pull_requests import own_pull_requests
from bot.github.reading.runs import JobLogs
from bot.github.reading.settings import SettingsReader
from bot.github.transport.client import PER_PAGE, GraphQLAnswer, Json
from bot.github.transport.tokens import Purpose, Tokens

MOST_RELEASES = 300
"""Releases that are looked through for a tag: those of the tags at hand are the newest."""
RulesOfBranches = MutableMapping[tuple[int, str], BranchRules]
"""Required checks by repository id and branch: rules change rarely and every look needs them."""


class Reader(SettingsReader):
    """One repository through a token that can only read. Every method raises the errors of `bot.github.errors`."""

    def __init__(
        self,
        tokens: Tokens,
        repository: RepositoryRef,
        *,
        app_id: int,
        branch_rules: RulesOfBranches,
        job_logs: JobLogs,
        known: FileCache,
    ) -> None:
        """`branch_rules` is a cache that forgets after a while, `job_logs` one that holds a few."""
        super().__init__(tokens, repository, job_logs)
        self._app_id = app_id
        self._branch_rules = branch_rules
        self._known = known

    async def permission(self, login: str) -> Permission:
        """Somebody's role now. A custom role counts as the role it is based on; an unknown person has none."""
        client = await self._client()  # not inside: an App that is not installed is no answer about a person
        path = "/repos/{owner}/{repo}/collaborators/{login}/permission"
        try:
            found = await client.get(path, **self._names, login=login)
        except NotFound:
            return Permission.NONE
        named = found.get("role_name")
        return Permission(named if named in list(Permission) else found["permission"])

    async def base(self, branch: str | None, *, with_checks: bool = False) -> Base:
        """The branch (None: the default one) and every tag; NotFound when there is no such branch.

        `with_checks` also tells what was reported about its newest commit, as `snapshot` does.
        """
        which = {"branch": f"refs/heads/{branch or ''}", "named": branch is not None}
        found = first = (await self._graphql(BASE, **which, reported=with_checks)).complete()["repository"]
        tags = [decode.tag(ref) for ref in found["refs"]["nodes"]]
        while found["refs"]["pageInfo"]["hasNextPage"]:
            after = found["refs"]["pageInfo"]["endCursor"]
            found = (await self._graphql(BASE, **which, reported=False, after=after)).complete()["repository"]
            tags += [decode.tag(ref) for ref in found["refs"]["nodes"]]
        ref = first["branch"] if branch is not None else first["defaultBranchRef"]
        head = decode.branch(ref)
        if head is None:
            raise NotFound(f"There is no branch {branch or 'to release from'}")
        checks = await self._all_reported(ref["target"]) if with_checks else None
        return Base(first["id"], head, tuple(tags), checks, self._repository.full_name)

    async def paths(self, commit: str) -> tuple[str, ...]:
        """Every regular file at a commit, by its full id; GitHubError when the tree is too large to be listed whole."""
        return await self._known.paths(await self._client(), self._repository, commit)

    async def files(self, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
        """Files at a commit, byte for byte; what is not there is left out."""
        return await self._known.files(await self._client(), self._repository, commit, paths)

    async def changed(self, before: str, after: str) -> frozenset[str]:
        """The paths that differ between two commits, by their full ids; asked for once."""
        return await self._known.changed(await self._client(), self._repository, before, after)

    async def changes(
        self, head: str, since_tag: str | None, paths: Sequence[str], most: int = MOST_CHANGES
    ) -> tuple[MergedChange, ...] | None:
        """What was merged since a tag (None: ever) that touches any of the paths, newest first, at most `most` commits.

        None where GitHub cannot tell.
        """
        client, repository = await self._client(), self._repository
        return await merged_changes(client, repository, head=head, since_tag=since_tag, paths=paths, most=most)

    async def with_newcomers(self, changes: Sequence[MergedChange], since_tag: str) -> tuple[MergedChange, ...]:
        """The changes, marked where their author made no commit up to a tag; unmarked where GitHub cannot tell."""
        return await with_newcomers(await self._client(), self._repository, changes, since_tag)

    async def snapshot(
        self,
        *,
        base: str,
        held: str,
        branch: str,
        pull_request: int | None,
        tags: Sequence[str],
        with_checks: bool = False,
        with_merged_checks: bool = False,
    ) -> ReleaseSnapshot:
        """All of one release in a single request, and whether its base branch holds the commit `held`.

        `with_checks` also tells what was reported about that commit, `with_merged_checks` about the commit that a pull
        request given by its number was merged as; more requests are needed only where this is more than a page, or
        something failed.
        Without a number the pull request is found by the release branch, and only among those that our App opened.
        """
        variables: dict[str, Any] = {"base": f"refs/heads/{base}", "held": held, "branch": f"refs/heads/{branch}"}
        variables |= {"newest": base, "reported": with_checks}
        find = Find.BY_BRANCH if pull_request is None else Find.BY_NUMBER
        by_number = {"number": pull_request, "merged": with_merged_checks}
        variables |= {"head": branch} if pull_request is None else by_number
        for index, tag in enumerate(tags):
            variables |= {f"t{index}": f"refs/tags/{tag}", f"r{index}": tag}
        answer = await self._graphql(snapshot_document(len(tags), find), **variables)
        found = but_for_what_is_not_there(answer)["repository"]
        merged = None
        if pull_request is None:
            pull = decode.our_pull_request(found["pullRequests"]["nodes"])
        else:
            pull = decode.pull_request(found["pullRequest"])
            merged = (found["pullRequest"] or {}).get("mergeCommit") if with_merged_checks else None
        refs = [found[f"t{index}"] for index in range(len(tags))]
        releases = [found[f"r{index}"] for index in range(len(tags))]
        return ReleaseSnapshot(
            base=decode.branch(found["base"]),
            base_holds=decode.holds(found["base"]),
            pull_request=pull,
            branch=decode.branch(found["branch"]),
            branch_follows=decode.holds(found["branch"]),
            tags=tuple(decode.tag(ref) for ref in refs if ref),
            releases=tuple(decode.published_release(release) for release in releases if release),
            checks=await self._all_reported(found["reported"]) if found.get("reported") else None,
            merged_checks=await self._all_reported(merged) if merged else None,
        )

    async def _all_reported(self, first: Json) -> CommitChecks:
        """All that was reported about a commit, from the first page on: workflow runs, and single checks and statuses.

        `checks` holds the jobs of GitHub Actions too (`github-actions`), for a rule may require one by its name.
        GraphQL tells of runs in the same request; of those that failed, and of tags', REST knows more.
        """
        reported = CheckPages(first, self._app_id)
        while reported.has_more:
            reported.add(await self._page_of_checks(reported.commit, reported.cursors))
        runs = reported.runs()
        if runs is None:
            runs = await self.runs(reported.commit)
        bad = [run for run in runs if run.status == "completed" and run.conclusion not in PASSING]
        jobs = {run.id: await self.jobs(run.id) for run in bad}
        return CommitChecks(
            commit=reported.commit,
            committed_at=reported.committed_at,
            runs=runs,
            checks=reported.checks(),
            jobs=jobs,
            message=reported.message,
            parent=reported.parent,
        )

    async def reported(self, commit: str) -> CommitChecks:
        """All that was reported about a commit, as `snapshot` tells it of another; NotFound when there is none."""
        return await self._all_reported(await self._page_of_checks(commit, {}))

    async def _page_of_checks(self, commit: str, after: Mapping[str, Json]) -> Json:
        found = (await self._graphql(CHECKS, commit=commit, **after)).complete()["repository"]["object"]
        if not found:
            raise NotFound(f"There is no commit {commit}")
        return found

    async def required_checks(self, branch: str) -> tuple[str, ...]:
        """Names of the checks that a branch's rules require."""
        return (await self.branch_rules(branch)).required

    async def branch_rules(self, branch: str) -> BranchRules:
        """What a branch's rules ask, nothing on a plan without rules; remembered for a minute."""
        key = (self._repository.id, branch)
        known = self._branch_rules.get(key)
        if known is not None:
            return known
        rules = await self.rules_of_branch(branch)
        required = [
            check["context"]
            for rule in rules
            if rule["type"] == "required_status_checks"
            for check in rule["parameters"]["required_status_checks"]
        ]
        queued = any(rule["type"] == "merge_queue" for rule in rules)
        self._branch_rules[key] = found = BranchRules(tuple(dict.fromkeys(required)), queued)
        return found

    async def releases(self, tags: Sequence[str]) -> tuple[GitHubRelease, ...]:
        """The GitHub Releases of these tags: of each tag the published one, else all its drafts, the newest first."""
        found: dict[str, list[GitHubRelease]] = {tag: [] for tag in tags}
        async for release in self._newest_releases():
            if release.tag in found:
                found[release.tag].append(release)
            if all(any(not each.draft for each in of) for of in found.values()):
                break
        published = {tag: [each for each in of if not each.draft] for tag, of in found.items()}
        return tuple(each for tag, of in found.items() for each in published[tag] or of)

    async def all_releases(self, tags: Sequence[str]) -> tuple[GitHubRelease, ...]:
        """Every GitHub Release of these tags among the newest, drafts included: there may be several of one tag."""
        return tuple([release async for release in self._newest_releases() if release.tag in tags])

    async def _newest_releases(self) -> AsyncIterator[GitHubRelease]:
        """Newest first, drafts included, which only who may publish is shown; so many that a release is among them."""
        client = await self._tokens.client(self._repository, Purpose.PUBLISH)
        path, seen = "/repos/{owner}/{repo}/releases{?per_page}", 0
        async for record in client.items(path, **self._names, per_page=PER_PAGE):
            yield decode.release(record)
            seen += 1
            if seen >= MOST_RELEASES:
                return

    async def comments(self, issue: int, since: datetime | None) -> tuple[Comment, ...]:
        """An issue's comments, oldest first; with `since` only those that changed at or after that time."""
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if since else None
        path = "/issues/{issue}/comments{?since,per_page}"
        return tuple(
            [
                decode.comment(record, app_id=self._app_id)
                async for record in self._items(path, issue=issue, since=stamp)
            ]
        )

    async def comment(self, number: int) -> Comment:
        """One issue comment by its id; NotFound when it was deleted."""
        client = await self._client()
        path = "/repos/{owner}/{repo}/issues/comments/{number}"
        return decode.comment(await client.get(path, **self._names, number=number), app_id=self._app_id)

    async def own_pull_requests(self, changed_since: datetime) -> tuple[OwnPullRequest, ...]:
        """The pull requests that our App opened, those that are open and those that changed since then."""
        return await own_pull_requests(await self._client(), self._repository, changed_since=changed_since)

    async def commit(self, oid: str) -> CommitAt:
        """A commit by its id; NotFound when there is none."""
        found = (await self._graphql(COMMIT, oid=oid)).complete()["repository"]["object"]
        if not found:
            raise NotFound(f"There is no commit {oid}")
        return decode.commit(found)

    async def history(self, oid: str, most: int) -> tuple[CommitAt, ...]:
        """A commit and those before it, on all lines of descent, the newest first."""
        found = (await self._graphql(HISTORY, oid=oid, first=most)).complete()["repository"]["object"]
        return tuple(decode.commit(node) for node in found["history"]["nodes"]) if found else ()

    async def ping(self) -> None:
        """One small question; raises what keeps GitHub from answering it."""
        (await self._graphql(COMMIT, oid="HEAD")).complete()


_MAY_BE_MISSING = (("repository", "pullRequest"), *(("repository", each, "compare") for each in ("base", "branch")))
"""What GitHub calls an error when there is none: a pull request of that number, a history in common, a branch to be
compared with.

https://github.com/techgaun/active-forks/issues/104
"""


def but_for_what_is_not_there(answer: GraphQLAnswer) -> Mapping[str, Json]:
    """The data, if nothing failed but that something is not there which need not be."""
    for fault in answer.faults:
        if not (isinstance(fault.error, NotFound) and fault.path in _MAY_BE_MISSING):
            raise fault.error
    return answer.data
