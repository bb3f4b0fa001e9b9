"""The tag format of each package: the one in use, else what its publish workflow waits for, else a usual one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.paths import CONFIG_PATH
from bot.plan.repository import Source
from bot.plan.tags.history import History, Used, canonical, is_near
from bot.plan.tags.owners import has_tag, is_last, owners
from bot.plan.tags.ties import Ties
from bot.plan.tags.words import PLAIN, Words
from bot.workflows.files import FOLDER
from bot.workflows.releasing import Releasing

_PATTERN = re.compile(r"(?P<prefix>[^*?+\[\]!\\]*?)\d*[*?+\[](?:.*[*?+\]])?(?P<suffix>[^*?+\[\]\\]*)")
_NEXT = "1.2.3"


@dataclass(frozen=True, slots=True)
class TagFormat:
    """A tag format and what it was read from."""

    format: str
    source: str
    score: int = 0

    def example(self, version: str) -> str:
        """The tag of a version."""
        return self.format.replace("{version}", version)


class TagFormats:
    """Finds the tag format of each package. The first package is the primary one, which may have the plain `v…`."""

    def __init__(self, sources: Sequence[Source], history: History, workflows: Sequence[Releasing], ties: Ties) -> None:
        self._sources = sources
        self._history = history
        self._workflows = workflows
        self._ties = ties
        self._words = Words(sources)
        self._owners = {prefix: owners(used, sources, ties, self._words) for prefix, used in history.formats.items()}
        self.problems: list[Problem] = []

    def find(self) -> Mapping[str, TagFormat]:
        """The format of every package, by package key. Those share one that moved together under it, or must."""
        found: dict[str, TagFormat] = {}
        taken: dict[str, list[Source]] = {}
        for source in self._sources:
            made = self._from_history(source) or self._usual(source, taken)
            taken.setdefault(made.format, []).append(source)
            found[source.key] = made
        return found

    def publishers(self, registry: Registry) -> list[Releasing]:
        """The workflows that publish to a registry; where none is recognised, all that wait for tags."""
        publishing = [workflow for workflow in self._workflows if registry in workflow.publishes]
        return publishing or [
            workflow for workflow in self._workflows if workflow.tag_patterns and not workflow.publishes
        ]

    def _from_history(self, source: Source) -> TagFormat | None:
        """The format in use: not given up long ago, used for this very version, by the words that are in it."""
        owned = [used for prefix, used in self._history.formats.items() if source in self._owners[prefix]]
        is_first = source.place == self._sources[0].place
        old = [used for used in owned if is_first or self._words.fit(used.prefix, source) >= 2]
        alive = [used for used in owned if used.alive] or old
        ranked = sorted(alive, key=lambda used: self._rank(used, source), reverse=True)
        if not ranked:
            return None
        self._check_tie(source, ranked)
        return TagFormat(ranked[0].format, self._told(ranked[0], source))

    def _rank(self, used: Used, source: Source) -> tuple[int, object, int]:
        """By what it says; of equals the one that was used last, and more often."""
        score = max(self._words.fit(used.prefix, source), -2)
        score += 6 if is_last(used, source) else 3 if has_tag(used, source) else 0
        score += 2 * is_near(source.version or "", used.highest.version)
        score -= 3 * (not used.finals)
        waiting = self._waiting(source)
        if waiting:
            score += 3 if self._is_heard(used.format, source) else -3
        return score, used.latest.date, len(used.tags)

    def _check_tie(self, source: Source, ranked: Sequence[Used]) -> None:
        """Two tags of one version, made together, and none of the two formats is the usual one."""
        first = ranked[0]
        rivals = [
            used
            for used in ranked
            if has_tag(used, source)
            and self._rank(used, source)[:2] == self._rank(first, source)[:2]
            and 2 * len(used.tags) > len(first.tags)
        ]
        if len(rivals) > 1:
            tags = " and ".join(used.by_version[canonical(source.version or "")].tag.name for used in rivals)
            what = f"{source.name} {source.version} has the tags {tags}, so its tag format is not clear"
            fix = f'Set it in {CONFIG_PATH}: `tag = "{first.format}"` for this package.'
            self.problems.append(Problem("tags", what, fix))

    def _told(self, chosen: Used, source: Source) -> str:
        """What was chosen and why: the tags with it, and what others it is preferred to."""
        others = [
            f"{used.format} was used last for {used.latest.tag.name}"
            + (f" of {used.latest.tag.date:%Y-%m-%d}" if used.latest.tag.date else "")
            for prefix, used in self._history.formats.items()
            if used is not chosen and not used.alive and self._speaks_of(prefix, source)
        ]
        return "; ".join((f"tags: {chosen.told()}", *others))

    def _speaks_of(self, prefix: str, source: Source) -> bool:
        return source in self._owners[prefix] or self._words.fit(prefix, source) > 0

    def _usual(self, source: Source, taken: Mapping[str, list[Source]]) -> TagFormat:
        """Without tags: what the workflow waits for, or a usual name; another's, where both can only move together."""
        made = self._from_workflows(source)
        if made is None or self._is_anothers(made.format, source, taken):
            made = self._default(source, taken)
        for shared, holders in taken.items():
            if shared != made.format and self._must_share(made.format, shared, source, holders):
                names = ", ".join(holder.name for holder in holders)
                return TagFormat(shared, f"moves with {names}")
        return made

    def _is_anothers(self, tag_format: str, source: Source, taken: Mapping[str, list[Source]]) -> bool:
        holders = taken.get(tag_format, ())
        return any(holder.place != source.place or source.place is None for holder in holders)

    def _must_share(self, own: str, shared: str, source: Source, holders: Sequence[Source]) -> bool:
        """Whether a package of one version with others needs that exact version of them, or is only heard with them."""
        same = [each for each in holders if canonical(each.version or "") == canonical(source.version or "")]
        if not same or source.version is None:
            return False
        if any(self._ties.are_exact(source, holder) or source.place == holder.place for holder in same):
            return True
        return bool(self._waiting(source)) and self._is_heard(shared, source) and not self._is_heard(own, source)

    def _from_workflows(self, source: Source) -> TagFormat | None:
        scored = [
            TagFormat(made.format, made.source, score)
            for made in self._waited_for(source)
            if (score := self._score(made, source)) > 0
        ]
        return max(scored, key=lambda made: made.score, default=None)

    def _waited_for(self, source: Source) -> Iterator[TagFormat]:
        for workflow in self.publishers(source.registry):
            for pattern in workflow.tag_patterns:
                literal = _PATTERN.fullmatch(pattern)
                if literal and (literal["prefix"] or literal["suffix"]):
                    form = f"{_escaped(literal['prefix'])}{{version}}{_escaped(literal['suffix'])}"
                    yield TagFormat(form, f"{FOLDER}{workflow.name}")

    def _score(self, made: TagFormat, source: Source) -> int:
        """How well a format that a workflow waits for fits a package; 0 and below: not at all."""
        prefix = made.format.partition("{version}")[0]
        score = 8 if self._is_heard(made.format, source) else -8
        score += self._words.fit(prefix, source)
        return score - 2 * (prefix in PLAIN and source.place != self._sources[0].place)

    def _waiting(self, source: Source) -> list[Releasing]:
        return [workflow for workflow in self.publishers(source.registry) if workflow.tag_patterns]

    def _is_heard(self, tag_format: str, source: Source) -> bool:
        """Whether a tag of this format starts a workflow that publishes the package, or may."""
        examples = [tag_format.replace("{version}", version) for version in (source.version or "", _NEXT)]
        return any(workflow.starts_for(tag) for workflow in self._waiting(source) for tag in examples)

    def _default(self, source: Source, taken: Mapping[str, list[Source]]) -> TagFormat:
        if source.place == self._sources[0].place:
            return TagFormat("v{version}", "default")
        if like := self._like_siblings(source):
            return like
        beside = source.registry.tag_beside
        if beside and beside not in taken and any(other.registry is not source.registry for other in self._sources):
            return TagFormat(beside, "default")
        name = f"{_escaped(source.name)}-v{{version}}"
        if self._is_anothers(name, source, taken):
            name = f"{source.registry.tag_prefix}-{name}"
        return TagFormat(name, "default")

    def _like_siblings(self, source: Source) -> TagFormat | None:
        """As the packages are tagged that have tags with their names: `rust/NAME@…`."""
        for prefix, used in self._history.formats.items():
            for other in self._sources:
                is_named = self._words.name_score(prefix, other) == 5 and other.name in prefix
                if used.alive and is_named and other.registry is source.registry and len(used.tags) > 1:
                    head, _, tail = prefix.rpartition(other.name)
                    form = f"{_escaped(head + source.name + tail)}{{version}}"
                    return TagFormat(form, f"default, as {used.latest.tag.name}")
        return None


def _escaped(text: str) -> str:
    return text.replace("{", "").replace("}", "")
