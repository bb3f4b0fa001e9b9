"""Workflows for a repository that has none, so that its release can be rehearsed. Pure."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from bot.sandbox.actions.packages import Crate, Tree, crates
from bot.sandbox.registries.crate_file import CannotPackage

FOLDER = ".github/workflows"

_CI = """\
name: CI

on:
  push:
    branches: ["**"]
  pull_request:

jobs:
  fmt:
    name: Rustfmt
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Check formatting
        run: cargo fmt --all -- --check

  test:
    name: Test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Run the tests
        run: cargo test --workspace --locked
"""

_PYTHON_CI = """\
name: NAME

on:
  push:
    branches: ["**"]
  pull_request:

jobs:
  test:
    name: Python tests
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Install
        run: pip install "./FOLDER"
      - name: Run the tests
        run: python -m pytest "FOLDER"
"""

_PUBLISH = """\
name: Publish crate

on:
  push:
    tags: ["v*"]

jobs:
  preflight:
    name: Preflight
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Run the tests
        run: cargo test --workspace --locked

  publish:
    name: Publish to crates.io
    needs: preflight
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: cargo publish
        run: COMMAND
        env:
          CARGO_REGISTRY_TOKEN: ${{ secrets.CARGO_REGISTRY_TOKEN }}
"""

_PYTHON_PUBLISH = """\
name: Publish Python package

on:
  push:
    tags: ["TAG"]

jobs:
BUILD
  upload:
    name: Publish to PyPI
    needs: NEEDS
    runs-on: ubuntu-latest
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v5
        with:
          pattern: dist-*
          path: dist
          merge-multiple: true
      - name: Upload
        uses: pypa/gh-action-pypi-publish@release/v1
"""

_MATURIN_BUILD = """\
  wheels:
    name: Wheel ${{ matrix.platform }}
    runs-on: ${{ matrix.runner }}
    continue-on-error: ${{ matrix.can-fail }}
    strategy:
      fail-fast: false
      matrix:
        include:
PLATFORMS
    steps:
      - uses: actions/checkout@v5
      - name: Build the wheel
        uses: PyO3/maturin-action@v1
        with:
          target: ${{ matrix.target }}
          manylinux: ${{ matrix.manylinux }}
          working-directory: "FOLDER"
          args: --release --out dist
      - uses: actions/upload-artifact@v4
        with:
          name: dist-${{ matrix.platform }}
          path: "FOLDER/dist"

  sdist:
    name: Source distribution
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Build the sdist
        uses: PyO3/maturin-action@v1
        with:
          command: sdist
          working-directory: "FOLDER"
          args: --out dist
      - uses: actions/upload-artifact@v4
        with:
          name: dist-sdist
          path: "FOLDER/dist"
"""

_PLATFORMS = (
    ("linux-x86_64", "ubuntu-latest", "x86_64", "auto", "false"),
    ("linux-aarch64", "ubuntu-latest", "aarch64", "auto", "true"),
    ("musllinux-x86_64", "ubuntu-latest", "x86_64", "musllinux_1_2", "true"),
    ("musllinux-aarch64", "ubuntu-latest", "aarch64", "musllinux_1_2", "true"),
    ("macos-x86_64", "macos-latest", "x86_64", "auto", "false"),
    ("macos-arm64", "macos-latest", "aarch64", "auto", "false"),
    ("windows-x86_64", "windows-latest", "x64", "auto", "false"),
)
"""The usual seven: platform, runner, target, manylinux, and whether the build may fail."""

_PLAIN_BUILD = """\
  build:
    name: Build
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Build the wheel and the sdist
        run: python -m build
        working-directory: "FOLDER"
      - uses: actions/upload-artifact@v4
        with:
          name: dist-build
          path: "FOLDER/dist"
"""


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
        made |= {"ci.yml": _CI, "publish.yml": _PUBLISH.replace("COMMAND", command)}
    if python is not None:
        folder, native = python
        name, file = ("Python CI", "python-ci.yml") if crate else ("CI", "ci.yml")
        made[file] = _PYTHON_CI.replace("NAME", name).replace("FOLDER", folder)
        made["python-publish.yml"] = (
            _PYTHON_PUBLISH.replace("TAG", "py-v*" if crate else "v*")
            .replace("NEEDS", "[wheels, sdist]" if native else "build")
            .replace("BUILD", _MATURIN_BUILD if native else _PLAIN_BUILD)
            .replace("PLATFORMS", _matrix())
            .replace("FOLDER", folder)
        )
    return {f"{FOLDER}/{name}": text.encode() for name, text in made.items()}


def _matrix() -> str:
    names = ("platform", "runner", "target", "manylinux", "can-fail")
    entries = (", ".join(f"{name}: {value}" for name, value in zip(names, row, strict=True)) for row in _PLATFORMS)
    return "\n".join(f"          - {{ {entry} }}" for entry in entries)


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
