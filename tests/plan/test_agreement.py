import pytest

from bot.plan import disagreements
from tests.plan.trees import after, bindings, crate, lamp, lock, plan, pyproject, tree

VERSIONS = {"crates.io:lamp": "0.5.0", "pypi:lamp-py": "0.4.0"}
RELEASED = after(lamp(), plan(lamp(), "0.5.0", "lamp-py 0.4.0"))


def found(files) -> list[tuple[str, str]]:
    return [(problem.where, problem.what) for problem in disagreements(files, VERSIONS)]


def test_the_planned_tree_may_be_tagged():
    assert found(RELEASED) == []


@pytest.mark.parametrize(
    ("path", "content", "where", "what"),
    [
        ("Cargo.toml", crate(more="[workspace]\nmembers=['lamp-py']"), "Cargo.toml", "says lamp 0.4.0, not 0.5.0"),
        ("lamp-py/pyproject.toml", pyproject(), "lamp-py/pyproject.toml", "says lamp-py 0.3.0, not 0.4.0"),
        (
            "lamp-py/Cargo.toml",
            bindings(version="0.4.0"),
            "lamp-py/Cargo.toml:10",
            "requires lamp 0.4.0, which 0.5.0 is not",
        ),
        ("Cargo.lock", lock("lamp 0.4.0", "lamp-py 0.4.0: lamp"), "Cargo.lock", "locks lamp at 0.4.0, not 0.5.0"),
        (
            "Cargo.lock",
            "[[package",
            "Cargo.lock",
            "is not valid TOML: Expected ']]' at the end of an array declaration",
        ),
    ],
)
def test_whatever_still_says_the_old_version_is_named(path: str, content: str, where: str, what: str):
    problems = found({**RELEASED, path: content.encode()})
    assert any(place == where and said.startswith(what) for place, said in problems), problems


def test_the_bindings_crate_must_say_the_version_too():
    stale = RELEASED["lamp-py/Cargo.toml"].replace(b'version = "0.4.0"', b'version = "0.3.0"')
    assert ("lamp-py/Cargo.toml", "says lamp-py 0.3.0, not 0.4.0") in found({**RELEASED, "lamp-py/Cargo.toml": stale})


def test_a_package_that_is_gone_is_named():
    assert ("pypi:lamp-py", "is not a package of this tree") in found(tree({"Cargo.toml": crate(version="0.5.0")}))


def test_spellings_of_one_python_version_agree():
    files = tree({"pyproject.toml": pyproject("lamp", "0.5.0-rc.1", backend="hatchling")})
    assert disagreements(files, {"pypi:lamp": "0.5.0rc1"}) == ()


def test_a_looser_requirement_that_holds_is_no_disagreement():
    loose = RELEASED["lamp-py/Cargo.toml"].replace(b'version = "0.5.0" }', b'version = "0.5" }')
    assert found({**RELEASED, "lamp-py/Cargo.toml": loose}) == []
