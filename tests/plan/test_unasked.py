"""Nothing that Shipmate does before the review starts a workflow that publishes, or the release is refused."""

import json
from pathlib import Path

import pytest

from bot.github.writing.rebasing import successor_of
from bot.packaging.problem import Problem
from bot.plan import discover
from bot.plan.model import Bump, Plan
from bot.plan.publishing.unasked import SUCCESSOR, Where, published_besides, publishers_unasked
from tests.plan.trees import lamp, plan

CI = "name: CI\non: [push, pull_request]\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: cargo test}]}}\n"
WHERE = Where("main", "main", "morgan/lamp")
SHIP = ".github/workflows/ship.yml"
ONLY_TAGS = "startsWith(github.ref, 'refs/tags/')"


def workflow(on: str, condition: str = "", does: str = "cargo publish") -> str:
    job = "\n".join(
        [
            "jobs:",
            "  ship:",
            *([f"    if: ${{{{ {condition} }}}}"] if condition else []),
            f"    runs-on: ubuntu-latest\n    steps:\n      - run: {does}",
        ]
    )
    return f"name: Ship\non:\n  {on}\n{job}\n"


def problems(text: str, more: str = "", branch: str | None = None, **files: str) -> tuple[Problem, ...]:
    named = {f".github/workflows/{name}.yml": content for name, content in files.items()}
    tree = lamp(**{SHIP: text, ".github/workflows/ci.yml": CI, ".github/release.toml": more, **named})
    return publishers_unasked(tree, plan(tree, "0.5.0"), WHERE, branch)


@pytest.mark.parametrize(
    ("on", "condition", "when"),
    [
        ("push:", "", "publishes to crates.io when I push the branch shipmate/v0.5.0"),
        ("push: {branches: ['**']}", "", "when I push the branch shipmate/v0.5.0"),
        ("push: {branches: ['shipmate/*']}", "", "when I push the branch shipmate/v0.5.0"),
        ("push: {branches: ['**-next']}", "", "when I push the branch shipmate/v0.5.0-next"),
        ("push: {branches: ['**/yanked/**']}", "", "when I push the branch shipmate/yanked/v0.5.0"),
        ("push: {branches-ignore: [main]}", "", "when I push the branch shipmate/v0.5.0"),
        ("push: {paths: ['**/Cargo.toml']}", "", "when I push the branch shipmate/v0.5.0"),
        ("push:", "vars.PUBLISH == 'yes'", "may publish to crates.io when I push the branch shipmate/v0.5.0"),
        ("push:", "github.event.created != true", "when I push the branch shipmate/v0.5.0"),
        ("pull_request:", "", "when I open the pull request from shipmate/v0.5.0"),
        ("pull_request: {types: [synchronize]}", "", "when I move the pull request"),
        ("pull_request: {types: [edited]}", "", "when I edit the pull request"),
        ("pull_request: {types: [closed]}", "", "when I close the pull request"),
        ("pull_request_target: {branches: [main]}", "", "when I open the pull request"),
        ("create:", "", "when I make the branch shipmate/v0.5.0"),
        ("delete:", "", "when I delete the branch shipmate/v0.5.0"),
        ("workflow_run: {workflows: [CI]}", "", "when a run of CI for the branch shipmate/v0.5.0 has ended"),
        (
            "workflow_run: {workflows: [CI]}",
            "github.event.workflow_run.event == 'pull_request'",
            "when a run of CI for the branch shipmate/v0.5.0 has ended",
        ),
    ],
)
def test_what_would_publish_for_the_release_branch_or_its_pull_request_is_refused(on, condition, when):
    (found,) = problems(workflow(on, condition))
    assert found.where == f"{SHIP}:3"
    assert when in found.what
    assert "before anybody has reviewed it (job `ship`, line 5)" in found.what


@pytest.mark.parametrize(
    ("on", "condition"),
    [
        ("push:", ONLY_TAGS),
        ("push:", f"{ONLY_TAGS} && vars.PUBLISH == 'yes'"),
        ("push:", "github.ref == 'refs/heads/main'"),
        ("push:", "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"),
        ("push:", "github.repository == 'somebody/else'"),
        ("push:", "github.event_name == 'release'"),
        ("push: {branches: [main]}", ""),
        ("push: {tags: ['*']}", ""),
        ("push: {branches-ignore: ['shipmate/**']}", ""),
        ("push: {paths: ['docs/**']}", "!github.event.created"),
        ("pull_request: {branches: [stable]}", ""),
        ("pull_request:", "github.ref_type == 'tag'"),
        ("pull_request: {types: [closed]}", "github.event.pull_request.merged == true"),
        ("pull_request: {types: [labeled]}", ""),
        ("pull_request:", "contains(github.event.pull_request.labels.*.name, 'publish')"),
        ("pull_request_target:", "github.event.pull_request.head.repo.fork"),
        ("create:", "github.event.ref_type == 'tag'"),
        ("delete:", "github.ref != 'refs/heads/main'"),
        ("workflow_run: {workflows: [CI], branches: [main]}", ""),
        ("workflow_run: {workflows: [CI], types: [requested]}", ""),
        ("workflow_run: {workflows: [Nothing]}", ""),
        ("workflow_run: {workflows: [CI]}", "github.event.workflow_run.head_branch == 'main'"),
        ("workflow_dispatch:", ""),
        ("schedule: [{cron: '0 0 * * *'}]", ""),
        ("merge_group:", ""),
    ],
)
def test_what_does_not_publish_for_the_release_branch_refuses_nothing(on, condition):
    assert problems(workflow(on, condition)) == ()


@pytest.mark.parametrize("does", ["cargo publish --dry-run", "twine upload -r testpypi dist/*", "cargo test"])
def test_what_publishes_nothing_may_start_for_everything(does):
    assert problems(workflow("push:", does=does)) == ()


def test_a_step_behind_a_condition_on_tags_may_stand_in_a_job_that_runs_for_everything():
    step = f"- run: cargo publish\n        if: ${{{{ {ONLY_TAGS} }}}}"
    assert problems(workflow("push:").replace("- run: cargo publish", step)) == ()


@pytest.mark.parametrize(
    ("on", "condition", "fix", "mended_on", "mended_condition"),
    [
        (
            "push:",
            "",
            "Add 'shipmate/**' to `branches-ignore` of `on.push`, and `tags: ['**']` if tags shall still start it.",
            "push: {branches-ignore: ['shipmate/**'], tags: ['**']}",
            "",
        ),
        (
            "push: {branches-ignore: [x], tags: ['v*']}",
            "",
            "Add 'shipmate/**' to `branches-ignore` of `on.push`.",
            "push: {branches-ignore: [x, 'shipmate/**'], tags: ['v*']}",
            "",
        ),
        (
            "push: {branches: ['**']}",
            "",
            "Add '!shipmate/**' as the last of `on.push.branches`.",
            "push: {branches: ['**', '!shipmate/**']}",
            "",
        ),
        (
            "workflow_run: {workflows: [CI]}",
            "",
            "Add 'shipmate/**' to `branches-ignore` of `on.workflow_run`.",
            "workflow_run: {workflows: [CI], branches-ignore: ['shipmate/**']}",
            "",
        ),
        (
            "pull_request:",
            "",
            "`if: ${{ !startsWith(github.head_ref, 'shipmate/') }}`",
            "pull_request:",
            "!startsWith(github.head_ref, 'shipmate/')",
        ),
        (
            "pull_request_target:",
            "always()",
            "`if: ${{ !startsWith(github.head_ref, 'shipmate/') }}`, or add that to the one that it has.",
            "pull_request_target:",
            "always() && !startsWith(github.head_ref, 'shipmate/')",
        ),
        *(
            (
                f"{event}:",
                "",
                "`if: ${{ !startsWith(github.event.ref, 'shipmate/') }}`",
                f"{event}:",
                "!startsWith(github.event.ref, 'shipmate/')",
            )
            for event in ("create", "delete")
        ),
    ],
)
def test_what_is_said_to_do_helps(on, condition, fix, mended_on, mended_condition):
    (found,) = problems(workflow(on, condition))
    assert fix in found.fix
    assert problems(workflow(mended_on, mended_condition)) == ()


def test_another_prefix_is_named_only_where_it_helps():
    by_name, by_any = workflow("push: {branches: ['shipmate/**']}"), workflow("push:")
    assert "Another `branch-prefix` in .github/release.toml helps, too." in problems(by_name)[0].fix
    assert problems(by_name, '[release]\nbranch-prefix = "ship-it/"\n') == ()
    assert "Another `branch-prefix`" not in problems(by_any)[0].fix


def test_characters_of_a_prefix_that_mean_more_in_a_filter_are_escaped():
    config = '[release]\nbranch-prefix = "a+b/"\n'
    (found,) = problems(workflow("push:"), config)
    assert "Add 'a\\+b/**' to" in found.fix
    assert problems(workflow("push: {branches-ignore: ['a\\+b/**']}"), config) == ()


def test_the_branch_that_an_open_release_has_is_the_one_that_counts():
    text = workflow("push: {branches: ['ship/**']}")
    assert problems(text) == ()
    (found,) = problems(text, branch="ship/v0.5.0")
    assert "Add '!ship/**'" in found.fix


def test_a_workflow_that_calls_one_that_publishes_is_named_with_both_files():
    calls = "on: push\njobs:\n  all:\n    uses: ./.github/workflows/really.yml\n"
    called = workflow("workflow_call:", f"{ONLY_TAGS} || inputs.anyway")
    (found,) = problems(calls, really=called.replace("call:", "call: {inputs: {anyway: {default: 'yes'}}}"))
    assert found.where == f"{SHIP}:1"
    assert "(job `ship` of .github/workflows/really.yml, line 5)" in found.what
    assert problems(calls, really=called.replace(" || inputs.anyway", "")) == ()


def test_a_chain_of_workflow_runs_is_followed_to_its_end():
    second = workflow("workflow_run: {workflows: [CI]}", does="true").replace("name: Ship", "name: Second")
    (found,) = problems(workflow("workflow_run: {workflows: [Second]}"), second=second)
    assert "when a run of Second for the branch shipmate/v0.5.0 has ended" in found.what


def test_the_branch_on_which_our_next_commit_is_made_has_the_name_that_is_asked_about():
    assert successor_of("shipmate/v1") == f"shipmate/v1{SUCCESSOR}"


def test_no_real_repository_that_publishes_for_tags_is_refused(shared: Path):
    refused, asked = {}, 0
    for case in sorted((shared / "data/repositories").glob("*/case.json")):
        about, root = json.loads(case.read_text("utf-8")), case.parent / "tree"
        tree = {each.relative_to(root).as_posix(): each.read_bytes() for each in root.rglob("*") if each.is_file()}
        packages = discover(tree, [tag["name"] for tag in about["tags"]], about["repository"]).packages
        bumps = tuple(Bump(each, each.version, "99.0.0", each.tag_for("99.0.0")) for each in packages)
        branch = "shipmate/" + "+".join(dict.fromkeys(bump.tag for bump in bumps))
        made, where = Plan(bumps, (), (), "Release", "Release", branch), Where("main", "main", about["repository"])
        asked += len(bumps)
        if found := bumps and publishers_unasked(tree, made, where):
            refused[case.parent.name] = found
        tree[SHIP] = workflow("push:").encode()
        assert not bumps or len(publishers_unasked(tree, made, where)) == len(found or ()) + 1
    assert (refused, asked > 60) == ({}, True)


def besides(**texts: str) -> list[str]:
    tree = lamp(**{f".github/workflows/{name}.yml": text for name, text in texts.items()})
    return list(published_besides(tree, plan(tree, "0.5.0"), WHERE))


def test_what_a_tag_publishes_to_another_registry_is_told():
    assert besides(ship=workflow("push: {tags: ['v*']}")) == []
    wheels = workflow("push: {tags: ['*']}", does="twine upload dist/*")
    (told,) = besides(ship=workflow("push: {tags: ['v*']}"), wheels=wheels)
    assert told.startswith(".github/workflows/wheels.yml publishes to PyPI when v0.5.0 is pushed, and no package")


def test_what_the_github_release_publishes_once_more_is_told():
    both = workflow("{push: {tags: ['v*']}, release: {types: [published]}}")
    (told,) = besides(ship=both)
    assert "publishes to crates.io when the GitHub Release of v0.5.0 is published" in told
    assert besides(ship=workflow("{push: {tags: ['v*']}, release: {types: [edited]}}")) == []
