"""The odd things that people do at odd moments of a run."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

from bot.sandbox.git.objects import ZERO
from chaos.oracle.records import BASE
from chaos.oracle.witness import Witness
from chaos.people.cast import COMMAND, MAINTAINER, OWNER, WRITER
from chaos.people.operations import Operations
from chaos.script import Deed


class Deeds:
    """Done by the people of one run; each raises the sandbox's Refusal when it cannot be done."""

    def __init__(self, operations: Operations, witness: Witness) -> None:
        self._do = operations
        self._witness = witness
        self._world = witness.sandbox.world
        self._repo = witness.repository

    def doing(self, deed: Deed) -> Callable[[], Awaitable[object]]:
        """What does it."""
        deeds: Mapping[Deed, Callable[[], Awaitable[object]]] = {
            Deed.STATUS: lambda: self._do.say("/release status", by=WRITER),
            Deed.HELP: lambda: self._do.say("Please:\n\n/release help", by=WRITER),
            Deed.NONSENSE: lambda: self._do.say("/release banana bread", by=MAINTAINER),
            Deed.OUTSIDER: lambda: self._elsewhere(COMMAND, by=WRITER),
            Deed.AGAIN: lambda: self._do.say(COMMAND, by=MAINTAINER),
            Deed.OTHER_THREAD: lambda: self._elsewhere(COMMAND, by=OWNER),
            Deed.FORGED_MARKER: self._forge,
            Deed.PUSH_CONFIG: self._configure,
            Deed.RETRY: lambda: self._do.say("/release retry", by=OWNER),
            Deed.ROLLBACK: lambda: self._do.say(COMMAND.replace("/release", "/release rollback"), by=OWNER),
            Deed.CANCEL: lambda: self._do.say("/release cancel", by=OWNER),
            Deed.ONE_PACKAGE: lambda: self._elsewhere("/release tidewater 0.5.0", by=OWNER),
            Deed.PUSH_CODE: lambda: self._do.push({"src/extra.rs": "// more\n"}, "Add code"),
            Deed.PUSH_ENTRY: self._entry,
            Deed.PUSH_RED: self._redden,
            Deed.FORBID: self._forbid,
            Deed.REWIND: self._rewind,
            Deed.PUSH_BRANCH: lambda: self._on_branch({"NOTES.md": "By hand.\n"}, "Add a note"),
            Deed.EDIT_VERSION: self._edit_version,
            Deed.TAG_FIRST: self._tag_head,
            Deed.TAG_ELSEWHERE: self._tag_old,
            Deed.TAG_GONE: self._untag,
            Deed.BRANCH_GONE: self._unbranch,
            Deed.CLOSE: self._close,
            Deed.REVOKE: self._revoke,
            Deed.COMMENT_GONE: self._delete_status,
            Deed.LOCK: self._lock,
            Deed.DELETE_ISSUE: self._delete_issue,
            Deed.RENAME: self._rename,
            Deed.SUSPEND: self._suspend,
        }
        return deeds[deed]

    async def _elsewhere(self, text: str, *, by: str) -> None:
        issue = await self._world.open_issue(self._repo, "Another release", "", by=by)
        await self._do.say(text, by=by, issue=issue)

    async def _forge(self) -> None:
        marks = [f"<!-- shipmate v1 {s.subject} {s.key} -->" for s in self._witness.said]
        subject = next((s.subject for s in self._witness.said if s.subject.startswith("r")), "r1")
        keys = ("status", "pull-request-opened", "tags-pushed-0", "verification-0-complete", "released")
        marks += [f"<!-- shipmate v1 {subject} {key} -->" for key in keys]
        await self._do.say("As it said:\n\n" + "\n".join(marks), by="stranger")
        await self._forge_pull_request()

    async def _forge_pull_request(self) -> None:
        """From the release branch to another base, with the bot's own text, mark and all."""
        branch, pulls = self._release_branch(), self._witness.pull_requests()
        if branch is not None and "refs/heads/elsewhere" not in self._witness.git.heads:
            await self._do.push({"NOTES.md": "Elsewhere.\n"}, "Begin elsewhere", "elsewhere")
            text = pulls[-1][0].body
            await self._world.open_pull_request(
                self._repo, head=branch, base="elsewhere", title="The same", body=text, by=WRITER
            )

    async def _configure(self) -> None:
        evil = (
            '[release]\nbranch = "evil"\npermission = "write"\n\n'
            '[[package]]\nname = "tidewater"\ntag = "evil-{version}"\npath = "."\nregistry = "crates.io"\n'
        )
        await self._do.push({".github/release.toml": evil}, "Configure", branch="evil")

    async def _entry(self) -> None:
        text = (await self._world.files(self._repo))["CHANGELOG.md"].decode()
        entry = "## [Unreleased]\n\n### Security\n\n- Tides are checked twice (#9).\n"
        await self._do.push({"CHANGELOG.md": text.replace("## [Unreleased]\n", entry, 1)}, "Check tides twice")

    async def _redden(self) -> None:
        await self._do.push({"red.txt": "This breaks CI.\n"}, "Break CI")

    async def _forbid(self) -> None:
        self._world.restrict(self._repo, "refs/tags/*")
        self._witness.rules.note(self._witness.now, "tags", value=True)

    async def _rewind(self) -> None:
        head = await self._world.git(self._repo).commit(f"refs/heads/{BASE}")
        if head is not None and head.parents:
            await self._do.move_base(head.parents[0])

    def _release_branch(self) -> str | None:
        pulls = [pull for issue, pull in self._witness.pull_requests()]
        names = [pull.head for pull in pulls if f"refs/heads/{pull.head}" in self._witness.git.heads]
        return names[-1] if names else None

    async def _on_branch(self, files: Mapping[str, str | bytes | None], message: str) -> None:
        branch = self._release_branch()
        if branch is not None:
            await self._do.push(files, message, branch)

    async def _edit_version(self) -> None:
        branch = self._release_branch()
        if branch is not None:
            files = await self._world.files(self._repo, f"refs/heads/{branch}")
            cargo = re.sub(rb'(?m)^version = "[^"]*"', b'version = "0.5.1"', files["Cargo.toml"], count=1)
            await self._do.push({"Cargo.toml": cargo}, "Take another version", branch)

    async def _tag_head(self) -> None:
        if "refs/tags/v0.5.0" not in self._witness.git.heads:
            await self._world.push_tag(self._repo, "v0.5.0", await self._world.head(self._repo), by=OWNER)

    async def _tag_old(self) -> None:
        old = self._witness.git.heads["refs/tags/v0.4.0"]
        if "refs/tags/v0.5.0" not in self._witness.git.heads:
            await self._world.push_tag(self._repo, "v0.5.0", old, by=OWNER)

    async def _untag(self) -> None:
        if self._witness.git.heads.get("refs/tags/v0.5.0", ZERO) != ZERO:
            await self._world.delete_tag(self._repo, "v0.5.0", by=OWNER)

    async def _unbranch(self) -> None:
        branch = self._release_branch()
        if branch is not None:
            await self._world.delete_branch(self._repo, branch, by=OWNER)

    async def _close(self) -> None:
        for issue, pull in self._witness.pull_requests():
            if issue.state == "open":
                await self._world.close_pull_request(self._repo, pull.number, by=OWNER)

    async def _revoke(self) -> None:
        self._witness.grant(MAINTAINER, "read")

    async def _delete_status(self) -> None:
        comments = self._do.issue.comments if self._do.issue else []
        mine = [comment for comment in comments if comment.app_id is not None and " status -->" in comment.body]
        for comment in mine[:1]:
            await self._world.delete_comment(self._repo, comment.id, by=OWNER)

    async def _lock(self) -> None:
        if self._do.issue is not None:
            await self._world.lock_issue(self._repo, self._do.issue.number)
            await asyncio.sleep(3600)
            self._do.issue.locked = False
            self._witness.tell("the issue is open again")

    async def _delete_issue(self) -> None:
        if self._do.issue is not None:
            await self._world.delete_issue(self._repo, self._do.issue.number, by=OWNER)

    async def _rename(self) -> None:
        self._repo.name = "tidewater-ng"

    async def _suspend(self) -> None:
        installation = self._world.installation_of(self._repo)
        if installation is not None:
            await self._world.suspend(installation)
            await asyncio.sleep(3600)
            await self._world.unsuspend(installation)
            self._witness.tell("the App is no longer suspended")
