"""Permissions and roles as GitHub orders them."""

from collections.abc import Mapping

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""Repository roles, weakest first."""

INSTALLED_PERMISSIONS: Mapping[str, str] = {
    "metadata": "read",
    "contents": "write",
    "pull_requests": "write",
    "issues": "write",
    "checks": "read",
    "statuses": "read",
    "actions": "write",
    "deployments": "read",
}
"""What an installation of the App is granted unless a test says otherwise."""

EVENT_PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "issue_comment": ("issues", "pull_requests"),
    "pull_request": ("pull_requests",),
    "push": ("contents",),
    "create": ("contents",),
    "delete": ("contents",),
    "check_suite": ("checks",),
    "check_run": ("checks",),
    "status": ("statuses",),
    "workflow_run": ("actions",),
    "deployment_review": ("deployments",),
    "release": ("contents",),
    "repository": ("metadata",),
    "installation": (),
    "installation_repositories": (),
    "ping": (),
}
"""The events that the App hears, each with the permissions of which it needs one."""

Needs = Mapping[str, str]
"""Permission name to `read` or `write`."""


def allows(granted: Mapping[str, str], needs: Needs) -> bool:
    """Whether every needed permission is granted (write includes read; metadata:read is always there)."""
    levels = ("read", "write", "admin")
    held = {"metadata": "read", **granted}
    return all(name in held and levels.index(held[name]) >= levels.index(level) for name, level in needs.items())


def accepted_header(*alternatives: Needs) -> str:
    """The value of X-Accepted-GitHub-Permissions: `contents=write; contents=write,workflows=write`."""
    return "; ".join(",".join(f"{name}={level}" for name, level in needs.items()) for needs in alternatives)
