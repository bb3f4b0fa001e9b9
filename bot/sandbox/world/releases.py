"""GitHub Releases."""

from collections.abc import Sequence

from bot.sandbox.errors import Refusal
from bot.sandbox.git.objects import ZERO, RefUpdate
from bot.sandbox.model import Release, Repository, User
from bot.sandbox.payloads.commits import release_json
from bot.sandbox.payloads.repositories import page_url
from bot.sandbox.world.refs import Refs


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
        latest: str = "true",
        by: User | str,
    ) -> Release:
        """Make a Release; unless it is a draft, a missing tag is made at `target` (default: the default branch).

        Refused as UNPROCESSABLE: a tag that has a published Release or had an immutable one, a target that is not
        there. A tag may have any number of drafts.
        """
        user, now = self.actor(by), self.clock.now()
        title, target = name or tag, target or repo.default_branch
        release = Release(self.next_id(), tag, target, title, body, True, prerelease, user, now, None)
        if not draft:
            await self._publish(repo, release, latest, by=user)
        repo.releases[release.id] = release
        events = ["created"] if draft else ["created", "published", "prereleased" if prerelease else "released"]
        await self._tell_of(repo, release, events, by=user)
        return release

    async def edit_release(
        self,
        repo: Repository,
        release: Release,
        *,
        name: str | None = None,
        body: str | None = None,
        publish: bool = False,
        prerelease: bool | None = None,
        latest: str | None = None,
        by: User | str,
    ) -> Release:
        """Change a Release, or publish a draft. Of an immutable one only the title and the notes can be changed."""
        user = self.actor(by)
        if release.immutable and prerelease not in (None, release.prerelease):
            raise Refusal("UNPROCESSABLE", "Cannot change an immutable release", field="prerelease", code="invalid")
        release.prerelease = release.prerelease if prerelease is None else prerelease
        events = [] if release.draft else ["edited"]
        if publish and release.draft:
            await self._publish(repo, release, latest or "true", by=user)
            events = ["published"] if release.prerelease else ["published", "released"]
        elif latest == "true" and not (release.draft or release.prerelease):
            repo.latest_release = release.id
        release.name = release.name if name is None else name
        release.body = release.body if body is None else body
        await self._tell_of(repo, release, events, by=user)
        return release

    async def delete_release(self, repo: Repository, release: Release, *, by: User | str) -> None:
        """Delete a Release; its tag stays, and if it was immutable no other Release can have that tag."""
        del repo.releases[release.id]
        if release.immutable:
            repo.burned_tags.add(release.tag)
        await self._tell_of(repo, release, ["deleted"], by=self.actor(by))

    async def _publish(self, repo: Repository, release: Release, latest: str, *, by: User) -> None:
        if self.published_release(repo, release.tag):
            raise Refusal("UNPROCESSABLE", "Validation Failed", field="tag_name", code="already_exists")
        if release.tag in repo.burned_tags:
            message = "tag_name was used by an immutable release"
            raise Refusal("UNPROCESSABLE", message, field="tag_name", code="custom")
        await self._ensure_tag(repo, release.tag, release.target, by=by)
        release.draft, release.published_at = False, self.clock.now()
        release.immutable = repo.immutable_releases
        if latest != "false" and not release.prerelease:
            repo.latest_release = release.id

    async def _tell_of(self, repo: Repository, release: Release, actions: Sequence[str], *, by: User) -> None:
        for action in actions:
            payload = {"action": action, "release": release_json(self.site, repo, release)}
            payload |= {"changes": {}} if action == "edited" else {}
            await self.emit(repo, "release", payload, by=by)
            for listener in self.on_release:
                await listener(repo, release, action, by)

    async def generated_notes(self, repo: Repository, tag: str, *, since: str | None = None) -> str:
        """What GitHub says of the pull requests that were merged between two tags, each with its author.

        Refused as UNPROCESSABLE: a previous tag that is not there.
        """
        git = self.git(repo)
        if since is not None and await git.ref(f"refs/tags/{since}") is None:
            raise Refusal("UNPROCESSABLE", "Invalid previous_tag parameter", field="previous_tag_name", code="invalid")
        end = f"refs/tags/{tag}" if await git.ref(f"refs/tags/{tag}") else repo.default_branch
        commits = {each.sha for each in await git.commits(f"refs/tags/{since}..{end}" if since else end)}
        merged = [i for i in repo.issues.values() if i.pull_request and i.pull_request.merge_commit_sha in commits]
        page = page_url(self.site, repo)
        lines = [f"* {each.title} by @{each.user.login} in {page}/pull/{each.number}" for each in merged]
        compared = f"compare/{since}...{tag}" if since else f"commits/{tag}"
        changes = "\n".join(["## What's Changed", *lines]) + "\n\n\n" if lines else ""
        return f"{changes}**Full Changelog**: {page}/{compared}"

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
