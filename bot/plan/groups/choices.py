"""What is answered where several groups could be meant: the command for each, and the lines that settle it."""

from collections.abc import Collection, Mapping, Sequence

from bot.packaging.levels import level_between
from bot.packaging.problem import Problem
from bot.plan.config import CONFIG_PATH
from bot.plan.listed import listed
from bot.plan.model import EVERY_GROUP, Bump, Group, Package, Wanted

_MOST_GROUPS = 20
_MOST_NAMES = 5
_MOST_OFFERED = 2


def names_of(packages: Sequence[Package]) -> list[str]:
    """How each package is asked for without doubt."""
    names = [package.name for package in packages]
    return [package.key if names.count(package.name) > 1 else package.name for package in packages]


def choices_of(groups: Sequence[Group], packages: Sequence[Package], version: str) -> Problem:
    """The problem of a bare version: each group with its command, the most used first, and a `[[group]]` to write."""
    names = dict(zip((package.key for package in packages), names_of(packages), strict=True))
    inside = [group for group in groups if any(key in names for key in group.packages)]
    width = max(len(_command(group, names, version)) for group in inside)
    lines = [f"{_command(group, names, version):{width}}  # {_told(group, names)}" for group in inside[:_MOST_GROUPS]]
    if len(inside) > _MOST_GROUPS:
        lines.append(f"# and {len(inside) - _MOST_GROUPS} more")
    if len(inside) > 1:
        lines.append(f"{f'/release {EVERY_GROUP} {version}':{width}}  # all of them")
    lines += ["", f"# or, for good, in {CONFIG_PATH}: what `/release {version}` means", *_table(inside[0], packages)]
    what = "it is not clear which package is meant: no package lies at the root, and none is configured as the first"
    return Problem("request", what, "\n".join(lines))


def offer(
    groups: Sequence[Group],
    packages: Sequence[Package],
    beside: Collection[str],
    wanted: Sequence[Wanted],
    bumps: Sequence[Bump],
) -> str:
    """Where a bare version means one group of several: the command for the others with it, in one sentence.

    `beside` are the keys of packages that nobody looks for there: helpers, and bindings of other languages.
    """
    released = {bump.package.key for bump in bumps}
    left = [group for group in groups if released.isdisjoint(group.packages) and not set(group.packages) <= set(beside)]
    if not left or [want.package for want in wanted] != [None]:
        return ""
    names = dict(zip((package.key for package in packages), names_of(packages), strict=True))
    first, level = bumps[0], level_between(bumps[0].old, bumps[0].new) or "VERSION"
    alone = listed([names[bump.package.key] for bump in bumps], most=_MOST_NAMES)
    if len(left) > _MOST_OFFERED:
        count = len(left) + 1
        return f"This releases {alone}; `/release {EVERY_GROUP} {level}` would release all {count} groups of packages."
    others = [names[group.packages[0]] for group in left]
    command = " ".join(["/release", names[first.package.key], first.new, *(f"{name} {level}" for name in others)])
    return f"This releases {alone}; `{command}` would release {listed(others)} with it."


def _command(group: Group, names: Mapping[str, str], version: str) -> str:
    return f"/release {next(names[key] for key in group.packages if key in names)} {version}"


def _told(group: Group, names: Mapping[str, str]) -> str:
    """Its tag, and who moves with the one that is named."""
    others = [names[key] for key in group.packages if key in names][1:]
    also = f", with {listed(others, most=_MOST_NAMES)}" if others else ""
    return f"tag {group.last or group.tag}{' was the last' if group.last else ''}{also}"


def _table(group: Group, packages: Sequence[Package]) -> list[str]:
    """The lines of a `[[group]]`."""
    here = [package for package in packages if package.key in group.packages]
    words = [package.name if _is_whole(package, packages, here) else package.key for package in here]
    unique = ", ".join(f'"{word}"' for word in dict.fromkeys(words))
    workflows = dict.fromkeys(package.workflow for package in here)
    publish = [f'publish = "{workflow}"' for workflow in workflows if workflow and len(workflows) == 1]
    return ["[[group]]", f"packages = [{unique}]", f'tag = "{group.tag}"', *publish]


def _is_whole(package: Package, packages: Sequence[Package], here: Sequence[Package]) -> bool:
    """Whether all packages of its name are of the group, so that the bare name means them."""
    return all(other in here for other in packages if other.name == package.name)
