"""Recipes of a Makefile and of a justfile as shell text.

https://www.gnu.org/software/make/manual/html_node/Rule-Introduction.html and https://just.systems/man/en/.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_MOST_LINES = 2_000
_MOST_NAMES = 50
"""Recipes that are followed from one to the other."""
_RULE = re.compile(r"([^\s:#=][^:#=]*?)\s*::?(?!=)([^=]*)$")
_MADE = re.compile(r"(?:export\s+|override\s+)*([\w.-]+)\s*(?::|::|\?)?=\s*(.*)")
_RECIPE = re.compile(r"@?([A-Za-z_][\w-]*)((?:\s+[^:]*?)?)\s*:(?!=)(.*)")
_SET = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(['\"]?)([^'\"]*)\2\s*$")


@dataclass(frozen=True, slots=True)
class Recipes:
    """The recipes of one file, by name, in its order."""

    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The names that stand before a recipe's own lines."""

    def text(self, names: Sequence[str]) -> str:
        """What these recipes run, with what they need before; of none the first one. Empty for unknown names."""
        found: list[str] = []
        todo, seen = list(names) or list(self.lines)[:1], set[str]()
        while todo and len(seen) < _MOST_NAMES:
            name = todo.pop(0)
            if name not in seen and name in self.lines:
                seen.add(name)
                found += self.lines[name]
                todo += self.needs.get(name, ())
        return "\n".join(found)


def of_make(text: str) -> Recipes:
    """The rules of a Makefile; its variables are put in where they are plain."""
    lines: dict[str, list[str]] = {}
    needs: dict[str, list[str]] = {}
    variables: dict[str, str] = {}
    now: list[str] = []
    for line in text.replace("\\\n", " ").splitlines()[:_MOST_LINES]:
        if line.startswith("\t"):
            for name in now:
                lines[name].append(_put(line.strip().lstrip("@-+"), variables))
        elif made := _MADE.fullmatch(line.strip()):
            variables[made[1]] = made[2].strip()
        elif rule := _RULE.fullmatch(line.strip()):
            now = [name for name in rule[1].split() if not name.startswith(".")]
            after, _, first = rule[2].partition(";")
            for name in now:
                lines.setdefault(name, []).extend([_put(first.strip(), variables)] if first.strip() else [])
                needs.setdefault(name, []).extend(after.split())
    return Recipes(lines, needs)


def of_just(text: str) -> Recipes:
    """The recipes of a justfile; its variables are put in where they are plain."""
    lines: dict[str, list[str]] = {}
    needs: dict[str, list[str]] = {}
    variables: dict[str, str] = {}
    now = ""
    for line in text.splitlines()[:_MOST_LINES]:
        if line[:1] in (" ", "\t") and now:
            lines[now].append(_filled(line.strip().lstrip("@-"), variables))
        elif made := _SET.fullmatch(line):
            variables[made[1]] = made[3]
        elif recipe := _RECIPE.fullmatch(line):
            now = recipe[1]
            lines[now] = []
            needs[now] = re.findall(r"\(?\s*([A-Za-z_][\w-]*)[^()]*\)?", recipe[3]) if "(" in recipe[3] else []
            needs[now] = needs[now] or [word for word in recipe[3].replace("&&", " ").split() if word != "#"]
    return Recipes(lines, needs)


def _put(line: str, variables: Mapping[str, str]) -> str:
    line = re.sub(r"\$[({]MAKE[)}]", "make", line)
    for _ in range(3):
        line = re.sub(r"\$[({]([\w.-]+)[)}]", lambda found: variables.get(found[1], f"${{{found[1]}}}"), line)
    return line.replace("$$", "$").replace("@#", "#")


def _filled(line: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\{\{\s*([\w-]+)\s*\}\}", lambda found: variables.get(found[1], f"${found[1]}"), line)
