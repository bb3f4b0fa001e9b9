"""Yanking on crates.io with the operator's token: the one thing that is ever changed on a registry.

https://github.com/rust-lang/crates.io: `PATCH /api/v1/crates/{crate}/{version}`, which takes a message for those who
depend on the version. Doing it twice is doing it once.
"""

from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.registries.access import Access
from bot.registries.adapter import Refused
from bot.registries.reader import TIME_OUT
from bot.release.found import Unreachable

MOST_SHOWN = 300
"""Characters of a refusal that are handed on."""


async def yank(access: Access, name: str, version: str, message: str) -> Refused | Unreachable | None:
    """Yank a version; None when that is done. Nothing is raised.

    The token is shown to crates.io only, and never to where a redirect leads.
    """
    if access.yank_token is None:
        return Refused("crates.io", "no token for yanking is configured")
    token, api = access.yank_token.reveal(), access.crates_api_url.rstrip("/")
    url = URL(f"{api}/api/v1/crates/{quote(name, safe='')}/{quote(version, safe='')}", encoded=True)
    wanted = {"version": {"yanked": True, "yank_message": message}}
    headers = {"Authorization": token, "User-Agent": access.user_agent}
    timeout = aiohttp.ClientTimeout(total=TIME_OUT)
    try:
        async with access.session.patch(
            url, json=wanted, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            if response.status == 200:
                return None
            if response.status == 429 or not 400 <= response.status < 500:
                return Unreachable("crates.io", f"HTTP {response.status} from {url.host}")
            said = (await response.content.read(MOST_SHOWN)).decode("utf-8", errors="replace")
    except (aiohttp.ClientError, TimeoutError) as failure:
        return Unreachable("crates.io", f"{url.host} could not be asked to yank ({type(failure).__name__})")
    return Refused("crates.io", f"HTTP {response.status}: {said.replace(token, '…')}")
