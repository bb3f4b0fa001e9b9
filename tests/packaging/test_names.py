"""Names of packages: what crates.io and PyPI take, and when they take two for one."""

import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import InvalidName, canonicalize_name

from bot.packaging.names import mistake_in_name, same_name
from bot.packaging.registry import Registry
from bot.plan import discover
from tests.plan.trees import lamp, refusal, tree

CRATES, PYPI = Registry.CRATES_IO, Registry.PYPI
names = st.text("aZ09-_. é", max_size=6)


@pytest.mark.parametrize("name", ["lamp", "Lamp_2", "a-b_c-", "a" * 64])
def test_crates_io_takes_a_name_of_letters_digits_and_dashes(name):
    assert mistake_in_name(CRATES, name) is None


@pytest.mark.parametrize("name", ["", "2lamp", "_lamp", "-lamp", "lamp.py", "lämp", "la mp", "../lamp", "lamp\n", "ſ"])
def test_crates_io_takes_no_other(name):
    assert mistake_in_name(CRATES, name)


def test_a_crates_name_that_is_too_long_is_answered_with_the_limit():
    assert "longer than the 64 characters" in (mistake_in_name(CRATES, "a" * 65) or "")


@given(names)
def test_a_python_name_is_taken_by_the_rule_of_packaging(name):
    try:
        canonicalize_name(name, validate=True)
        valid = True
    except InvalidName:
        valid = False
    assert (mistake_in_name(PYPI, name) is None) == valid


@pytest.mark.parametrize("name", ["lamp\n", "ſ", "lamp-", "../lamp"])
def test_a_python_name_that_only_looks_right_is_not_taken(name):
    assert mistake_in_name(PYPI, name)


@given(names, names)
def test_names_are_one_for_pypi_when_they_are_one_for_packaging(one, other):
    assert same_name(PYPI, one, other) == (canonicalize_name(one) == canonicalize_name(other))


def test_each_registry_has_its_own_rule_for_names_that_are_one():
    assert same_name(CRATES, "Lamp_py", "lamp-py") and same_name(PYPI, "Lamp._py", "lamp-py")
    assert not same_name(CRATES, "lamp--py", "lamp-py") and not same_name(CRATES, "lamp.py", "lamp-py")
    assert PYPI.canonical("Lamp__Py") == "lamp-py"


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_what_crates_io_takes_cargo_takes_too(tmp_path):
    """One workspace with a crate of each name."""
    wanted = ["a", "Z9", "a-b", "a_b-c_", "x" * 64]
    assert not any(mistake_in_name(CRATES, name) for name in wanted)
    (tmp_path / "Cargo.toml").write_text(f"[workspace]\nresolver = '2'\nmembers = {wanted}\n")
    for name in wanted:
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "src" / "lib.rs").touch()
        (tmp_path / name / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "0.1.0"\n')
    asked = ["cargo", "metadata", "--offline", "--no-deps", "--format-version", "1"]
    said = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert sorted(package["name"] for package in json.loads(said)["packages"]) == sorted(wanted)


def found(files):
    return discover({**lamp(), **{path: text.encode() for path, text in files.items()}}).problems


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        ("bulb/Cargo.toml", '[package]\nversion = "0.1.0"\nname = "lämp"\n', "bulb/Cargo.toml:3"),
        ("bulb/Cargo.toml", f'[package]\nname = "{"a" * 65}"\nversion = "0.1.0"\n', "bulb/Cargo.toml:2"),
        (
            "bulb/pyproject.toml",
            '[build-system]\nrequires = ["hatchling"]\n[project]\nversion = "1.0"\nname = "../lamp"\n',
            "bulb/pyproject.toml:5",
        ),
        (
            "bulb/pyproject.toml",
            '[build-system]\nrequires = ["poetry-core"]\n[tool.poetry]\nname = "la mp"\nversion = "1.0"\n',
            "bulb/pyproject.toml:4",
        ),
    ],
)
def test_a_name_that_its_registry_refuses_is_a_problem_with_file_and_line(path, text, where):
    more = '\ndescription = "x"\nlicense = "MIT"\n' if path.endswith("Cargo.toml") else ""
    (problem,) = found({path: text.rstrip("\n") + more})
    assert problem.where == where
    assert "the name" in problem.what and problem.fix


def test_a_name_in_setup_cfg_is_a_problem_with_its_line():
    files = {
        "bulb/pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n',
        "bulb/setup.cfg": "[metadata]\nname = la mp\nversion = 1.0\n",
    }
    (problem,) = found(files)
    assert problem.where == "bulb/setup.cfg:2"


def test_two_crates_whose_names_are_one_for_crates_io_are_a_problem():
    crate = '[package]\nname = "{}"\nversion = "0.1.0"\ndescription = "x"\nlicense = "MIT"\n'
    files = tree({"one/Cargo.toml": crate.format("bulb-x"), "two/Cargo.toml": crate.format("bulb_x")})
    assert discover(files).packages == ()
    assert "one and two would both be published" in refusal(files, "bulb-x 0.2.0")
