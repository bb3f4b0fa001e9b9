"""The stand-in GitHub as Python sees it: its repositories, its people and all they can do."""

from collections.abc import Mapping
from pathlib import Path

from bot.sandbox.errors import Refusal
from bot.sandbox.git.importing import import_source
from bot.sandbox.git.objects import ZERO, RefUpdate
from bot.sandbox.git.repository import GitRepository
from bot.sandbox.model import Repository, User
from bot.sandbox.payloads.common import node_id
from bot.sandbox.world.checks import Checks
from bot.sandbox.world.deployments import Deployments
from bot.sandbox.world.queue import MergeQueues
from bot.sandbox.world.releases import Releases
from bot.sandbox.world.relocation import Relocation


class World(MergeQueues, Checks, Deployments, Releases, Relocation):
    """One GitHub with one App on it.

    Acts by people take a login or a User as `by`; each sends the webhooks that GitHub sends. What GitHub refuses
    raises a Refusal. See `state.py` for what it holds, `issues.py`, `pulls.py`, `refs.py`, `merging.py`, `queue.py`,
    `checks.py`, `deployments.py`, `releases.py`, `installations.py`, `rulesets.py` and `relocation.py` for the acts.
    """

    async def create_repository(
        self,
        full_name: str,
        *,
        source: Path | None = None,
        files: Mapping[str, str | bytes] | None = None,
        default_branch: str = "main",
        private: bool = False,
        roles: Mapping[str, str] | None = None,
        installed: bool = True,
    ) -> Repository:
        """Make a repository from a folder, a git checkout or a mapping of files; no event tells of it.

        A checkout keeps its history, tags and branch name; `roles` maps logins to repository roles. With
        `installed`, the App's installation covers it.
        """
        owner, _, name = full_name.partition("/")
        repo_id = self.next_id()
        path = self.folder / f"{full_name}.git"
        author, now = self.identity(self.user(owner)), self.clock.now()
        if source is not None:
            default_branch = await import_source(source, path, branch=default_branch, author=author, at=now)
            git = GitRepository(path)
        else:
            git = await GitRepository.create(path, default_branch)
        if files:
            contents = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
            head = await git.resolve(f"refs/heads/{default_branch}")
            tree = await git.edit_tree(head, contents)
            message = "Add files" if head else "Initial commit"
            sha = await git.write_commit(tree, [head] if head else [], message, author=author, committer=author, at=now)
            await git.update_refs([RefUpdate(f"refs/heads/{default_branch}", sha, head or ZERO)])
        repo = Repository(
            id=repo_id,
            node_id=node_id("R", repo_id),
            owner=self.user(owner),
            name=name,
            default_branch=default_branch,
            private=private,
            created_at=now,
            permissions=dict(roles or {}),
        )
        for login in repo.permissions:
            self.user(login)
        self.repositories[repo_id] = repo
        self._git[repo_id] = git
        if installed:
            self._cover(repo)
        return repo

    def grant(self, repo: Repository, who: User | str, role: str) -> None:
        """Give a person a repository role: none, read, triage, write, maintain or admin."""
        repo.permissions[self.actor(who).login] = role

    async def head(self, repo: Repository, branch: str | None = None) -> str:
        """The newest commit of a branch (default: the default branch); a NOT_FOUND Refusal when there is none."""
        name = branch or repo.default_branch
        sha = await self.git(repo).resolve(f"refs/heads/{name}")
        if sha is None:
            raise Refusal("NOT_FOUND", f"Could not resolve to a Branch with the name of {name}.")
        return sha

    async def files(self, repo: Repository, rev: str | None = None) -> dict[str, bytes]:
        """The content of every file at a revision (default: the default branch), by path; {} when it is empty."""
        git, rev = self.git(repo), rev or f"refs/heads/{repo.default_branch}"
        if await git.resolve(rev) is None:
            return {}
        entries = [entry for entry in await git.ls_tree(rev, recursive=True) if entry.kind == "blob"]
        blobs = await git.objects([entry.sha for entry in entries])
        return {entry.path: blob.data for entry, blob in zip(entries, blobs, strict=True) if blob}
