"""The verdict on a run: the properties of the safety contract, judged one by one; and how the release ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaos.oracle.effects import (
    ended_truly,
    least_privilege,
    never_overwritten,
    no_silence,
    nothing_lost,
    once,
    refused_once,
)
from chaos.oracle.evidence import Evidence
from chaos.oracle.tags import (
    all_or_none,
    authorised_now,
    config_from_base,
    green_before_tag,
    published_keeps_its_tag,
    tags_never_move,
    tree_says_so,
)


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never happen."""

    property: str
    what: str

    def __str__(self) -> str:
        return f"{self.property}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the check."""

    violations: tuple[Violation, ...]
    ending: str
    checked: int


PROPERTIES: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    green_before_tag,
    tree_says_so,
    tags_never_move,
    published_keeps_its_tag,
    all_or_none,
    authorised_now,
    once,
    refused_once,
    never_overwritten,
    nothing_lost,
    no_silence,
    least_privilege,
    config_from_base,
    ended_truly,
)


def check(evidence: Evidence) -> Verdict:
    """Judge a run by all properties."""
    found = [
        Violation(judge.__name__.replace("_", "-"), what)
        for judge in PROPERTIES
        for what in dict.fromkeys(judge(evidence))
    ]
    return Verdict(tuple(found), evidence.ending(), len(PROPERTIES))
