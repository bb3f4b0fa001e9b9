"""The verdict on a PyPI release: every file, what pip makes of them, and where they come from."""

from collections.abc import Iterator
from dataclasses import replace

from bot.registries.pypi.facts import PyPIFacts, ReleaseFile
from bot.registries.pypi.judging.file_lines import file_lines
from bot.registries.pypi.judging.files import Files
from bot.registries.pypi.judging.floors import floor_lines
from bot.registries.pypi.judging.history import Neighbours, neighbours, parsed, what_pip_takes, window
from bot.registries.pypi.judging.installable import install_lines
from bot.registries.pypi.judging.metadata import metadata_lines
from bot.registries.pypi.judging.origin import origin_lines
from bot.registries.pypi.judging.uploads import deadline_lines, is_closed, size_lines, upload_lines
from bot.release.model import ReleasePackage
from bot.release.verification.verdict import Circumstances, Line, Mark, short, some_of

_NEVER_CAME = "Look at the publish job's log, and run it again."
_HIDDEN = "PyPI shows no file of a project in quarantine; nobody can tell whether the upload went through."
_GONE = (
    "It was deleted, or quarantined by PyPI: look at the project's page and your mail from PyPI. A deleted version's "
    "files cannot be uploaded again; publish the next version."
)


def pypi_lines(package: ReleasePackage, found: PyPIFacts, circumstances: Circumstances) -> Iterator[Line]:
    """Every piece of evidence about a release on PyPI."""
    yield from _status(found)
    files = files_of(found)
    if not files:
        yield _absent(package, found, circumstances)
        return
    around, names = neighbours(found), tuple(file.filename for file in files)
    held = Files(
        names=names,
        promised=package.files,
        may_fail=package.promises.may_fail,
        requires_python=found.requires_python,
        neighbours=around,
        window=window(min((file.uploaded_at for file in files if file.uploaded_at), default=None)),
        is_closed=is_closed(files, circumstances.now),
        interpreters=package.promises.pythons,
        guessed=package.promises.guessed,
        partial=package.promises.partial,
    )
    yield Line(Mark.OK, f"PyPI has {package.new}", found.url)
    of_files = list(file_lines(held, circumstances, found.url))
    yield from of_files
    yield from install_lines(held)
    yield from _agreement(found, circumstances)
    yield _yank(package, found)
    yield from _description(package, found)
    yield from metadata_lines(package, found)
    yield from origin_lines(package, found, circumstances.origin, _had_provenance(around))
    yield from _newest(package, found)
    yield from upload_lines(files, found.url)
    yield from floor_lines(names, around, found.url)
    yield from size_lines(files, around, held, found.url)
    if any(line.mark in (Mark.FAILED, Mark.WAITING) for line in of_files):
        yield from deadline_lines(found, files, circumstances.now)


def files_of(found: PyPIFacts) -> tuple[ReleaseFile, ...]:
    """The release's files, whichever side tells of them; what one does not say of a file the other may."""
    indexed = {file.filename: file for release in found.releases for file in release.files}
    files = {file.filename: _filled(file, indexed.get(file.filename)) for file in found.files}
    for name in found.index_files:
        files.setdefault(name, indexed.get(name, ReleaseFile(name, "", None, None, None, yanked=False)))
    return tuple(files.values())


def _filled(file: ReleaseFile, other: ReleaseFile | None) -> ReleaseFile:
    if other is None:
        return file
    return replace(
        file, size=file.size or other.size, uploaded_at=file.uploaded_at or other.uploaded_at,
        requires_python=file.requires_python or other.requires_python,
    )  # fmt: skip


def _status(found: PyPIFacts) -> Iterator[Line]:
    link = found.project_url or found.url
    if found.status == "quarantined":
        then = (
            "Nothing of the project can be installed. Read PyPI's mail to its owners, and write to security@pypi.org."
        )
        yield Line(Mark.FAILED, "PyPI has quarantined the project", link, then)
    elif found.status in ("archived", "deprecated"):
        then = "If it goes on, say so in the project's settings on PyPI."
        yield Line(Mark.NOTE, f"the project is marked as {found.status} on PyPI", link, then)


def _absent(package: ReleasePackage, found: PyPIFacts, circumstances: Circumstances) -> Line:
    if circumstances.origin.seen_before:
        return Line(circumstances.awaited, f"PyPI had {package.new}, and it is gone", found.url, _GONE)
    then = _HIDDEN if found.status == "quarantined" else _NEVER_CAME
    return Line(circumstances.awaited, f"PyPI does not have {package.new}", found.url, then)


def _agreement(found: PyPIFacts, circumstances: Circumstances) -> Iterator[Line]:
    """Whether what was uploaded is what pip sees; the caches of the two are filled one after the other."""
    uploaded = tuple(file.filename for file in found.files)
    unseen = [name for name in uploaded if name not in found.index_files]
    unlisted = [name for name in found.index_files if name not in uploaded]
    if unseen:
        stale = ", it is older" if found.stale_index else ""
        then = "PyPI's caches usually agree within minutes; after half an hour, look at https://status.python.org."
        yield Line(circumstances.awaited, f"pip's index does not list {some_of(unseen)}{stale}", None, then)
    if unlisted and not found.json_served:
        yield Line(Mark.NOTE, "no JSON API is served here: judged by pip's index alone")
    elif unlisted:
        then = "If it stays so, the version was deleted or quarantined, and pip's index is a stale copy."
        yield Line(circumstances.awaited, f"PyPI's JSON API does not list {some_of(unlisted)}", None, then)
    if not unseen and not (unlisted and found.json_served):
        yield Line(Mark.OK, "pip's index lists every file")
    indexed = {file.filename: file.sha256 for release in found.releases for file in release.files}
    for file in found.files:
        other = indexed.get(file.filename)
        if other and file.sha256 and other != file.sha256:
            text = f"{file.filename} has SHA-256 {short(file.sha256)}… in the JSON API and {short(other)}… in the index"
            yield Line(Mark.FAILED, text, found.url, "A file never changes on PyPI: tell security@pypi.org.")


def _yank(package: ReleasePackage, found: PyPIFacts) -> Line:
    if not (found.yanked or any(file.yanked for file in found.files)):
        return Line(Mark.OK, "not yanked")
    reason = f": {found.yanked_reason}" if found.yanked_reason else ""
    then = (
        "pip takes it only when it is pinned. If that was a mistake, un-yank it on the project's release page on PyPI; "
        "else publish a fixed version."
    )
    return Line(Mark.FAILED, f"{package.new} is yanked{reason}", found.url, then)


def _description(package: ReleasePackage, found: PyPIFacts) -> Iterator[Line]:
    if found.has_description:
        yield Line(Mark.OK, "description is there")
    elif found.has_description is not None:
        promised = package.promises.readme
        then = "Name the README as `readme` in pyproject.toml; a published version cannot be changed, the next has it."
        if promised is not False:
            mark = Mark.FAILED if promised else Mark.NOTE
            yield Line(mark, "the project page has no description", found.url, then)


def _had_provenance(around: Neighbours) -> str | None:
    before = around.before[0] if around.before else None
    return before.version if before and any(file.has_provenance for file in before.files) else None


def _newest(package: ReleasePackage, found: PyPIFacts) -> Iterator[Line]:
    """What `pip install NAME` takes; a version that pip does not see yet has a line of its own."""
    this, taken = parsed(package.new), what_pip_takes(found.releases)
    command = f"pip install {found.name}"
    if this is None or not found.index_files or found.yanked:
        return
    if taken is None or parsed(taken) == this:
        if taken:
            yield Line(Mark.OK, f"{command} takes it")
        return
    newer = (parsed(taken) or this) > this
    if this.is_prerelease:
        yield Line(Mark.NOTE, f"a prerelease: {command} takes {taken}")
    elif newer:
        yield Line(Mark.NOTE, f"{command} takes {taken}, which is newer")
    else:
        then = "None of its files can be used by a Python that it supports: see the lines above."
        yield Line(Mark.FAILED, f"{command} falls back to {taken}", found.url, then)
