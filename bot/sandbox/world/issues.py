"""Issues, their comments and reactions: where people and the bot talk."""

import re
from typing import Any

from bot.sandbox.errors import Refusal
from bot.sandbox.model import Comment, Issue, Reaction, Repository, User
from bot.sandbox.payloads.issues import comment_json, issue_json
from bot.sandbox.world.state import WorldState

COMMENT_LIMIT = 65536
"""Characters of a comment or description, as GitHub counts them."""
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?):?\s+(?P<elsewhere>[\w.-]+/[\w.-]+)?#(?P<number>\d+)\b", re.IGNORECASE
)
"""https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"""
REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


class Issues(WorldState):
    """The acts on issues; comments on pull requests are the same thing."""

    async def open_issue(self, repo: Repository, title: str, body: str = "", *, by: User | str) -> Issue:
        """A person opens an issue (no webhook: the App does not subscribe to `issues`)."""
        return self._new_issue(repo, title, body, self.actor(by), app_id=None)

    def _new_issue(self, repo: Repository, title: str, body: str, user: User, *, app_id: int | None) -> Issue:
        self._check_length(body)
        discussed = (each.number for each in repo.discussions)
        number = max((*repo.issues, *repo.deleted_issues, *discussed), default=0) + 1
        now = self.clock.now()
        issue = Issue(self.next_id(), number, title, body, user, now, now, app_id=app_id)
        repo.issues[number] = issue
        return issue

    async def comment(self, repo: Repository, number: int, body: str, *, by: User | str) -> Comment:
        """Write a comment; the App is meant when `by` is its bot.

        Refused: FORBIDDEN on a locked issue for those who may not write, UNPROCESSABLE when too long or empty.
        """
        issue, user = self.issue(repo, number), self.actor(by)
        self._check_open_to(repo, issue, user, "Unable to create comment because issue is locked.")
        self._check_length(body)
        if not body.strip():
            raise Refusal("UNPROCESSABLE", "Body cannot be blank", field="body", code="missing_field")
        now = self.clock.now()
        comment = Comment(self.next_id(), number, user, body, now, now, app_id=self._app_id(user))
        issue.comments.append(comment)
        issue.updated_at = now
        await self._emit_comment(repo, issue, comment, "created", by=user)
        return comment

    async def edit_comment(self, repo: Repository, comment_id: int, body: str, *, by: User | str) -> Comment:
        """Change a comment's text; NOT_FOUND when it is gone."""
        issue, comment = self.find_comment(repo, comment_id)
        self._check_length(body)
        before, comment.body = comment.body, body
        comment.updated_at = comment.edited_at = self.clock.now()
        changes = {"body": {"from": before}}
        await self._emit_comment(repo, issue, comment, "edited", by=self.actor(by), changes=changes)
        return comment

    async def delete_comment(self, repo: Repository, comment_id: int, *, by: User | str) -> None:
        """Take a comment away; NOT_FOUND when it is gone already."""
        issue, comment = self.find_comment(repo, comment_id)
        issue.comments.remove(comment)
        await self._emit_comment(repo, issue, comment, "deleted", by=self.actor(by))

    async def edit_issue(self, repo: Repository, number: int, *, title: str, body: str) -> Issue:
        """Change title and text of an issue or pull request (no webhook: the App does not wait for `edited`)."""
        issue = self.issue(repo, number)
        self._check_length(body)
        if (issue.title, issue.body) != (title, body):
            issue.title, issue.body, issue.updated_at = title, body, self.clock.now()
        return issue

    async def react(self, repo: Repository, comment_id: int, content: str, *, by: User | str) -> tuple[Reaction, bool]:
        """React to a comment; the reaction, and whether it is new (a second one of a kind is the first again)."""
        issue, comment = self.find_comment(repo, comment_id)
        user = self.actor(by)
        self._check_open_to(repo, issue, user, "Unable to create reaction because issue is locked.")
        for reaction in comment.reactions:
            if reaction.user.id == user.id and reaction.content == content:
                return reaction, False
        if content not in REACTIONS:
            raise Refusal("UNPROCESSABLE", "Validation Failed", field="content", code="invalid")
        reaction = Reaction(self.next_id(), user, content)
        comment.reactions.append(reaction)
        return reaction, True

    def find_comment(self, repo: Repository, comment_id: int) -> tuple[Issue, Comment]:
        """A comment by its id, with its issue; a NOT_FOUND Refusal when there is none."""
        for issue in repo.issues.values():
            for comment in issue.comments:
                if comment.id == comment_id:
                    return issue, comment
        raise Refusal("NOT_FOUND", f"Could not resolve to a comment with the id of {comment_id}.")

    async def lock_issue(self, repo: Repository, number: int) -> None:
        """From now on only people who may write to the repository can comment; an App cannot."""
        issue = self.issue(repo, number)
        issue.locked = True
        await self._emit_issue(repo, issue, "locked", by=repo.owner)

    async def close_named(self, repo: Repository, text: str, *, by: User) -> None:
        """Close the issues that a text which reaches the default branch says it closes."""
        for named in _CLOSING.finditer(text):
            issue = repo.issues.get(int(named["number"]))
            here = named["elsewhere"] is None or named["elsewhere"].lower() == repo.full_name.lower()
            if here and issue is not None and issue.pull_request is None and issue.state == "open":
                issue.state, issue.updated_at = "closed", self.clock.now()
                await self._emit_issue(repo, issue, "closed", by=by)

    async def delete_issue(self, repo: Repository, number: int, *, by: User | str | None = None) -> None:
        """Take an issue away with all its comments; its number is not given again."""
        issue = self.issue(repo, number)
        if issue.pull_request is not None:
            raise Refusal("FORBIDDEN", "A pull request cannot be deleted")
        del repo.issues[number]
        repo.deleted_issues.add(number)
        await self._emit_issue(repo, issue, "deleted", by=self.actor(by or repo.owner))

    async def _emit_issue(self, repo: Repository, issue: Issue, action: str, *, by: User) -> None:
        """The App hears of none of these: it does not subscribe to `issues`."""
        await self.emit(repo, "issues", {"action": action, "issue": issue_json(self.site, repo, issue)}, by=by)

    def _app_id(self, user: User) -> int | None:
        return self.app.id if user.id == self.app.bot.id else None

    def _check_open_to(self, repo: Repository, issue: Issue, user: User, message: str) -> None:
        if issue.locked and self.role(repo, user) not in ("write", "maintain", "admin"):
            raise Refusal("FORBIDDEN", message)

    def _check_length(self, body: str) -> None:
        if len(body) > COMMENT_LIMIT:
            raise Refusal("UNPROCESSABLE", f"Body is too long (maximum is {COMMENT_LIMIT} characters)", field="body")

    async def _emit_comment(
        self, repo: Repository, issue: Issue, comment: Comment, action: str, *, by: User, **more: Any
    ) -> None:
        shown = {"issue": issue_json(self.site, repo, issue), "comment": comment_json(self.site, repo, issue, comment)}
        await self.emit(repo, "issue_comment", {"action": action, **shown, **more}, by=by)
