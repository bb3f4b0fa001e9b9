"""What the bot's database says, read without the bot."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ledger:
    """What the bot's database says at the end, read without the bot."""

    releases: tuple[dict[str, Any], ...] = ()
    repositories: tuple[dict[str, Any], ...] = ()
    deliveries: tuple[dict[str, Any], ...] = ()

    def sleepers(self) -> dict[str, None]:
        """Open releases that will never be looked at again."""
        due = {row["id"]: row["due_at"] for row in self.repositories}
        return {row["id"]: None for row in self.releases if row["open"] and due.get(row["repository_id"]) is None}


def ledger_in(folder: Path) -> Ledger:
    """Of the database in a folder; empty when there is none that can be read."""
    with suppress(sqlite3.Error):
        connection = sqlite3.connect(f"file:{folder / 'shipmate.db'}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            tables = [
                tuple(dict(row) for row in connection.execute(f"SELECT * FROM {table}"))  # noqa: S608 - our names
                for table in ("releases", "repositories", "deliveries")
            ]
        finally:
            connection.close()
        return Ledger(*tables)
    return Ledger()
