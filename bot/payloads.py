"""What is read of GitHub's webhook JSON: the shapes that bodies are decoded into, no field more than is used. Pure."""

from datetime import datetime
from typing import Annotated

import msgspec

from bot.github.facts import RepositoryRef


class Action(msgspec.Struct):
    """The first thing to know of a delivery."""

    action: str


class RepositoryRecord(msgspec.Struct):
    """The repository that a delivery is about."""

    id: int
    node_id: str
    full_name: str

    def ref(self, installation_id: int) -> RepositoryRef:
        """As the bot addresses it."""
        return RepositoryRef(self.id, self.node_id, self.full_name, installation_id)


class Id(msgspec.Struct):
    """Anything of which only the id counts: an installation, an App."""

    id: int


class Account(msgspec.Struct):
    """A user, a bot or an organisation."""

    id: int
    login: str
    type: str


class RepositoryDelivery(msgspec.Struct, kw_only=True):
    """What every delivery to an App about a repository has."""

    repository: RepositoryRecord
    installation: Id
    action: str = ""

    @property
    def ref(self) -> RepositoryRef:
        """The repository, with the installation by which it is reached."""
        return self.repository.ref(self.installation.id)


class IssueRecord(msgspec.Struct):
    """The issue side of an issue or a pull request."""

    number: int


class CommentRecord(msgspec.Struct):
    """A comment; `user` is null when the account is gone."""

    id: int
    body: str
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    node_id: str = ""
    user: Account | None = None
    performed_via_github_app: Id | None = None


class CommentDelivery(RepositoryDelivery, kw_only=True):
    """issue_comment."""

    issue: IssueRecord
    comment: CommentRecord
    sender: Account


class PullRequestDelivery(RepositoryDelivery, kw_only=True):
    """pull_request."""

    number: int


class HeadCommit(msgspec.Struct):
    """Anything that is about a commit: a workflow run, a check suite."""

    head_sha: str


class WorkflowRunDelivery(RepositoryDelivery, kw_only=True):
    """workflow_run."""

    workflow_run: HeadCommit


class DeploymentReviewDelivery(RepositoryDelivery, kw_only=True):
    """deployment_review: an environment asks for an approval, or got its answer."""

    workflow_run: HeadCommit | None = None


class AppRecord(msgspec.Struct):
    """The App that made a check run."""

    slug: str | None = None
    id: int | None = None


class CheckRecord(HeadCommit):
    """A check run or a check suite."""

    app: AppRecord | None = None


class CheckSuiteDelivery(RepositoryDelivery, kw_only=True):
    """check_suite."""

    check_suite: CheckRecord


class CheckRunDelivery(RepositoryDelivery, kw_only=True):
    """check_run."""

    check_run: CheckRecord


class StatusDelivery(RepositoryDelivery, kw_only=True):
    """status: a commit status was set."""

    sha: str
    state: str


class PushDelivery(RepositoryDelivery, kw_only=True):
    """push, of a branch or a tag."""

    ref_name: str = msgspec.field(name="ref")


class CreatedOrDeleted(RepositoryDelivery, kw_only=True):
    """create and delete; the name comes without its folder, and a created repository has none."""

    ref_name: str | None = msgspec.field(name="ref")
    ref_type: str


class ReleaseRecord(msgspec.Struct):
    """A GitHub Release."""

    tag_name: str


class ReleaseDelivery(RepositoryDelivery, kw_only=True):
    """release."""

    release: ReleaseRecord


class InstallationDelivery(msgspec.Struct, kw_only=True):
    """installation and installation_repositories."""

    action: str
    installation: Id
    repositories: list[RepositoryRecord] = []
    repositories_added: list[RepositoryRecord] = []
    repositories_removed: list[RepositoryRecord] = []
