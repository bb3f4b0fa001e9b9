"""Check runs of Apps other than GitHub Actions, and commit statuses."""

from bot.sandbox.errors import Refusal
from bot.sandbox.model import CheckRun, Repository, Status, User
from bot.sandbox.payloads.actions import check_run_json
from bot.sandbox.payloads.commits import status_json
from bot.sandbox.world.state import WorldState


class Checks(WorldState):
    """What other services report about a commit."""

    async def add_check_run(
        self,
        repo: Repository,
        sha: str,
        name: str,
        *,
        conclusion: str | None = "success",
        app_slug: str = "codecov",
        app_id: int = 254,
        branch: str | None = None,
    ) -> CheckRun:
        """Another App reports a check; without a conclusion it stays in progress (see `complete_check_run`).

        Its suite is the one that the App has on this commit already, whatever `branch` that was made for.
        """
        now = self.clock.now()
        same = [run for run in repo.checks if (run.app_id, run.head_sha) == (app_id, sha)]
        suite = same[0].suite_id if same else self.next_id()
        run = CheckRun(self.next_id(), name, app_slug, app_id, suite, sha, "in_progress", None, now, branch=branch)
        repo.checks.append(run)
        await self._emit_check_run(repo, run, "created")
        if conclusion is not None:
            await self.complete_check_run(repo, run, conclusion)
        return run

    async def create_check_run(self, repo: Repository, sha: str, name: str) -> CheckRun:
        """Our own App begins a check, which is queued. UNPROCESSABLE for no commit."""
        if await self.git(repo).commit(sha) is None:
            raise Refusal("UNPROCESSABLE", f"No commit found for SHA: {sha}")
        app = self.app
        same = [run for run in repo.checks if (run.app_id, run.head_sha) == (app.id, sha)]
        heads = await self.git(repo).refs("refs/heads/")
        branch = next((ref.removeprefix("refs/heads/") for ref, at in heads.items() if at.commit == sha), None)
        suite = same[0].suite_id if same else self.next_id()
        run = CheckRun(
            self.next_id(), name, app.slug, app.id, suite, sha, "queued", None, self.clock.now(), None, branch
        )
        repo.checks.append(run)
        return run

    async def change_check_run(self, repo: Repository, run: CheckRun, conclusion: str | None, *, new: bool) -> None:
        """Tell of a check of our own App that was made or changed; with a conclusion it has ended."""
        if new:
            await self._emit_check_run(repo, run, "created")
        if conclusion is not None:
            await self.complete_check_run(repo, run, conclusion)

    async def complete_check_run(self, repo: Repository, run: CheckRun, conclusion: str) -> None:
        """The other App says how its check ended."""
        run.status, run.conclusion, run.completed_at = "completed", conclusion, self.clock.now()
        await self._emit_check_run(repo, run, "completed")

    async def add_status(
        self,
        repo: Repository,
        sha: str,
        context: str,
        state: str,
        *,
        target_url: str | None = None,
        by: User | str = "ci",
    ) -> Status:
        """A service sets a commit status: error, failure, pending or success."""
        status = Status(self.next_id(), sha, context, state, target_url, self.clock.now())
        repo.statuses.append(status)
        git = self.git(repo)
        commit = await git.commit(sha)
        if commit is None:
            raise ValueError(f"no commit {sha}")
        heads = await git.refs("refs/heads/")
        branches = [ref for ref in heads.values() if await git.is_ancestor(sha, ref.commit)]
        author = self.user_of(commit.author)
        verified = commit.sha in self.signed
        payload = status_json(self.site, repo, status, commit, branches[:10], author, verified=verified)
        await self.emit(repo, "status", payload, by=self.actor(by))
        return status

    async def _emit_check_run(self, repo: Repository, run: CheckRun, action: str) -> None:
        payload = {"action": action, "check_run": check_run_json(self.site, repo, run)}
        await self.emit(repo, "check_run", payload, by=self.user(f"{run.app_slug}[bot]"))
