"""What crates.io says of the crate, held against what the tree at the tag says."""

import re
from collections.abc import Iterator

from bot.registries.crates_io.facts import CrateFacts
from bot.release.model import ReleasePackage
from bot.release.verification.metadata import REBUILD, license_lines, repository_lines
from bot.release.verification.verdict import Line, Mark


def metadata_lines(package: ReleasePackage, found: CrateFacts) -> Iterator[Line]:
    """rust-version must agree: it decides who can build the crate. License and repository are noted."""
    promised = package.promises
    if promised.rust_version and _minor(found.rust_version) != _minor(promised.rust_version):
        text = f"rust-version is {found.rust_version or 'absent'}, the tree says {promised.rust_version}"
        yield Line(Mark.FAILED, text, found.url, REBUILD)
    yield from license_lines(package, found.license, found.url)
    links = (found.repository,) if found.repository else ()
    yield from repository_lines(package, links, found.url)


def _minor(rust_version: str | None) -> str | None:
    """`1.85.0` is `1.85`."""
    return rust_version and re.sub(r"^(\d+\.\d+)\.0$", r"\1", rust_version)
