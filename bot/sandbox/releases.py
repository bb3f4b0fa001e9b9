"""GitHub Releases."""

from bot.sandbox import payloads
from bot.sandbox.errors import Refusal
from bot.sandbox.git_objects import ZERO, RefUpdate
from bot.sandbox.model import Release, Repository, User
from bot.sandbox.refs import Refs


class Releases(Refs):
    """The acts on GitHub Releases."""

    async def create_release(
        self,
        repo: Repository,
        *,
        tag: str,
        target: str | None = None,
        name: str | None = None,
        body: str = "",
        draft: bool = False,
        prerelease: bool = False,
        by: User | str,
    ) -> Release:
        """Make a Release; unless it is a draft, a missing tag is made at `target` (default: the default branch).

        Refused as UNPROCESSABLE: a tag that has a published Release, a target that is not there.
        """
        user, target = self.actor(by), target or repo.default_branch
        if not draft and self.published_release(repo, tag):
            raise Refusal("UNPROCESSABLE", "Validation Failed", field="tag_name", code="already_exists")
        if not draft:
            await self._ensure_tag(repo, tag, target, by=user)
        now = self.clock.now()
        release = Release(
            self.next_id(), tag, target, name or tag, body, draft, prerelease, user, now, None if draft else now
        )
        repo.releases[release.id] = release
        for action in ("created",) if draft else ("created", "published", "prereleased" if prerelease else "released"):
            payload = {"action": action, "release": payloads.release(self.site, repo, release)}
            await self.emit(repo, "release", payload, by=user)
        return release

    async def delete_release(self, repo: Repository, release: Release, *, by: User | str) -> None:
        """Delete a Release; its tag stays."""
        del repo.releases[release.id]
        payload = {"action": "deleted", "release": payloads.release(self.site, repo, release)}
        await self.emit(repo, "release", payload, by=self.actor(by))

    async def _ensure_tag(self, repo: Repository, tag: str, target: str, *, by: User) -> None:
        git = self.git(repo)
        if await git.ref(f"refs/tags/{tag}"):
            return
        sha = await git.resolve(target)
        if sha is None:
            raise Refusal("UNPROCESSABLE", "Validation Failed", field="target_commitish", code="invalid")
        await self.update_refs(repo, [RefUpdate(f"refs/tags/{tag}", sha, ZERO)], by=by)

    def published_release(self, repo: Repository, tag: str) -> Release | None:
        """The Release of a tag as GitHub finds it by tag: never a draft."""
        return next((each for each in repo.releases.values() if each.tag == tag and not each.draft), None)
