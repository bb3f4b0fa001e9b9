"""A maintenance line: a release that was asked for `from BRANCH`. Which rules come from where. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.packaging.problem import OlderVersion, Problem
from bot.plan.model import Discovery, Tree, Wanted
from bot.plan.paths import CONFIG_PATH
from bot.plan.policy import Policy

_LINE = re.compile(r"v?(\d+)\.(\d+)")


def configuration(tree: Tree) -> Tree:
    """Of a tree, release.toml alone. A branch of a maintenance line that has none goes by the default branch's."""
    return {path: content for path, content in tree.items() if path == CONFIG_PATH}


def of_line(line: Discovery, default: Discovery, branch: str) -> Discovery:
    """What is released from a branch, by its own configuration, under the default branch's rules about who may.

    Who can push to a branch must not be able to say there who may release, or whom a release reaches.
    """
    return replace(line, policy=policy_of_line(line.policy, default.policy, branch), downstream=default.downstream)


def policy_of_line(line: Policy, default: Policy, branch: str) -> Policy:
    """The same of the policy alone."""
    return replace(line, branch=branch, permission=default.permission, announce=default.announce)


def with_branch(problems: Sequence[Problem], wanted: Sequence[Wanted], branches: Iterable[str]) -> tuple[Problem, ...]:
    """The problems; of a version that is older than what was released, with the branch by whose name it could come."""
    names, versions = list(branches), [item.version for item in wanted]
    found = next((branch for version in versions if (branch := _branch_of(version, names))), None)
    if found is None:
        return tuple(problems)
    asked = " ".join(f"{item.package} {item.version}" if item.package else item.version for item in wanted)
    way = f" Or release it from its own branch: `/release {asked} from {found}`."
    return tuple(replace(each, fix=each.fix + way) if isinstance(each, OlderVersion) else each for each in problems)


def _branch_of(version: str, branches: Sequence[str]) -> str | None:
    """The branch that is called after the version's line: `release/0.5`, `0.5.x`, `v0.5-stable`, else `1.x`."""
    line = _LINE.match(version)
    if line is None:
        return None
    for named in (rf"{line[1]}\.{line[2]}", rf"{line[1]}(?:\.x)"):
        pattern = re.compile(rf"(?:^|[^0-9.]){named}(?![0-9])(?!\.[0-9])")
        if branch := next((each for each in branches if pattern.search(each)), None):
            return branch
    return None
