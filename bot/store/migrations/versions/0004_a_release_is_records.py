"""The fields of a release, which were flat, go into its records. Every release is carried over."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

RECORDS = {
    "request": {"wanted": "wanted"},
    "plan": {
        "title": "title",
        "primary": "primary",
        "policy": "policy",
        "downstream": "downstream",
        "warnings": "warnings",
        "base": "base",
        "base_commit": "base_commit",
        "compared_with": "compared_with",
        "digest": "digest",
    },
    "review": {
        "branch": "branch",
        "ours": "ours",
        "following": "following",
        "opening_at": "opening_at",
        "pull_request": "pull_request",
        "pull_request_url": "url",
    },
    "merge": {
        "merge_commit": "commit",
        "merge_commit_since": "since",
        "merged_by": "by",
        "tree_agrees": "tree_agrees",
    },
    "publishing": {
        "stage": "stage",
        "pushed": "pushed",
        "tagged_at": "tagged_at",
        "published_at": "ended_at",
        "published_by": "ended_well",
        "publish_pages": "run_links",
        "rerun_at": "rerun_at",
        "silent_since": "silent_since",
        "verified_in": "verified_in",
    },
    "aftercare": {"recheck_at": "next_at", "rechecks": "looks", "troubles": "troubles"},
    "asked": {
        "cancel_asked_by": "cancel_by",
        "retry_asked_by": "retry_by",
        "retry_owed": "retry_owed",
        "taken_over_by": "taken_over_by",
        "status_questions": "status_questions",
    },
}
"""Of each record: what a field was called before, and what it is called in there."""


def upgrade() -> None:
    """Write each release anew."""
    releases = sa.table("releases", sa.column("id"), sa.column("data"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(releases)).mappings().all():
        data = json.dumps(_nested(json.loads(row["data"])))
        connection.execute(releases.update().where(releases.c.id == row["id"]).values(data=data))


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    nested = dict(flat)
    for record, names in RECORDS.items():
        inner = {new: nested.pop(old) for old, new in names.items() if old in nested}
        nested[record] = {**nested.get(record, {}), **inner}
    return nested
