"""Which files follow a release, in situations that people report."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.shared import needs_shared
from tests.wild.cases import NAMES, asked

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")
needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not here")
pytestmark = needs_shared

OPTIONAL = "optionalDependencies"


def version_in(manifest: str) -> str:
    """The first version that a Cargo.toml says of itself."""
    found = re.search(r'^version = "(.*)"$', manifest, re.MULTILINE)
    assert found
    return found[1]


def locked(folder):
    """Whether cargo takes the lock as it is."""
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version=1"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_02_packages_for_platforms_get_the_version():
    told = asked("02", "lantern 0.5.0")
    for path in ("node/package.json", "node/npm/linux-x64-gnu/package.json", "node/npm/darwin-arm64/package.json"):
        assert json.loads(told.after(path))["version"] == "0.5.0"
    assert json.loads(told.after("node/package-lock.json"))["packages"][""]["version"] == "0.5.0"


def test_02_exact_requirements_on_packages_for_platforms_move_or_it_is_told():
    told = asked("02", "lantern 0.5.0")
    root = json.loads(told.after("node/package-lock.json"))["packages"][""]
    said = {*json.loads(told.after("node/package.json"))[OPTIONAL].values(), *root[OPTIONAL].values()}
    assert said == {"0.5.0"} or OPTIONAL in told.warnings


def test_10_the_citation_gets_version_and_day():
    after = asked("10", "0.5.0").after("CITATION.cff")
    assert "version: 0.5.0\n" in after
    assert 'date-released: "2026-11-29"\n' in after


@pytest.mark.parametrize(("path", "new"), [("src/lib.rs", "lantern/0.5.0"), ("README.md", 'lantern = "0.5"')])
def test_10_other_places_of_the_version_move_or_are_told(path, new):
    told = asked("10", "0.5.0")
    assert new in told.after(path) or path in told.warnings


def test_11_the_crate_beside_a_package_json_that_follows_gets_the_version():
    assert version_in(asked("11", "lantern 0.5.0").after("node/Cargo.toml")) == "0.5.0"


def test_11_a_crate_that_had_the_released_version_gets_the_new_one_or_is_told():
    told = asked("11", "lantern 0.5.0")
    assert version_in(told.after("java/Cargo.toml")) == "0.5.0" or "java/Cargo.toml" in told.warnings


def test_17_npm_workspaces_move_together_or_it_is_told():
    told = asked("17", "lantern 0.5.0")
    lock = json.loads(told.after("package-lock.json"))["packages"]
    required = json.loads(told.after("web/package.json"))["dependencies"]["@morgan/lantern"]
    together = lock["node"]["version"] == "0.5.0" and required == "^0.5.0"
    assert together or "package-lock.json" in told.warnings


@needs_npm
def test_17_npm_ci_passes_after_the_release(tmp_path):
    folder = asked("17", "lantern 0.5.0").write(tmp_path / "after")
    command = ["npm", "ci", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


@needs_npm
def test_17_npm_ci_passes_before_it(tmp_path):
    folder = tmp_path / "before"
    subprocess.run(["git", "clone", "--quiet", str(asked("17", "lantern 0.5.0").folder), str(folder)], check=True)
    command = ["npm", "ci", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


@needs_cargo
def test_29_a_development_version_of_python_in_a_crate(tmp_path):
    told = asked("29", "0.2.0.dev3")
    assert told.released == {"pypi:lantern": ("0.2.0.dev3", "v0.2.0.dev3")}
    assert version_in(told.after("pyproject.toml")) == "0.2.0.dev3"
    assert version_in(told.after("Cargo.toml")) == "0.2.0-dev.3"
    assert locked(told.write(tmp_path / "after"))


@needs_cargo
def test_32_the_lock_of_a_fixture_that_leads_to_the_crate_moves_with_it(tmp_path):
    told = asked("32", "lantern 0.5.0")
    fixture = "lantern/tests/fixtures/plugin"
    assert 'version = "0.5.0" }' in told.after(f"{fixture}/Cargo.toml")
    assert locked(told.write(tmp_path / "after") / fixture)


@needs_cargo
def test_32_a_fixture_is_no_package():
    assert set(asked("32", "lantern 0.5.0").released) == {"crates.io:lantern"}


def test_41_nothing_but_the_version_changes():
    told = asked("41", "0.5.0")
    was, now = told.before("Cargo.toml").splitlines(), told.after("Cargo.toml").splitlines()
    assert [new for old, new in zip(was, now, strict=True) if old != new] == [
        'version       = "0.5.0"   # keep in step with the site',
        'lantern = { path = "core", version = "0.5.0" }',
    ]


def test_each_case_is_asked():
    here = {path: path.read_text("utf-8") for path in Path(__file__).parent.glob("test_case_*.py")}
    asked_for = {name for text in here.values() for name in re.findall(r'asked\("(\d\d)"', text)}
    assert {name[:2] for name in NAMES} == asked_for
