"""Places that are known by themselves: they move where they say the package's old version, and only there."""

import hashlib

import pytest

from tests.plan.trees import after, bindings, crate, plan, pyproject, text, tree

PY = {"pyproject.toml": pyproject("lamp", "0.4.0", backend="hatchling")}
CITATION = 'cff-version: 1.2.0\ntitle: Lamp\nversion: 0.4.0\ndate-released: "2026-01-02"\n'


def moved(path: str, content: str, *asked: str, **files: str) -> str:
    before = tree({**(files or {"Cargo.toml": crate()}), path: content})
    return text(after(before, plan(before, *(asked or ("0.5.0",)))), path)


def test_a_citation_file_gets_version_and_date():
    nested = "preferred-citation:\n  version: 0.4.0\n"
    assert moved("CITATION.cff", CITATION + nested) == (
        'cff-version: 1.2.0\ntitle: Lamp\nversion: 0.5.0\ndate-released: "2026-04-04"\n' + nested
    )


def test_a_citation_file_keeps_the_line_ends_of_windows():
    content = CITATION.replace("\n", "\r\n")
    files = tree({"Cargo.toml": crate(), "CITATION.cff": content})
    moved_on = after(files, plan(files, "0.5.0"))["CITATION.cff"]
    assert moved_on == content.replace("0.4.0", "0.5.0").replace("2026-01-02", "2026-04-04").encode()


def test_a_citation_file_that_was_left_behind_long_ago_is_left_and_said():
    files = tree({"Cargo.toml": crate(), "CITATION.cff": CITATION.replace("0.4.0", "0.3.1")})
    made = plan(files, "0.5.0")
    assert "CITATION.cff says 0.3.1, not 0.4.0, so it is left alone." in made.warnings
    assert "CITATION.cff" not in {edit.path for edit in made.edits}


def test_what_says_the_last_final_release_moves_after_release_candidates_and_bumps_by_hand():
    said = {"README.md": 'lamp = "0.4"\n', "CITATION.cff": CITATION}
    for version in ("0.5.0-rc.2", "0.5.0"):
        files = tree({"Cargo.toml": crate(version=version), **said})
        made = after(files, plan(files, "0.5.0", tags=["v0.4.0"]))
        assert text(made, "README.md") == 'lamp = "0.5"\n'
        assert "version: 0.5.0\n" in text(made, "CITATION.cff")
    files = tree({"Cargo.toml": crate(version="0.5.0-rc.1"), **said})
    candidate = plan(files, "0.5.0-rc.2", tags=["v0.4.0", "v0.5.0-rc.1"])
    assert {edit.path for edit in candidate.edits} & set(said) == set()


def test_a_citation_file_over_two_packages_of_one_version_moves_when_both_are_released():
    two = {
        "Cargo.toml": '[workspace]\nmembers = ["lamp", "shade"]\n',
        "lamp/Cargo.toml": crate(),
        "shade/Cargo.toml": crate("shade"),
    }
    assert moved("CITATION.cff", CITATION, "lamp 0.5.0", **two) == CITATION
    assert moved("CITATION.cff", CITATION, "lamp 0.5.0", "shade 0.6.0", **two) == CITATION
    assert "version: 0.5.0" in moved("CITATION.cff", CITATION, "lamp 0.5.0", "shade 0.5.0", **two)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".bumpversion.toml", '[tool.bumpversion]\ncurrent_version = "0.4.0"\n'),
        (".bumpversion.cfg", "[bumpversion]\ncommit = True\ncurrent_version = 0.4.0\n\n[bumpversion:file:x]\n"),
        ("setup.cfg", "[flake8]\nx = 1\n[bumpversion]\ncurrent_version = 0.4.0\n"),
        (".cz.toml", '[tool.commitizen]\nname = "cz"\nversion = "0.4.0"\n'),
        ("tbump.toml", '[version]\ncurrent = "0.4.0"\n'),
        ("pixi.toml", '[workspace]\nname = "lamp"\nversion = "0.4.0"\n'),
    ],
)
def test_the_files_of_version_tools_follow(path: str, content: str):
    assert moved(path, content) == content.replace("0.4.0", "0.5.0")
    other = content.replace("0.4.0", "0.3.9")
    assert moved(path, other) == other


def test_the_tables_of_tools_in_pyproject_follow_and_a_table_of_another_name_does_not():
    tools = '[tool.bumpversion]\ncurrent_version = "0.4.0"\n[tool.commitizen]\nname = "cz"\nversion = "0.4.0"\n'
    pixi = '[tool.pixi.workspace]\nname = "other"\nversion = "0.4.0"\n'
    content = PY["pyproject.toml"] + tools + pixi
    assert moved("pyproject.toml", content, **PY) == content.replace("0.4.0", "0.5.0").replace(
        pixi.replace("0.4.0", "0.5.0"), pixi
    )


@pytest.mark.parametrize(
    ("written", "new", "expected"),
    [
        ("__version_info__ = (0, 4, 0)", "0.5.0", "__version_info__ = (0, 5, 0)"),
        ("VERSION: tuple = (0,4)", "0.5.0", "VERSION: tuple = (0,5)"),
        ("version_info = (0, 4, 0)", "1.2.3", "version_info = (1, 2, 3)"),
        ("__version_info__ = (0, 3, 0)", "0.5.0", "__version_info__ = (0, 3, 0)"),
        ("__version_info__ = (0, 4, 0)", "0.5.0rc1", "__version_info__ = (0, 4, 0)"),
    ],
)
def test_a_version_tuple_beside_the_version_follows(written: str, new: str, expected: str):
    content = f'__version__ = "0.4.0"\n{written}\n'
    assert moved("src/lamp/__init__.py", content, new, **PY).splitlines()[1] == expected


def test_a_version_tuple_that_cannot_say_the_new_version_is_named():
    files = tree({**PY, "src/lamp/__init__.py": "\n__version_info__ = (0, 4, 0, 'final', 0)\n"})
    said = "src/lamp/__init__.py:2 says __version_info__ = (0, 4, 0, 'final', 0), which is left to you."
    assert said in plan(files, "0.5.0").warnings


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('lamp = "0.4"', 'lamp = "0.5"'),
        ('lamp = "^0.4.0"', 'lamp = "^0.5.0"'),
        ('lamp = "=0.4.0"', 'lamp = "=0.5.0"'),
        ('lamp = { version = "0.4", features = ["x"] }', 'lamp = { version = "0.5", features = ["x"] }'),
        ("cargo add lamp@0.4", "cargo add lamp@0.5"),
        ("cargo install lamp --locked --version 0.4.0", "cargo install lamp --locked --version 0.5.0"),
        ("see https://docs.rs/lamp/0.4.0/lamp/", "see https://docs.rs/lamp/0.5.0/lamp/"),
        ("https://docs.rs/lamp/latest", None),
        ('lamp = "0.3"', None),
        ('lamp = "0.40"', None),
        ('my-lamp = "0.4"', None),
        ('lamp-core = "0.4"', None),
        ("lamp@0.4.0-alpine", None),
        ("lamp@0.4.01", None),
        ("Since lamp 0.4.0 it burns.", None),
        (
            "![v](https://img.shields.io/badge/version-0.4.0-blue)",
            "![v](https://img.shields.io/badge/version-0.5.0-blue)",
        ),
        ("https://img.shields.io/badge/lamp-v0.4.0-blue.svg", "https://img.shields.io/badge/lamp-v0.5.0-blue.svg"),
        ("https://img.shields.io/badge/rust-0.4.0-blue", None),
        ("https://img.shields.io/badge/MSRV-0.4-blue", None),
    ],
)
def test_the_install_lines_of_a_crate_keep_their_precision(line: str, expected: str | None):
    assert moved("README.md", f"# lamp\n\n{line}\n") == f"# lamp\n\n{expected or line}\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pip install lamp==0.4.0", "pip install lamp==0.5.0"),
        ("pip install 'Lamp[wick]~=0.4'", "pip install 'Lamp[wick]~=0.5'"),
        ("uvx lamp@0.4.0", "uvx lamp@0.5.0"),
        ("pip install lamp>=0.4.0", None),
        ("pip install lampshade==0.4.0", None),
        ("https://pypi.org/project/lamp/0.4.0/", "https://pypi.org/project/lamp/0.5.0/"),
    ],
)
def test_the_install_lines_of_a_python_package_follow(line: str, expected: str | None):
    assert moved("README.md", f"{line}\n", **PY) == f"{expected or line}\n"


def test_install_lines_stay_for_a_prerelease_and_below_headings_about_changes():
    assert moved("README.md", 'lamp = "0.4"\n', "0.5.0-rc.1") == 'lamp = "0.4"\n'
    past = '# Upgrading\n\nlamp = "0.4"\n\n# Use\n\n'
    assert moved("README.md", past + 'lamp = "0.4"\n') == past + 'lamp = "0.5"\n'
    assert moved("README.md", 'lamp = "0.4"\n', "0.4.1") == 'lamp = "0.4"\n'


def test_install_lines_tell_a_crate_and_a_project_of_one_name_apart():
    files = {
        "lamp/Cargo.toml": crate(),
        "py/pyproject.toml": pyproject("lamp", "0.4.0", backend="hatchling"),
    }
    lines = 'lamp = "0.4"\nlamp==0.4.0\n'
    assert moved("README.md", lines, "crates.io:lamp 0.5.0", **files) == 'lamp = "0.5"\nlamp==0.4.0\n'
    assert moved("README.md", lines, "pypi:lamp 0.6.0", **files) == 'lamp = "0.4"\nlamp==0.6.0\n'


def test_the_head_of_a_crate_follows_and_its_code_does_not():
    head = '#![doc(html_root_url = "https://docs.rs/lamp/0.4.0")]\n//! lamp = "0.4"\n'
    code = 'const EXAMPLE: &str = r#"lamp = "0.4""#;\n'
    assert moved("src/lib.rs", head + code) == head.replace("0.4", "0.5") + code
    assert "docs.rs/lamp/0.5.0-rc.1" in moved("src/lib.rs", head, "0.5.0-rc.1")
    other = head.replace("lamp", "shade")
    assert moved("src/lib.rs", other) == other


def test_a_changelog_is_never_touched():
    content = '# Changelog\n\n## [Unreleased]\n\n- lamp = "0.4"\n\n## [0.4.0] - 2026-01-02\n\n- lamp==0.4.0\n'
    assert 'lamp = "0.4"' in moved("CHANGELOG.md", content)
    assert moved("docs/release-notes.md", "lamp@0.4.0\n") == "lamp@0.4.0\n"


def test_the_readme_of_bindings_follows_the_package_of_npm():
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["lamp", "node"]\n',
        "lamp/Cargo.toml": crate(),
        "node/Cargo.toml": bindings("lamp-node", "0.0.0", 'lamp = { path = "../lamp" }').replace(
            "[lib]", "publish = false\n[lib]"
        ),
        "node/package.json": '{"name": "@keeper/lamp", "version": "0.4.0"}',
    }
    assert moved("node/README.md", "npm i @keeper/lamp@0.4.0\n", **files) == "npm i @keeper/lamp@0.5.0\n"


def pixi_lock(sha: str, version: str = "0.4.0") -> str:
    return (
        "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n"
        "      - pypi: ./\npackages:\n"
        "- conda: https://conda.anaconda.org/x/lamp-0.4.0-0.conda\n  sha256: aa\n"
        f"- pypi: ./\n  name: lamp\n  version: {version}\n  sha256: {sha}\n"
        "  requires_python: '>=3.11'\n  editable: true\n"
        "- pypi: https://files.pythonhosted.org/lamp-0.4.0.whl\n  name: lamp\n  version: 0.4.0\n  sha256: bb\n"
    )


def digest(content: str) -> str:
    return hashlib.sha256(content.replace("\r\n", "\n").encode()).hexdigest()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_pixi_lock_gets_version_and_hash_of_the_local_project(ending: str):
    project = PY["pyproject.toml"].replace("\n", ending)
    before = tree({"pyproject.toml": project, "pixi.lock": pixi_lock(digest(project))})
    made = after(before, plan(before, "0.5.0"))
    assert text(made, "pixi.lock") == pixi_lock(digest(text(made, "pyproject.toml")), "0.5.0")


def test_pixi_lock_with_a_hash_that_is_not_understood_is_left_and_said():
    before = tree({**PY, "pixi.lock": pixi_lock("cc")})
    made = plan(before, "0.5.0")
    assert text(after(before, made), "pixi.lock") == pixi_lock("cc")
    assert "pixi.lock holds lamp in a form that is not edited here: run `pixi lock`." in made.warnings
