import pytest

from bot.release.ci.required import unknown_names
from bot.workflows.files import read_workflow
from tests.release.builders import pushed

TREE = pushed("ci.yml: {name: Tests, on: push}", "lint.yml: {name: Lint, on: pull_request}").files


def said(*required, reported=("codecov/project",), ended=True, files=TREE):
    found = unknown_names(required, files, reported, where=".github/release.toml:2", ended=ended)
    return [(each.what, each.fix) for each in found]


@pytest.mark.parametrize(
    "name", ["ci.yml", "lint.yml", ".github/workflows/ci.yml", "Tests", "Lint", "Rustfmt", "codecov/project"]
)
def test_a_workflow_a_job_and_a_check_of_the_head_may_be_required(name):
    assert said(name) == []


@pytest.mark.parametrize(
    ("name", "nearest"), [("ci.yaml", "ci.yml"), ("rustfmt", "Rustfmt"), ("codecov/projects", "codecov/project")]
)
@pytest.mark.parametrize("ended", [True, False])
def test_a_name_that_nothing_has_is_refused_at_once_with_the_nearest(name, nearest, ended):
    assert said(name, ended=ended) == [
        (f"`required` names {name!r}, which no workflow, job or check has", f"Did you mean `{nearest}`?")
    ]


def test_a_name_that_is_like_no_other_may_be_an_app_s_that_reports_when_ci_has_ended():
    assert said("deploy-preview", ended=False) == []
    assert len(said("deploy-preview", ended=True)) == 1


def test_a_job_whose_name_only_a_run_tells_is_taken():
    computed = b"""
on: push
jobs:
  t:
    name: Test (${{ matrix.os }})
    strategy: {matrix: "${{ fromJSON(vars.MATRIX) }}"}
    runs-on: u
"""
    files = {".github/workflows/ci.yml": read_workflow(".github/workflows/ci.yml", computed)}
    assert said("Test (plan9)", files=files) == []
    assert len(said("Tost (plan9)", files=files)) == 1
