"""The form of a new App: its permissions, which follow from what its tokens are for, and its events, with the reasons.

README's tables come from here. What the form is called by: https://docs.github.com/en/apps/creating-github-apps
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.github.transport.tokens import Purpose

_HEARD: Mapping[str, str] = {"deployments": "read"}
"""Granted for webhooks alone: GitHub sends *Deployment review* to Apps that may read deployments.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#deployment_review
"""
SUBSCRIBED: Mapping[str, str] = {
    "issue_comment": "Commands.",
    "pull_request": "The release's pull request is merged, closed or changed.",
    "workflow_run": "CI or a publish workflow ended.",
    "deployment_review": "A publish job waits for approval, is approved or refused.",
    "check_run": "Another App finished a check.",
    "check_suite": "Another App finished its checks.",
    "status": "Another CI system reported.",
    "push": "The branch to release from moved.",
    "create": "A tag was pushed by hand.",
    "delete": "A tag or a branch was deleted by hand.",
    "release": "A GitHub Release was made or deleted by hand.",
    "repository": "The repository was renamed, transferred or archived.",
}
"""The events that the App has to subscribe to, and what each tells.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""
_WHY: Mapping[tuple[str, str], str] = {
    (
        "actions",
        "write",
    ): "Read workflow runs, their logs and what environments let deploy; run failed jobs again "
    "when a maintainer retries, cancel publish runs in a rollback.",
    ("checks", "read"): "Read the check runs of other Apps, and GitHub's notes on jobs that never began.",
    (
        "checks",
        "write",
    ): "One thing only: the check run *Shipmate: release plan* on a release's pull request. Without it the "
    "card says so, and nothing else changes.",
    ("contents", "write"): "Read the files, commit them to the release branch, push the tags, make GitHub Releases.",
    ("deployments", "read"): "Hear at once that somebody approved or refused a publish job.",
    ("discussions", "write"): "Announce releases where `[announce]` is configured.",
    ("issues", "write"): "Read commands, answer them, keep the status comment.",
    ("pull_requests", "write"): "Open and close the release's pull request, and those of downstream repositories.",
    ("statuses", "read"): "Read commit statuses, as other CI systems report them.",
    ("workflows", "write"): "One thing only: push a tag again that GitHub refused because no branch has the workflow "
    "files of its commit any more. Without it such a release waits, and says so.",
}
"""By permission and access, in the names of https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps"""
_TITLES: Mapping[str, str] = {"statuses": "Commit statuses"}
"""The form's names where they are not the permission's own.

https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """One permission of the App."""

    name: str
    """As the API calls it: `pull_requests`."""
    access: str
    """`read` or `write`, which includes reading."""
    why: str
    optional: bool

    @property
    def title(self) -> str:
        """As the form of a new App calls it: `Pull requests`."""
        return _TITLES.get(self.name, self.name.replace("_", " ").capitalize())


def permissions() -> tuple[AskedFor, ...]:
    """What is needed, then what is optional: there an installation that does not grant it releases all the same."""
    needed = _strongest([_HEARD, *(purpose.permissions for purpose in Purpose if not purpose.optional)])
    every = _strongest(purpose.permissions for purpose in Purpose)
    extra = {name: access for name, access in every.items() if _strongest([needed, {name: access}]) != needed}
    return (*_lines(needed, optional=False), *_lines(extra, optional=True))


def permissions_table() -> str:
    """The permissions as a Markdown table."""
    rows = [
        f"| *{line.title}* | {line.access}{', optional' if line.optional else ''} | {line.why} |"
        for line in permissions()
    ]
    return "\n".join(["| Permission | Access | Why |", "| --- | --- | --- |", *rows])


def events_table() -> str:
    """The events as a Markdown table."""
    rows = [f"| *{name.replace('_', ' ').capitalize()}* | {why} |" for name, why in SUBSCRIBED.items()]
    return "\n".join(["| Event | Tells |", "| --- | --- |", *rows])


def registration_query() -> str:
    """The query that fills the form of a new App with its events and all permissions that are not optional.

    https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-using-url-parameters
    """
    granted = {line.name: line.access for line in permissions() if not line.optional}
    return urlencode({"webhook_active": "true", **granted}) + "".join(f"&events[]={event}" for event in SUBSCRIBED)


def _lines(granted: Mapping[str, str], *, optional: bool) -> Iterator[AskedFor]:
    return (AskedFor(name, access, _WHY[name, access], optional) for name, access in sorted(granted.items()))


def _strongest(several: Sequence[Mapping[str, str]] | Iterator[Mapping[str, str]]) -> dict[str, str]:
    """Each name with the most that one of them asks for."""
    strongest: dict[str, str] = {}
    for each in several:
        strongest |= {name: access for name, access in each.items() if strongest.get(name) != "write"}
    return strongest
