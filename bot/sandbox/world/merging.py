"""Merging a pull request, in GitHub's three ways."""

from collections.abc import Sequence
from typing import Literal

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import GitError, RefUpdate
from bot.sandbox.model import Issue, PullRequest, Repository, User
from bot.sandbox.world.refs import Refs
from bot.sandbox.world.rulesets import Rulesets
from bot.sandbox.world.state import GITHUB

MergeMethod = Literal["merge", "squash", "rebase"]


class Merging(Refs, Rulesets):
    """What the green button does."""

    async def merge(
        self,
        repo: Repository,
        number: int,
        *,
        method: MergeMethod = "merge",
        by: User | str,
        past_the_queue: bool = False,
    ) -> str:
        """Merge a pull request; the base branch's new head. Its own branch stays.

        Refused as CONFLICT when it is not open or does not merge cleanly, and where the branch demands a merge queue
        that the person does not, or may not, pass by.
        """
        issue, pull = self.pull_request(repo, number)
        if self.queue_rule(repo, pull.base) is not None and not past_the_queue:
            raise Refusal("CONFLICT", "Changes must be made through the merge queue")
        user = self.actor(by)
        git, ref = self.git(repo), f"refs/heads/{pull.base}"
        base = await git.resolve(ref)
        if issue.state != "open" or base is None:
            raise Refusal("CONFLICT", "Pull Request is not mergeable")
        make = {"merge": self._merge_commit, "squash": self._squash, "rebase": self._rebase}[method]
        try:
            sha = await make(repo, issue, pull, base, user)
            await git.update_refs([RefUpdate(ref, sha, base)])
        except GitError as error:  # a conflict, or the base has moved meanwhile
            raise Refusal("CONFLICT", "Pull Request is not mergeable") from error
        pull.base_sha = base
        await self._merged(repo, issue, pull, sha, by=user)
        await self.refs_changed(repo, [(ref, base, sha)], by=user)
        return sha

    async def _merge_commit(self, repo: Repository, issue: Issue, pull: PullRequest, base: str, by: User) -> str:
        tree = await self.git(repo).merge_trees(base, pull.head_sha)
        return await self._commit(repo, tree, [base, pull.head_sha], _merge_message(repo, issue, pull), by)

    async def _squash(self, repo: Repository, issue: Issue, pull: PullRequest, base: str, by: User) -> str:
        git = self.git(repo)
        tree = await git.merge_trees(base, pull.head_sha)
        commits = await git.commits(f"{base}..{pull.head_sha}")
        messages = [commit.message for commit in reversed(commits) if len(commit.parents) < 2]
        return await self._commit(repo, tree, [base], _squash_message(repo, issue, messages), by)

    async def _commit(self, repo: Repository, tree: str, parents: list[str], message: str, by: User) -> str:
        sha = await self.git(repo).write_commit(
            tree, parents, message, author=self.identity(by), committer=GITHUB, at=self.clock.now()
        )
        self.signed.add(sha)
        return sha

    async def _rebase(self, repo: Repository, issue: Issue, pull: PullRequest, base: str, by: User) -> str:
        git, tip = self.git(repo), base
        for commit in reversed(await git.commits(f"{base}..{pull.head_sha}")):
            if len(commit.parents) != 1:
                continue  # a rebase leaves merge commits out
            # merge-tree takes its base from history (git 2.39 has no --merge-base), so the new tip's
            # tree is shown to it as if it were a child of the commit's own parent.
            onto = await git.resolve_tree(tip)
            stand_in = await git.write_commit(
                onto or commit.tree, commit.parents, "onto", author=GITHUB, committer=GITHUB, at=self.clock.now()
            )
            tree = await git.merge_trees(stand_in, commit.sha)
            tip = await git.write_commit(
                tree,
                [tip],
                commit.message,
                author=commit.author,
                committer=self.identity(by),
                at=self.clock.now(),
                authored_at=commit.authored_at,
            )
        return tip


def _merge_message(repo: Repository, issue: Issue, pull: PullRequest) -> str:
    made = f"Merge pull request #{issue.number} from {repo.owner.login}/{pull.head}"
    title = {"MERGE_MESSAGE": made, "PR_TITLE": f"{issue.title} (#{issue.number})"}[repo.merge_commit_title]
    body = {"PR_TITLE": issue.title, "PR_BODY": issue.body, "BLANK": ""}[repo.merge_commit_message]
    return f"{title}\n\n{body}".rstrip()


def _squash_message(repo: Repository, issue: Issue, messages: Sequence[str]) -> str:
    """Of a single commit its own message, unless the settings say otherwise; of several a list of theirs.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/configuring-commit-squashing-for-pull-requests
    """
    alone = len(messages) == 1
    first, _, rest = messages[0].partition("\n") if alone else ("", "", "")
    title = first if alone and repo.squash_merge_commit_title == "COMMIT_OR_PR_TITLE" else issue.title
    listed = rest.strip() if alone else "\n\n".join(f"* {message}" for message in messages)
    body = {"COMMIT_MESSAGES": listed, "PR_BODY": issue.body, "BLANK": ""}[repo.squash_merge_commit_message]
    return f"{title} (#{issue.number})\n\n{body}".rstrip()
