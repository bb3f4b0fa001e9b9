"""What can go wrong with GitHub. Callers catch these and never learn which library made them.

No message holds a token, a header we sent, or a body: only what GitHub said, and what we make of it.
"""

from datetime import datetime


class GitHubError(Exception):
    """GitHub did not do what it was asked; the base of all below."""


class NotFound(GitHubError):
    """There is no such thing, or the App may not know that there is.

    GitHub hides what an App may not see or change behind a 404, and names the permission for it all the same:
    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """

    def __init__(self, message: str, *, missing: str | None = None) -> None:
        """`message` is GitHub's; `missing` is the permission that the question needs, in GitHub's own notation."""
        self.missing = missing
        needs = f". Either it is not there, or the App lacks the permission {_in_words(missing)}." if missing else ""
        super().__init__(f"{message.rstrip('.')}{needs}" if missing else message)


class Gone(GitHubError):
    """It was there and is no more (410)."""


class Conflict(GitHubError):
    """The state of the repository forbids it (409); look again before the next try."""


class AlreadyExists(Conflict):
    """What was to be made is there: a branch, a tag, a pull request. Look at it instead."""


class StaleData(Conflict):
    """The branch has moved since it was read (GraphQL's STALE_DATA)."""


class Invalid(GitHubError):
    """GitHub understood and refused (422). `codes` are the machine-readable reasons, as `already_exists`."""

    def __init__(self, message: str, *, codes: tuple[str, ...] = ()) -> None:
        """`message` is GitHub's."""
        super().__init__(message)
        self.codes = codes


class Forbidden(GitHubError):
    """The App may not do this. `missing` is what GitHub would accept, in its own notation, when it said so."""

    def __init__(self, message: str, *, missing: str | None = None) -> None:
        """`message` is GitHub's; a sentence about `missing` is added to it."""
        needs = f" It needs the permission {_in_words(missing)}." if missing else ""
        super().__init__(f"{message.rstrip('.')}.{needs}")
        self.missing = missing


class RuleViolation(GitHubError):
    """A rule of the repository's (a ruleset) forbids it, and the App is no bypass actor; no permission would help."""


class Locked(Forbidden):
    """The conversation is locked, and not for the App to write in."""


class ReadOnly(Forbidden):
    """The repository is archived."""


class TooOld(Forbidden):
    """A workflow run that GitHub does not run again: 30 days after it was created, or after 50 times.

    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
    """


class RefRefused(Forbidden):
    """A ref that may not be moved so; asking again changes nothing until somebody changes a setting."""

    def __init__(self, act: str, rules: tuple[str, ...]) -> None:
        """`act` is what was refused, `create refs/tags/v1`; `rules` is why, in GitHub's words."""
        super().__init__(f"GitHub refuses to {act}: {'; '.join(rule.rstrip('.') for rule in rules)}")
        self.act = act
        self.rules = rules


class RefRuleViolation(RefRefused):
    """A ruleset or a branch protection forbids it, and the App is not among those who may bypass it."""


class WorkflowsDiffer(RefRefused):
    """No branch has the workflow files of that commit, and the App may not write workflows."""

    def __init__(self, act: str, reason: str) -> None:
        """`reason` is GitHub's, which names a file."""
        super().__init__(act, (reason,))


class NoAccess(GitHubError):
    """The App is uninstalled, suspended, or no longer given this repository: nothing can be read or said."""


class Moved(GitHubError):
    """The repository has another name now, or the issue another repository."""


class RateLimited(GitHubError):
    """Nothing more may be asked before `until` (aware, UTC)."""

    def __init__(self, until: datetime) -> None:
        """`until` is GitHub's, or our estimate when it named none."""
        super().__init__(f"rate limited until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until = until


class Unavailable(GitHubError):
    """No answer, or one of its server's failures: what was asked may have happened all the same."""


class BadCredentials(Unavailable):
    """GitHub does not take the App's id and key, or a token: a matter of the operator's. Nothing was done."""

    def __init__(self, message: str) -> None:
        """`message` is GitHub's."""
        super().__init__(f"GitHub does not accept the App's credentials ({message})")


def _in_words(accepted: str) -> str:
    """`a=read; b=write,c=write` as `a: read, or b: write and c: write`."""
    alternatives = [part.strip() for part in accepted.split(";") if part.strip()]
    return ", or ".join(part.replace("=", ": ").replace(",", " and ") for part in alternatives)
