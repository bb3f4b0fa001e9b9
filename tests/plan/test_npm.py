"""package.json of bindings that are released under the same version."""

import json

import pytest

from tests.plan.trees import crate, plan, tree

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
        "[" * 100_000,
        "",
    ],
)
def test_what_is_private_broken_or_at_another_version_is_left_alone(other):
    assert released(**{"node/package.json": other}) == {}


def test_a_file_that_cannot_be_decoded_is_left_alone():
    made = plan(tree({"Cargo.toml": crate(), "node/package.json": b"\xff\xfe{}"}), "0.5.0")
    assert [edit.path for edit in made.edits] == ["Cargo.toml"]


def test_a_package_further_down_owns_its_own():
    inner = crate("shade", "0.4.0")
    after = released(**{"shade/Cargo.toml": inner, "shade/package.json": PACKAGE, "package.json": PACKAGE})
    assert set(after) == {"package.json"}
