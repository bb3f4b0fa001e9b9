"""Pull requests: opening, closing, and following their branches."""

from typing import Any

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import ZERO
from bot.sandbox.model import Issue, PullRequest, Repository, User
from bot.sandbox.payloads.issues import pull_request_json
from bot.sandbox.world.issues import Issues


class Pulls(Issues):
    """The acts on pull requests but merging, which moves a ref (see `merging.py`)."""

    async def open_pull_request(
        self, repo: Repository, *, head: str, base: str, title: str, body: str = "", by: User | str
    ) -> Issue:
        """Propose branch `head` for branch `base`; the issue whose `.pull_request` is the new one.

        Refused as UNPROCESSABLE: a branch that is not there, nothing between the two, one that is open already.
        """
        git, user = self.git(repo), self.actor(by)
        head_sha, base_sha = await git.resolve(f"refs/heads/{head}"), await git.resolve(f"refs/heads/{base}")
        for sha, field in ((head_sha, "head"), (base_sha, "base")):
            if sha is None:
                message = f"{field.capitalize()} ref must be a branch"
                raise Refusal("UNPROCESSABLE", message, field=field, code="invalid")
        if head_sha is None or base_sha is None or await git.is_ancestor(head_sha, base_sha):
            raise Refusal("UNPROCESSABLE", f"No commits between {base} and {head}")
        if any((pull.head, pull.base) == (head, base) for _, pull in self.open_pull_requests(repo)):
            raise Refusal("UNPROCESSABLE", f"A pull request already exists for {repo.owner.login}:{head}.")
        issue = self._new_issue(repo, title, body, user, app_id=self._app_id(user))
        issue.pull_request = PullRequest(self.next_id(), issue.number, head, base, head_sha, base_sha)
        await self._pull_request_event(repo, issue, "opened", by=user)
        return issue

    async def close_pull_request(self, repo: Repository, number: int, *, by: User | str) -> Issue:
        """Close without merging; nothing happens to one that is closed already."""
        issue, pull = self.pull_request(repo, number)
        if issue.state == "open":
            issue.state = "closed"
            issue.updated_at = pull.closed_at = self.clock.now()
            await self._pull_request_event(repo, issue, "closed", by=self.actor(by))
        return issue

    async def label(self, repo: Repository, number: int, *labels: str) -> None:
        """Put labels on an issue or pull request (silently; the bot reads them, it does not wait for them)."""
        issue = self.issue(repo, number)
        issue.labels += [label for label in labels if label not in issue.labels]

    def pull_request(self, repo: Repository, number: int) -> tuple[Issue, PullRequest]:
        """Both sides of a pull request; a NOT_FOUND Refusal when that number is none."""
        issue = self.issue(repo, number)
        if issue.pull_request is None:
            raise Refusal("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
        return issue, issue.pull_request

    def open_pull_requests(self, repo: Repository) -> list[tuple[Issue, PullRequest]]:
        """Both sides of those that are open, oldest first."""
        pairs = [(issue, issue.pull_request) for issue in repo.issues.values() if issue.state == "open"]
        return [(issue, pull) for issue, pull in pairs if pull is not None]

    async def pull_requests_of(self, repo: Repository, sha: str) -> list[Issue]:
        """Merged pull requests that brought a commit: as their merge commit, or among the commits merged."""
        pairs = [(issue, issue.pull_request) for issue in repo.issues.values()]
        return [issue for issue, pull in pairs if pull and pull.merged and sha in await self._brought(repo, pull)]

    async def _brought(self, repo: Repository, pull: PullRequest) -> frozenset[str]:
        news = f"{pull.base_sha}..{pull.merge_commit_sha}"
        if news not in self._commits_of:
            self._commits_of[news] = frozenset(commit.sha for commit in await self.git(repo).commits(news))
        return self._commits_of[news]

    async def pull_payload(self, repo: Repository, issue: Issue) -> dict[str, Any]:
        """REST JSON of a pull request, with its commits and lines counted."""
        pull = issue.pull_request
        if pull is None:
            raise ValueError(f"#{issue.number} is not a pull request")
        stats = await self.git(repo).stats(pull.base_sha, pull.head_sha)
        return pull_request_json(self.site, repo, issue, pull, stats)

    async def _pull_requests_follow(self, repo: Repository, ref: str, before: str, after: str, *, by: User) -> None:
        """What a moved or deleted branch does to the pull requests from and to it."""
        branch = ref.removeprefix("refs/heads/")
        for issue, pull in self.open_pull_requests(repo):
            if pull.head == branch and after == ZERO:
                await self.close_pull_request(repo, issue.number, by=by)
            elif pull.head == branch and pull.head_sha != after:
                pull.head_sha = after
                issue.updated_at = self.clock.now()
                more = {"before": before, "after": after}
                await self._pull_request_event(repo, issue, "synchronize", by=by, more=more)
                base = await self.git(repo).resolve(f"refs/heads/{pull.base}")
                if base and await self.git(repo).is_ancestor(after, base):  # nothing is left to merge
                    await self.close_pull_request(repo, issue.number, by=by)
            elif pull.base == branch and after != ZERO and await self.git(repo).is_ancestor(pull.head_sha, after):
                await self._merged(repo, issue, pull, after, by=by)

    async def _merged(self, repo: Repository, issue: Issue, pull: PullRequest, sha: str, *, by: User) -> None:
        pull.merged, pull.merge_commit_sha, pull.merged_by = True, sha, by
        issue.state = "closed"
        issue.updated_at = pull.merged_at = pull.closed_at = self.clock.now()
        await self._pull_request_event(repo, issue, "closed", by=by)
        if pull.base == repo.default_branch:
            await self.close_named(repo, issue.body, by=by)

    async def _pull_request_event(
        self, repo: Repository, issue: Issue, action: str, *, by: User, more: dict[str, Any] | None = None
    ) -> None:
        payload = {"action": action, "number": issue.number, **(more or {})}
        payload["pull_request"] = await self.pull_payload(repo, issue)
        await self.emit(repo, "pull_request", payload, by=by)
        for listener in self.on_pull_request:
            await listener(repo, issue, action)
