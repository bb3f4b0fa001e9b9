"""Who may publish a crate, as crates.io's API tells anybody."""

from urllib.parse import quote

import msgspec

from bot.registries.reader import Pace, Reader
from bot.release.found import Unreachable


class _Crate(msgspec.Struct):
    trustpub_only: bool = False


class _Answer(msgspec.Struct):
    crate: _Crate


async def takes_tokens(reader: Reader, pace: Pace, api_url: str, name: str) -> bool | Unreachable:
    """Whether a version can be published with a token: `trustpub_only` lets trusted publishers alone do it.

    https://github.com/rust-lang/crates.io/discussions/12276 asked for it; a crate that is not there takes a token.
    """
    url = f"{api_url}/api/v1/crates/{quote(name, safe='')}?include=default_version"
    body = await reader.get(url, accept="application/json", pace=pace)
    if not isinstance(body, bytes):
        return body or True
    answer = reader.decode(body, _Answer)
    return answer if isinstance(answer, Unreachable) else not answer.crate.trustpub_only
