"""What every payload is made of: ids, dates, accounts, Apps, installations."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.sandbox.access.permissions import EVENT_PERMISSIONS
from bot.sandbox.model import Installation, User
from bot.sandbox.site import Site

Json = dict[str, Any]

ACTIONS_APP = ("github-actions", 15368)
"""Slug and id of GitHub Actions as the author of check runs."""


def node_id(kind: str, key: int | str) -> str:
    """The GraphQL id of a record: R repository, I issue, PR pull request, IC comment, REF ref, C commit, …"""
    return f"{kind}_{base64.urlsafe_b64encode(str(key).encode()).decode().rstrip('=')}"


def parse_node_id(value: str) -> tuple[str, str] | None:
    """Kind and key of a GraphQL id, or None when it is not one of ours."""
    kind, _, code = value.partition("_")
    try:
        return kind, base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
    except ValueError:
        return None


def stamp(at: datetime) -> str:
    """A date as REST writes it: UTC, whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def optional_stamp(at: datetime | None) -> str | None:
    """The same for a date that may be missing."""
    return stamp(at) if at else None


def user_json(site: Site, user: User) -> Json:
    """A simple-user."""
    url = f"{site.url}/users/{user.login}".replace("[", "%5B").replace("]", "%5D")
    page = f"{site.url}/apps/{user.login.removesuffix('[bot]')}" if user.type == "Bot" else f"{site.url}/{user.login}"
    return {
        **same(site, user, "login id type"),
        "node_id": node_id("BOT" if user.type == "Bot" else "U", user.id),
        "avatar_url": f"{site.url}/u/{user.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": page,
        **{f"{name}_url": f"{url}/{name}" for name in ("followers", "subscriptions", "repos", "received_events")},
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "organizations_url": f"{url}/orgs",
        "events_url": f"{url}/events{{/privacy}}",
        "site_admin": False,
    }


def public_user_json(site: Site, who: User) -> Json:
    """A public-user, of whom nothing more is known."""
    unknown = ("name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username")
    counts = ("public_repos", "public_gists", "followers", "following")
    times = dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")
    known = {**user_json(site, who), "user_view_type": "public"}
    return {**known, **dict.fromkeys(unknown), **dict.fromkeys(counts, 0), **times}


def same(site: Site, record: object, names: str) -> Json:
    """The fields that REST calls as the record does: dates as it writes them, people as accounts."""
    return {name: _plain(site, getattr(record, name)) for name in names.split()}


def _plain(site: Site, value: Any) -> Any:
    match value:
        case datetime():
            return stamp(value)
        case User():
            return user_json(site, value)
        case _:
            return value


def integration_json(site: Site, slug: str, app_id: int, permissions: Mapping[str, str] | None = None) -> Json:
    """An App, as it stands in comments and checks that it made."""
    return {
        "id": app_id,
        "slug": slug,
        "node_id": node_id("A", app_id),
        "owner": user_json(site, site.app.owner),
        "name": slug.replace("-", " ").title(),
        "description": "",
        "external_url": f"{site.url}/apps/{slug}",
        "html_url": f"{site.url}/apps/{slug}",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "permissions": dict(permissions or {"metadata": "read"}),
        "events": _events() if app_id == site.app.id else [],
    }


def performed_via_json(site: Site, app_id: int | None) -> Json | None:
    """`performed_via_github_app` of something that the App under test wrote, or None."""
    return integration_json(site, site.app.slug, app_id) if app_id is not None else None


def simple_installation_json(installation: Installation) -> Json:
    """The installation as webhooks carry it."""
    return {"id": installation.id, "node_id": node_id("MDIzOkludGVncmF0aW9u", installation.id)}


def installation_json(site: Site, record: Installation) -> Json:
    """An installation in full; its first date stands for all of them."""
    at = stamp(record.created_at)
    url = f"{site.url}/app/installations/{record.id}"
    return {
        **same(site, record, "id account created_at"),
        "repository_selection": "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{site.url}/installation/repositories",
        "html_url": f"{site.url}/settings/installations/{record.id}",
        "app_id": site.app.id,
        "app_slug": site.app.slug,
        "target_id": record.account.id,
        "target_type": "User",
        "permissions": dict(record.permissions),
        "events": _events(),
        "updated_at": at,
        "single_file_name": None,
        "suspended_by": user_json(site, record.account) if record.suspended else None,
        "suspended_at": at if record.suspended else None,
    }


def _events() -> list[str]:
    return [event for event, needs in EVENT_PERMISSIONS.items() if needs]
