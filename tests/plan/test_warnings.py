"""What a careful maintainer would ask about before merging."""

from tests.plan.trees import crate, lock, plan, pyproject, tree

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


def test_packages_of_one_name_are_told_apart_by_their_registry():
    files = {"lamp/Cargo.toml": crate(), "py/pyproject.toml": pyproject("lamp", "0.4.0", backend="hatchling")}
    made = plan(tree(files), "crates.io:lamp 0.7.0", "pypi:lamp 0.7.0")
    assert [warning for warning in made.warnings if "skips" in warning] == [
        "lamp on crates.io goes from 0.4.0 to 0.7.0 and skips 0.5.0.",
        "lamp on PyPI goes from 0.4.0 to 0.7.0 and skips 0.5.0.",
    ]


def test_packages_without_a_workflow_are_named_in_one_sentence():
    inherits = '[package]\nname = "{}"\nversion.workspace = true\n'
    names = ["a", "b", "c"]
    files = {f"{name}/Cargo.toml": inherits.format(name) for name in names}
    files["Cargo.toml"] = '[workspace]\nmembers = ["a", "b", "c"]\n[workspace.package]\nversion = "0.4.0"\n'
    said = [each for each in plan(tree(files), "a 0.5.0").warnings if "do not see" in each]
    assert len(said) == 1
    assert said[0].startswith("I do not see what publishes a, b and c: publish them when ")


def test_a_lock_file_that_is_behind_for_several_crates_is_named_once():
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["a", "b", "c"]\n',
        **{f"{name}/Cargo.toml": crate(name) for name in "abc"},
        "Cargo.lock": lock("a 0.4.0", "b 0.3.0", "c 0.3.9"),
    }
    said = [each for each in plan(tree(files), "a 0.5.0").warnings if "--locked" in each]
    assert said == [
        "Cargo.lock says b 0.3.0 and c 0.3.9, but their manifests do not (b/Cargo.toml says 0.4.0): `--locked` fails."
    ]
