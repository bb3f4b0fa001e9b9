"""A maintenance line: a release that was asked for `from BRANCH`. Which rules come from where. Pure."""

from dataclasses import replace

from bot.plan.model import Discovery
from bot.plan.policy import Policy


def of_line(line: Discovery, default: Discovery, branch: str) -> Discovery:
    """What is released from a branch, by its own configuration, under the default branch's rules about who may.

    Who can push to a branch must not be able to say there who may release, or whom a release reaches.
    """
    return replace(line, policy=policy_of_line(line.policy, default.policy, branch), downstream=default.downstream)


def policy_of_line(line: Policy, default: Policy, branch: str) -> Policy:
    """The same of the policy alone."""
    return replace(line, branch=branch, permission=default.permission, announce=default.announce)
