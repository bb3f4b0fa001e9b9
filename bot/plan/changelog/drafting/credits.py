"""Who made what a section tells of: `contributors = true` of the configuration."""

from collections.abc import Sequence

from bot.plan.changelog.drafting.draft import Style, worth_telling
from bot.plan.model import Change

_FIRST = ", for the first time"


def credited(changes: Sequence[Change], style: Style) -> str:
    """The last part of a section, `\\n` line ends; empty where nobody is known. Each is named once, newcomers last."""
    told = [change for change in worth_telling(changes)[0] if change.credit and not change.bot]
    names = {change.credit: change.newcomer for change in reversed(told)}
    ordered = sorted(names, key=lambda name: names[name])
    if not ordered:
        return ""
    if style.rst or not style.grouped:
        said = (f"{name} (for the first time)" if names[name] else f"{name}" for name in ordered)
        return f"{style.bullet} Contributors: {', '.join(said)}."
    lines = (f"{style.bullet} {name}{_FIRST if names[name] else ''}" for name in ordered)
    return f"{'#' * min(style.level + style.below, 6)} Contributors\n\n" + "\n".join(lines)
