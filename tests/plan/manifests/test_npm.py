"""package.json of bindings that are released under the same version."""

import json

import pytest

from tests.plan.trees import bindings, crate, plan, tree

PACKAGE = '{\n\t"name": "lamp",\r\n  "version" : "0.4.0", "files": ["version"],\n  "scripts": {"version": "x"}\n}'
LOCK = """{
  "name": "lamp",
  "version": "0.4.0",
  "packages": {
    "": {"version": "0.4.0"},
    "a": {"version": "0.4.0"}
  }
}
"""


def released(**files):
    made = plan(tree({"Cargo.toml": crate(), **files}), "0.5.0")
    return {edit.path: edit.after.decode() for edit in made.edits if edit.path.endswith(".json")}


def test_only_the_version_changes_and_the_lock_file_beside_follows():
    after = released(**{"node/package.json": PACKAGE, "node/package-lock.json": LOCK})
    assert after["node/package.json"] == PACKAGE.replace("0.4.0", "0.5.0")
    assert json.loads(after["node/package-lock.json"])["packages"] == {
        "": {"version": "0.5.0"},
        "a": {"version": "0.4.0"},
    }


@pytest.mark.parametrize(
    "other",
    [
        '{"version": "0.4.1"}',
        '{"version": "0.4.0", "private": true}',
        '{"name": "lamp"}',
        '{"version": 4}',
        "[]",
        "{",
        "",
    ],
)
def test_what_is_private_broken_or_at_another_version_is_left_alone(other):
    assert released(**{"node/package.json": other}) == {}


def test_a_package_further_down_owns_its_own():
    inner = crate("shade", "0.4.0")
    after = released(**{"shade/Cargo.toml": inner, "shade/package.json": PACKAGE, "package.json": PACKAGE})
    assert set(after) == {"package.json"}


BESIDE = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
    "crates/lamp/Cargo.toml": crate(),
    "crates/shade/Cargo.toml": crate("shade", "0.4.0"),
    "crates/node/Cargo.toml": bindings("lamp-node", "0.0.0", 'lamp = { path = "../lamp" }'),
}


def beside(path: str, **more: str) -> set[str]:
    files = {**BESIDE, "crates/node/package-lock.json": LOCK, path: PACKAGE, **more}
    files["crates/node/Cargo.toml"] = files["crates/node/Cargo.toml"].replace("[lib]", "publish = false\n[lib]")
    return {edit.path for edit in plan(tree(files), "lamp 0.5.0").edits if edit.path.endswith(".json")}


def test_bindings_beside_the_crate_belong_to_the_one_that_their_own_crate_requires():
    assert beside("crates/node/package.json") == {"crates/node/package.json", "crates/node/package-lock.json"}
    assert beside("crates/node/npm/linux-x64/package.json") == {"crates/node/npm/linux-x64/package.json"}


def test_bindings_beside_that_could_belong_to_two_crates_belong_to_none():
    both = 'lamp = { path = "../lamp" }\nshade = { path = "../shade" }'
    node = {"crates/node/Cargo.toml": bindings("lamp-node", "0.0.0", both)}
    assert beside("crates/node/package.json", **node) == set()
    shade = {"crates/node/Cargo.toml": bindings("lamp-node", "0.0.0", 'shade = { path = "../shade" }')}
    assert beside("crates/node/package.json", **shade) == set()
    assert beside("crates/other/package.json") == set()


def test_bindings_beside_follow_the_version_that_they_inherit():
    workspace = BESIDE["Cargo.toml"] + '[workspace.package]\nversion = "0.4.0"\n'
    inherits = '[package]\nname = "{}"\nversion.workspace = true\n'
    files = {
        "Cargo.toml": workspace,
        "crates/lamp/Cargo.toml": inherits.format("lamp"),
        "crates/node/Cargo.toml": inherits.format("lamp-node") + "publish = false\n",
        "crates/node/package.json": PACKAGE,
    }
    assert "crates/node/package.json" in {edit.path for edit in plan(tree(files), "0.5.0").edits}
