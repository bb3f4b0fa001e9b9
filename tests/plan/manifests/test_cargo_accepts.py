"""Cargo's own word: `cargo metadata --locked --offline` takes the planned tree, and not one without its lock edit."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.plan.model import Tree
from tests.plan.trees import after, plan, tree

pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")


def package(name: str, version: str = "0.4.0", more: str = "") -> str:
    said = version if "{" in version else f'"{version}"'
    return f'[package]\nname = "{name}"\nversion = {said}\nedition = "2021"\n{more}\n'


def workspace(*members: str, more: str = "") -> str:
    return f"[workspace]\nresolver = '2'\nmembers = {list(members)}\n{more}\n"


def needs(name: str, path: str, table: str = "dependencies", version: str = "0.4.0", key: str = "") -> str:
    rename = f', package = "{name}"' if key else ""
    return f'[{table}]\n{key or name} = {{ path = "{path}", version = "{version}"{rename} }}\n'


SHAPES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a single crate": ({"Cargo.toml": package("lamp")}, ("0.5.0",)),
    "a root crate with bindings": (
        {
            "Cargo.toml": package("lamp", more="[workspace]\nmembers = ['py']"),
            "py/Cargo.toml": package("lamp-py", "0.3.0", needs("lamp", "..")),
        },
        ("0.5.0",),
    ),
    "a virtual workspace with one version": (
        {
            "Cargo.toml": workspace(
                "crates/*",
                more="[workspace.package]\nversion = '0.4.0'\n"
                + needs("core", "crates/core", "workspace.dependencies"),
            ),
            "crates/core/Cargo.toml": package("core", "{ workspace = true }"),
            "crates/cli/Cargo.toml": package("cli", "{ workspace = true }", "[dependencies]\ncore.workspace = true"),
        },
        ("core 0.5.0",),
    ),
    "every kind of dependency": (
        {
            "Cargo.toml": workspace("a", "b", "c", "d"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more=needs("a", "../a", "dev-dependencies")),
            "c/Cargo.toml": package("c", more=needs("a", "../a", "build-dependencies")),
            "d/Cargo.toml": package("d", more=needs("a", "../a", "target.'cfg(unix)'.dependencies")),
        },
        ("a 0.5.0",),
    ),
    "a renamed dependency": (
        {
            "Cargo.toml": workspace("a", "b"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more=needs("a", "../a", key="alpha")),
        },
        ("a 0.5.0",),
    ),
    "an exact requirement": (
        {
            "Cargo.toml": workspace("a", "b"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more=needs("a", "../a", version="=0.4.0")),
        },
        ("a 0.4.1",),
    ),
    "a range": (
        {
            "Cargo.toml": workspace("a", "b"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more=needs("a", "../a", version=">=0.4, <0.5")),
        },
        ("a 0.5.0",),
    ),
    "a release candidate": (
        {
            "Cargo.toml": workspace("a", "b"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more=needs("a", "../a", version="0.4")),
        },
        ("a rc",),
    ),
    "a star and a candidate": (
        {
            "Cargo.toml": workspace("a", "b"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more=needs("a", "../a", version="*")),
        },
        ("a rc",),
    ),
    "a chain": (
        {
            "Cargo.toml": workspace("a", "b", "c"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more=needs("a", "../a")),
            "c/Cargo.toml": package("c", more=needs("b", "../b")),
        },
        ("a 0.5.0", "b 0.5.0", "c 0.5.0"),
    ),
    "a dev-dependency on itself": (
        {"Cargo.toml": package("lamp", more="[dev-dependencies]\nlamp = { path = '.', features = [] }")},
        ("0.5.0",),
    ),
    "a path without a version": (
        {
            "Cargo.toml": workspace("a", "b"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more="[dependencies]\na = { path = '../a' }"),
        },
        ("a 0.5.0",),
    ),
    "a dotted dependency table": (
        {
            "Cargo.toml": workspace("a", "b"),
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b", more="[dependencies.a]\nversion = '~0.4.0'\npath = '../a'"),
        },
        ("a 0.5.0",),
    ),
}


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if path.endswith("Cargo.toml") and b"[package]" in content:
            source = file.parent / "src/lib.rs"
            source.parent.mkdir(exist_ok=True)
            source.touch()


def cargo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["cargo", *arguments, "--offline"], cwd=folder, capture_output=True, text=True, check=False)


def locked(folder: Path, files: Mapping[str, str]) -> Tree:
    """The files with the lock file that cargo itself makes for them."""
    put(folder, tree(files))
    made = cargo(folder, "generate-lockfile")
    assert made.returncode == 0, made.stderr
    return {**tree(files), "Cargo.lock": (folder / "Cargo.lock").read_bytes()}


def accepts(folder: Path, files: Mapping[str, bytes], where: str = ".") -> bool:
    put(folder, files)
    return cargo(folder / where, "metadata", "--locked", "--format-version=1").returncode == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_cargo_takes_the_planned_tree(shape: str, tmp_path: Path):
    files, asked = SHAPES[shape]
    before = locked(tmp_path, files)
    assert accepts(tmp_path, after(before, plan(before, *asked)))


@pytest.mark.parametrize("shape", SHAPES)
def test_cargo_refuses_the_tree_without_its_lock_edit(shape: str, tmp_path: Path):
    files, asked = SHAPES[shape]
    before = locked(tmp_path, files)
    planned = after(before, plan(before, *asked))
    assert not accepts(tmp_path, {**planned, "Cargo.lock": before["Cargo.lock"]})


def test_a_lock_file_outside_the_workspace_is_kept_right_too(tmp_path: Path):
    files = {
        "Cargo.toml": package("lamp", more="[workspace]\nexclude = ['smoke']"),
        "smoke/Cargo.toml": package("smoke", "0.0.0", needs("lamp", "..", key="light") + "[workspace]"),
    }
    before = dict(locked(tmp_path, files))
    assert cargo(tmp_path / "smoke", "generate-lockfile").returncode == 0
    before["smoke/Cargo.lock"] = (tmp_path / "smoke/Cargo.lock").read_bytes()
    planned = after(before, plan(before, "0.5.0"))
    assert accepts(tmp_path, planned, "smoke")
    assert not accepts(tmp_path, {**planned, "smoke/Cargo.lock": before["smoke/Cargo.lock"]}, "smoke")


def test_cargo_takes_a_lock_that_holds_a_patch_which_nothing_requires(tmp_path: Path):
    files = tree(
        {
            "Cargo.toml": package("lamp"),
            "fuzz/Cargo.toml": package("fuzz", more="[workspace]\n[patch.crates-io]\nlamp = { path = '..' }"),
        }
    )
    put(tmp_path, files)
    assert cargo(tmp_path / "fuzz", "generate-lockfile").returncode == 0
    before = {**files, "fuzz/Cargo.lock": (tmp_path / "fuzz/Cargo.lock").read_bytes()}
    planned = plan(before, "0.5.0")
    assert accepts(tmp_path, after(before, planned), "fuzz")
    assert [edit.changes for edit in planned.edits if edit.path == "fuzz/Cargo.lock"] == [
        ("lamp (unused patch): 0.4.0 → 0.5.0",)
    ]
