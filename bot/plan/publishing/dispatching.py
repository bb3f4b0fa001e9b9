"""How a publish workflow that only a person starts is started for a tag: where, and with which inputs. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from bot.packaging.problem import Problem
from bot.plan.config import GIVEN
from bot.plan.listed import listed
from bot.plan.model import Dispatch, Package
from bot.plan.paths import CONFIG_PATH
from bot.workflows.releasing import Releasing, Start

_TAG, _VERSION = ("tag", "ref"), ("version",)
_PREFIXES = ("", "release_", "git_")
OBVIOUS: Mapping[str, str] = {
    f"{prefix}{name}{suffix}": meant
    for names, meant in ((_TAG, "{tag}"), (_VERSION, "{version}"))
    for name in names
    for prefix in _PREFIXES
    for suffix in ("", "_name")
}
"""Names of inputs whose meaning nobody has to be asked for; with hyphens for underscores, too."""


def dispatch_of(workflow: Releasing, package: Package, tag: str, version: str) -> Dispatch | None:
    """How to start it for this tag; None where it is no workflow for that, or a person has to be asked."""
    if package.start is not Start.HAND:
        return None
    asks = workflow.workflow.asks
    inputs = package.inputs if package.inputs is not None else _obvious(asks)
    if inputs is None or _mistakes(asks, inputs):
        return None
    on_tag = workflow.publishes_when_started(package.registry, tag)
    if not on_tag and not any(mark in value for value in inputs.values() for mark in GIVEN):
        return None  # on a branch nothing would tell it what to publish
    given = {name: value.replace("{tag}", tag).replace("{version}", version) for name, value in inputs.items()}
    return Dispatch(on_tag, tuple(given.items()))


def mistakes_in_inputs(workflow: Releasing, package: Package) -> Iterator[Problem]:
    """What is wrong with the inputs that release.toml gives."""
    for what, fix in _mistakes(workflow.workflow.asks, package.inputs or {}) if package.inputs is not None else ():
        yield Problem(CONFIG_PATH, f"`inputs` of {package.name} {what}", fix)


def _mistakes(asks: Mapping[str, Mapping[str, object]], inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    unknown = [f"`{name}`" for name in inputs if name not in asks]
    missing = [f"`{name}`" for name in _demanded(asks) if name not in inputs]
    known = listed(f"`{name}`" for name in asks) or "none"
    found = []
    if unknown:
        found.append((f"names {listed(unknown)}, which the workflow does not take", f"It takes {known}."))
    if missing:
        found.append((f"does not give {listed(missing)}, which the workflow demands", "Give a value."))
    return found


def _demanded(asks: Mapping[str, Mapping[str, object]]) -> Iterable[str]:
    return (name for name, about in asks.items() if about.get("required") is True and about.get("default") is None)


def _obvious(asks: Mapping[str, Mapping[str, object]]) -> Mapping[str, str] | None:
    """The inputs of a workflow that takes none, or a single one whose name says what it is."""
    if len(asks) > 1:
        return None
    found = {name: OBVIOUS.get(name.lower().replace("-", "_")) for name in asks}
    return {name: meant for name, meant in found.items() if meant} if all(found.values()) else None
