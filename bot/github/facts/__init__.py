"""What GitHub told us, as frozen data: the only form in which it leaves `bot.github`.

Pure: the rooms that decide import these classes and nothing else of the adapter.
"""

from bot.github.facts.pull_requests import OwnPullRequest, Proposed, PullRequest, PullRequestState
from bot.github.facts.refs import Base, Branch, CommitAt, MergedChange, Tag
from bot.github.facts.repositories import HookDelivery, Installation, Permission, RepositoryRef
from bot.github.facts.runs import (
    ACTIONS_APP,
    PASSING,
    STATUS,
    Check,
    CommitChecks,
    Job,
    PendingApproval,
    Review,
    WorkflowRun,
)
from bot.github.facts.settings import BranchRules, DeploymentPolicy, NamePattern, Rule, Ruleset
from bot.github.facts.snapshot import DownstreamFacts, GitHubRelease, ReleaseSnapshot
from bot.github.facts.threads import Board, Comment, CommentState, RecentComment

__all__ = [
    "ACTIONS_APP",
    "PASSING",
    "STATUS",
    "Base",
    "Board",
    "Branch",
    "BranchRules",
    "Check",
    "Comment",
    "CommentState",
    "CommitAt",
    "CommitChecks",
    "DeploymentPolicy",
    "DownstreamFacts",
    "GitHubRelease",
    "HookDelivery",
    "Installation",
    "Job",
    "MergedChange",
    "NamePattern",
    "OwnPullRequest",
    "PendingApproval",
    "Permission",
    "Proposed",
    "PullRequest",
    "PullRequestState",
    "RecentComment",
    "ReleaseSnapshot",
    "RepositoryRef",
    "Review",
    "Rule",
    "Ruleset",
    "Tag",
    "WorkflowRun",
]
