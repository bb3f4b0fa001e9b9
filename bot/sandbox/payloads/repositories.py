"""Repositories in full: one JSON that satisfies REST's full, minimal and webhook shapes."""

from bot.sandbox.model import Repository
from bot.sandbox.payloads.common import Json, stamp, user
from bot.sandbox.site import Site

_TEMPLATES = {
    "archive_url": "{/archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
"""What follows the repository's API address in each of its links."""


def api_url(site: Site, repo: Repository) -> str:
    """The repository's address in the API."""
    return f"{site.url}/repos/{repo.full_name}"


def page_url(site: Site, repo: Repository) -> str:
    """The repository's address for people."""
    return f"{site.url}/{repo.full_name}"


def repository(site: Site, repo: Repository) -> Json:
    """A repository."""
    url, page = api_url(site, repo), page_url(site, repo)
    open_issues = sum(issue.state == "open" for issue in repo.issues.values())
    created = stamp(repo.created_at)
    return {
        "id": repo.id,
        "node_id": repo.node_id,
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(site, repo.owner),
        "private": repo.private,
        "visibility": "private" if repo.private else "public",
        "html_url": page,
        "url": url,
        **{name: url + rest for name, rest in _TEMPLATES.items()},
        "git_url": page.replace("http:", "git:") + ".git",
        "ssh_url": f"git@127.0.0.1:{repo.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "description": None,
        "language": None,
        "license": None,
        "fork": False,
        "archived": False,
        "disabled": False,
        "is_template": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "topics": [],
        "size": 0,
        "default_branch": repo.default_branch,
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        **dict.fromkeys(("forks", "forks_count", "stargazers_count", "watchers", "watchers_count"), 0),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("has_pages", "has_discussions"), False),
        "created_at": created,
        "updated_at": created,
        "pushed_at": created,
    }


def full_repository(site: Site, repo: Repository) -> Json:
    """A repository as asked for by itself, with the counts that only this answer has."""
    return {**repository(site, repo), "network_count": 0, "subscribers_count": 0}


def short_repository(repo: Repository) -> Json:
    """A repository as `installation` and `installation_repositories` name it."""
    return {
        "id": repo.id,
        "node_id": repo.node_id,
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }
