"""Is everything that was promised on the registry? Asked after the publish run ended; the verdict with its evidence.

What is published cannot come later by itself once the run is over, so a missing file is a failure at once. What the
registry's own two views (what was uploaded; what cargo or pip reads) do not agree on is a cache on its way, and is
waited for as long as `Patience.propagation` says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.registries.facts import CrateVersion, PyPIRelease, Unreachable
from bot.release.facts import Patience, RegistryFacts
from bot.release.model import ReleasePackage
from bot.release.wheels import by_platform, gaps, misfits, tag_text

UPLOAD_WINDOW = timedelta(days=14)
"""PyPI refuses new files for a release that is older than this (since 2026-07-08)."""


class Mark(Enum):
    """How one line of the evidence stands."""

    OK = auto()
    FAILED = auto()
    WAITING = auto()
    NOTE = auto()
    """Worth knowing, holds nothing up."""


class State(Enum):
    """The verdict on one package."""

    COMPLETE = auto()
    PROPAGATING = auto()
    INCOMPLETE = auto()
    UNREACHABLE = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence, as plain text, with where to look."""

    mark: Mark
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one package on its registry."""

    package: ReleasePackage
    lines: tuple[Line, ...]
    state: State


def judge(
    package: ReleasePackage, found: RegistryFacts, *, published_at: datetime, now: datetime, patience: Patience
) -> Verdict:
    """The verdict on `package` by what was `found`; its publish run ended at `published_at`."""
    late = now - published_at >= timedelta(seconds=patience.propagation)
    awaited = Mark.FAILED if late else Mark.WAITING
    match found:
        case Unreachable():
            line = Line(Mark.WAITING, f"{found.registry} cannot be asked: {found.why}")
            return Verdict(package, (line,), State.UNREACHABLE)
        case CrateVersion():
            lines = _crate_lines(package, found, awaited)
        case PyPIRelease():
            lines = _pypi_lines(package, found, awaited, now)
    return Verdict(package, tuple(lines), _state(lines))


def _state(lines: list[Line]) -> State:
    marks = {line.mark for line in lines}
    if Mark.FAILED in marks:
        return State.INCOMPLETE
    return State.PROPAGATING if Mark.WAITING in marks else State.COMPLETE


def _crate_lines(package: ReleasePackage, found: CrateVersion, awaited: Mark) -> list[Line]:
    lines = [
        _there(found.in_api, "crates.io", package.new, awaited, found.url),
        _there(found.in_index, "the sparse index, which cargo reads,", package.new, awaited, None),
    ]
    if not (found.in_api or found.in_index):
        return lines
    if found.in_api and found.in_index:
        lines.append(_checksums(found))
    lines.append(_yank(found.yanked, package.new, found.url))
    if found.readme is not None:
        lines.append(_noted(found.readme, "README is rendered", "no README is rendered (yet)", found.url))
    return lines


def _noted(is_there: bool, there: str, absent: str, link: str) -> Line:
    """A note at most: whether the package means to have one is not known here."""
    return Line(Mark.OK, there) if is_there else Line(Mark.NOTE, absent, link)


def _checksums(found: CrateVersion) -> Line:
    if found.api_checksum is None or found.index_checksum is None:
        return Line(Mark.NOTE, "checksum is not told by both API and index")
    if found.api_checksum == found.index_checksum:
        return Line(Mark.OK, f"checksum is the same in API and index ({found.api_checksum[:12]}…)")
    # A version's file never changes, so this is no cache on its way.
    return Line(Mark.FAILED, f"checksum differs: API {found.api_checksum}, index {found.index_checksum}", found.url)


def _pypi_lines(package: ReleasePackage, found: PyPIRelease, awaited: Mark, now: datetime) -> list[Line]:
    uploaded = tuple(file.filename for file in found.files)
    files = tuple(dict.fromkeys((*uploaded, *found.index_files)))
    if not files:
        return [_there(False, "PyPI", package.new, awaited, found.url)]
    lines = [
        _there(True, "PyPI", package.new, awaited, found.url),
        *_file_lines(package, found, files),
        *_agreement(uploaded, found.index_files, awaited),
        _yank(found.yanked or any(file.yanked for file in found.files), package.new, found.url),
    ]
    if found.in_json:
        absent = "the project page has no description"
        lines.append(_noted(found.has_description, "description is there", absent, found.url))
    if any(line.mark is Mark.FAILED for line in lines):
        lines += _deadline(found, now)
    return lines


def _file_lines(package: ReleasePackage, found: PyPIRelease, files: tuple[str, ...]) -> list[Line]:
    """One line for each expected file; for each that is there when nothing was promised."""
    there = by_platform(files)
    wheels = {key: names for key, names in there.items() if key != "sdist"}
    unfit, partial = misfits(wheels, found.requires_python), gaps(wheels)
    lines = []
    for key in package.files or sorted(there):
        title = _title(key)
        if key not in there:
            lines.append(Line(Mark.FAILED, f"{title} is missing", found.url))
        elif key in unfit:
            text = f"{title} cannot be used: it is tagged {tag_text(there[key])}, expected is {unfit[key]}"
            lines.append(Line(Mark.FAILED, text, found.url))
        else:
            lines.append(Line(Mark.OK, title if key == "sdist" else f"{title} ({tag_text(there[key])})"))
            if key in partial:
                text = f"{title} does not serve CPython {', '.join(partial[key])}, most platforms do"
                lines.append(Line(Mark.NOTE, text, found.url))
    return lines


def _agreement(uploaded: tuple[str, ...], indexed: tuple[str, ...], awaited: Mark) -> list[Line]:
    """Whether what was uploaded is what pip sees; the caches of the two are filled one after the other."""
    unseen = [name for name in uploaded if name not in indexed]
    unlisted = [name for name in indexed if name not in uploaded]
    lines = []
    if unseen:
        lines.append(Line(awaited, f"pip's index does not list {', '.join(unseen)}"))
    if unlisted:
        lines.append(Line(awaited, f"PyPI's JSON API does not list {', '.join(unlisted)}"))
    return lines or [Line(Mark.OK, "pip's index lists every file")]


def _deadline(found: PyPIRelease, now: datetime) -> list[Line]:
    """Until when what is missing can still be uploaded; counted from the first file, the release may be older."""
    first = min((file.uploaded_at for file in found.files if file.uploaded_at), default=None)
    if first is None:
        return []
    until = first + UPLOAD_WINDOW
    if until <= now:
        return [Line(Mark.NOTE, f"PyPI takes no more files for it since {until:%Y-%m-%d}: publish a new version")]
    return [Line(Mark.NOTE, f"PyPI takes missing files until {until:%Y-%m-%d %H:%M} UTC; never other bytes of a name")]


def _there(is_there: bool, where: str, version: str, awaited: Mark, link: str | None) -> Line:
    if is_there:
        return Line(Mark.OK, f"{where} has {version}", link)
    return Line(awaited, f"{where} does not have {version}", link)


def _yank(yanked: bool, version: str, link: str) -> Line:
    return Line(Mark.FAILED, f"{version} is yanked", link) if yanked else Line(Mark.OK, "not yanked")


def _title(key: str) -> str:
    return {"sdist": "sdist", "any": "wheel for any platform"}.get(key, f"{key} wheel")
