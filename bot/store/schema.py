"""The tables. Instants are ISO 8601 strings in UTC with microseconds: they sort as time does, on both back ends.

The migrations make these tables; a test proves that they make exactly these.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as `2026-04-04T12:00:00.000000`, UTC."""

    impl = String(26)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To the stored form."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """From the stored form."""
        return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts by itself only what is called INTEGER."""

metadata = MetaData()

repositories = Table(
    "repositories",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("node_id", Text, nullable=False),
    Column("installation_id", BigInteger, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("due_at", Instant),
    Column("generation", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Instant),
)
Index("repositories_due", repositories.c.due_at)

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("guid", Text, nullable=False, unique=True),
    Column("event", Text, nullable=False),
    Column("repository_id", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("handled_at", Instant),
)
Index("deliveries_unhandled", deliveries.c.repository_id, deliveries.c.handled_at)

releases = Table(
    "releases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("repository_id", BigInteger, nullable=False),
    Column("phase", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("data", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("recheck_at", Instant),
)
Index("releases_open", releases.c.repository_id, releases.c.open)
Index("releases_rechecked", releases.c.repository_id, releases.c.recheck_at)

intents = Table(
    "intents",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("done", Boolean, nullable=False),
    Column("result", Text),
    Column("at", Instant, nullable=False),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("scan", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("begun_at", Instant, nullable=False),
    Column("at", Instant),
)

attempts = Table(
    "attempts",
    metadata,
    Column("tried", Text, primary_key=True),
    Column("guid", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("seen", BigInteger),
)
