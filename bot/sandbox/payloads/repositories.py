"""Repositories in full: one JSON that satisfies REST's full, minimal and webhook shapes."""

from bot.sandbox.model import Repository
from bot.sandbox.payloads.common import Json, same, stamp
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
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "statuses_url": "/statuses/{sha}",
    "trees_url": "/git/trees{/sha}",
}
_PLAIN = (
    *("contributors", "deployments", "downloads", "events", "forks", "hooks", "languages", "merges", "stargazers"),
    *("subscribers", "subscription", "tags", "teams"),
)
"""What follows the repository's API address in each of its links; the second are called as they end."""


def api_url(site: Site, repo: Repository) -> str:
    """The repository's address in the API."""
    return f"{site.url}/repos/{repo.full_name}"


def page_url(site: Site, repo: Repository) -> str:
    """The repository's address for people."""
    return f"{site.url}/{repo.full_name}"


def repository_json(site: Site, repo: Repository) -> Json:
    """A repository."""
    url, page = api_url(site, repo), page_url(site, repo)
    open_issues = sum(issue.state == "open" for issue in repo.issues.values())
    return {
        **same(site, repo, "id node_id name full_name owner private default_branch created_at"),
        "html_url": page,
        "url": url,
        **{name: url + rest for name, rest in _TEMPLATES.items()},
        **{f"{name}_url": f"{url}/{name}" for name in _PLAIN},
        "git_url": page.replace("http:", "git:") + ".git",
        "ssh_url": f"git@127.0.0.1:{repo.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "visibility": "private" if repo.private else "public",
        "topics": [],
        **dict.fromkeys(("mirror_url", "homepage", "description", "language", "license")),
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        **dict.fromkeys(("size", "forks", "forks_count", "stargazers_count", "watchers", "watchers_count"), 0),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("fork", "archived", "disabled", "has_pages", "has_discussions"), False),
        **dict.fromkeys(("updated_at", "pushed_at"), stamp(repo.created_at)),
    }


def full_repository_json(site: Site, repo: Repository) -> Json:
    """A repository as asked for by itself, with the counts that only this answer has."""
    return {**repository_json(site, repo), "network_count": 0, "subscribers_count": 0}


def short_repository_json(repo: Repository) -> Json:
    """A repository as `installation` and `installation_repositories` name it."""
    return {name: getattr(repo, name) for name in ("id", "node_id", "name", "full_name", "private")}
