"""Which tags a package gets, judged by the tags that are there and by the workflows that wait for tags."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.registry import REGISTRIES, Registry
from bot.packaging.versions import is_valid, pep440_of, semver_of
from bot.plan.paths import CONFIG_PATH
from bot.plan.repository import Source
from bot.workflows.files import FOLDER
from bot.workflows.releasing import Releasing

_VERSIONED = re.compile(r"(?P<prefix>.*?)(?P<version>\d+\.\d+.*)")
_PATTERN = re.compile(r"(?P<prefix>[^*?+\[\]!\\]*?)\d*[*?+\[](?:.*[*?+\]])?(?P<suffix>[^*?+\[\]\\]*)")
_PLAIN = ("", "v", "V")


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

    def __init__(self, sources: Sequence[Source], tags: Iterable[str], workflows: Sequence[Releasing]) -> None:
        self._sources = sources
        self._tags = list(tags)
        self._workflows = workflows
        self.problems: list[Problem] = []

    def find(self) -> Mapping[str, TagFormat]:
        """The format of every package, by package key; no two with versions of their own share one."""
        found: dict[str, TagFormat] = {}
        taken: dict[str, Source] = {}
        for source in self._sources:
            best = self._best(source)
            holder = taken.get(best.format) if best else None
            if best is None or (holder is not None and holder.place != source.place):
                best = self._default(source, taken)
            taken.setdefault(best.format, source)
            found[source.key] = best
        return found

    def publishers(self, registry: Registry) -> list[Releasing]:
        """The workflows that publish to a registry; where none is recognised, all that wait for tags."""
        publishing = [workflow for workflow in self._workflows if registry in workflow.publishes]
        return publishing or [
            workflow for workflow in self._workflows if workflow.tag_patterns and not workflow.publishes
        ]

    def _best(self, source: Source) -> TagFormat | None:
        for candidates in (self._from_tags(source), self._from_workflows(source)):
            scored = sorted(
                (TagFormat(made.format, made.source, self._score(made, source)) for made in candidates),
                key=lambda made: -made.score,
            )
            if scored and scored[0].score > 0:
                self._check_tie(source, scored)
                return scored[0]
        return None

    def _check_tie(self, source: Source, scored: list[TagFormat]) -> None:
        rivals = [made for made in scored if made.score == scored[0].score]
        current = [made for made in rivals if made.example(source.version or "") in self._tags]
        if len(current) > 1:
            examples = " and ".join(made.example(source.version or "") for made in current)
            what = f"{source.name} {source.version} has the tags {examples}, so its tag format is not clear"
            fix = f'Set it in {CONFIG_PATH}: `tag = "{current[0].format}"` for this package.'
            self.problems.append(Problem("tags", what, fix))

    def _from_tags(self, source: Source) -> list[TagFormat]:
        """Formats of the tags of the current version; of all tags when it has none yet."""
        version = source.version or ""
        spellings = {spelling for spelling in (version, pep440_of(version), semver_of(version)) if spelling}
        exact = {
            tag.removesuffix(spelling)
            for tag in self._tags
            for spelling in spellings
            if tag.endswith(spelling) and not tag.removesuffix(spelling).endswith((*"0123456789.",))
        }
        found = exact if self._is_named(exact, source) else exact | self._all_prefixes(source.registry)
        return [TagFormat(f"{_escaped(prefix)}{{version}}", "tags") for prefix in sorted(found)]

    def _is_named(self, prefixes: set[str], source: Source) -> bool:
        return any(self._score(TagFormat(f"{_escaped(prefix)}{{version}}", "tags"), source) > 1 for prefix in prefixes)

    def _all_prefixes(self, registry: Registry) -> set[str]:
        matches = (_VERSIONED.fullmatch(tag) for tag in self._tags)
        return {found["prefix"] for found in matches if found and is_valid(registry.scheme, found["version"])}

    def _from_workflows(self, source: Source) -> list[TagFormat]:
        found = []
        for workflow in self.publishers(source.registry):
            for pattern in workflow.tag_patterns:
                literal = _PATTERN.fullmatch(pattern)
                if literal and (literal["prefix"] or literal["suffix"]):
                    form = f"{_escaped(literal['prefix'])}{{version}}{_escaped(literal['suffix'])}"
                    found.append(TagFormat(form, f"{FOLDER}{workflow.name}"))
        return found

    def _score(self, made: TagFormat, source: Source) -> int:
        """How well a format fits a package; 0 and below: not at all."""
        prefix = made.format.partition("{version}")[0]
        waiting = [workflow for workflow in self.publishers(source.registry) if workflow.tag_patterns]
        score = 0
        if waiting:
            fires = any(
                workflow.starts_for(made.example(v)) for workflow in waiting for v in (source.version or "", "1.2.3")
            )
            score += 8 if fires else -8
        score += _name_score(prefix, source, self._sources)
        others = [registry for registry in REGISTRIES.values() if registry is not source.registry]
        score += 2 * bool(source.registry.tag_words.search(prefix))
        score -= 4 * any(other.tag_words.search(prefix) for other in others)
        if prefix in _PLAIN:
            score += 1 if source.place == self._sources[0].place else -1
        return score + (made.example(source.version or "") in self._tags)

    def _default(self, source: Source, taken: Mapping[str, Source]) -> TagFormat:
        if source.place == self._sources[0].place:
            return TagFormat("v{version}", "default")
        beside = source.registry.tag_beside
        if beside and beside not in taken and any(other.registry is not source.registry for other in self._sources):
            return TagFormat(beside, "default")
        name = f"{_escaped(source.name)}-v{{version}}"
        if name in taken and taken[name].place != source.place:
            name = f"{source.registry.tag_prefix}-{name}"
        return TagFormat(name, "default")


def _name_score(prefix: str, source: Source, sources: Sequence[Source]) -> int:
    """5 for a prefix with this package's name, 3 for its last part (`cli-v` of foo-cli), -8 for another's name."""
    plain = re.sub(r"[-_/@.]?v?$", "", prefix).replace("_", "-").lower()
    named = [other.name.replace("_", "-").lower() for other in sources]
    own = source.name.replace("_", "-").lower()
    if not plain or any(registry.tag_words.fullmatch(plain) for registry in REGISTRIES.values()):
        return 0
    if plain == own or plain.endswith(f"/{own}"):
        return 5
    if plain in named:
        return -8
    if own.endswith(f"-{plain}"):
        return 3
    longest = max((name for name in named if name in plain), key=len, default="")
    return 5 if longest == own else -8 if longest else -2


def _escaped(text: str) -> str:
    return text.replace("{", "").replace("}", "")
