"""Requirements on a released crate: those move that no longer hold, name one version, or are released together."""

import pytest

from tests.plan.trees import after, crate, plan, text, tree

ALWAYS = {".github/release.toml": '[release]\npins = "always"\n'}
ROOT = '[workspace]\nmembers = ["lamp", "user"]\n'


def required(pin: str, new: str, *also: str, **more: str) -> str:
    """The requirement of `user` on `lamp` 0.4.0 after the release of `new` and perhaps of `user`."""
    needs = f'\n[dependencies]\nlamp = {{ path = "../lamp", version = "{pin}" }}\n'
    members = {"lamp/Cargo.toml": crate("lamp"), "user/Cargo.toml": crate("user", "0.2.0", needs)}
    files = tree({"Cargo.toml": ROOT, **members, **more})
    made = text(after(files, plan(files, f"lamp {new}", *also)), "user/Cargo.toml")
    return made.rpartition('version = "')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("pin", "new", "expected"),
    [
        ("0.4.0", "0.4.1", "0.4.0"),
        ("^0.4.0", "0.4.1", "^0.4.0"),
        (">=0.4.0, <0.6", "0.4.1", ">=0.4.0, <0.6"),
        ("=0.4.0", "0.4.1", "=0.4.1"),
        ("~0.4.0", "0.4.1", "~0.4.1"),
        ("0.4.0", "0.5.0", "0.5.0"),
        ("0.4", "0.5.0-rc.1", "0.5.0-rc.1"),
    ],
)
def test_a_requirement_of_a_crate_that_is_not_released_moves_where_it_must(pin, new, expected):
    assert required(pin, new) == expected


def test_a_caret_that_still_holds_moves_in_a_crate_that_is_released_too():
    assert required("0.4.0", "0.4.1", "user 0.2.1") == "0.4.1"


def test_every_caret_moves_where_the_configuration_says_so():
    assert required("0.4.0", "0.4.1", **ALWAYS) == "0.4.1"


def shared(*asked: str) -> str:
    inherits = "\n[dependencies]\nlamp.workspace = true\n"
    members = {"lamp/Cargo.toml": crate("lamp"), "user/Cargo.toml": crate("user", "0.2.0", inherits)}
    root = ROOT + '[workspace.dependencies]\nlamp = { path = "lamp", version = "0.4.0" }\n'
    files = tree({"Cargo.toml": root, **members})
    return text(after(files, plan(files, *asked)), "Cargo.toml").rpartition('version = "')[2][:5]


def test_the_workspace_table_moves_with_a_released_crate_that_takes_its_requirement_from_there():
    assert shared("lamp 0.4.1") == "0.4.0"
    assert shared("lamp 0.4.1", "user 0.2.1") == "0.4.1"
