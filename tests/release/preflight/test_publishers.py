"""The jobs that publish a tag, their environments, and the first publish of a new name."""

from bot.github.facts import DeploymentPolicy
from bot.packaging.registry import Registry
from bot.plan.model import Bump, Package
from bot.release.preflight.publishers import (
    about_environments,
    about_first_publish,
    about_tokens,
    environments,
    publishers,
)
from bot.workflows.files import read_workflow

PATH = ".github/workflows/publish.yml"


def bump(registry=Registry.CRATES_IO, tag="v0.5.0"):
    package = Package("tidewater", registry, ".", "Cargo.toml", "0.4.0", "v{version}", None, "publish.yml")
    return Bump(package, "0.4.0", "0.5.0", tag)


def jobs(text="publish", *, environment="release", when="", step="run: cargo publish", more=""):
    file = f"""
on: {{push: {{tags: ['v*']}}}}
permissions: {{id-token: write}}
jobs:
  {text}:
    runs-on: ubuntu-latest
    {f"environment: {environment}" if environment else ""}
    {f"if: {when}" if when else ""}
    steps:
      {more}
      - {step}
"""
    read = read_workflow(PATH, file.encode())
    assert read.problem is None, read.problem
    return publishers([bump()], {PATH: read})


def said(judgement):
    return [f"{problem.where} {problem.what} {problem.fix}" for problem in judgement.problems]


def policy(**more):
    return DeploymentPolicy("release", **more)


def test_the_environments_of_publishing_jobs_are_those_that_are_named_literally():
    assert environments(jobs()) == ("release",)
    assert environments(jobs(environment="${{ vars.WHERE }}")) == ()
    assert environments(jobs(environment="")) == ()
    assert environments(jobs(step="run: cargo test")) == ()
    assert environments(jobs(when="false")) == ()


def test_a_tag_that_may_not_deploy_there_is_a_problem_with_its_way_out():
    (problem,) = said(about_environments(jobs(), [policy(tags=("release-*",))]))
    assert problem.startswith(PATH)
    assert "the environment `release` does not let the tag v0.5.0 deploy" in problem
    assert "`release-*`" in problem and "`v*`" not in problem
    assert "Settings → Environments" in problem


def test_an_environment_for_protected_branches_lets_no_tag_deploy():
    (problem,) = said(about_environments(jobs(), [policy(protected_branches=True)]))
    assert "protected branches" in problem


def test_a_tag_that_a_pattern_matches_may_deploy():
    assert said(about_environments(jobs(), [policy(tags=("v*",))])) == []
    assert said(about_environments(jobs(environment="Release"), [policy(tags=("x*",))])) != []
    assert said(about_environments(jobs(environment="other"), [policy(tags=("x*",))])) == []


def test_a_job_that_may_be_skipped_is_warned_of_only():
    found = about_environments(jobs(when="${{ vars.PUBLISH == 'yes' }}"), [policy(tags=("x*",))])
    assert found.problems == ()
    assert "does not let the tag v0.5.0 deploy" in found.warnings[0]


AUTH = "- uses: rust-lang/crates-io-auth-action@v1"


def test_a_new_crate_that_only_a_trusted_publisher_publishes_is_warned_of():
    (told,) = about_first_publish(jobs(more=AUTH), frozenset({"crates.io:tidewater"})).warnings
    assert "tidewater is not on crates.io yet" in told
    assert "token" in told


def test_a_crate_that_is_there_or_published_with_a_token_is_not_warned_of():
    assert about_first_publish(jobs(more=AUTH), frozenset()).warnings == ()
    assert about_first_publish(jobs(), frozenset({"crates.io:tidewater"})).warnings == ()


def test_a_token_for_a_crate_that_trusted_publishers_alone_publish_is_warned_of():
    (told,) = about_tokens(jobs(), frozenset({"crates.io:tidewater"})).warnings
    assert "takes new versions from trusted publishers alone" in told and "publish.yml" in told
    assert about_tokens(jobs(more=AUTH), frozenset({"crates.io:tidewater"})).warnings == ()
    assert about_tokens(jobs(), frozenset()).warnings == ()


def test_a_new_project_on_pypi_needs_a_pending_publisher():
    file = read_workflow(
        PATH,
        b"on: {push: {tags: ['v*']}}\npermissions: {id-token: write}\njobs: {p: {runs-on: u, environment: pypi, "
        b"steps: [{uses: pypa/gh-action-pypi-publish@release/v1}]}}",
    )
    found = publishers([bump(Registry.PYPI)], {PATH: file})
    (told,) = about_first_publish(found, frozenset({"pypi:tidewater"})).warnings
    assert "pending publisher" in told and "publish.yml" in told and "`pypi`" in told
