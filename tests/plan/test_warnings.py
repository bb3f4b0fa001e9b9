"""What a careful maintainer would ask about before merging."""

from tests.plan.trees import crate, plan, pyproject, tree

INHERITING = """[package]
name = "lamp-rs"
version.workspace = true

[lib]
crate-type = ["cdylib"]
"""
WORKSPACE = {
    "Cargo.toml": crate(more='\n[workspace]\nmembers = ["py"]\n\n[workspace.package]\nversion = "0.4.0"\n').replace(
        'version = "0.4.0"\nedition', "version.workspace = true\nedition"
    ),
    "py/Cargo.toml": INHERITING,
    "py/pyproject.toml": pyproject(version="0.4.0"),
}


def warned(*asked: str, **more: str) -> list[str]:
    return [warning for warning in plan(tree(WORKSPACE | more), *asked).warnings if "inherits" in warning]


def test_bindings_with_a_version_of_their_own_over_an_inherited_one_are_named_with_both():
    assert warned("0.5.0") == [
        "py/pyproject.toml gives lamp-py the version 0.4.0, but the crate that it is built from, py/Cargo.toml, "
        "inherits 0.5.0 from Cargo.toml."
    ]
    assert warned("lamp-py 0.4.1") == [
        "py/pyproject.toml gives lamp-py the version 0.4.1, but the crate that it is built from, py/Cargo.toml, "
        "inherits 0.4.0 from Cargo.toml."
    ]


def test_nothing_is_said_where_both_get_one_version_or_the_bindings_crate_has_its_own():
    assert warned("0.5.0", "lamp-py 0.5.0") == []
    assert warned("0.5.0-rc.1", "lamp-py 0.5.0rc1") == []
    own = INHERITING.replace("version.workspace = true", 'version = "0.4.0"')
    assert warned("0.5.0", **{"py/Cargo.toml": own}) == []
