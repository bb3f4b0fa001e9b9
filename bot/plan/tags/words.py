"""What the words of a tag format say about whose it is."""

import re
from collections.abc import Sequence

from bot.packaging.registry import REGISTRIES
from bot.plan.repository import Source

PLAIN = ("", "v", "V")
"""What stands before the version where a tag names nobody."""
NAMED = 3
"""The least score of a format with the package's name, or the last part of it."""


def fit(prefix: str, source: Source, sources: Sequence[Source]) -> int:
    """How well what stands before the version speaks of a package; below 0: of something else."""
    others = [registry for registry in REGISTRIES.values() if registry is not source.registry]
    score = name_score(prefix, source, sources)
    score += 2 * bool(source.registry.tag_words.search(prefix))
    score -= 4 * any(other.tag_words.search(prefix) for other in others)
    return score + (prefix in PLAIN)


def name_score(prefix: str, source: Source, sources: Sequence[Source]) -> int:
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
