"""Another registry that answers like crates.io, found from its one address."""

import msgspec

from bot.registries.reader import Reader


class _Config(msgspec.Struct):
    """`config.json` of a sparse index (https://doc.rust-lang.org/cargo/reference/registry-index.html)."""

    dl: str = ""


async def index_and_files(reader: Reader, url: str) -> tuple[str, str]:
    """The addresses of its index, at `/index` or at its root, and of its files, which the index tells."""
    for index in (f"{url}/index", url):
        body = await reader.get(f"{index}/config.json", accept="application/json")
        if not isinstance(body, bytes):
            continue
        config = reader.decode(body, _Config)
        if isinstance(config, _Config):
            files = config.dl.partition("/crates")[0] if config.dl.startswith(url) else url
            return index, files or url
    return url, url
