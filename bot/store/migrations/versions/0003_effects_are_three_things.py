"""Effects become what they were: intents, bookmarks and attempts. Every row is carried over."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.String(26)
SCANS = {
    "comments": ("repository-", "comments"),
    "ledger": ("repository-", "ledger"),
    "ledger at once": ("repository-", "ledger-at-once"),
    "installation": ("installation-", "read"),
}
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
"""As they were when these rows were written."""


def upgrade() -> None:
    """Make the two new tables, move to them what is theirs, and call the rest intents."""
    op.create_table(
        "bookmarks",
        sa.Column("scan", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("at", INSTANT),
    )
    op.create_table(
        "attempts",
        sa.Column("tried", sa.Text, primary_key=True),
        sa.Column("guid", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("seen", sa.BigInteger),
    )
    effects = sa.table("effects", *(sa.column(name) for name in ("subject", "key", "done", "result", "at")))
    bookmarks = sa.table("bookmarks", *(sa.column(name) for name in ("scan", "number", "begun_at", "at")))
    attempts = sa.table("attempts", *(sa.column(name) for name in ("tried", "guid", "count", "at", "next_at", "seen")))
    connection = op.get_bind()
    for row in connection.execute(sa.select(effects)).mappings().all():
        bookmark, attempt = _bookmark(row), _attempt(row)
        if bookmark is not None:
            connection.execute(bookmarks.insert().values(**bookmark))
        if attempt is not None:
            connection.execute(attempts.insert().values(**attempt))
        if bookmark is not None or attempt is not None:
            mine = sa.and_(effects.c.subject == row["subject"], effects.c.key == row["key"])
            connection.execute(effects.delete().where(mine))
    op.rename_table("effects", "intents")


def _bookmark(row: Any) -> dict[str, Any] | None:
    subject, key = row["subject"], row["key"]
    read = row["at"] if row["done"] else None
    if (subject, key) == ("installations", "read"):
        return {"scan": "installations", "number": 0, "begun_at": row["at"], "at": read}
    if (subject, key) == ("deliveries", "looked"):
        return {"scan": "deliveries", "number": 0, "begun_at": row["at"], "at": _instant(row["result"])}
    for scan, (begins, named) in SCANS.items():
        number = subject.removeprefix(begins)
        if subject.startswith(begins) and number.isdecimal() and key == named:
            at = _instant(row["result"]) if scan == "comments" else read
            return {"scan": scan, "number": int(number), "begun_at": row["at"], "at": at}
    return None


def _attempt(row: Any) -> dict[str, Any] | None:
    subject, key = row["subject"], row["key"]
    if subject.startswith("delivery-") and key in ("failed", "faults"):
        guid, tried = subject.removeprefix("delivery-"), {"failed": "handle", "faults": "handle, at fault"}[key]
        return {"tried": tried, "guid": guid, "count": int(row["result"] or 0), "at": row["at"]}
    if subject == "redelivery":
        state = json.loads(row["result"])
        times, asked = int(state["times"]), datetime.fromisoformat(state["at"])
        pause = min(FIRST_PAUSE * 2 ** (times - 1), LONGEST_PAUSE)
        return {
            "tried": "redelivery",
            "guid": key,
            "count": times,
            "at": _instant(state["at"]),
            "next_at": _stored(asked + pause),
            "seen": state["after"],
        }
    return None


def _instant(text: str | None) -> str | None:
    return None if text is None else _stored(datetime.fromisoformat(text))


def _stored(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
