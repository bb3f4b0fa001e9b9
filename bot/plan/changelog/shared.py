"""Changelogs that several packages share: headings of several versions, and parts of Unreleased that are one's own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.plan.changelog.headings import NewHeading, date_line_of, in_style, marked, new_heading
from bot.plan.changelog.parse import Changelog, Heading, Release, plain, surface_of

_BETWEEN = " + "


@dataclass(frozen=True, slots=True)
class Title:
    """A version of a package, as a heading may carry it."""

    version: str
    names: tuple[str, ...]
    """The package's name and its tag's prefix."""
    registry: str = ""
    """Tells packages of one name apart where a heading says `(Python package)`; empty where nobody asks."""

    def is_meant_by(self, release: Release) -> bool:
        """Whether a heading's name and registry are this package's."""
        fits = release.registry in ("", self.registry) or not self.registry
        return fits and release.name in {plain(name) for name in self.names}


def newest(changelog: Changelog, titles: Sequence[Title]) -> tuple[Release, ...]:
    """All versions in the newest heading that is about one of these packages; empty when there is none."""
    found = [like[0] for title in titles if (like := changelog.of(title.names, title.registry))]
    first = min((release.heading.start for release in found), default=None)
    return tuple(release for release in changelog.releases if release.heading.start == first)


def heading_of(changelog: Changelog, titles: Sequence[Title], day: date) -> NewHeading:
    """One heading for the versions of several packages, as the newest heading about them is written.

    Packages in that heading which are not released stay out; released ones that are not in it are added by name,
    unless they share a version that is there already.
    """
    model = newest(changelog, titles)
    told = [release for release in model if any(title.is_meant_by(release) for title in titles)]
    if (not told or len(model) == 1) and len(titles) == 1 and not (model and model[0].note):
        like = changelog.of(titles[0].names, titles[0].registry)
        return new_heading(changelog, like, titles[0].version, day)
    if not told:
        one = new_heading(changelog, model, titles[0].version, day)
        more = _missing(titles[1:], {titles[0].version})
        text = one.text.replace(titles[0].version, _BETWEEN.join((titles[0].version, *more)), 1)
        return NewHeading(text, one.label, marked(changelog, model[0].heading if model else None, text), one.date_line)
    pairs, left = [], list(titles)
    for release in model:
        title = next((title for title in left if title.is_meant_by(release)), None)
        if title is not None:
            left.remove(title)
            pairs.append(_renewed(release, title.version))
    text = model[0].heading.text
    between = text[model[0].end : model[1].start] if len(model) > 1 else _BETWEEN
    written = between.join((*pairs, *_missing(left, {title.version for title in titles if title not in left})))
    text = in_style(text[: model[0].start], written, text[model[-1].end :], day)
    bracketed = re.match(r"\[([^\]]+)\]", text)
    label = bracketed[1] if bracketed else pairs[0]
    return NewHeading(text, label, marked(changelog, model[0].heading, text), date_line_of(changelog, model[0], day))


def held(changelog: Changelog, released: Sequence[Title], others: Sequence[Title]) -> tuple[range, ...]:
    """The lines directly under Unreleased in headings of packages that are not released: they stay there."""
    return tuple(
        range(heading.top, changelog.end_of(heading))
        for heading in _parts(changelog)
        if _is_of(heading, others, (*released, *others)) and not _is_of(heading, released, (*released, *others))
    )


def is_parted(changelog: Changelog, titles: Sequence[Title]) -> bool:
    """Whether all that stands under Unreleased stands in parts of single packages."""
    mine = [heading for heading in _parts(changelog) if _is_of(heading, titles, titles)]
    lines = {number for heading in mine for number in range(heading.top, changelog.end_of(heading))}
    return bool(mine) and changelog.unreleased is not None and changelog.is_empty(changelog.unreleased, lines)


def _parts(changelog: Changelog) -> list[Heading]:
    unreleased = changelog.unreleased
    if unreleased is None:
        return []
    end = changelog.end_of(unreleased)
    below = [heading for heading in changelog.headings if unreleased.start < heading.start < end]
    level = min((heading.level for heading in below), default=0)
    return [heading for heading in below if heading.level == level]


def _is_of(heading: Heading, titles: Sequence[Title], sharing: Sequence[Title]) -> bool:
    text = heading.text.strip("[]*_` :").lower()
    registry = surface_of(text)
    alone = sum(title.registry == registry for title in sharing) == 1
    named = {title.names[0].lower() for title in titles}
    return text in named or bool(registry and alone and any(title.registry == registry for title in titles))


def _renewed(release: Release, version: str) -> str:
    return release.label.replace(release.version, version) + release.note.replace(release.version, version)


def _missing(titles: Sequence[Title], there: set[str]) -> list[str]:
    """The packages to add: `lamp-py 0.4.0`."""
    return [f"{title.names[0]} {title.version}" for title in titles if title.version not in there]
