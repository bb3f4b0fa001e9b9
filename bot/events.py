"""From a webhook's raw body to a typed event. Pure; only the fields that are used are decoded.

Events are reasons to look again: what became of a pull request or a run is read from GitHub. Only a comment is taken
at its word, since it cannot be told from GitHub's state whether it was edited after it was written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from bot import payloads
from bot.commands import parse
from bot.github.facts import ACTIONS_APP, RepositoryRef
from bot.payloads import (
    CheckRecord,
    CheckRunDelivery,
    CheckSuiteDelivery,
    CommentDelivery,
    CreatedOrDeleted,
    DeploymentReviewDelivery,
    InstallationDelivery,
    PullRequestDelivery,
    PushDelivery,
    ReleaseDelivery,
    RepositoryDelivery,
    StatusDelivery,
    WorkflowRunDelivery,
)


class MalformedEvent(ValueError):
    """A body that is not what GitHub sends for its event; the message says where it differs, not what it holds."""


@dataclass(frozen=True, slots=True)
class CommentCreated:
    """A comment was written on an issue or a pull request."""

    repository: RepositoryRef
    issue: int
    """The number, of an issue or a pull request."""
    comment_id: int
    comment_node_id: str
    """Empty for what was kept by an older version."""
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
    """A pull request was closed, merged, reopened, pushed to, edited, or left its merge queue."""

    repository: RepositoryRef
    number: int
    action: str


@dataclass(frozen=True, slots=True)
class ChecksChanged:
    """Something that tells whether a commit is green, or published, has ended or waits for a person."""

    repository: RepositoryRef
    commit: str
    app: int | None = None
    """Whose check it is; None for a workflow run and a commit status."""


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
class RepositoryChanged:
    """The repository was renamed, transferred, deleted, archived or opened again."""

    repository: RepositoryRef
    """By its new name."""
    action: str


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed, removed or suspended, or its repositories or permissions changed."""

    installation_id: int
    action: str
    added: tuple[RepositoryRef, ...] = ()
    removed: tuple[RepositoryRef, ...] = ()


RepositoryEvent: TypeAlias = (
    CommentCreated | PullRequestChanged | ChecksChanged | RefsChanged | ReleaseChanged | RepositoryChanged
)
Event: TypeAlias = RepositoryEvent | InstallationChanged


@dataclass(frozen=True, slots=True)
class NormalizedDelivery:
    """What a delivery says, and a body that says just that."""

    event: Event
    body: bytes
    """`parse_event` reads the same event from it."""


def parse_event(name: str, body: bytes) -> Event | None:
    """The event of a delivery, whole or normalized; None for one that changes nothing for a release.

    Raises MalformedEvent.
    """
    found = normalized(name, body)
    return found.event if found else None


def normalized(name: str, body: bytes) -> NormalizedDelivery | None:
    """The event of a delivery with all that must be kept of it; None for one that changes nothing for a release.

    Raises MalformedEvent.
    """
    kind = _KINDS.get(name)
    if kind is None:
        return None
    if kind.actions is not None and _decode(body, payloads.Action).action not in kind.actions:
        return None
    payload = _decode(body, kind.shape)
    event = kind.event(payload)
    return NormalizedDelivery(event, msgspec.json.encode(payload)) if event is not None else None


def may_matter(name: str, action: str) -> bool:
    """Whether a delivery of which only this is known can change anything for a release."""
    kind = _KINDS.get(name)
    return kind is not None and (kind.actions is None or action in kind.actions)


def is_command(event: Event | None) -> bool:
    """Whether it is a person's comment with at least one command in it, right or wrong."""
    return isinstance(event, CommentCreated) and event.from_a_person and bool(parse(event.body))


def _decode(body: bytes, shape: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=shape)
    except (ValueError, RecursionError) as mistake:
        raise MalformedEvent(str(mistake)) from mistake


def _comment(payload: CommentDelivery) -> Event | None:
    comment, author = payload.comment, payload.comment.user
    return CommentCreated(
        repository=payload.ref,
        issue=payload.issue.number,
        comment_id=comment.id,
        comment_node_id=comment.node_id,
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


def _pull_request(payload: PullRequestDelivery) -> Event | None:
    return PullRequestChanged(payload.ref, payload.number, payload.action)


def _workflow_run(payload: WorkflowRunDelivery) -> Event | None:
    return ChecksChanged(payload.ref, payload.workflow_run.head_sha)


def _deployment_review(payload: DeploymentReviewDelivery) -> Event | None:
    run = payload.workflow_run
    return ChecksChanged(payload.ref, run.head_sha) if run is not None else None


def _check_suite(payload: CheckSuiteDelivery) -> Event | None:
    return _check(payload.ref, payload.check_suite)


def _check_run(payload: CheckRunDelivery) -> Event | None:
    return _check(payload.ref, payload.check_run)


def _check(repository: RepositoryRef, check: CheckRecord) -> Event | None:
    """Of other Apps only: a job or a suite of Actions says less than its workflow run, which is heard of too."""
    if check.app is not None and check.app.slug == ACTIONS_APP:
        return None
    return ChecksChanged(repository, check.head_sha, check.app.id if check.app else None)


def _status(payload: StatusDelivery) -> Event | None:
    return None if payload.state == "pending" else ChecksChanged(payload.ref, payload.sha)


def _push(payload: PushDelivery) -> Event | None:
    return RefsChanged(payload.ref, payload.ref_name)


def _created_or_deleted(payload: CreatedOrDeleted) -> Event | None:
    folder = {"branch": "refs/heads/", "tag": "refs/tags/"}.get(payload.ref_type)
    if folder is None or payload.ref_name is None:  # a repository was created
        return None
    return RefsChanged(payload.ref, folder + payload.ref_name)


def _release(payload: ReleaseDelivery) -> Event | None:
    return ReleaseChanged(payload.ref, payload.release.tag_name, payload.action)


def _repository(payload: RepositoryDelivery) -> Event | None:
    return RepositoryChanged(payload.ref, payload.action)


def _installation(payload: InstallationDelivery) -> Event | None:
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


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of event is read."""

    shape: type[Any]
    event: Callable[[Any], Event | None]
    actions: frozenset[str] | None = None
    """Those that count; None for all."""


_COMPLETED = frozenset({"completed"})
_KINDS: Mapping[str, _Kind] = {
    "issue_comment": _Kind(CommentDelivery, _comment, frozenset({"created"})),
    "pull_request": _Kind(
        PullRequestDelivery, _pull_request, frozenset({"closed", "reopened", "synchronize", "edited", "dequeued"})
    ),
    "workflow_run": _Kind(WorkflowRunDelivery, _workflow_run, _COMPLETED),
    "deployment_review": _Kind(DeploymentReviewDelivery, _deployment_review),
    "check_suite": _Kind(CheckSuiteDelivery, _check_suite, _COMPLETED),
    "check_run": _Kind(CheckRunDelivery, _check_run, _COMPLETED),
    "status": _Kind(StatusDelivery, _status),
    "push": _Kind(PushDelivery, _push),
    "create": _Kind(CreatedOrDeleted, _created_or_deleted),
    "delete": _Kind(CreatedOrDeleted, _created_or_deleted),
    "release": _Kind(ReleaseDelivery, _release),
    "repository": _Kind(
        RepositoryDelivery,
        _repository,
        frozenset({"renamed", "transferred", "deleted", "archived", "unarchived", "privatized", "publicized"}),
    ),
    "installation": _Kind(InstallationDelivery, _installation),
    "installation_repositories": _Kind(InstallationDelivery, _installation),
}
EVENTS = frozenset(_KINDS)
"""Names of the events that mean something to the bot."""
