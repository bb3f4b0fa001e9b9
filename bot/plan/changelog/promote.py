"""The changelog edit of a release: Unreleased becomes a version, or a drafted section is put in its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.packaging.problem import Problem
from bot.plan.changelog.headings import NewHeading, awaits_day, dated, marked, repointed, since
from bot.plan.changelog.parse import Changelog, Heading, LinkReference, Release, read_changelog
from bot.plan.changelog.rst import is_rst
from bot.plan.changelog.shared import Title, heading_of

_COMPARE = re.compile(r"(?P<base>.*/compare/)(?P<since>.+?)(?P<dots>\.\.\.?)(?P<until>[^.].*)")
_HEADING_LINK = re.compile(r"(?<=\]\()[^()\s]+(?=\))")


@dataclass(frozen=True, slots=True)
class Entry:
    """What goes into a changelog: a version of a package, and when."""

    version: str
    day: date
    tag: str
    names: tuple[str, ...]
    """The package's name and its tag's prefix, as headings may carry them."""
    registry: str = ""
    beside: tuple[Title, ...] = ()
    """Other packages that the same section is about."""
    held: tuple[range, ...] = ()
    """Lines under Unreleased that are other packages' and stay there."""
    closing: str = ""
    """What a section that a person wrote ends with besides."""

    @property
    def titles(self) -> tuple[Title, ...]:
        """All that the heading must carry."""
        return Title(self.version, self.names, self.registry), *self.beside


@dataclass(frozen=True, slots=True)
class Promoted:
    """A changelog with the section of a version in it."""

    content: bytes
    heading: str
    body: str
    drafted: bool
    existed: bool
    """Whether the section was there before; then at most its heading got a date."""


def needs_draft(
    changelog: Changelog,
    version: str | None,
    names: Sequence[str],
    registry: str = "",
    held: Sequence[range] = (),
) -> bool:
    """Whether nobody has written what a release of this version would say; `held` is written for other packages."""
    if version is not None and written_section(changelog, version, names, registry):
        return False
    apart = {number for lines in held for number in lines}
    return changelog.unreleased is None or changelog.is_empty(changelog.unreleased, apart)


def promoted(changelog: Changelog, entry: Entry, draft: str) -> Promoted | Problem:
    """The changelog after the release. `draft` is used only where `needs_draft` says so.

    A section that a person already wrote for the version is used as it is; only a heading that still says `unreleased`
    gets its day, and the version when a person expected another. The result is read again before it is given out: a
    Problem when the section does not come out as one.
    """
    existing = written_section(changelog, entry.version, entry.names, entry.registry)
    if existing:
        return _dated(changelog, existing, entry)
    drafting = needs_draft(changelog, entry.version, entry.names, entry.registry, entry.held)
    content = _edited(changelog, entry, None, draft) if drafting else _promoted(changelog, entry)
    again = read_changelog(changelog.path, {changelog.path: content}, sorted(changelog.names))
    made = again.release(entry.version, entry.names, entry.registry) if isinstance(again, Changelog) else None
    if not isinstance(again, Changelog) or made is None or _sections(again) != _sections(changelog) + 1:
        what = f"a section for {entry.version} would not be read as one: a comment or code block is open above it"
        return Problem(changelog.path, what, f"Write the section for {entry.version} by hand, or close what is open.")
    return Promoted(content, made.heading.text, again.body(made.heading), drafted=drafting, existed=False)


def _sections(changelog: Changelog) -> int:
    return len({release.heading.start for release in changelog.releases})


def written_section(changelog: Changelog, version: str, names: Sequence[str], registry: str = "") -> Release | None:
    """The section that a person wrote for the version: its own, or the newest when that is still `(unreleased)`."""
    existing, newest = changelog.release(version, names, registry), next(iter(changelog.of(names, registry)), None)
    if existing or newest is None or changelog.unreleased is not None or not awaits_day(newest):
        return existing
    return None if changelog.is_empty(newest.heading) else newest


def _dated(changelog: Changelog, existing: Release, entry: Entry) -> Promoted:
    """The section that is there; where its heading waits for a day, with this one."""
    written, body = existing.heading, changelog.body(existing.heading)
    text, lines = _with_day(changelog, existing, entry), list(changelog.lines)
    if text is None or not any(written.text in line for line in lines[written.start : written.end]):
        return Promoted(changelog.encoded(lines), written.text, body, drafted=False, existed=True)
    lines[written.start] = lines[written.start].replace(written.text, text, 1)
    if is_rst(changelog.path):
        lines[written.start : written.end] = marked(changelog, written, text)
    return Promoted(changelog.encoded(lines), text, body, drafted=False, existed=True)


def _with_day(changelog: Changelog, existing: Release, entry: Entry) -> str | None:
    """The heading with this day and the versions of this release; None for one that does not wait for its day."""
    like = changelog.of(entry.names, entry.registry)
    pairs = [release for release in changelog.releases if release.heading == existing.heading]
    if len(pairs) == 1:
        return dated(existing, like, entry.version, entry.day)
    text = dated(existing, like, existing.version, entry.day)
    for release in reversed(pairs if text else []):
        version = next((title.version for title in entry.titles if title.is_meant_by(release)), release.version)
        label = release.label.replace(release.version, version)
        text = f"{text[: release.start]}{label}{text[release.start + len(release.label) :]}" if text else None
    return text


def _promoted(changelog: Changelog, entry: Entry) -> bytes:
    """The file with the new heading under Unreleased; what is held there is moved above it."""
    unreleased = changelog.unreleased
    if unreleased is None or not entry.held:
        return _edited(changelog, entry, unreleased, "")
    place, apart = _below(changelog, unreleased), {number for lines in entry.held for number in lines}
    kept = "".join(changelog.lines[number] for number in sorted(apart)).rstrip("\r\n") + changelog.newline
    rest = [line for number, line in enumerate(changelog.lines) if number >= place and number not in apart]
    content = changelog.encoded([*changelog.lines[:place], changelog.newline, kept, *rest])
    moved = read_changelog(changelog.path, {changelog.path: content}, sorted(changelog.names))
    if not isinstance(moved, Changelog) or moved.unreleased is None:
        return content
    return _edited(moved, entry, moved.unreleased, "", held=_line_ends(kept) + 1)


def _edited(changelog: Changelog, entry: Entry, written: Heading | None, draft: str, held: int = 0) -> bytes:
    """The file with the new heading above what is `written` under Unreleased, or with a whole drafted section."""
    like = changelog.of(entry.names, entry.registry)
    heading = heading_of(changelog, entry.titles, entry.day)
    place, added = (
        _after_heading(changelog, written, heading, held) if written else _section(changelog, like, heading, draft)
    )
    insertions = {place: added}
    if written and entry.closing:
        end = changelog.end_of(written)
        insertions[end] = _closing(changelog, end, entry.closing)
    replaced = _relinked(changelog, like, heading.label, entry, insertions)
    lines: list[str] = []
    for number, line in enumerate((*changelog.lines, "")):
        lines += insertions.get(number, [])
        lines.append(replaced.get(number, line))
    return changelog.encoded(lines)


def _below(changelog: Changelog, unreleased: Heading) -> int:
    """The line below Unreleased and above its text; comments that guide writers stay with Unreleased."""
    text = "".join(changelog.lines[unreleased.end : changelog.end_of(unreleased)])
    guide = re.match(r"\s*<!--.*?-->[^\S\r\n]*(?:\r\n|\r|\n)", text, re.DOTALL)
    return unreleased.end + (_line_ends(guide[0]) if guide else 0)


def _line_ends(text: str) -> int:
    return len(re.findall(r"\r\n|\r|\n", text))


def _after_heading(changelog: Changelog, unreleased: Heading, heading: NewHeading, held: int) -> tuple[int, list[str]]:
    """The new heading goes below Unreleased and the lines that are held there, and above the rest of its text."""
    place, newline = _below(changelog, unreleased) + held, changelog.newline
    below = [newline, heading.date_line + newline] if heading.date_line else []
    return place, [newline, *heading.lines, *below]


def _section(changelog: Changelog, like: Sequence[Release], heading: NewHeading, draft: str) -> tuple[int, list[str]]:
    """A whole new section above the newest version, or at the end of a file that has none."""
    newline = changelog.newline
    if changelog.unreleased is not None:
        place = changelog.end_of(changelog.unreleased)
    else:
        place = like[0].heading.top if like else changelog.end_of_text
    before: list[str] = []
    if place and not changelog.lines[place - 1].endswith(("\r", "\n")):
        before.append(newline)
    if place and changelog.lines[place - 1].strip():
        before.append(newline)
    dated = [heading.date_line + newline, newline] if heading.date_line else []
    body = [line + newline for line in draft.split("\n")]
    after = [newline] if place < len(changelog.lines) and changelog.lines[place].strip() else []
    return place, [*before, *heading.lines, newline, *dated, *body, *after]


def _closing(changelog: Changelog, end: int, text: str) -> list[str]:
    """The lines that a section ends with, parted from what stands above; a list goes on where it is one line more."""
    above, newline = changelog.lines[end - 1], changelog.newline
    before = [] if above.endswith(("\r", "\n")) else [newline]
    if above.strip():
        before.append(newline)
    after = [newline] if end < len(changelog.lines) and changelog.lines[end].strip() else []
    return [*before, *(line + newline for line in text.split("\n")), *after]


def _relinked(
    changelog: Changelog, like: Sequence[Release], label: str, entry: Entry, insertions: dict[int, list[str]]
) -> dict[int, str]:
    """Repoint Unreleased's link and add the version's own, where this changelog keeps such links."""
    replaced: dict[int, str] = {}
    heading = changelog.unreleased
    if heading is not None and not heading.is_setext:
        line = changelog.lines[heading.start]
        replaced[heading.start] = _HEADING_LINK.sub(lambda url: _since(url[0], like, entry), line)
    references = {reference.label.lower(): reference for reference in changelog.references}
    called = heading.text.strip("[] ").lower() if heading else ""
    unreleased = references.get("unreleased") or references.get(called)
    newest = references.get(like[0].label.lower()) if like else None
    if label.lower() in references or (unreleased is None and newest is None):
        return replaced
    if unreleased is not None:
        url = _since(unreleased.url, like, entry)
        replaced[unreleased.line] = f"{unreleased.lead}{url}{unreleased.rest}"
    added = _reference(changelog, like, label, entry, newest, unreleased)
    if added is not None:
        place, text = added
        insertions[place] = [*insertions.get(place, []), text]
    return replaced


def _reference(
    changelog: Changelog,
    like: Sequence[Release],
    label: str,
    entry: Entry,
    newest: LinkReference | None,
    unreleased: LinkReference | None,
) -> tuple[int, str] | None:
    compared = _COMPARE.fullmatch(unreleased.url) if unreleased else None
    if compared:
        until, begin = _retagged(compared["since"], like, entry), compared["since"]
        if like:
            begin = begin.replace(like[0].version, since(like, like[0], entry.version))
        url = f"{compared['base']}{begin}{compared['dots']}{until}"
    elif newest:
        url = repointed(newest.url, like[0].version, entry.version, since(like, like[0], entry.version))
    else:
        return None
    text = f"[{label}]: {url}{changelog.newline}"
    if newest is None:
        return (unreleased.line + 1, _on_own_line(changelog, unreleased.line, text)) if unreleased else None
    older = {release.label.lower() for release in like[1:]}
    ascending = any(
        reference.line < newest.line and reference.label.lower() in older for reference in changelog.references
    )
    if not ascending:
        return newest.line, text
    return newest.line + 1, _on_own_line(changelog, newest.line, text)


def _on_own_line(changelog: Changelog, above: int, text: str) -> str:
    if changelog.lines[above].endswith(("\r", "\n")):
        return text
    return changelog.newline + text.rstrip("\r\n")


def _since(url: str, like: Sequence[Release], entry: Entry) -> str:
    compared = _COMPARE.fullmatch(url)
    if compared is None:
        return url
    return f"{compared['base']}{_retagged(compared['since'], like, entry)}{compared['dots']}{compared['until']}"


def _retagged(tag: str, like: Sequence[Release], entry: Entry) -> str:
    """The new tag, written as the link of the version before wrote its own."""
    old = like[0].version if like else ""
    return tag.replace(old, entry.version) if old and old in tag else entry.tag
