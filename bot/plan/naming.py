"""What a release calls its branch, its commit and its pull request."""

import re
from collections.abc import Sequence

from bot.defused import defused
from bot.packaging.registry import Registry
from bot.plan.model import Bump
from bot.plan.policy import BRANCH_PREFIX

EARLIER_PREFIX = "release/"
"""Began the names of release branches until it could be configured; such releases may still be open."""
PREFIXES = (BRANCH_PREFIX, EARLIER_PREFIX)
"""Beginnings of release branches that no mark has to tell."""
PLACEHOLDERS = ("packages", "versions", "tags")
"""What a configured title may hold in braces."""
PLACEHOLDERS_ARE = "Placeholders: {packages} (lamp v0.5.0 + lamp-py v0.4.0), {versions} (0.5.0 + 0.4.0), {tags}"

_YANKED, _CARRIED = "yanked/", "carried/"
_LONGEST_TITLE = 200
_LONGEST_TEMPLATE = 120
_LONGEST_BRANCH = 180
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def branch_of(prefix: str, tags: Sequence[str]) -> str:
    """The branch of a release: the prefix and the tags, joined by `+`."""
    whole, short = _tails(tags)
    return f"{prefix}{whole}" if len(prefix) + len(whole) <= _LONGEST_BRANCH else f"{prefix}{short}"


def branch_of_yanked(prefix: str, tags: Sequence[str]) -> str:
    """The branch on which changelogs are marked when versions were yanked; no release's."""
    return branch_of(f"{prefix}{_YANKED}", tags)


def branch_of_carried(prefix: str, tags: Sequence[str]) -> str:
    """The branch on which the section of a maintenance release is carried to the default branch; no release's."""
    return branch_of(f"{prefix}{_CARRIED}", tags)


def is_of_changelogs(branch: str) -> bool:
    """Whether it may be such a branch."""
    return f"/{_YANKED}" in branch or f"/{_CARRIED}" in branch


def prefix_of(branch: str, tags: Sequence[str]) -> str:
    """What stands before the tags in the name of their release's branch; empty where it is another release's."""
    return next((branch.removesuffix(tail) for tail in _tails(tags) if branch.endswith(tail)), "")


def prefix_told(branch: str, told: str | None) -> str:
    """The prefix of a branch by what its pull request's mark tells, which is nothing where the name alone does."""
    return told or next((each for each in PREFIXES if branch.startswith(each)), "")


def tags_of(branch: str, prefix: str) -> list[str]:
    """The tags that a branch names; of many the first only, and something that is no tag."""
    return branch.removeprefix(prefix).split("+")


def titled(template: str, bumps: Sequence[Bump]) -> str:
    """A configured title, filled in and defused; of very many packages the first is named."""
    packages = _packages(bumps)
    versions = list(dict.fromkeys(bump.new for bump in bumps))
    tags = list(dict.fromkeys(bump.tag for bump in bumps))
    whole = _filled(template, packages, versions, tags)
    if len(whole) <= _LONGEST_TITLE:
        return whole
    return _filled(template, *map(_shortened, (packages, versions, tags)))[:_LONGEST_TITLE]


def mistake_in_title(template: str) -> str | None:
    """Why it cannot be a title, as the rest of a sentence; None where it can."""
    unknown = [name for name in _PLACEHOLDER.findall(template) if name not in PLACEHOLDERS]
    if unknown:
        return f"has the unknown placeholder {{{unknown[0]}}}"
    if not any(f"{{{name}}}" in template for name in PLACEHOLDERS):
        return "does not say what is released"
    if template != template.strip() or not template.isprintable() or len(template) > _LONGEST_TEMPLATE:
        return f"must be one line of at most {_LONGEST_TEMPLATE} characters, without blanks around it"
    return "would close an issue or keep CI from starting" if template != defused(template) else None


def _filled(template: str, *names: Sequence[str]) -> str:
    texts = dict(zip(PLACEHOLDERS, map(" + ".join, names), strict=True))
    return defused(_PLACEHOLDER.sub(lambda found: texts.get(found[1], found[0]), template))


def _tails(tags: Sequence[str]) -> tuple[str, str]:
    """What follows the prefix: all tags, or of too many the first."""
    unique = list(dict.fromkeys(tags))
    return "+".join(unique), f"{unique[0]}+{len(unique) - 1}-more"


def _packages(bumps: Sequence[Bump]) -> list[str]:
    """Packages with their versions; those of one name are told apart by their registry."""
    names = [Registry.PYPI.canonical(bump.package.name) for bump in bumps]
    return [
        f"{bump.title} ({bump.package.registry.label})" if names.count(name) > 1 else bump.title
        for bump, name in zip(bumps, names, strict=True)
    ]


def _shortened(names: Sequence[str]) -> list[str]:
    return [f"{names[0]} and {len(names) - 1} more packages"] if len(names) > 1 else list(names)
