"""Workflows for a repository that has none, so that its release can be rehearsed: made of the files in `workflows`."""

from collections.abc import Mapping
from importlib.resources import files as package_files
from pathlib import PurePosixPath

from bot.sandbox.actions.packages import Crate, Tree, crates
from bot.sandbox.registries.crate_file import CannotPackage

FOLDER = ".github/workflows"


def minimal_workflows(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """CI and publish workflows, by path, for what the files of a repository publish; empty when that is nothing.

    The first crate is published for tags `v*`. The first Python project is published for `py-v*` where there is a
    crate too, else for `v*`. Raises CannotPackage for a manifest that does not parse.
    """
    tree = Tree("", files, frozenset(files))
    python = _python(tree)
    crate = _crate(tree, python[0] if python else None)
    made: dict[str, str] = {}
    if crate is not None:
        command = "cargo publish --locked" + ("" if crate.folder == "." else f" -p {crate.name}")
        made |= {"ci.yml": _template("ci"), "publish.yml": _template("publish").replace("COMMAND", command)}
    if python is not None:
        folder, native = python
        name, file, tag = ("Python CI", "python-ci.yml", "py-v*") if crate else ("CI", "ci.yml", "v*")
        made[file] = _template("python-ci").replace("NAME", name).replace("FOLDER", folder)
        publish = _template("maturin-publish" if native else "python-publish")
        made["python-publish.yml"] = publish.replace("TAG", tag).replace("FOLDER", folder)
    return {f"{FOLDER}/{name}": text.encode() for name, text in made.items()}


def _template(name: str) -> str:
    """A workflow file; the words in capitals are to be replaced."""
    return package_files("bot.sandbox.actions").joinpath("workflows", f"{name}.yml").read_text("utf-8")


def _crate(tree: Tree, python: str | None) -> Crate | None:
    """The root package, else the first one that can be published; not the crate of the Python bindings."""
    for crate in crates(tree):
        if crate.publishable and crate.folder != python:
            return crate
    return None


def _python(tree: Tree) -> tuple[str, bool] | None:
    """The folder of the first Python project, and whether maturin builds it."""
    for folder in tree.folders("pyproject.toml"):
        try:
            document = tree.toml(str(PurePosixPath(folder, "pyproject.toml")))
        except CannotPackage:
            continue
        native = "maturin" in str(document.get("build-system", {}).get("build-backend", ""))
        if native or "project" in document or "poetry" in document.get("tool", {}):
            return folder, native
    return None
