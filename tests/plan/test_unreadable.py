"""Files that cannot be read: named where the release depends on them, and no hindrance elsewhere."""

import pytest

from bot.plan.model import Tree
from tests.plan.trees import crate, plan, pyproject, refusal, tree

BINARY = b'{"version": "0.4.0"}\xff\xfe'
HUGE = b'{"version": "0.4.0"}' + b" " * 20_000_000
DEEP = b"[" * 100_000
PACKAGE = '{"version": "0.4.0"}'
PYTHON: dict[str, str | bytes] = {"pyproject.toml": pyproject("lamp", "0.3.0", backend="hatchling")}
VERSION = '__version__ = "0.3.0"\n'
RELEASE = "on: {push: {tags: ['v*']}}\n# Ausf\u00fchrung"


def with_crate(path: str, content: bytes, **more: str | bytes) -> Tree:
    return tree({"Cargo.toml": crate(), path: content, **more})


@pytest.mark.parametrize(
    ("content", "what"),
    [(BINARY, "is not UTF-8"), (HUGE, "is larger than 20 MB"), (DEEP, "is nested too deeply")],
)
def test_a_package_json_of_a_released_package_that_cannot_be_read_is_named(content: bytes, what: str):
    assert refusal(with_crate("node/package.json", content), "0.5.0").startswith(f"node/package.json: {what}")
    locked = with_crate("package-lock.json", content, **{"package.json": PACKAGE})
    assert refusal(locked, "0.5.0").startswith(f"package-lock.json: {what}")


def test_a_package_json_of_nobody_or_of_another_package_does_not_block():
    shade = {"shade/Cargo.toml": crate("shade", "0.2.0")}
    for path in ("shade/package.json", "tests/js/package.json", "package-lock.json"):
        assert plan(with_crate(path, BINARY, **shade), "0.5.0").bumps
    assert "shade/package.json: is not UTF-8" in refusal(
        with_crate("shade/package.json", BINARY, **shade), "shade 0.3.0"
    )


@pytest.mark.parametrize(
    ("path", "content", "what"),
    [
        ("src/lamp/__init__.py", VERSION.encode() + b"# \xfc\n", "is not UTF-8"),
        ("src/lamp/_version.py", VERSION.encode("utf-16"), "is not UTF-8"),
        ("src/lamp/_version.py", VERSION.encode() + b"#" * 1_000_000, "is larger than 1 MB"),
        ("VERSION", b"\xff\xfe0.3.0", "is not UTF-8"),
        ("VERSION", b"0.3.0" + b"\n" * 1_000_000, "is larger than 1 MB"),
    ],
)
def test_a_version_file_of_a_released_project_that_cannot_be_read_is_named(path: str, content: bytes, what: str):
    assert refusal(tree({**PYTHON, path: content}), "0.4.0").startswith(f"{path}: {what}")


def test_a_version_file_that_says_no_version_or_belongs_to_another_does_not_block():
    legacy = b"# \xfc\nfrom lamp._version import __version__\nprint(__version__ == 1)\n"
    assert plan(tree({**PYTHON, "src/lamp/__init__.py": legacy}), "0.4.0").bumps
    assert plan(tree({**PYTHON, "tests/__init__.py": VERSION.encode() + b"\xfc"}), "0.4.0").bumps
    other: dict[str, str | bytes] = {"rust/Cargo.toml": crate("wick"), "VERSION": b"\xff"}
    assert plan(tree({**PYTHON, **other}), "wick 0.5.0").bumps


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (RELEASE.encode("latin-1"), "is not UTF-8"),
        (RELEASE.encode("utf-16"), "is not UTF-8"),
        (b"#" * 1_100_000 + b"\n" + RELEASE.encode(), "is larger than 1024 KiB"),
    ],
)
def test_a_workflow_about_releases_that_cannot_be_read_is_named(content: bytes, what: str):
    path = ".github/workflows/publish.yml"
    assert refusal(with_crate(path, content), "0.5.0").startswith(f"{path}: {what}")


def test_a_workflow_about_something_else_does_not_block():
    for content in (b"on: push # \xfc\n", b"#" * 300_000, "on: push".encode("utf-16")):
        assert plan(with_crate(".github/workflows/lint.yml", content), "0.5.0").bumps
