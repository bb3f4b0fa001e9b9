"""Python projects whose version stands where the planner does not look."""

import pytest

from bot.plan import discover
from tests.plan.trees import after, crate, plan, pyproject, refusal, text, tree

HATCH = '[tool.hatch.version]\npath = "src/lamp/__init__.py"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


@pytest.mark.parametrize(
    ("tool", "files", "said"),
    [
        (
            '[tool.setuptools.dynamic]\nversion = {attr = "lamp.meta.VERSION"}\n',
            {},
            "takes its version from `lamp.meta.VERSION`, which no file assigns once",
        ),
        (
            '[tool.setuptools.dynamic]\nversion = {file = ["VERSION"]}\n',
            {"VERSION": "one\n"},
            "takes its version from VERSION, which does not hold a version",
        ),
        (
            HATCH + "pattern = 'v(?P<version>.+)'\n",
            {"src/lamp/__init__.py": "__version__ = '1.1.0'\nx = 'v2.0'\n"},
            "takes its version from src/lamp/__init__.py by a pattern of its own",
        ),
        ("", {"setup.py": "setup(version=read())\n"}, "leaves its version to setup.py, which is a program"),
        ("", {}, "does not say where its version stands"),
    ],
)
def test_a_project_whose_version_is_not_found_is_refused_by_name_with_what_is_understood(tool, files, said):
    files = tree({"pyproject.toml": pyproject("lamp", None, tool, backend="x"), **files})
    for asked in ("1.2.0", "lamp 1.2.0", "pypi:lamp 1.2.0"):
        answer = refusal(files, asked)
        assert answer.startswith(f"pyproject.toml: {said}")
        assert "so lamp is left out. Shipmate reads a version in pyproject.toml" in answer


def test_a_project_of_which_only_setup_py_knows_is_refused_and_a_tools_configuration_is_not_one():
    files = {"pyproject.toml": SETUPTOOLS, "setup.py": "setup(\n    name='lamp',\n    version=version(),\n)\n"}
    assert "leaves its version to setup.py, which is a program, so lamp is left out" in refusal(tree(files), "1.0.0")
    assert discover(tree({"Cargo.toml": crate(), "pyproject.toml": SETUPTOOLS})).problems == ()
    assert "no package that would be published" in refusal(tree({"pyproject.toml": SETUPTOOLS}), "1.0.0")


def test_a_project_that_is_left_out_warns_and_does_not_block_the_other_packages():
    files = tree({"Cargo.toml": crate(), "py/pyproject.toml": pyproject("lamp-py", None, backend="x")})
    assert [warning for warning in plan(files, "0.5.0").warnings if "lamp-py" in warning] == [
        "py/pyproject.toml does not say where its version stands, so lamp-py is left out."
    ]
    assert "py/pyproject.toml" in refusal(files, "lamp_py 1.0.0")
    assert "there is no package `crates.io:lamp-py`" in refusal(files, "crates.io:lamp-py 1.0.0")


def test_a_bare_version_is_asked_back_where_the_project_at_the_root_is_left_out():
    files = tree({"pyproject.toml": pyproject("lamp-py", None, backend="x"), "rust/Cargo.toml": crate()})
    assert "not clear which package is meant" in refusal(files, "0.5.0")
    assert plan(files, "lamp 0.5.0").title == "release: lamp v0.5.0"


def test_a_configured_project_that_is_left_out_says_why():
    config = {".github/release.toml": '[[package]]\nname = "lamp-py"\n'}
    files = {"Cargo.toml": crate(), "py/pyproject.toml": pyproject("lamp-py", None, backend="x"), **config}
    assert [problem.where for problem in discover(tree(files)).problems] == ["py/pyproject.toml"]


@pytest.mark.parametrize("decoy", ["classifiers = ['Private :: Do Not Upload']\n"])
def test_a_private_project_without_a_version_is_not_mentioned(decoy):
    files = {"Cargo.toml": crate(), "py/pyproject.toml": pyproject("tools", None, decoy, backend="x")}
    files |= {"examples/a/pyproject.toml": pyproject("a", None, backend="x")}
    assert [warning for warning in plan(tree(files), "0.5.0").warnings if "left out" in warning] == []


def test_a_pattern_that_names_one_variable_is_followed():
    tool = HATCH + 'pattern = "^RELEASE\\\\s*= [\'\\"](?P<version>[^\'\\"]+)"\n'
    content = "__version__ = '9.0.0'\nRELEASE = '1.1.0'\n"
    files = tree({"pyproject.toml": pyproject("lamp", None, tool, backend="x"), "src/lamp/__init__.py": content})
    planned = after(files, plan(files, "1.2.0"))
    assert text(planned, "src/lamp/__init__.py") == content.replace("1.1.0", "1.2.0")
