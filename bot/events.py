"""From a webhook's raw body to a typed event. Pure; only the fields that are used are decoded.

Events are reasons to look again: what became of a pull request or a run is read from GitHub. Only a comment is taken
at its word, since it cannot be told from GitHub's state whether it was edited after it was written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

import msgspec

from bot.commands import PREFIX
from bot.github.facts import RepositoryRef
from bot.payloads import (
    Action,
    CheckRecord,
    CheckRunDelivery,
    CheckSuiteDelivery,
    CommentDelivery,
    CreatedOrDeleted,
    InstallationDelivery,
    PullRequestDelivery,
    PushDelivery,
    ReleaseDelivery,
    StatusDelivery,
    WorkflowRunDelivery,
)

ACTIONS_APP = "github-actions"


class MalformedEvent(ValueError):
    """A body that is not what GitHub sends for its event; the message says where it differs, not what it holds."""


@dataclass(frozen=True, slots=True)
class CommentCreated:
    """A comment was written on an issue or a pull request."""

    repository: RepositoryRef
    issue: int
    """The number, of an issue or a pull request."""
    issue_node_id: str
    issue_locked: bool
    is_pull_request: bool
    comment_id: int
    body: str
    author: str
    """Login; `ghost` when the account is gone."""
    author_id: int | None
    author_type: str
    """User, Bot, Organization, Mannequin."""
    sender: str
    sender_id: int
    sender_type: str
    via_app_id: int | None
    """The App by which it was written, when one did."""
    created_at: datetime

    @property
    def from_a_person(self) -> bool:
        """Whether a person wrote it by hand and sent it; only then may it hold commands."""
        by_hand = self.author_type == self.sender_type == "User" and self.via_app_id is None
        return by_hand and self.author_id == self.sender_id


@dataclass(frozen=True, slots=True)
class PullRequestChanged:
    """A pull request was closed, merged, reopened, pushed to or edited."""

    repository: RepositoryRef
    number: int
    action: str


@dataclass(frozen=True, slots=True)
class ChecksChanged:
    """Something that tells whether a commit is green has ended."""

    repository: RepositoryRef
    commit: str


@dataclass(frozen=True, slots=True)
class RefsChanged:
    """A branch or tag was created, moved or deleted."""

    repository: RepositoryRef
    ref: str
    """Whole: `refs/heads/main`, `refs/tags/v0.5.0`."""


@dataclass(frozen=True, slots=True)
class ReleaseChanged:
    """A GitHub Release was made, published, edited or deleted."""

    repository: RepositoryRef
    tag: str
    action: str


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed, removed or suspended, or its repositories or permissions changed."""

    installation_id: int
    action: str
    added: tuple[RepositoryRef, ...] = ()
    removed: tuple[RepositoryRef, ...] = ()


Event: TypeAlias = (
    CommentCreated | PullRequestChanged | ChecksChanged | RefsChanged | ReleaseChanged | InstallationChanged
)


def parse_event(name: str, body: bytes) -> Event | None:
    """The event of a delivery; None for one that changes nothing for a release. Raises MalformedEvent."""
    read = _READERS.get(name)
    return read(body) if read else None


def relevant(name: str, body: bytes) -> bool:
    """Whether a delivery is worth keeping, decided at the door. What cannot be read is kept, so that it is seen."""
    try:
        event = parse_event(name, body)
    except MalformedEvent:
        return True
    if isinstance(event, CommentCreated):
        return event.from_a_person and PREFIX in event.body
    return event is not None


T = TypeVar("T")


def _decode(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, RecursionError) as mistake:
        raise MalformedEvent(str(mistake)) from mistake


def _comment(body: bytes) -> Event | None:
    if _action(body) != "created":
        return None
    payload = _decode(body, CommentDelivery)
    comment, author = payload.comment, payload.comment.user
    return CommentCreated(
        repository=payload.ref,
        issue=payload.issue.number,
        issue_node_id=payload.issue.node_id,
        issue_locked=payload.issue.locked,
        is_pull_request=payload.issue.pull_request is not None,
        comment_id=comment.id,
        body=comment.body,
        author=author.login if author else "ghost",
        author_id=author.id if author else None,
        author_type=author.type if author else "",
        sender=payload.sender.login,
        sender_id=payload.sender.id,
        sender_type=payload.sender.type,
        via_app_id=comment.performed_via_github_app.id if comment.performed_via_github_app else None,
        created_at=comment.created_at,
    )


def _pull_request(body: bytes) -> Event | None:
    if _action(body) not in ("closed", "reopened", "synchronize", "edited"):
        return None
    payload = _decode(body, PullRequestDelivery)
    return PullRequestChanged(payload.ref, payload.number, payload.action)


def _workflow_run(body: bytes) -> Event | None:
    if _action(body) != "completed":
        return None
    payload = _decode(body, WorkflowRunDelivery)
    return ChecksChanged(payload.ref, payload.workflow_run.head_sha)


def _check_suite(body: bytes) -> Event | None:
    if _action(body) != "completed":
        return None
    payload = _decode(body, CheckSuiteDelivery)
    return _check(payload.ref, payload.check_suite)


def _check_run(body: bytes) -> Event | None:
    if _action(body) != "completed":
        return None
    payload = _decode(body, CheckRunDelivery)
    return _check(payload.ref, payload.check_run)


def _check(repository: RepositoryRef, check: CheckRecord) -> Event | None:
    """Of other Apps only: a job or a suite of Actions says less than its workflow run, which is heard of too."""
    if check.app is not None and check.app.slug == ACTIONS_APP:
        return None
    return ChecksChanged(repository, check.head_sha)


def _status(body: bytes) -> Event | None:
    payload = _decode(body, StatusDelivery)
    return None if payload.state == "pending" else ChecksChanged(payload.ref, payload.sha)


def _push(body: bytes) -> Event | None:
    payload = _decode(body, PushDelivery)
    return RefsChanged(payload.ref, payload.ref_name)


def _created_or_deleted(body: bytes) -> Event | None:
    payload = _decode(body, CreatedOrDeleted)
    folder = {"branch": "refs/heads/", "tag": "refs/tags/"}.get(payload.ref_type)
    if folder is None or payload.ref_name is None:  # a repository was created
        return None
    return RefsChanged(payload.ref, folder + payload.ref_name)


def _release(body: bytes) -> Event | None:
    payload = _decode(body, ReleaseDelivery)
    return ReleaseChanged(payload.ref, payload.release.tag_name, payload.action)


def _installation(body: bytes) -> Event | None:
    payload = _decode(body, InstallationDelivery)
    installation_id = payload.installation.id
    gone = payload.action == "deleted"
    added = [*([] if gone else payload.repositories), *payload.repositories_added]
    removed = [*(payload.repositories if gone else []), *payload.repositories_removed]
    return InstallationChanged(
        installation_id,
        payload.action,
        tuple(repository.ref(installation_id) for repository in added),
        tuple(repository.ref(installation_id) for repository in removed),
    )


def _action(body: bytes) -> str:
    return _decode(body, Action).action


_READERS: Mapping[str, Callable[[bytes], Event | None]] = {
    "issue_comment": _comment,
    "pull_request": _pull_request,
    "workflow_run": _workflow_run,
    "check_suite": _check_suite,
    "check_run": _check_run,
    "status": _status,
    "push": _push,
    "create": _created_or_deleted,
    "delete": _created_or_deleted,
    "release": _release,
    "installation": _installation,
    "installation_repositories": _installation,
}
