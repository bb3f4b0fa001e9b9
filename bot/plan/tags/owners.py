"""Whose tags those of one format are: told by the words in it, and by the versions that it was used for."""

from collections.abc import Iterator, Sequence

from bot.plan.repository import Source
from bot.plan.tags.history import Used, canonical, is_in_line, is_near
from bot.plan.tags.ties import Ties
from bot.plan.tags.words import BY_NAME, Words

_HABIT = 2
"""Tags of a format from which on it says something that packages of one version share it."""


def owners(used: Used, sources: Sequence[Source], ties: Ties, words: Words) -> list[Source]:
    """The packages that get tags of this format; several where they move together under it."""
    found = list(_owners(used, sources, ties, words))
    return [*found, *(source for source in sources if source not in found and _joins(used, source, found, ties))]


def has_tag(used: Used, source: Source) -> bool:
    """Whether the version that the tree says is tagged so."""
    return canonical(source.version or "") in used.by_version


def is_last(used: Used, source: Source) -> bool:
    """Whether the version that the tree says is the last one that is tagged so."""
    return canonical(source.version or "") in used.last


def _owners(used: Used, sources: Sequence[Source], ties: Ties, words: Words) -> Iterator[Source]:
    possible = _possible(used, sources, words)
    leader = _leader(used, possible, words)
    if leader is None:
        return
    version = canonical(leader.version or "")
    for source in possible:
        shares_place = source.place is not None and source.place == leader.place
        is_habit = len(used.tags) >= _HABIT or ties.are_exact(source, leader)
        if source is leader or shares_place or (is_habit and canonical(source.version or "") == version):
            yield source


def _possible(used: Used, sources: Sequence[Source], words: Words) -> list[Source]:
    """Those whom its words do not rule out; those whom they name, where they name some."""
    fits = {source.key: words.fit(used.prefix, source) for source in sources}
    named = [s for s in sources if words.name_score(used.prefix, s) >= BY_NAME and fits[s.key] > 0]
    fitting = [source for source in sources if fits[source.key] >= 2]
    return named or fitting or [source for source in sources if fits[source.key] >= -2]


def _leader(used: Used, possible: Sequence[Source], words: Words) -> Source | None:
    """The first of those to whose version the tags come nearest."""
    last = used.last
    if not possible:
        return None
    first = possible[0]
    if first.folder == "." and any(is_near(first.version or "", version) for version in last):
        return first
    tiers = (
        [source for source in possible if is_last(used, source)],
        [s for s in possible if has_tag(used, s) and any(is_in_line(s.version or "", version) for version in last)],
        [s for s in possible if any(is_near(s.version or "", version) for version in last)],
        [source for source in possible if has_tag(used, source)],
    )
    found = next((tier[0] for tier in tiers if tier), None)
    return found or (first if words.fit(used.prefix, first) > 0 else None)


def _joins(used: Used, source: Source, others: Sequence[Source], ties: Ties) -> bool:
    """Whether a package goes with others under their tags: its version is tagged so, and it is theirs by its manifest.

    One that they require at exactly this version may be behind them, where it did not change.
    """
    if not others or not has_tag(used, source):
        return False
    in_line = any(is_in_line(source.version or "", version) for version in used.last)
    if in_line and any(ties.are_exact(source, other) for other in others):
        return True
    built = any(ties.are_built(source, other) for other in others)
    return is_last(used, source) and built and len(used.tags) >= _HABIT
