"""What the tree promises of a package, for its registry to be held against."""

from bot.plan import discover
from bot.plan.model import Promises

CRATE = """
[package]
name = "lamp"
version = "0.4.0"
description = "Light"
license.workspace = true
repository = "https://github.com/o/lamp"
rust-version = "1.85"
readme = "README.md"
[workspace.package]
license = "MIT"
[workspace]
"""
PYTHON = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "lamp-py"
version = "0.4.0"
requires-python = ">=3.10"
license = {text = "MIT"}
readme = {file = "README.md"}
[project.urls]
Homepage = "https://lamp.example"
"Source Code" = "https://github.com/o/lamp"
"""


def promised(path, text):
    (package,) = discover({path: text.encode()}).packages
    return package.promises


def test_a_crate_promises_what_its_manifest_says_also_what_it_inherits():
    assert promised("Cargo.toml", CRATE) == Promises(
        rust_version="1.85", license="MIT", repository="https://github.com/o/lamp", readme=True
    )


def test_a_crate_without_a_word_about_its_readme_promises_none():
    assert promised("Cargo.toml", CRATE.replace('readme = "README.md"\n', "")).readme is None
    assert promised("Cargo.toml", CRATE.replace('"README.md"', "false")).readme is False


def test_a_python_project_promises_what_its_metadata_says():
    assert promised("pyproject.toml", PYTHON) == Promises(
        requires_python=">=3.10", license="MIT", repository="https://github.com/o/lamp", readme=True, guessed=True
    )


def test_what_a_tool_adds_is_not_promised():
    bare = PYTHON.replace('requires-python = ">=3.10"\n', "").replace('readme = {file = "README.md"}\n', "")
    found = promised("pyproject.toml", bare)
    assert (found.requires_python, found.readme) == (None, None)
