"""What the registry says of the package, held against what the tree at the tag says."""

import re
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.packaging.wheels import allowed_by
from bot.registries.facts import CrateVersion, PyPIRelease
from bot.release.model import ReleasePackage
from bot.release.verification.verdict import Line, Mark, some_of

_REBUILD = "Look from which tree it was built; metadata cannot be changed after publishing, only by the next version."


def crate_lines(package: ReleasePackage, found: CrateVersion) -> Iterator[Line]:
    """rust-version must agree: it decides who can build the crate. License and repository are noted."""
    promised = package.promises
    if promised.rust_version and _minor(found.rust_version) != _minor(promised.rust_version):
        text = f"rust-version is {found.rust_version or 'absent'}, the tree says {promised.rust_version}"
        yield Line(Mark.FAILED, text, found.url, _REBUILD)
    yield from _license(package, found.license, found.url)
    links = (found.repository,) if found.repository else ()
    yield from _repository(package, links, found.url)


def pypi_lines(package: ReleasePackage, found: PyPIRelease) -> Iterator[Line]:
    """requires-python must agree, in every file: it decides who gets the release."""
    promised = package.promises
    per_file = {file.filename: file.requires_python for file in found.files}
    if not per_file:
        indexed = (file for release in found.releases for file in release.files if file.filename in found.index_files)
        per_file = {file.filename: file.requires_python for file in indexed}
    if promised.requires_python is not None:
        wrong = [name for name, said in per_file.items() if not _same(said, promised.requires_python)]
        if wrong or (not per_file and not _same(found.requires_python, promised.requires_python)):
            said = next((per_file[name] for name in wrong), found.requires_python)
            what = "every file" if len(wrong) == len(per_file) else some_of(wrong)
            text = f"requires-python is {said or 'absent'} in {what}, the tree says {promised.requires_python}"
            yield Line(Mark.FAILED, text, found.url, _REBUILD)
        else:
            yield Line(Mark.OK, f"requires-python is {promised.requires_python}, as in the tree")
    elif len({allowed_by(said) for said in per_file.values()}) > 1:
        said = "; ".join(sorted({said or "none" for said in per_file.values()}))
        then = "pip offers each file by its own: look which build made the odd one."
        yield Line(Mark.NOTE, f"its files do not agree on requires-python ({said})", found.url, then)
    yield from _license(package, found.license, found.url)
    yield from _repository(package, found.links, found.url)


def _license(package: ReleasePackage, found: str | None, link: str) -> Iterator[Line]:
    promised = package.promises.license
    if (
        promised
        and found
        and " ".join(found.split()).lower() != " ".join(promised.split()).lower()
        and len(found) < 100
    ):
        yield Line(Mark.NOTE, f"license is {found}, the tree says {promised}", link, _REBUILD)


def _repository(package: ReleasePackage, links: tuple[str, ...], link: str) -> Iterator[Line]:
    promised = package.promises.repository
    if promised and links and _address(promised) not in {_address(each) for each in links}:
        yield Line(Mark.NOTE, f"it does not name the repository {promised} that the tree names", link, _REBUILD)


def _address(url: str) -> str:
    """Comparable, however it is written: `git@github.com:o/r.git` is `https://github.com/o/r`."""
    text = url.strip().lower().partition("#")[0].rstrip("/").removesuffix(".git")
    _, is_url, rest = text.partition("://")
    rest = rest if is_url else text.replace(":", "/", 1)
    return rest.removeprefix("git@").removeprefix("www.")


def _minor(rust_version: str | None) -> str | None:
    """`1.85.0` is `1.85`."""
    return rust_version and re.sub(r"^(\d+\.\d+)\.0$", r"\1", rust_version)


def _same(one: str | None, other: str) -> bool:
    """Whether both let the same Pythons in, however they are written."""
    try:
        return SpecifierSet(one or "") == SpecifierSet(other) or (
            allowed_by(one) == allowed_by(other) and _plain(one) and _plain(other)
        )
    except InvalidSpecifier:
        return one == other


def _plain(text: str | None) -> bool:
    """Whether no bound lies within a minor version, so that comparing minor versions is enough."""
    return all(spec.version.count(".") <= 1 or spec.version.endswith((".0", ".*")) for spec in SpecifierSet(text or ""))
