"""What a release is made of, one record for each part of its life. All of it survives a restart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.github.facts import Permission
from bot.plan.model import Downstream
from bot.plan.policy import Policy
from bot.release.answers import Detail


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked for what, where; the natural key of a release is its comment."""

    repository: int
    issue: int
    comment: int
    by: str
    role: Permission
    """Repository role of that person when the command was taken, asked of GitHub."""
    at: datetime
    text: str
    """The command as typed."""
    wanted: tuple[tuple[str | None, str], ...]
    """(package selector, version or level) as parsed from the command."""
    branch: str | None = None
    """The maintenance branch that it names, if it names one."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What the plan says, beside the packages, and what it was made from."""

    title: str = ""
    """Of the pull request, and of the commit where that has no `headline`."""
    headline: str = ""
    """Of the release commit; empty in what an earlier version kept."""
    primary: str = ""
    """Key of the repository's primary package, the only one whose GitHub Release becomes the latest."""
    policy: Policy = Policy()
    downstream: tuple[Downstream, ...] = ()
    """Repositories whose requirements follow the release."""
    warnings: tuple[str, ...] = ()
    offer: str = ""
    """The command that releases what was left out, in a sentence of Markdown."""
    base: str = ""
    """Name of the branch that is released from."""
    base_commit: str = ""
    """The commit that the plan was made from."""
    compared_with: str = ""
    """The newest commit of the base that leads to this very plan."""
    digest: str = ""
    """Of the plan's edits, to tell whether a newer base leads to another plan."""

    @property
    def commit_headline(self) -> str:
        """By which the release commit is known for ours."""
        return self.headline or self.title


@dataclass(frozen=True, slots=True)
class Theirs:
    """What people put on the release branch."""

    head: str
    """The commit in which the branch ended when it was looked at."""
    commits: tuple[str, ...] = ()
    """Id and headline of each that is not ours, the newest first; empty when it ends in ours."""
    paths: tuple[str, ...] = ()
    """What they change, workflow files first; empty where nobody knows."""
    more: bool = False
    """Whether there may be more commits."""
    wrong: tuple[str, ...] = ()
    """Where its files say other versions than the plan."""


class PlanVerdict(StrEnum):
    """Whether the release branch still is the plan, as a check run's conclusion says it."""

    AS_PLANNED = "success"
    ADDED_TO = "neutral"
    """People's commits, which contradict no version."""
    CONTRADICTED = "failure"


@dataclass(frozen=True, slots=True)
class PlanShown:
    """What the last check run on the pull request said."""

    head: str
    verdict: PlanVerdict
    lacks: str = ""
    """The permission for want of which there is none."""


@dataclass(frozen=True, slots=True)
class Review:
    """The release branch and its pull request."""

    branch: str = ""
    """Name of the release branch."""
    ours: tuple[str, ...] = ()
    """Commits of ours that the release branch may end in; any other is a person's and is never overwritten."""
    following: bool = False
    """Whether a commit was about to be made that takes ours' place: the branch on which it is made may be there."""
    opening_at: datetime | None = None
    """When its pull request was about to be opened last: it may be there since, and even merged already, and GitHub
    may not show it at once.
    """
    pull_request: int | None = None
    url: str = ""
    """The pull request's, for people."""
    theirs: Theirs | None = None
    """None as long as only our commit was seen on the branch."""
    shown: PlanShown | None = None
    """None until a check run says whether it still is the plan."""


class Refused(StrEnum):
    """Whose matter a refusal is."""

    RULE = "rule"
    """A ruleset or a branch protection."""
    WORKFLOWS = "workflows"
    """No branch has the workflow files of the commit."""
    PERMISSION = "permission"
    """The App lacks one."""
    READ_ONLY = "read-only"
    """The repository is archived."""
    TOO_OLD = "too old"
    """A workflow run that is not run again."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An act that GitHub refused. A final one is refused until somebody changes something, and not asked for again."""

    key: str
    """The act's natural key."""
    act: str
    """The act in words, `create refs/tags/v0.5.0`."""
    why: tuple[str, ...]
    """In GitHub's words."""
    of: Refused
    again: int = 0
    """How often it was refused again, each time on somebody's retry."""
    error: str = ""
    """Which error it was; a copy of GitHub's that lags behind gives some of them, too."""
    times: int = 1
    """How often in a row it was that one."""
    final: bool = True


@dataclass(frozen=True, slots=True)
class Merge:
    """The commit that is tagged."""

    commit: str | None = None
    since: datetime | None = None
    """When it took that commit: GitHub may not show it on the base branch at once."""
    by: str | None = None
    """Who merged."""
    tree_agrees: bool = False
    """Whether the files at the commit were read and say the planned versions (they cannot change after)."""


@dataclass(frozen=True, slots=True)
class PublishRun:
    """A workflow run that published a package."""

    package: str
    """Package key."""
    id: int
    event: str
    """`push`, or `workflow_dispatch` when a person started it."""
    attempt: int = 1
    """How often it was started by then."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """From the first tag to the last verification; packages may be tagged in stages."""

    stage: int = 0
    """Which stage is under way; packages wait in later stages for those they come `after`."""
    pushed: tuple[str, ...] = ()
    """The tags that it pushed, or was about to push, of all stages."""
    tagged_at: datetime | None = None
    """When the tags of the stage under way were pushed."""
    ended_at: datetime | None = None
    """When the publish workflows of the stage under way had ended."""
    ended_well: tuple[PublishRun, ...] = ()
    """The runs that ended well then."""
    started: tuple[PublishRun, ...] = ()
    """The runs that Shipmate started itself, of all stages."""
    run_links: tuple[Detail, ...] = ()
    """The publish workflow runs that ended well, of all stages."""
    rerun_at: datetime | None = None
    """When GitHub was asked last to run something again: it may not show that at once."""
    silent_since: datetime | None = None
    """Since when a registry does not answer whether it has everything; None when all do."""
    verified_in: int | None = None
    """Id of the comment with the last verification."""

    @property
    def is_tagged(self) -> bool:
        """Whether a tag was pushed, so that the release can no longer be cancelled."""
        return self.tagged_at is not None or self.stage > 0


@dataclass(frozen=True, slots=True)
class Aftercare:
    """Looks at the registries after the release has ended."""

    next_at: datetime | None = None
    """When the next is due; None when there is none."""
    looks: int = 0
    """How many there were."""
    troubles: tuple[str, ...] = ()
    """What was wrong on a registry at the last of them, as it was said."""
    assets_astray: tuple[str, ...] = ()
    """Files of its GitHub Releases that differ from the registry's of the same name."""
    carried_in: int | None = None
    """The pull request that tells the default branch's changelogs of a maintenance release."""


@dataclass(frozen=True, slots=True)
class RetryOwed:
    """A `/release retry` that was promised, and forgotten with a lost store before anybody saw to it."""

    by: str
    blocks: tuple[str, ...]
    """Keys of the blocks that the thread had been told of by then: the retry is meant for one of them."""


@dataclass(frozen=True, slots=True)
class StatusQuestion:
    """A `/release status`, which is answered where it was asked."""

    comment: int
    issue: int
    """The issue's number, or the pull request's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What people asked of it by later commands and is not carried out yet, and who took it over."""

    cancel_by: str | None = None
    retry_by: str | None = None
    retry_owed: RetryOwed | None = None
    taken_over_by: str | None = None
    """Who retried when the person who asked might no longer release."""
    status_questions: tuple[StatusQuestion, ...] = ()
    """Who asks for the status and is not answered yet."""
