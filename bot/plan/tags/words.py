"""What the words of a tag format say about whose it is."""

import re
from collections.abc import Sequence

from bot.packaging.registry import REGISTRIES
from bot.plan.repository import Source

PLAIN = ("", "v", "V")
"""What stands before the version where a tag names nobody."""
BY_NAME = 3
"""The least score of a format with the package's name, or the last part of it."""


class Words:
    """Whose tags those with a prefix may be, by the names of all packages."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._plain = {source.key: _plain(source.name) for source in sources}
        self._names = frozenset(self._plain.values())
        self._scores: dict[tuple[str, str], int] = {}

    def fit(self, prefix: str, source: Source) -> int:
        """How well what stands before the version speaks of a package; below 0: of something else."""
        others = [registry for registry in REGISTRIES.values() if registry is not source.registry]
        score = self.name_score(prefix, source)
        score += 2 * bool(source.registry.tag_words.search(prefix))
        score -= 4 * any(other.tag_words.search(prefix) for other in others)
        return score + (prefix in PLAIN)

    def name_score(self, prefix: str, source: Source) -> int:
        """5 for a prefix with this package's name, 3 for its last part (`cli-v` of foo-cli), -8 for another's name."""
        if (prefix, source.key) not in self._scores:
            self._scores[prefix, source.key] = self._name_score(prefix, self._plain[source.key])
        return self._scores[prefix, source.key]

    def _name_score(self, prefix: str, own: str) -> int:
        plain = _plain(re.sub(r"[-_/@.]?v?$", "", prefix))
        if not plain or any(registry.tag_words.fullmatch(plain) for registry in REGISTRIES.values()):
            return 0
        if plain == own or plain.endswith(f"/{own}"):
            return 5
        if plain in self._names:
            return -8
        if own.endswith(f"-{plain}"):
            return 3
        longest = max((name for name in self._names if name in plain), key=len, default="")
        return 5 if longest == own else -8 if longest else -2


def _plain(name: str) -> str:
    return name.replace("_", "-").lower()
