"""Issues, pull requests, comments and reactions."""

import zlib
from collections import Counter
from collections.abc import Sequence

from bot.sandbox.git.objects import Stats
from bot.sandbox.model import Comment, Issue, PullRequest, Reaction, Repository, User
from bot.sandbox.payloads.common import Json, node_id, optional_stamp, performed_via_json, same, user_json
from bot.sandbox.payloads.repositories import api_url, page_url, repository_json
from bot.sandbox.site import Site

_REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def issue_json(site: Site, repo: Repository, record: Issue) -> Json:
    """An issue, or the issue side of a pull request (then with the key `pull_request`)."""
    url = f"{api_url(site, repo)}/issues/{record.number}"
    kind = "pull" if record.pull_request else "issues"
    page = f"{page_url(site, repo)}/{kind}/{record.number}"
    closed_at = record.updated_at if record.state == "closed" else None
    whole: Json = {
        **same(site, record, "id number state title body user locked created_at updated_at"),
        "node_id": node_id("PR" if record.pull_request else "I", record.id),
        "url": url,
        "repository_url": api_url(site, repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page,
        "labels": [label_json(site, repo, name) for name in record.labels],
        **dict.fromkeys(("assignee", "milestone", "active_lock_reason")),
        "assignees": [],
        "comments": len(record.comments),
        "closed_at": optional_stamp(closed_at),
        "author_association": author_association(repo, record.user),
        "performed_via_github_app": performed_via_json(site, record.app_id),
        "reactions": reaction_counts_json(url, ()),
    }
    pull = record.pull_request
    if pull is not None:
        whole["draft"] = False
        whole["pull_request"] = {
            "url": f"{api_url(site, repo)}/pulls/{record.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": optional_stamp(pull.merged_at),
        }
    return whole


def pull_request_json(site: Site, repo: Repository, record: Issue, pull: PullRequest, stats: Stats) -> Json:
    """A pull request in full."""
    url = f"{api_url(site, repo)}/pulls/{record.number}"
    issue_url = f"{api_url(site, repo)}/issues/{record.number}"
    page = f"{page_url(site, repo)}/pull/{record.number}"
    links = {
        "self": url,
        "html": page,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api_url(site, repo)}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api_url(site, repo)}/statuses/{pull.head_sha}",
    }
    return {
        **same(site, record, "number state locked title body user created_at updated_at"),
        **same(site, pull, "id closed_at merged merged_at merged_by merge_commit_sha"),
        "node_id": node_id("PR", record.id),
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{f"{name}_url": href for name, href in links.items() if name not in ("self", "html")},
        "_links": {name: {"href": href} for name, href in links.items()},
        **dict.fromkeys(("active_lock_reason", "milestone", "assignee", "auto_merge", "mergeable")),
        **{name: [] for name in ("assignees", "requested_reviewers", "requested_teams")},
        "labels": [label_json(site, repo, name) for name in record.labels],
        "draft": False,
        "head": _side(site, repo, pull.head, pull.head_sha),
        "base": _side(site, repo, pull.base, pull.base_sha),
        "author_association": author_association(repo, record.user),
        "mergeable_state": "unknown",
        "comments": len(record.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        **same(site, stats, "commits additions deletions"),
        "changed_files": stats.files,
    }


def _side(site: Site, repo: Repository, branch: str, sha: str) -> Json:
    return {
        "label": f"{repo.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user_json(site, repo.owner),
        "repo": repository_json(site, repo),
    }


def comment_json(site: Site, repo: Repository, parent: Issue, record: Comment) -> Json:
    """A comment on an issue or pull request."""
    url = f"{api_url(site, repo)}/issues/comments/{record.id}"
    return {
        **same(site, record, "id user body created_at updated_at"),
        "node_id": node_id("IC", record.id),
        "url": url,
        "html_url": comment_page(site, repo, parent, record),
        "issue_url": f"{api_url(site, repo)}/issues/{parent.number}",
        "author_association": author_association(repo, record.user),
        "performed_via_github_app": performed_via_json(site, record.app_id),
        "reactions": reaction_counts_json(url, record.reactions),
    }


def comment_page(site: Site, repo: Repository, parent: Issue, record: Comment) -> str:
    """A comment's address for people."""
    kind = "pull" if parent.pull_request else "issues"
    return f"{page_url(site, repo)}/{kind}/{parent.number}#issuecomment-{record.id}"


def reaction_json(site: Site, record: Reaction, at: str) -> Json:
    """A reaction; `at` is its date."""
    return {**same(site, record, "id user content"), "node_id": node_id("REA", record.id), "created_at": at}


def reaction_counts_json(url: str, reactions: Sequence[Reaction]) -> Json:
    """How many reactions of each kind something has; `url` is its own address."""
    counts = Counter(each.content for each in reactions)
    kinds = {kind: counts[kind] for kind in _REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(reactions), **kinds}


def label_json(site: Site, repo: Repository, name: str) -> Json:
    """A label; its id is made from its name."""
    label_id = zlib.crc32(name.encode())
    return {
        "id": label_id,
        "node_id": node_id("LA", label_id),
        "url": f"{api_url(site, repo)}/labels/{name}",
        "name": name,
        "description": None,
        "color": "ededed",
        "default": False,
    }


def author_association(repo: Repository, who: User) -> str:
    """OWNER, COLLABORATOR or NONE (which must never be used to decide what somebody may do)."""
    if who.id == repo.owner.id:
        return "OWNER"
    return "COLLABORATOR" if who.login in repo.permissions else "NONE"
