"""How the one tag of several packages spells their version, where their registries do so differently."""

from collections.abc import Sequence

from bot.packaging.registry import Scheme
from bot.packaging.versions import is_prerelease, pep440_of, semver_of
from bot.plan.model import Group, Package


def tag_of(package: Package, group: Group | None, versions: Sequence[str]) -> str:
    """The tag of a package whose group gets these versions, which are one in different spellings.

    The tags that are there decide: `v0.5.0-rc.1` or `v0.5.0rc1`, `26.3` or `26.3.0`. Where none tells, the first
    package's manifest does.
    """
    spellings = list(dict.fromkeys(versions))
    chosen = spellings[0]
    if group and is_prerelease(chosen) and group.spelled is Scheme.SEMVER:
        chosen = semver_of(chosen) or chosen
    elif group and is_prerelease(chosen) and group.spelled is Scheme.PEP440:
        chosen = pep440_of(chosen) or chosen
    elif group and group.last and not is_prerelease(chosen):
        prefix, _, suffix = group.tag.partition("{version}")
        places = group.last[len(prefix) : len(group.last) - len(suffix)].count(".")
        chosen = next((each for each in spellings if each.count(".") == places), chosen)
    return package.tag_for(chosen)
