"""From what HTTP, gidgethub and GraphQL report to the errors of this room."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import gidgethub

from bot.github.errors import (
    AlreadyExists,
    BadCredentials,
    Conflict,
    Forbidden,
    GitHubError,
    Gone,
    Invalid,
    Locked,
    Moved,
    NotFound,
    RateLimited,
    ReadOnly,
    RuleViolation,
    StaleData,
    TooOld,
    Unavailable,
)

SECONDARY_PAUSE = timedelta(seconds=60)
"""How long to wait after a secondary limit that names no time (GitHub asks for a minute at least).

https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api
"""

_TWO_CAUSES = (
    "either a ruleset of the repository forbids it (creation, merge queue or required checks for that name), or "
    "another branch stands in its way, as `release` does in that of `release/1`"
)
"""https://github.com/release-plz/action/issues/518 and https://github.com/microsoft/vscode-remote-repositories-github/issues/122"""

_ADDED = re.compile(r"(?: for (?:'[^']*'|None)(?:, (?:'[^']*'|None))*|: .*)\Z", re.DOTALL)
"""What gidgethub adds: `Validation Failed for 'tag_name'`, `Validation Failed: 'A pull request already exists'`.

https://github.com/gidgethub/gidgethub
"""

LEAST_PAUSE = timedelta(seconds=5)
"""Ours: a reset that seems over (our clock is ahead of GitHub's) is no leave to ask again at once."""


def from_http(failure: gidgethub.HTTPException, now: datetime) -> GitHubError:
    """The error for an HTTP answer that gidgethub did not take for a success."""
    status, message = int(failure.status_code), _said(failure) or "GitHub refused"
    headers: Mapping[str, str] = failure.headers or {}
    limited = limit_of(status, headers, message, now)
    if limited is not None:
        return limited
    accepted = headers.get("x-accepted-github-permissions")
    match status:
        case 401:
            return BadCredentials(message)
        case 301 | 302 | 307 | 308:
            return Moved("It is to be found elsewhere now")
        # https://github.com/renovatebot/renovate/issues/6215
        case 403 if "is locked" in message.lower():
            return Locked(message)
        case 403 if "archived" in message.lower():  # docs/live-check.md#refusal-words
            return ReadOnly(message)
        # The second: https://github.com/metabase/metabase/issues/70916; the first: docs/live-check.md#refusal-words
        case 403 if "over a month ago" in message.lower() or "cannot be retried" in message.lower():
            return TooOld(message)
        case 403:
            return Forbidden(message, missing=accepted)
        case 404:
            return NotFound(message, missing=accepted)
        case 409:
            return Conflict(message)
        case 410:
            return Gone(message)
        case 422:
            return Invalid(_reasons(message, failure), codes=_codes(failure))
        case _ if status >= 500:
            return Unavailable(f"GitHub answered {status}")
        case _:
            return GitHubError(f"GitHub answered {status}: {message}")


def from_git(status: int, headers: Mapping[str, str], words: str, now: datetime) -> GitHubError:
    """The error for an answer of git's server that is no success; it speaks plain text, and names no permission."""
    limited = limit_of(status, headers, words, now)
    if limited is not None:
        return limited
    match status:
        case 401:
            return BadCredentials(words)
        case 301 | 302 | 307 | 308:
            return Moved("It is to be found elsewhere now")
        # https://github.com/semantic-release/github/issues/578; other 403s, as for what is archived, name their reason
        case 403 if "write access" in words.lower() or "permission to" in words.lower():
            return Forbidden(words, missing="contents=write")
        case 403 if "archived" in words.lower():  # docs/live-check.md#refusal-words
            return ReadOnly(words)
        case 403:
            return Forbidden(words)
        case 404:
            return NotFound(words)
        case _:
            return GitHubError(f"GitHub answered {status}: {words}")


def limit_of(status: int, headers: Mapping[str, str], message: str, now: datetime) -> RateLimited | None:
    """The limit that an HTTP failure tells of, or None: Retry-After first, then the primary limit, then a minute."""
    if status not in (403, 429):
        return None
    until = _named_end(headers, now)
    if until is None and (status == 429 or _is_secondary(message)):
        until = now + SECONDARY_PAUSE
    return RateLimited(until) if until else None


def _named_end(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the headers say that a limit ends, if they do; never sooner than LEAST_PAUSE."""
    retry_after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if retry_after.isdecimal():
        return now + max(timedelta(seconds=int(retry_after)), LEAST_PAUSE)
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(datetime.fromtimestamp(int(reset), UTC), now + LEAST_PAUSE)
    return None


def _is_secondary(message: str) -> bool:
    # https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api
    return "secondary rate limit" in message.lower()


def graphql_limit(errors: Sequence[Mapping[str, Any]], headers: Mapping[str, str], now: datetime) -> RateLimited | None:
    """The limit that a GraphQL answer tells of with status 200, or None."""
    # Two spellings: https://github.com/github/docs/issues/22607 and https://github.com/yanyongyu/githubkit/issues/271
    for error in errors:
        if error.get("type") in ("RATE_LIMITED", "RATE_LIMIT") or _is_secondary(str(error.get("message"))):
            return RateLimited(_named_end(headers, now) or now + SECONDARY_PAUSE)
    return None


def from_graphql(error: Mapping[str, Any]) -> GitHubError:
    """The error for one entry of a GraphQL answer's `errors`."""
    # STALE_DATA: https://github.com/planetscale/ghcommit/issues/153. What exists already is told in words:
    # https://github.com/vsoch/pull-request-action/issues/86 and https://github.com/renovatebot/renovate/issues/20281
    message = _in_one_line(str(error.get("message")))
    match error.get("type"):
        case "NOT_FOUND":
            return NotFound(message)
        # https://github.com/release-plz/action/issues/518
        case "FORBIDDEN" if "rule violation" in message.lower():
            return RuleViolation(message)
        case "FORBIDDEN":
            return Forbidden(message)
        case "STALE_DATA":
            return StaleData(message)
        case _ if "already exists" in message.lower():
            return AlreadyExists(message)
        case "UNPROCESSABLE" if message == "Ref cannot be created":
            return Invalid(f"{message}: {_TWO_CAUSES}")
        case "UNPROCESSABLE":
            return Invalid(message)
        # What GraphQL did not get done; a document that it does not take has a code in `extensions`.
        # https://github.com/octokit/plugin-retry.js/issues/395 and https://github.com/cli/cli/issues/7885
        case None if "extensions" not in error:
            return Unavailable(message)
        case _:
            return GitHubError(message)


def _codes(failure: gidgethub.HTTPException) -> tuple[str, ...]:
    # As in https://github.com/googleapis/release-please/issues/945
    return tuple(str(each["code"]) for each in _details(failure) if "code" in each)


def _said(failure: gidgethub.HTTPException) -> str:
    """GitHub's own message. To that of a 422, gidgethub adds the reprs of what is in `errors`."""
    text = str(failure)
    if isinstance(failure, gidgethub.InvalidField | gidgethub.ValidationError) and failure.errors:
        text = _ADDED.sub("", text)
    return _in_one_line(text)


def _reasons(message: str, failure: gidgethub.HTTPException) -> str:
    """The message and the reasons, each once."""
    errors = getattr(failure, "errors", None) or []
    reasons = [_reason(each) for each in ([errors] if isinstance(errors, str) else errors)]
    said = "; ".join(dict.fromkeys(_in_one_line(reason) for reason in reasons if reason and reason != message))
    return f"{message.rstrip('.:')}: {said}" if said else message


def _reason(error: Mapping[str, Any] | str) -> str:
    """In GitHub's words, else as `field: code`."""
    if isinstance(error, str):
        return error
    code = str(error.get("code", "")).replace("_", " ")
    return str(error.get("message") or ": ".join(filter(None, (error.get("field"), code))))


def _in_one_line(text: str) -> str:
    """Its lines as one, without blanks at the end."""
    said = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        said += f"{' ' if said.endswith(('.', ':', ';')) else ': '}{line}" if said else line
    return said


def _details(failure: gidgethub.HTTPException) -> list[Mapping[str, Any]]:
    errors = getattr(failure, "errors", None) or []
    return [each for each in errors if isinstance(each, Mapping)]
