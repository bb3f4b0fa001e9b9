"""The parts of README.md that are made from the code, so that they cannot drift from it.

`python -m bot.cli.readme` rewrites them; a test compares.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from bot.commands import help_table
from bot.github.app_form import events_table, permissions_table, registration_query
from bot.release.diagram import diagram
from bot.sandbox.actions.scenario import failures_table
from bot.settings import settings_table


def generated() -> Mapping[str, str]:
    """Each generated part by the name between its marks."""
    return {
        "commands": help_table(),
        "failures": failures_table(),
        "registration": f"<https://github.com/settings/apps/new?{registration_query()}>",
        "permissions": permissions_table(),
        "events": events_table(),
        "diagram": f"```mermaid\n{diagram()}\n```",
        "settings": settings_table(),
    }


def part(text: str, name: str) -> str:
    """What stands between the marks of that name; raises ValueError when they are not there."""
    found = re.search(_between(name), text, re.DOTALL)
    if found is None:
        raise ValueError(f"no <!-- {name} --> … <!-- /{name} --> in the text")
    return found[1].strip()


def with_parts(text: str, parts: Mapping[str, str]) -> str:
    """The text with those parts replaced."""
    for name, body in parts.items():
        part(text, name)
        whole = f"<!-- {name} -->\n{body}\n<!-- /{name} -->"
        text = re.sub(_between(name), whole.replace("\\", r"\\"), text, flags=re.DOTALL)
    return text


def _between(name: str) -> str:
    return rf"<!-- {name} -->\n(.*?)<!-- /{name} -->"


if __name__ == "__main__":
    readme = Path("README.md")
    readme.write_text(with_parts(readme.read_text("utf-8"), generated()), "utf-8")
