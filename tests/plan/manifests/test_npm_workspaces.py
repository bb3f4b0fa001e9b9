"""Packages of npm that require each other move together, and npm's own word on what was planned."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.plan.trees import after, bindings, crate, lock, plan, text, tree

REQUIRE = "SHIPMATE_REQUIRE_NPM"
"""Set where npm must be there, as in CI."""
MAIN, PLATFORM = "@keeper/lamp", "@keeper/lamp-linux-x64-gnu"
WORKSPACE = {"name": "root", "private": True, "workspaces": ["node", "node/npm/*", "web"]}
CRATES = {
    "Cargo.toml": '[workspace]\nmembers = ["lamp", "node"]\n',
    "lamp/Cargo.toml": crate(),
    "node/Cargo.toml": bindings("lamp-node", "0.4.0", 'lamp = { path = "../lamp" }').replace(
        "[lib]", "publish = false\n[lib]"
    ),
}


def package(name: str, version: str = "0.4.0", **more: object) -> str:
    return json.dumps({"name": name, "version": version, **more}, indent=2)


def workspace(**more: str) -> dict[str, str]:
    """A workspace with one package of bindings, one of its platforms, and a site that is not released."""
    return {
        **CRATES,
        "package.json": json.dumps(WORKSPACE, indent=2),
        "node/package.json": package(MAIN, optionalDependencies={PLATFORM: "0.4.0"}),
        "node/npm/linux-x64-gnu/package.json": package(PLATFORM),
        "web/package.json": package("site", "1.0.0", private=True, dependencies={MAIN: "^0.4.0"}),
        **more,
    }


def released(files: Mapping[str, str], *asked: str) -> dict[str, str]:
    before = tree(files)
    made = after(before, plan(before, *(asked or ("lamp 0.5.0",))))
    return {path: text(made, path) for path in made}


def npm(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("npm")
    if program is None:
        if os.environ.get(REQUIRE):
            pytest.fail(f"{REQUIRE} is set, but there is no npm")
        pytest.skip("there is no npm")
    env = {"PATH": os.environ["PATH"], "HOME": str(where.parent), "npm_config_cache": str(where.parent / "cache")}
    common = ("--offline", "--no-audit", "--no-fund", "--ignore-scripts")
    return subprocess.run([program, *words, *common], cwd=where, env=env, capture_output=True, text=True, check=False)


def put(where: Path, files: Mapping[str, str]) -> None:
    for path, content in files.items():
        (where / path).parent.mkdir(parents=True, exist_ok=True)
        (where / path).write_text(content)


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("new", ["0.5.0", "0.4.1", "0.5.0-rc.1"])
def test_npm_ci_takes_the_planned_workspace_and_its_lock(version: str, new: str, tmp_path: Path):
    where = tmp_path / "tree"
    put(where, workspace())
    made = npm(where, "install", "--package-lock-only", f"--lockfile-version={version}")
    assert made.returncode == 0, made.stderr
    planned = released({**workspace(), "package-lock.json": (where / "package-lock.json").read_text()}, f"lamp {new}")
    put(where, planned)
    done = npm(where, "ci")
    assert done.returncode == 0, done.stderr
    again = npm(where, "install", "--package-lock-only")
    assert again.returncode == 0, again.stderr
    assert (where / "package-lock.json").read_text().strip() == planned["package-lock.json"].strip()


@pytest.mark.parametrize("left", ["web/package.json", "node/package.json"])
def test_npm_ci_refuses_the_same_workspace_with_a_requirement_as_it_was(left: str, tmp_path: Path):
    where = tmp_path / "tree"
    put(where, workspace())
    assert npm(where, "install", "--package-lock-only").returncode == 0
    planned = released({**workspace(), "package-lock.json": (where / "package-lock.json").read_text()})
    put(where, {**planned, left: workspace()[left].replace('"version": "0.4.0"', '"version": "0.5.0"')})
    assert npm(where, "ci").returncode != 0


def test_what_is_released_together_moves_also_where_no_workspace_binds_it():
    peer: dict[str, object] = {
        "optionalDependencies": {PLATFORM: "0.4.0"},
        "peerDependencies": {PLATFORM: "^0.4.0", "other": "0.4.0"},
    }
    files = workspace(**{"package.json": "{}", "node/package.json": package(MAIN, "0.4.0", **peer)})
    made = json.loads(released(files)["node/package.json"])
    assert made["optionalDependencies"] == {PLATFORM: "0.5.0"}
    assert made["peerDependencies"] == {PLATFORM: "^0.5.0", "other": "0.4.0"}


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("^0.4.0", "^0.5.0"),
        ("^0.4", "^0.5"),
        ("~0.4.0", "~0.5.0"),
        ("0.4.x", "0.5.x"),
        ("0.3.0", "0.3.0"),
        ("workspace:^0.4.0", "workspace:^0.5.0"),
        ("workspace:*", "workspace:*"),
        ("file:../node", "file:../node"),
        (">=0.4.0", ">=0.4.0"),
        ("*", "*"),
    ],
)
def test_a_sibling_that_is_not_released_moves_only_what_would_not_hold(requirement: str, expected: str):
    site = package("site", "1.0.0", private=True, dependencies={MAIN: requirement})
    made = released(workspace(**{"web/package.json": site}))
    assert json.loads(made["web/package.json"])["dependencies"] == {MAIN: expected}


def test_a_caret_that_still_holds_stays_in_a_sibling_that_is_not_released():
    assert '"^0.4.0"' in released(workspace(), "lamp 0.4.1")["web/package.json"]


def test_a_package_outside_of_the_workspace_keeps_what_it_takes_from_the_registry():
    demo = package("demo", "1.0.0", private=True, dependencies={MAIN: "^0.4.0"})
    assert released({**workspace(), "demo/package.json": demo})["demo/package.json"] == demo


def test_a_requirement_that_the_lock_takes_from_the_registry_is_left_and_said():
    root = {"name": MAIN, "version": "0.4.0", "optionalDependencies": {PLATFORM: "0.4.0"}}
    entry = {"version": "0.4.0", "resolved": "https://example.org/x.tgz", "optional": True}
    own = {"name": MAIN, "version": "0.4.0", "packages": {"": root, f"node_modules/{PLATFORM}": entry}}
    files = {**workspace(), "package.json": "{}", "node/package-lock.json": json.dumps(own)}
    made = plan(tree(files), "lamp 0.5.0")
    planned = after(tree(files), made)
    assert json.loads(planned["node/package.json"])["optionalDependencies"] == {PLATFORM: "0.4.0"}
    assert json.loads(planned["node/package-lock.json"])["packages"][f"node_modules/{PLATFORM}"] == entry
    assert (
        f"node/package.json still has {PLATFORM} at 0.4.0 in optionalDependencies: node/package-lock.json takes it "
        "from npm, which has 0.5.0 only after publishing. Move that then, with `npm install --package-lock-only`."
    ) in made.warnings


def test_the_lock_file_of_another_tool_that_names_what_moved_is_said_to_be_stale():
    files = workspace(**{"pnpm-lock.yaml": f"importers:\n  web:\n    {MAIN}:\n      specifier: ^0.4.0\n"})
    said = [each for each in plan(tree(files), "lamp 0.5.0").warnings if "pnpm" in each]
    stale = "pnpm-lock.yaml is stale: run `pnpm install --lockfile-only`."
    assert said == [f"web/package.json requires {MAIN} at 0.5.0 now, so {stale}"]


def test_of_several_packages_of_one_version_the_first_is_named():
    inherits = '[package]\nname = "{}"\nversion.workspace = true\ndescription = "x"\nlicense = "MIT"\n'
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n[workspace.package]\nversion = "0.4.0"\n',
        "a/Cargo.toml": inherits.format("lamp"),
        "b/Cargo.toml": inherits.format("shade"),
        "a/package.json": package(MAIN),
    }
    edit = next(each for each in plan(tree(files), "lamp 0.5.0").edits if each.path == "a/package.json")
    assert edit.why == "version, which follows lamp"


def test_crates_that_nobody_publishes_move_with_the_package_json_beside_and_with_what_they_require():
    java = crate("lamp-java", "0.4.0", 'publish = false\n[dependencies]\nlamp = { path = "../lamp" }\n')
    helper = crate("helper", "0.4.0", "publish = false\n")
    files = {
        **CRATES,
        "Cargo.toml": '[workspace]\nmembers = ["lamp", "node", "java", "helper"]\n',
        "node/package.json": package(MAIN),
        "java/Cargo.toml": java,
        "helper/Cargo.toml": helper,
        "Cargo.lock": lock("helper 0.4.0", "lamp 0.4.0", "lamp-java 0.4.0: lamp", "lamp-node 0.4.0: lamp"),
    }
    made = released(files)
    assert made["node/Cargo.toml"] == files["node/Cargo.toml"].replace("0.4.0", "0.5.0")
    assert made["java/Cargo.toml"] == java.replace("0.4.0", "0.5.0")
    assert made["helper/Cargo.toml"] == helper
    assert made["Cargo.lock"] == lock("helper 0.4.0", "lamp 0.5.0", "lamp-java 0.5.0: lamp", "lamp-node 0.5.0: lamp")


def test_a_helper_at_a_first_version_is_not_taken_to_follow():
    helper = crate("helper", "0.1.0", 'publish = false\n[dependencies]\nlamp = { path = "../lamp" }\n')
    files = {"lamp/Cargo.toml": crate("lamp", "0.1.0"), "helper/Cargo.toml": helper}
    assert released(files, "lamp 0.2.0")["helper/Cargo.toml"] == helper
