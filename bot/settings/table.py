"""Every setting that there is: what it means, and what it is when nobody sets it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    meaning: str
    default: str | None = None
    """None: it must be set. Empty: it may be left out."""


SETTINGS: tuple[Setting, ...] = (
    Setting("GITHUB_APP_ID", "The App's id, from its settings page."),
    Setting("GITHUB_PRIVATE_KEY", "The App's private key (PEM; line breaks may be written as `\\n`).", ""),
    Setting("GITHUB_PRIVATE_KEY_PATH", "A file with that key, instead of the key itself.", ""),
    Setting("GITHUB_WEBHOOK_SECRET", "The webhook's secret; several, separated by commas, in a rotation."),
    Setting("GITHUB_API_URL", "GitHub's REST address.", "https://api.github.com"),
    Setting("DATABASE_URL", "SQLite (`sqlite:///FILE`) or PostgreSQL.", "sqlite:///shipmate.db"),
    Setting("WORKERS", "Repositories that one process works on at the same time.", "4"),
    Setting("LEASE_SECONDS", "How long a killed process's repository waits for another process.", "60"),
    Setting("HOST", "Address to listen on.", "0.0.0.0"),  # noqa: S104 - a container's door is meant to be open
    Setting("PORT", "Port to listen on.", "8080"),
    Setting("CRATES_API_URL", "crates.io's address.", "https://crates.io"),
    Setting("CRATES_INDEX_URL", "Its sparse index.", "https://index.crates.io"),
    Setting("CRATES_STATIC_URL", "Its files.", "https://static.crates.io"),
    Setting("DOCS_RS_URL", "docs.rs's address.", "https://docs.rs"),
    Setting("PYPI_URL", "PyPI's address.", "https://pypi.org"),
    Setting(
        "CRATES_IO_YANK_TOKEN",
        "A crates.io token with the scope `yank`, for `/release rollback`; without it the command to run is shown.",
        "",
    ),
    Setting("SENTRY_DSN", "Where errors are reported; nowhere when it is empty.", ""),
    Setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", "INFO"),
)


def settings_table() -> str:
    """The settings as a Markdown table."""
    rows = [("Setting", "Meaning", "Default"), ("---", "---", "---")]
    for setting in SETTINGS:
        default = "**required**" if setting.default is None else (f"`{setting.default}`" if setting.default else "")
        rows.append((f"`{setting.name}`", setting.meaning, default))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
