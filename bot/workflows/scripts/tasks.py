"""Tasks that are named in pyproject.toml or pixi.toml, as shell text: of hatch, pdm, poe, pixi and rye.

https://hatch.pypa.io/latest/config/environment/overview/#scripts, https://pdm-project.org/latest/usage/scripts/,
https://poethepoet.natn.io/tasks/index.html, https://pixi.sh/latest/workspace/advanced_tasks/.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from posixpath import join, normpath
from typing import Any

_FILES = ("pyproject.toml", "pixi.toml")
_MOST_BYTES = 400_000


def named(words: Sequence[str], folder: str, tree: Mapping[str, bytes]) -> Iterator[str]:
    """What a task of this name runs; nothing where there is none."""
    name = words[1] if words[0] == "poe" and len(words) > 1 else words[0]
    places = dict.fromkeys(normpath(join(each, file)) for each in (folder, ".") for file in _FILES)
    for path in places:
        content = tree.get(path, b"")
        if content and name.rpartition(":")[2].encode() in content:
            yield from _commands(_tasks(content).get(name))


def read_table(content: bytes) -> dict[str, Any]:
    """A TOML file; nothing where it is none."""
    try:
        return tomllib.loads(content[:_MOST_BYTES].decode("utf-8", "replace"))
    except ValueError:
        return {}


@lru_cache(maxsize=64)
def _tasks(content: bytes) -> dict[str, Any]:
    data = read_table(content)
    tool = _table(data.get("tool"))
    found: dict[str, Any] = {}
    for env, table in _table(_table(tool.get("hatch")).get("envs")).items():
        scripts = _table(_table(table).get("scripts"))
        found |= {f"{env}:{name}": each for name, each in scripts.items()}
        found |= scripts if env == "default" else {}
    for owner, key in (("pdm", "scripts"), ("poe", "tasks"), ("pixi", "tasks"), ("rye", "scripts")):
        found |= _table(_table(tool.get(owner)).get(key))
    return found | _table(data.get("tasks"))


def _commands(task: Any) -> Iterator[str]:
    if isinstance(task, str):
        yield task
    elif isinstance(task, list):
        yield "\n".join(each for each in task if isinstance(each, str))
    elif isinstance(task, dict):
        for key in ("cmd", "shell", "chain", "composite", "script", "sequence"):
            yield from _commands(task.get(key))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
