"""When an ended release is looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column, and an index to find what it holds."""
    op.add_column("releases", sa.Column("recheck_at", sa.String(26)))
    op.create_index("releases_rechecked", "releases", ["repository_id", "recheck_at"])
