"""Python projects that would be published, but whose version stands where the planner does not look."""

import re
from dataclasses import dataclass

from bot.packaging.problem import Problem
from bot.packaging.registry import Registry
from bot.plan.manifests.toml import TomlFile, string, strings, table
from bot.plan.model import Tree
from bot.plan.paths import inside, parent

UNDERSTOOD = (
    "Shipmate reads a version in pyproject.toml or setup.cfg, that of the crate that maturin builds, a plain "
    '`__version__ = "1.2.3"` in the package\'s __init__.py, _version.py, version.py or __about__.py, a VERSION file, '
    "and tags through setuptools-scm and its like."
)
_SETUP_NAME = re.compile(r"""^\s+name\s*=\s*(["'])(?P<name>[A-Za-z0-9._-]+)\1""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A project that is no package only because its version was not found.

    It refuses a request that names it, and one in a repository that has no other package; every other release
    carries it as a warning.
    """

    name: str
    """Its name; the folder of a setup.py that does not say it plainly."""
    folder: str
    problem: Problem
    registry: Registry = Registry.PYPI


def unplaced(file: TomlFile, name: str, tree: Tree) -> Unplaced:
    """The project of a pyproject.toml for which no place of the version was found."""
    folder = parent(file.path)
    shown = "its project" if name == "." else name
    return Unplaced(name, folder, Problem(file.path, f"{_why(file, folder, tree)}, so {shown} is left out", UNDERSTOOD))


def setup_name(file: TomlFile, tree: Tree) -> str | None:
    """The name in the setup.py beside a pyproject.toml without one, or its folder; None where there is no setup.py."""
    folder = parent(file.path)
    content = tree.get(inside(folder, "setup.py"))
    if content is None or b"setup(" not in content:
        return None
    found = _SETUP_NAME.search(content.decode(errors="replace"))
    return found["name"] if found else folder.rpartition("/")[2]


def _why(file: TomlFile, folder: str, tree: Tree) -> str:
    tool = table(file.data, "tool")
    dynamic, hatch = table(tool, "setuptools", "dynamic", "version"), table(tool, "hatch", "version")
    plain = dynamic.get("file")
    files = [plain] if isinstance(plain, str) else strings(plain)
    if isinstance(dynamic.get("attr"), str):
        return f"takes its version from `{dynamic['attr']}`, which no file assigns once as a plain string"
    if files:
        return f"takes its version from {files[0]}, which does not hold a version and nothing else"
    if isinstance(hatch.get("path"), str):
        pattern = " by a pattern of its own" if "pattern" in hatch else ""
        return f"takes its version from {hatch['path']}{pattern}, where none was found"
    if "maturin" in string(table(file.data, "build-system").get("build-backend")):
        return "takes its version from the crate that maturin builds, which was not found or has none"
    if inside(folder, "setup.py") in tree:
        return "leaves its version to setup.py, which is a program"
    return "does not say where its version stands"
