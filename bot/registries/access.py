"""How the registries are reached."""

from dataclasses import dataclass
from typing import Protocol

import aiohttp

from bot.clock import Clock


class Sealed(Protocol):
    """A secret that shows itself only when asked to."""

    def reveal(self) -> str:
        """The value itself."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """The addresses are those below which the real services' paths follow, or of servers that answer like them.

    `/api/v1/crates/…` on `crates_api_url`, `/ed/ge/edgequake-llm` on `crates_index_url`, `/crates/…` and `/readmes/…`
    on `crates_static_url`, `/crate/…` on `docs_url`, `/simple/…` on `pypi_url`.
    """

    session: aiohttp.ClientSession
    user_agent: str
    """Who asks."""
    clock: Clock
    crates_api_url: str = "https://crates.io"
    crates_index_url: str = "https://index.crates.io"
    crates_static_url: str = "https://static.crates.io"
    docs_url: str = ""
    """Without one docs.rs is not asked."""
    crates_api_interval: float = 1.0
    """Seconds between API requests that crates.io asks every crawler to keep (https://crates.io/data-access)."""
    pypi_url: str = "https://pypi.org"
    yank_token: Sealed | None = None
    """The operator's, for crates.io."""
