"""The names of packages: which a registry takes, and when two are one."""

from bot.packaging.registry import Registry


def mistake_in_name(registry: Registry, name: str) -> str | None:
    """Why the registry takes no package of this name, in words that follow it; None when it does."""
    if registry.longest_name and len(name) > registry.longest_name:
        return f"is longer than the {registry.longest_name} characters that {registry.label} allows"
    return None if registry.names.fullmatch(name) else registry.name_rule


def same_name(registry: Registry, one: str, other: str) -> bool:
    """Whether the registry takes two names for one."""
    return registry.canonical(one) == registry.canonical(other)
