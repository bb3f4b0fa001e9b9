"""Settings of a repository that can refuse what a release does: rulesets, and what environments let deploy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamePattern:
    """What a rule wants a name or a message to look like."""

    operator: str
    """starts_with, ends_with, contains or regex."""
    pattern: str
    negate: bool = False
    """Whether it must not look like that."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a ruleset."""

    kind: str
    """GitHub's word: `creation`, `tag_name_pattern`, …"""
    pattern: NamePattern | None = None
    """Of a `…_pattern` rule."""


@dataclass(frozen=True, slots=True)
class BranchRules:
    """What all active rules of a branch together ask of a change to it."""

    required: tuple[str, ...] = ()
    """Names of the checks that must have passed."""
    queued: bool = False
    """Whether changes come through a merge queue."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Rules for some refs, and whether the App is bound by them."""

    id: int
    name: str
    rules: tuple[Rule, ...]
    include: tuple[str, ...] = ()
    """Patterns of full ref names; `~ALL` for all."""
    exclude: tuple[str, ...] = ()
    bypass: str = ""
    """Whether our App can pass over it: always, exempt, pull_requests_only or never; empty when that is not told."""
    url: str = ""
    """Its page; empty when that is not told."""


@dataclass(frozen=True, slots=True)
class DeploymentPolicy:
    """What may deploy to an environment, where that is not everything."""

    environment: str
    protected_branches: bool = False
    """Whether only protected branches may."""
    tags: tuple[str, ...] = ()
    """Patterns of the tags that may."""
