"""New release headings in the style of the ones that are there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.packaging.versions import is_prerelease
from bot.plan.changelog.parse import Changelog, Heading, Release
from bot.plan.changelog.rst import is_rst

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT_MONTHS = "|".join(month[:3] for month in _MONTHS.split("|"))
_DATES = (
    (
        re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:{_SHORT_MONTHS}) \d{{1,2}},? \d{{4}}"),
        "%a %b {two} %Y",
    ),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "%Y-%m-%d"),
    (re.compile(r"\d{4}/\d{2}/\d{2}"), "%Y/%m/%d"),
    (re.compile(r"\d{4}\.\d{2}\.\d{2}"), "%Y.%m.%d"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(rf"(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?, \d{{4}}"), "%B {day}, %Y"),
    (re.compile(rf"(?:{_SHORT_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?, \d{{4}}"), "%b {day}, %Y"),
    (re.compile(rf"\d{{1,2}}(?:st|nd|rd|th)? (?:{_MONTHS}) \d{{4}}"), "{day} %B %Y"),
    (re.compile(rf"\d{{1,2}}(?:st|nd|rd|th)? (?:{_SHORT_MONTHS}) \d{{4}}"), "{day} %b %Y"),
)
_BETWEEN = re.compile(r"[\])*_`]*(?:\([^()\s]*\))?[\s\-–—:,;|/(\[*_]*(?:released(?: on)?:?\s*)?[(\[*_]*", re.IGNORECASE)
_TAIL = re.compile(r"[\])*_`]*(?:\([^()\s]*://[^()\s]*\))?[\])*_`]*")
_UNDATED = re.compile(
    r"\b(?:unreleased|not (?:yet )?released|tb[ad]|yyyy-mm-dd|\d{4}-(?:xx|\?\?)-(?:xx|\?\?))(?!\w)", re.IGNORECASE
)
_DATE_LINE = re.compile(r"[*_]*(?:released(?: on)?:?\s*)?[*_]*(?P<date>[^*_]+?)[*_.]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewHeading:
    """A heading to insert: its text, its lines, and a line for the date where the house style has one below."""

    text: str
    label: str
    lines: tuple[str, ...]
    date_line: str | None = None


def new_heading(changelog: Changelog, like: tuple[Release, ...], version: str, day: date) -> NewHeading:
    """The heading of a new version, as this changelog writes them; Keep a Changelog's form in a file without any."""
    dated = next((release for release in like[:5] if _date_in(release.heading.text)), None)
    model = dated or next(iter(like), None)
    if model is None:
        beside = changelog.unreleased
        bare = is_rst(changelog.path) or (beside is not None and "[" not in beside.text)
        label = version if bare else f"[{version}]"
        text = f"{label} - {day:%Y-%m-%d}"
        return NewHeading(text, version, marked(changelog, beside, text))
    text = _filled(model, version, day, since(like, model, version))
    label = model.label.replace(model.version, version)
    date_line = None if dated else date_line_of(changelog, model, day)
    return NewHeading(text, label, marked(changelog, model.heading, text), date_line)


def awaits_day(release: Release) -> bool:
    """Whether the heading was written before its day was known: `0.5.0 (unreleased)`."""
    return _open_end(release) is not None


def dated(release: Release, like: tuple[Release, ...], version: str, day: date) -> str | None:
    """A heading that awaits its day, with the day and the version that it gets; None for any other heading."""
    text, open_end = release.heading.text, _open_end(release)
    if open_end is None:
        return None
    shapes = (found[1] for other in like if (found := _date_in(other.heading.text)))
    head = text[: open_end.start()].replace(release.version, version)
    return head + _formatted(day, next(shapes, "%Y-%m-%d")) + text[open_end.end() :]


def _open_end(release: Release) -> re.Match[str] | None:
    text = release.heading.text
    if _date_in(text) is not None:
        return None
    return _UNDATED.search(text, text.index(release.version) + len(release.version))


def since(like: Sequence[Release], before: Release, version: str) -> str:
    """The version that a new one is compared with: the one before, for a final release the final one before."""
    if is_prerelease(version) or not is_prerelease(before.version):
        return before.version
    finals = (release.version for release in like if not is_prerelease(release.version))
    return next(finals, before.version)


def repointed(url: str, old: str, new: str, begin: str = "") -> str:
    """The URL of a version made from that of the version before: `compare/v1...v2` begins where the old one ended.

    With `begin` it begins at that version.
    """
    compared = re.fullmatch(r"(?P<base>.*/compare/)(?P<since>.+?)(?P<dots>\.\.\.?)(?P<until>[^.].*)", url)
    if compared is None or old not in compared["until"]:
        return url.replace(old, new)
    until = compared["until"]
    return f"{compared['base']}{until.replace(old, begin or old)}{compared['dots']}{until.replace(old, new)}"


def _filled(model: Release, version: str, day: date, begin: str) -> str:
    """The model's text with the new version and date; codenames and `[YANKED]` are its own and stay behind."""
    text = model.heading.text
    start = text.index(model.version, text.index(model.label))
    end = start + len(model.version)
    found = _date_in(text)
    if found is None:
        tail = _TAIL.match(text, end)
        return _versioned(text[: tail.end() if tail else end], model.version, version, begin)
    written, shape = found
    if written.start() < start:  # the date comes first
        tail = _TAIL.match(text, end)
        head = text[: written.start()] + _formatted(day, shape)
        return head + _versioned(text[written.end() : tail.end() if tail else end], model.version, version, begin)
    between = text[end : written.start()]
    if not _BETWEEN.fullmatch(between):
        closed = _TAIL.match(between)
        between = (closed[0] if closed else "") + " - "
    tail = _TAIL.match(text, written.end())
    return (
        _versioned(text[:end] + between, model.version, version, begin)
        + _formatted(day, shape)
        + (tail[0] if tail else "")
    )


def in_style(lead: str, versions: str, tail: str, day: date) -> str:
    """A heading's text with other versions, and the day where and as the old one stands; codenames stay behind."""
    before, after = _date_in(lead), _date_in(tail)
    if before is not None:
        lead = lead[: before[0].start()] + _formatted(day, before[1]) + lead[before[0].end() :]
    if after is None:
        closed = _TAIL.match(tail)
        return lead + versions + (closed[0] if closed else "")
    written, shape = after
    between, closed = tail[: written.start()], _TAIL.match(tail, written.end())
    if not _BETWEEN.fullmatch(between):
        opened = _TAIL.match(between)
        between = (opened[0] if opened else "") + " - "
    return lead + versions + between + _formatted(day, shape) + (closed[0] if closed else "")


def _versioned(text: str, old: str, new: str, begin: str) -> str:
    linked = re.compile(r"\]\((?P<url>[^()\s]+)\)").search(text)
    if linked is None:
        return text.replace(old, new)
    head, tail = text[: linked.start("url")], text[linked.end("url") :]
    return head.replace(old, new) + repointed(linked["url"], old, new, begin) + tail.replace(old, new)


def _date_in(text: str) -> tuple[re.Match[str], str] | None:
    found = ((pattern.search(text), shape) for pattern, shape in _DATES)
    return next(((match, shape) for match, shape in found if match), None)


def _formatted(day: date, shape: str) -> str:
    return day.strftime(shape.replace("{day}", str(day.day)).replace("{two}", f"{day.day:02}"))


def date_line_of(changelog: Changelog, model: Release, day: date) -> str | None:
    """The line below a new heading, where the model's day stands below its heading."""
    first = changelog.body(model.heading).partition("\n")[0].strip()
    found = _date_in(first)
    alone = _DATE_LINE.fullmatch(first)
    if found is None or alone is None or alone["date"] != found[0][0]:
        return None
    return first.replace(found[0][0], _formatted(day, found[1]))


def marked(changelog: Changelog, model: Heading | None, text: str) -> tuple[str, ...]:
    """The lines of a heading with this text, marked or underlined as the model is."""
    newline = changelog.newline
    if model is None:
        return (f"{text}{newline}", "-" * len(text) + newline) if is_rst(changelog.path) else (f"## {text}{newline}",)
    line = changelog.lines[model.start]
    lead, found, _ = line.partition(model.text)
    if model.is_setext:
        line = changelog.lines[model.end - 1].strip()[:1] * len(text) + newline
        return (line, f"{text}{newline}", line) if model.end - model.start > 2 else (f"{text}{newline}", line)
    return (f"{lead if found else '#' * model.level + ' '}{text}{newline}",)
