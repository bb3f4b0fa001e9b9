"""Every workflow of real repositories is read, and no guess becomes a fact: nothing is promised that is not built."""

import json
from pathlib import Path

import pytest

from bot.packaging.registry import Registry
from bot.workflows.events import push_of_tag, release
from bot.workflows.releasing import read_workflows
from bot.workflows.runs import run_of

FILES = {
    "attrs/attrs", "jiter/jiter", "kornia-rs/kornia_rs", "safetensors/safetensors", "tantivy-py/tantivy", "typer/typer",
    "watchfiles/watchfiles", "arro3/arro3-core", "bcrypt/bcrypt",
}  # fmt: skip
"""Repositories and packages of which the workflow tells at least some files."""


@pytest.fixture(scope="module")
def repositories(shared: Path):
    """Case and workflows, by the repository's folder."""
    found = {}
    for case in sorted((shared / "data/repositories").glob("*/case.json")):
        tree = case.parent / "tree"
        every = (path for path in tree.rglob(".github/**/*") if path.is_file())
        files = {path.relative_to(tree).as_posix(): path.read_bytes() for path in every}
        about = json.loads(case.read_text(encoding="utf-8"))
        found[case.parent.name] = (about, *read_workflows(files, about["repository"]))
    assert len(found) == 26
    return found


def test_every_file_is_read(repositories):
    assert {name: problems for name, (_, _, problems) in repositories.items() if problems} == {}


def test_what_runs_for_a_tag_or_a_release_ends_in_jobs_with_a_verdict(repositories):
    jobs = 0
    for _, workflows, _ in repositories.values():
        for each in workflows:
            for event in (push_of_tag("v1.2.3"), release("v1.2.3")):
                jobs += len(run_of(each.workflow, event, each.files))
    assert jobs > 1_000


def test_the_publish_workflow_publishes_where_the_case_says(repositories):
    wrong = []
    for name, (about, workflows, _) in repositories.items():
        by_name = {each.name: each for each in workflows}
        for said in about["expected"]["publish"]:
            found = by_name.get(said["workflow"] or "")
            if found and found.publishes and Registry.named(said["registry"]) not in found.publishes:
                wrong.append((name, said["workflow"]))
    assert wrong == []


def test_no_file_is_promised_that_the_workflow_does_not_build(repositories):
    told = set()
    for name, (about, workflows, _) in repositories.items():
        by_name = {each.name: each for each in workflows}
        said = [each for each in about["expected"]["publish"] if each["registry"] == "pypi"]
        for package, files in (about["expected"].get("files") or {}).items():
            for workflow in (by_name[each["workflow"]] for each in said if each["workflow"] in by_name):
                tag = about["expected"]["tag_format"]
                tag = (tag if isinstance(tag, str) else tag[f"pypi:{package}"]).replace("{version}", "1.2.3")
                extension = "any" not in files
                promised = set(workflow.expected(tag, extension=extension).files)
                if len(said) == 1 and (len(about["expected"]["files"]) == 1 or name == "arro3"):
                    assert promised <= set(files), (name, package, promised - set(files))
                    if promised and f"{name}/{package}" in FILES:
                        assert promised == set(files), (name, package)
                        told.add(f"{name}/{package}")
    assert told >= FILES
