"""What a registry says of a package, held against what the tree at the tag says: what every registry has."""

from collections.abc import Iterator

from bot.release.model import ReleasePackage
from bot.release.verification.verdict import Line, Mark

REBUILD = "Look from which tree it was built; metadata cannot be changed after publishing, only by the next version."


def license_lines(package: ReleasePackage, found: str | None, link: str) -> Iterator[Line]:
    """A note where it is another license than the tree names."""
    promised = package.promises.license
    if (
        promised
        and found
        and " ".join(found.split()).lower() != " ".join(promised.split()).lower()
        and len(found) < 100
    ):
        yield Line(Mark.NOTE, f"license is {found}, the tree says {promised}", link, REBUILD)


def repository_lines(package: ReleasePackage, links: tuple[str, ...], link: str) -> Iterator[Line]:
    """A note where none of its links leads to the repository that the tree names."""
    promised = package.promises.repository
    if promised and links and _address(promised) not in {_address(each) for each in links}:
        yield Line(Mark.NOTE, f"it does not name the repository {promised} that the tree names", link, REBUILD)


def _address(url: str) -> str:
    """Comparable, however it is written: `git@github.com:o/r.git` is `https://github.com/o/r`."""
    text = url.strip().lower().partition("#")[0].rstrip("/").removesuffix(".git")
    _, is_url, rest = text.partition("://")
    rest = rest if is_url else text.replace(":", "/", 1)
    return rest.removeprefix("git@").removeprefix("www.")
