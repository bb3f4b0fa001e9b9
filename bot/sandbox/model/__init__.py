"""The state of the stand-in GitHub: plain mutable records, one process, one event loop.

Git objects and refs are not here; they live in the real bare repository (`bot.sandbox.git.repository`).
"""

from bot.sandbox.model.actions import (
    CheckRun,
    DeploymentReview,
    Environment,
    Job,
    PendingDeployment,
    Status,
    Step,
    WorkflowRun,
)
from bot.sandbox.model.apps import App, Call, Delivery, Installation, Listener, Token, User
from bot.sandbox.model.issues import Comment, Discussion, Issue, PullRequest, QueueEntry, Reaction
from bot.sandbox.model.repositories import Asset, Release, Repository
from bot.sandbox.model.time import Clock

__all__ = [
    "App",
    "Asset",
    "Call",
    "CheckRun",
    "Clock",
    "Comment",
    "Delivery",
    "DeploymentReview",
    "Discussion",
    "Environment",
    "Installation",
    "Issue",
    "Job",
    "Listener",
    "PendingDeployment",
    "PullRequest",
    "QueueEntry",
    "Reaction",
    "Release",
    "Repository",
    "Status",
    "Step",
    "Token",
    "User",
    "WorkflowRun",
]
