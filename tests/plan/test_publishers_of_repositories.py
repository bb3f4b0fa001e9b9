"""Who publishes the packages of real repositories, on what trigger and which files, as somebody read it by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.packaging.names import same_name
from bot.packaging.registry import REGISTRIES
from bot.plan import discover, wants_path
from bot.plan.model import Discovery, Package, Tree
from bot.plan.paths import CONFIG_PATH
from bot.workflows.document import read_document
from bot.workflows.files import FOLDER, is_workflow
from bot.workflows.releasing import Start

TRIGGERS = {
    "push tag": Start.TAG,
    "release: published": Start.RELEASE,
    "workflow_dispatch": Start.HAND,
    "workflow_run": Start.RUN,
    "push to main": Start.ROBOT,
    "pull_request": Start.ROBOT,
    "by hand": Start.NOBODY,
}
"""What the cases call each trigger, by how the words begin. Both that push to main run release-plz there."""


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, tuple[dict[str, Any], tuple[Package, ...]]]:
    """Of each repository what is expected, and its packages; with their right tags, which are another test's."""
    found = {}
    for path in sorted((shared / "data/repositories").glob("*/case.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        root = path.parent / "tree"
        files = {each.relative_to(root).as_posix(): each for each in root.rglob("*") if each.is_file()}
        tree = {name: each.read_bytes() for name, each in files.items() if wants_path(name)}
        tags = [each["name"] for each in about["tags"]]
        found[path.parent.name] = (about["expected"], with_tags(tree, tags, about).packages)
    assert len(found) == 26
    return found


def with_tags(tree: Tree, tags: list[str], about: dict[str, Any]) -> Discovery:
    """Discovery with the tag format that the case tells for each package that is found."""
    formats, others = about["expected"]["tag_format"], about["expected"].get("other_packages", {})
    lines = []
    for package in discover(tree, tags, about["repository"]).packages:
        said = formats if isinstance(formats, str) else formats.get(package.key)
        tag = others.get(package.key) or said or "v{version}"
        lines += ["[[package]]", f'name = "{package.name}"', f'registry = "{package.registry}"', f'tag = "{tag}"']
        lines += [f'path = "{package.path}"']
    return discover({**tree, CONFIG_PATH: "\n".join(lines).encode()}, tags, about["repository"])


def named(packages: tuple[Package, ...], registry: str, name: str) -> Iterator[Package]:
    known = REGISTRIES[registry]
    yield from (each for each in packages if each.registry is known and same_name(known, each.name, name))


def test_the_publisher_and_its_trigger_are_the_packages_own(cases):
    wrong, asked = {}, 0
    for name, (expected, packages) in cases.items():
        for about in expected["packages"]:
            of_it = [each for each in expected["publish"] if each["registry"] == about["registry"]]
            said = next((each for each in of_it if each.get("package", about["name"]) == about["name"]), None)
            for package in named(packages, about["registry"], about["name"]):
                right = (None, Start.NOBODY)
                if said and said["workflow"]:
                    right = said["workflow"], next(TRIGGERS[key] for key in TRIGGERS if said["trigger"].startswith(key))
                asked += 1
                if (package.workflow, package.start) != right:
                    wrong[f"{name}/{package.key}"] = (package.workflow, package.start, right)
    assert (wrong, asked >= 70) == ({}, True)


def test_the_promised_files_are_those_that_its_jobs_build(cases):
    wrong, asked = {}, 0
    for name, (expected, packages) in cases.items():
        for about, files in (expected["files"] or {}).items():
            for package in named(packages, "pypi", about):
                asked += 1
                if set(package.files) != set(files):
                    wrong[f"{name}/{about}"] = set(package.files) ^ set(files)
    assert (wrong, asked >= 22) == ({}, True)


def test_what_is_not_released_has_no_publisher(cases):
    """Crates that a script or a loop leaves out by name are published by nobody."""
    script = "kornia-rs"
    expected, packages = cases[script]
    left_out = [each for each in packages if each.name in expected["not_released"] and each.workflow]
    assert left_out == []


def test_the_names_of_workflow_files_and_the_order_of_jobs_tell_nothing(shared):
    for path in sorted((shared / "data/repositories").glob("*/case.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        root = path.parent / "tree"
        files = {each.relative_to(root).as_posix(): each for each in root.rglob("*") if each.is_file()}
        tree = {name: each.read_bytes() for name, each in files.items() if wants_path(name)}
        renamed, names = turned_round(tree)
        tags = [each["name"] for each in about["tags"]]
        before, after = (answers(each, tags, about["repository"]) for each in (tree, renamed))
        assert {key: (names.get(what[0] or ""), *what[1:]) for key, what in before.items()} == after, path.parent.name


def answers(tree: Tree, tags: list[str], repository: str) -> dict[str, tuple[Any, ...]]:
    packages = discover(tree, tags, repository).packages
    return {each.key: (each.workflow, each.start, each.robot, each.files, each.promises.guessed) for each in packages}


def turned_round(tree: Tree) -> tuple[dict[str, bytes], dict[str, str]]:
    """The tree with other names for its workflow files, the last first, and their jobs in the other order."""
    workflows = [path for path in sorted(tree, reverse=True) if is_workflow(path)]
    names = {path.removeprefix(FOLDER): f"{at:02}.yml" for at, path in enumerate(workflows)}
    made = {path: content for path, content in tree.items() if path not in workflows}
    for path in workflows:
        document: Any = read_document(tree[path])
        jobs = dict(reversed(document["jobs"].items()))
        text = yaml.dump({**document, "jobs": jobs}, sort_keys=False, width=10**6)
        for old, new in names.items():
            text = text.replace(f"workflows/{old}", f"workflows/{new}")
        made[FOLDER + names[path.removeprefix(FOLDER)]] = text.encode()
    return made, names
