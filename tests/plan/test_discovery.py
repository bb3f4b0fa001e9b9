from pathlib import Path

import pytest

from bot.plan import discover, wants_path
from bot.plan.model import Tree
from bot.plan.paths import matches_glob
from tests.plan.trees import after, bindings, crate, folder, lamp, lock, plan, pyproject, refusal, tree

ROOT = '\n[workspace]\nmembers = ["crates/*"]\n'


def keys(files: Tree) -> list[str]:
    discovery = discover(files)
    assert discovery.problems == ()
    return [package.key for package in discovery.packages]


@pytest.mark.parametrize(
    "path",
    [
        "Cargo.toml",
        "py/pyproject.toml",
        "fuzz/Cargo.lock",
        "uv.lock",
        "a/CHANGELOG.md",
        "CHANGES",
        "docs/release-notes.md",
        ".github/workflows/publish.yml",
        ".github/release.toml",
        "python/lamp/__init__.py",
        "src/lamp/_version.py",
        "VERSION",
    ],
)
def test_files_that_planning_needs_are_wanted(path: str):
    assert wants_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/main.rs",
        "vendor/serde/Cargo.toml",
        "node_modules/x/pyproject.toml",
        "target/package/x/Cargo.toml",
        "README.md",
        "tests/fixtures/one/pyproject.toml",
        "templates/new/Cargo.toml",
        "a/.github/workflows/ci.yml",
        "a/b/c/d/__init__.py",
    ],
)
def test_other_peoples_files_and_sources_are_not(path: str):
    assert not wants_path(path)


def test_a_crate_and_its_bindings_are_two_packages_and_the_bindings_crate_is_none():
    assert keys(lamp()) == ["crates.io:lamp", "pypi:lamp-py"]


def test_every_fact_has_its_source():
    crate_package, python = discover(lamp(), ["v0.4.0", "py-v0.3.0"]).packages
    assert crate_package.sources["tag"] == "tags: v0.4.0"
    assert crate_package.sources["version"] == "Cargo.toml"
    assert python.sources["version"] == "lamp-py/pyproject.toml"
    assert python.sources["workflow"] == "none found"


def test_the_root_crate_comes_first_then_what_lies_nearest():
    files = {
        "Cargo.toml": crate("zebra", more=ROOT),
        "crates/deep/Cargo.toml": crate("ant"),
        "bee/Cargo.toml": crate("bee", more="\n[workspace]\n"),
    }
    assert keys(tree(files)) == ["crates.io:zebra", "crates.io:bee", "crates.io:ant"]


@pytest.mark.parametrize(
    ("name", "content"), [("Cargo.toml", crate("lamp")), ("pyproject.toml", pyproject("lamp", backend="hatchling"))]
)
def test_a_name_that_two_folders_publish_is_a_problem_and_not_a_guess(name: str, content: str):
    files = tree({f"one/{name}": content, f"two/{name}": content, "wick/Cargo.toml": crate("wick")})
    assert keys(files) == ["crates.io:wick"]
    assert refusal(files, "lamp 0.5.0").startswith(f"two/{name}: one and two would both be published as lamp")
    assert not any("lamp" in warning for warning in plan(files, "wick 0.5.0").warnings)
    chosen = {**files, ".github/release.toml": b'[[package]]\nname = "lamp"\npath = "two"\n'}
    (bump,) = plan(chosen, "lamp 0.5.0").bumps
    assert bump.package.path == "two"
    asked = {**files, ".github/release.toml": b'[[package]]\nname = "lamp"\n'}
    assert 'Add `path = "one"` or `path = "two"`' in refusal(asked, "0.5.0")


@pytest.mark.parametrize("publish", ["publish = false", 'publish = ["corporate"]', "publish = []"])
def test_a_crate_that_may_not_be_published_is_no_package(publish: str):
    assert keys(tree({"Cargo.toml": crate("lamp", more=ROOT), "crates/x/Cargo.toml": crate("x", more=publish)})) == [
        "crates.io:lamp"
    ]


def test_publish_is_inherited_from_the_workspace():
    root = "[workspace]\nmembers = ['a']\n[workspace.package]\npublish = false\nversion = '1.0.0'\n"
    inheriting = "[package]\nname = 'a'\nversion.workspace = true\npublish.workspace = true\n"
    assert keys(tree({"Cargo.toml": root, "a/Cargo.toml": inheriting})) == []


def test_examples_fuzzers_and_bare_leftovers_are_no_packages():
    files = {
        "Cargo.toml": crate("lamp", more="\n[workspace]\nexclude = ['proofs', 'fuzz']\n"),
        "fuzz/Cargo.toml": crate("lamp-fuzz", more="\n[workspace]\n"),
        "examples/one/Cargo.toml": crate("one", more="\n[workspace]\n"),
        "proofs/Cargo.toml": "[package]\nname = 'proofs'\nversion = '0.1.0'\n",
    }
    assert keys(tree(files)) == ["crates.io:lamp"]


@pytest.mark.parametrize(
    "decoy",
    [
        "[project]\nname = 'tools'\nversion = '1.0'\n",
        "[build-system]\nrequires = []\n[tool.ruff]\n",
        pyproject("tools", more="classifiers = ['Private :: Do Not Upload']\n"),
    ],
)
def test_a_pyproject_that_only_configures_tools_is_no_package(decoy: str):
    assert keys(tree({"pyproject.toml": decoy, "py/pyproject.toml": pyproject("lamp", backend="hatchling")})) == [
        "pypi:lamp"
    ]


def test_a_dynamic_version_comes_from_the_crate_that_maturin_builds():
    files = tree({"Cargo.toml": crate("lamp", "1.2.3-rc.1"), "pyproject.toml": pyproject("lamp", None)})
    rust, python = discover(files).packages
    assert (python.version, python.manifest) == ("1.2.3-rc.1", "Cargo.toml")
    assert rust.tag == python.tag == "v{version}"


def test_maturins_manifest_path_is_followed():
    manifest = '[tool.maturin]\nmanifest-path = "rust/py/Cargo.toml"\n'
    files = tree(
        {"pyproject.toml": pyproject("lamp", None, manifest), "rust/py/Cargo.toml": bindings("lamp-rs", "2.0.0", "")}
    )
    assert [(package.key, package.version) for package in discover(files).packages] == [("pypi:lamp", "2.0.0")]


@pytest.mark.parametrize(
    ("tool", "path", "content"),
    [
        ('[tool.hatch.version]\npath = "src/lamp/__about__.py"\n', "src/lamp/__about__.py", '__version__ = "1.1.0"\n'),
        (
            '[tool.setuptools.dynamic]\nversion = {attr = "lamp.__version__"}\n',
            "src/lamp/__init__.py",
            "__version__ = '1.1.0'\n",
        ),
        ('[tool.hatch.version]\npath = "src/lamp/__init__.py"\n', "src/lamp/__init__.py", 'VERSION = "1.1.0"\n'),
        ('[tool.setuptools.dynamic]\nversion = {file = "VERSION"}\n', "VERSION", "1.1.0\n"),
        (
            '[tool.pdm.version]\nsource = "file"\npath = "lamp/__init__.py"\n',
            "lamp/__init__.py",
            '__version__: str = "1.1.0"\n',
        ),
    ],
)
def test_a_dynamic_version_is_found_in_the_file_that_holds_it(tool: str, path: str, content: str):
    files = tree({"pyproject.toml": pyproject("lamp", None, tool, backend="x"), path: content})
    assert [(package.version, package.manifest) for package in discover(files).packages] == [("1.1.0", path)]


SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


@pytest.mark.parametrize("project", ["", "[project]\nname = 'lamp'\ndynamic = ['version']\n"])
@pytest.mark.parametrize(
    ("version", "path", "content"),
    [
        ("1.1.0", "setup.cfg", ""),
        ("attr: lamp.__version__", "src/lamp/__init__.py", "__version__ = '1.1.0'\n"),
        ("file: VERSION", "VERSION", "1.1.0\n"),
    ],
)
def test_setuptools_keeps_name_and_version_in_setup_cfg(project: str, version: str, path: str, content: str):
    config = f"[tool:x]\nversion = 9\n\n[metadata]\nname = lamp\nversion = {version}\r\n\n[options]\nversion = 8\n"
    files = tree({"pyproject.toml": SETUPTOOLS + project, path: content, "setup.cfg": config})
    assert [(found.key, found.version, found.manifest) for found in discover(files).packages] == [
        ("pypi:lamp", "1.1.0", path)
    ]
    assert after(files, plan(files, "1.2.0"))[path] == files[path].replace(b"1.1.0", b"1.2.0")


def test_a_version_that_only_a_tag_decides_is_the_newest_tag():
    files = tree({"pyproject.toml": pyproject("lamp", None, "[tool.setuptools_scm]\n", backend="setuptools")})
    assert discover(files, ["v0.9.0", "v0.10.0"]).packages[0].version == "0.10.0"


def test_a_changelog_further_up_is_not_shared_by_packages_that_count_differently():
    files = dict(lamp())
    del files["lamp-py/CHANGELOG.md"]
    assert [package.changelog for package in discover(files).packages] == ["CHANGELOG.md", None]


def test_a_changelog_that_names_the_package_is_shared():
    shared = "# Changelog\n\n## lamp-py 0.3.0\n\n- x\n\n## lamp 0.4.0\n\n- x\n"
    files = {**lamp(), "CHANGELOG.md": shared.encode()}
    del files["lamp-py/CHANGELOG.md"]
    assert [package.changelog for package in discover(files).packages] == ["CHANGELOG.md", "CHANGELOG.md"]


def test_crates_wait_for_the_crates_they_require():
    root = '[workspace]\nmembers = ["a", "b"]\n'
    requires = '\n[dependencies]\na = { path = "../a", version = "0.4" }\n'
    packages = discover(
        tree({"Cargo.toml": root, "a/Cargo.toml": crate("a"), "b/Cargo.toml": crate("b", more=requires)})
    ).packages
    assert [package.after for package in packages] == [(), ("a",)]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"[package", "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"# " + b"x" * 5_000_001, "is larger than 5 MB"),
        (b"a = " + b"[" * 100_000, "is not"),
        (b"a" + b".a" * 200 + b" = 1", "is nested more than"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_that_names_it(content: bytes, what: str):
    problems = discover({**lamp(), "lamp-py/pyproject.toml": content}).problems
    assert [problem.where for problem in problems] == ["lamp-py/pyproject.toml"]
    assert what in problems[0].what


@pytest.mark.parametrize("path", ["tests/highlighted/Cargo.toml", "extra/pyproject.toml", "fuzz/Cargo.lock"])
def test_what_cannot_be_read_outside_the_workspace_is_only_noted(path: str):
    files = {**lamp(), path: b"[package"}
    assert discover(files).problems == ()
    assert [each for each in plan(files, "0.5.0").warnings if each.startswith(f"{path} is not valid TOML")]


@pytest.mark.parametrize(
    ("folder", "more"),
    [
        ("crates/bare", ""),
        ("test-crates/one", ""),
        ("tests-rust/one", ""),
        ("integration-tests", ""),
        ("pytests", ""),
        ("tools/one", ""),
        ("crates/node", "\n[lib]\ncrate-type = ['cdylib', 'rlib']\n[dependencies]\nnapi = '2'\n"),
        ("crates/c", "\n[lib]\ncrate-type = ['cdylib', 'staticlib']\n"),
        ("crates/git", "\n[dependencies]\nwick = { git = 'https://example.org/wick' }\n"),
        ("crates/path", "\n[dependencies]\nlamp = { path = '../..' }\n"),
        ("crates/above", "\n[dependencies]\nbare = { path = '../bare', version = '0.1' }\n"),
        ("extra/one", "\n[workspace]\n"),
    ],
)
def test_what_cannot_or_should_not_be_on_crates_io_is_no_package(folder: str, more: str):
    bare = "[package]\nname = 'bare'\nversion = '0.1.0'\n"
    files = {
        "Cargo.toml": crate("lamp", more="exclude = ['/extra/**/*']\n" + ROOT),
        "crates/bare/Cargo.toml": bare,
        f"{folder}/Cargo.toml": bare if folder == "crates/bare" else crate("other", more=more),
    }
    assert keys(tree(files)) == ["crates.io:lamp"]
    assert "no package" in refusal(tree(files), f"{'bare' if folder == 'crates/bare' else 'other'} 0.5.0")


@pytest.mark.parametrize(
    "more",
    [
        "\n[dev-dependencies]\nlamp = { path = '../..' }\n",
        "\n[dependencies]\nlamp = { path = '../..', version = '0.4' }\nwick = { git = 'https://x.y', version = '1' }\n",
        "\n[lib]\ncrate-type = ['cdylib', 'rlib']\n[dependencies]\npyo3 = { version = '0.29', optional = true }\n",
    ],
)
def test_what_crates_io_takes_is_a_package(more: str):
    files = {"Cargo.toml": crate("lamp", more=ROOT), "crates/other/Cargo.toml": crate("other", more=more)}
    assert keys(tree(files)) == ["crates.io:lamp", "crates.io:other"]


def test_uv_s_setting_says_nothing_about_publishing():
    made = pyproject("lamp", more="[tool.uv]\npackage = false\n", backend="hatchling")
    assert keys(tree({"pyproject.toml": made})) == ["pypi:lamp"]


def test_what_is_hidden_from_discovery_moves_with_what_it_leads_to():
    plugin = '[workspace]\n[package]\nname = "plugin"\nversion = "0.0.0"\npublish = false\n'
    requires = '[dependencies]\nlamp = { path = "../../..", version = "0.4.0" }\n'
    below = "tests/fixtures/plugin"
    files = tree(
        {
            "Cargo.toml": crate(),
            f"{below}/Cargo.toml": plugin + requires,
            f"{below}/Cargo.lock": lock("lamp 0.4.0", "plugin 0.0.0: lamp"),
        }
    )
    assert keys(files) == ["crates.io:lamp"]
    done = after(files, plan(files, "0.5.0"))
    assert done[f"{below}/Cargo.toml"] == (plugin + requires).replace("0.4.0", "0.5.0").encode()
    assert done[f"{below}/Cargo.lock"] == lock("lamp 0.5.0", "plugin 0.0.0: lamp").encode()


def test_a_maturin_project_without_a_project_table_has_its_crate_s_name_and_version():
    build = '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
    files = tree({"Cargo.toml": crate(more='\n[lib]\ncrate-type = ["cdylib"]\n'), "pyproject.toml": build})
    assert keys(files) == ["pypi:lamp"]
    (found,) = discover(files).packages
    assert (found.version, found.manifest) == ("0.4.0", "Cargo.toml")


def test_real_repositories_have_exactly_their_packages(shared: Path):
    history = shared / "data/history"
    assert keys(folder(history / "edgequake-llm/2026-04-04-e3e4a689/before")) == [
        "crates.io:edgequake-llm",
        "pypi:edgequake-litellm",
    ]
    assert keys(folder(history / "safetensors/2024-08-05-77dfa5c2/before")) == [
        "crates.io:safetensors",
        "pypi:safetensors",
    ]
    assert keys(folder(history / "jiter/2024-04-02-c31fc7d7/before")) == ["crates.io:jiter", "pypi:jiter"]


@pytest.mark.parametrize(
    ("path", "pattern", "matches"),
    [
        ("crates/a", "crates/*", True),
        ("crates/a/b", "crates/*", False),
        ("crates/a/b", "crates/**", True),
        ("crates", "crates/**", True),
        ("libs/x/core", "libs/**/core", True),
        ("crates/ab", "./crates/a[bc]", True),
        ("a", "*b", False),
        ("a/" * 60 + "a", "**/" * 30 + "b", False),
    ],
)
def test_members_match_as_in_cargo(path: str, pattern: str, matches: bool):
    assert matches_glob(path, pattern) is matches
