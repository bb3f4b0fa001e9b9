"""What PyPI says of the package, held against what the tree at the tag says."""

from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bot.packaging.wheels import allowed_by
from bot.registries.pypi.facts import PyPIFacts
from bot.release.model import ReleasePackage
from bot.release.verification.metadata import REBUILD, license_lines, repository_lines
from bot.release.verification.verdict import Line, Mark, some_of


def metadata_lines(package: ReleasePackage, found: PyPIFacts) -> Iterator[Line]:
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
            yield Line(Mark.FAILED, text, found.url, REBUILD)
        else:
            yield Line(Mark.OK, f"requires-python is {promised.requires_python}, as in the tree")
    elif len({allowed_by(said) for said in per_file.values()}) > 1:
        said = "; ".join(sorted({said or "none" for said in per_file.values()}))
        then = "pip offers each file by its own: look which build made the odd one."
        yield Line(Mark.NOTE, f"its files do not agree on requires-python ({said})", found.url, then)
    yield from license_lines(package, found.license, found.url)
    yield from repository_lines(package, found.links, found.url)


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
