"""Pushes, created and deleted refs, commits, statuses and releases."""

import hashlib
from collections.abc import Sequence

from bot.sandbox.git.objects import ZERO, Changes, Commit, Person, Ref
from bot.sandbox.model import Asset, Release, Repository, Status, User
from bot.sandbox.payloads.common import Json, node_id, same, stamp, user_json
from bot.sandbox.payloads.repositories import api_url, page_url
from bot.sandbox.site import Site


def push_json(
    site: Site,
    repo: Repository,
    change: tuple[str, str, str],
    pusher: User,
    commits: Sequence[Json],
    head_commit: Json | None,
    *,
    forced: bool = False,
) -> Json:
    """The event's own part of `push`; `change` is (ref, before, after)."""
    ref, before, after = change
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == ZERO,
        "deleted": after == ZERO,
        "forced": forced,
        "base_ref": None,
        "compare": f"{page_url(site, repo)}/compare/{before[:12]}...{after[:12]}",
        "commits": list(commits),
        "head_commit": head_commit,
        "pusher": {"name": pusher.login, "email": f"{pusher.login}@users.noreply.github.com"},
    }


def push_commit_json(site: Site, repo: Repository, commit: Commit, changes: Changes) -> Json:
    """A commit in the list of a push."""
    return {
        **head_commit_json(commit),
        "distinct": True,
        "url": f"{page_url(site, repo)}/commit/{commit.sha}",
        "added": list(changes.added),
        "removed": list(changes.removed),
        "modified": list(changes.modified),
    }


def head_commit_json(commit: Commit) -> Json:
    """A commit in brief, as runs and suites carry it."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": stamp(commit.committed_at),
        "author": _person(commit.author),
        "committer": _person(commit.committer),
    }


def commit_json(site: Site, repo: Repository, record: Commit, author: User | None, *, verified: bool) -> Json:
    """A commit in full; `author` is the account behind it where GitHub knows one."""
    url, page = api_url(site, repo), page_url(site, repo)
    return {
        "sha": record.sha,
        "node_id": node_id("C", record.sha),
        "url": f"{url}/commits/{record.sha}",
        "html_url": f"{page}/commit/{record.sha}",
        "comments_url": f"{url}/commits/{record.sha}/comments",
        "author": user_json(site, author) if author else None,
        "committer": None,
        "parents": [
            {"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{page}/commit/{sha}"} for sha in record.parents
        ],
        "commit": {
            "url": f"{url}/git/commits/{record.sha}",
            "message": record.message,
            "author": {**_person(record.author), "date": stamp(record.authored_at)},
            "committer": {**_person(record.committer), "date": stamp(record.committed_at)},
            "tree": {"sha": record.tree, "url": f"{url}/git/trees/{record.tree}"},
            "comment_count": 0,
            "verification": {
                "verified": verified,
                "reason": "valid" if verified else "unsigned",
                "signature": "-----BEGIN PGP SIGNATURE-----" if verified else None,
                "payload": f"tree {record.tree}" if verified else None,
                "verified_at": stamp(record.committed_at) if verified else None,
            },
        },
    }


def _person(person: Person) -> Json:
    return {"name": person.name, "email": person.email}


def create_json(repo: Repository, ref: str) -> Json:
    """The event's own part of `create`."""
    return {**delete_json(ref), "master_branch": repo.default_branch, "description": None}


def delete_json(ref: str) -> Json:
    """The event's own part of `delete`."""
    _, kind, name = ref.split("/", 2)
    return {"ref": name, "ref_type": "tag" if kind == "tags" else "branch", "pusher_type": "user"}


def status_json(
    site: Site,
    repo: Repository,
    record: Status,
    of: Commit,
    branches: Sequence[Ref],
    author: User | None,
    *,
    verified: bool,
) -> Json:
    """The event's own part of `status`; `branches` are those that hold the commit (GitHub names ten at most)."""
    return {
        **same(site, record, "id sha context state target_url created_at"),
        "name": repo.full_name,
        "description": None,
        "commit": commit_json(site, repo, of, author, verified=verified),
        "branches": [
            {
                "name": branch.name.removeprefix("refs/heads/"),
                "protected": False,
                "commit": {"sha": branch.commit, "url": f"{api_url(site, repo)}/commits/{branch.commit}"},
            }
            for branch in branches
        ],
        "updated_at": stamp(record.created_at),
    }


def release_json(site: Site, repo: Repository, record: Release) -> Json:
    """A GitHub Release."""
    url = f"{api_url(site, repo)}/releases/{record.id}"
    return {
        **same(site, record, "id name body draft prerelease immutable created_at published_at author"),
        "node_id": node_id("RE", record.id),
        "url": url,
        "html_url": release_page(site, repo, record),
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "tarball_url": None if record.draft else f"{api_url(site, repo)}/tarball/{record.tag}",
        "zipball_url": None if record.draft else f"{api_url(site, repo)}/zipball/{record.tag}",
        "tag_name": record.tag,
        "target_commitish": record.target,
        "updated_at": stamp(record.created_at),
        "assets": [asset_json(site, repo, record, asset) for asset in record.assets],
    }


def asset_json(site: Site, repo: Repository, of: Release, record: Asset) -> Json:
    """A file of a GitHub Release."""
    return {
        **same(site, record, "id name label content_type created_at uploader"),
        "url": f"{api_url(site, repo)}/releases/assets/{record.id}",
        "node_id": node_id("RA", record.id),
        "state": "uploaded",
        "size": len(record.data),
        "digest": f"sha256:{hashlib.sha256(record.data).hexdigest()}",
        "download_count": 0,
        "updated_at": stamp(record.created_at),
        "browser_download_url": f"{page_url(site, repo)}/releases/download/{of.tag}/{record.name}",
    }


def release_page(site: Site, repo: Repository, record: Release) -> str:
    """A Release's address for people; a draft's does not name its tag, which need not be there."""
    tag = f"untagged-{record.id:020x}" if record.draft else record.tag
    return f"{page_url(site, repo)}/releases/tag/{tag}"
