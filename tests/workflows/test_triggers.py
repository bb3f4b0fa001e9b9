"""What starts a workflow: events, filters, types; and which files are no workflows.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on
"""

import pytest

from bot.workflows import events
from bot.workflows.files import is_workflow, read_workflow, started
from bot.workflows.triggers import skips_ci, starts
from bot.workflows.values import UNKNOWN

JOBS = "\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"


def workflow(on, jobs=JOBS):
    return read_workflow(".github/workflows/w.yml", f"on: {on}{jobs}".encode())


def starts_on_push(on, ref, changed=("a",)):
    found = workflow(on)
    assert found.problem is None
    return starts(found.triggers, events.push(ref, changed))


@pytest.mark.parametrize(
    ("on", "ref", "starting"),
    [
        ("push", "refs/heads/main", True),
        ("push", "refs/tags/v1", True),
        ("[push, pull_request]", "refs/heads/main", True),
        ("pull_request", "refs/heads/main", False),
        ("{push: null}", "refs/tags/v1", True),
        ("{push: {branches: [main]}}", "refs/heads/main", True),
        ("{push: {branches: [main]}}", "refs/heads/other", False),
        ("{push: {branches: [main]}}", "refs/tags/v1", False),
        ("{push: {branches-ignore: [main]}}", "refs/tags/v1", False),
        ("{push: {tags: ['v*']}}", "refs/tags/v1", True),
        ("{push: {tags: ['v*']}}", "refs/heads/main", False),
        ("{push: {tags-ignore: ['v*']}}", "refs/tags/v1", False),
        ("{push: {branches: [main], tags: ['v*']}}", "refs/tags/v1", True),
    ],
)
def test_branches_and_tags_decide_which_push_starts_a_workflow(on, ref, starting):
    assert starts_on_push(on, ref) is starting


@pytest.mark.parametrize(
    ("filters", "changed", "starting"),
    [
        ("paths: ['src/**']", ["src/lib.rs", "README.md"], True),
        ("paths: ['src/**']", ["README.md"], False),
        ("paths: ['src/**', '!src/*.md']", ["src/a.md"], False),
        ("paths-ignore: ['**.md']", ["README.md", "src/lib.rs"], True),
        ("paths-ignore: ['**.md']", ["README.md"], False),
    ],
)
def test_paths_decide_too(filters, changed, starting):
    assert starts_on_push(f"{{push: {{{filters}}}}}", "refs/heads/main", changed) is starting


def test_paths_play_no_part_for_tags():
    assert starts_on_push("{push: {paths: [src/lib.rs]}}", "refs/tags/v1", ["README.md"])


def test_a_pull_request_is_judged_by_its_base_and_what_happened():
    def starting(on, base, action, changed=("a",)):
        return starts(workflow(on).triggers, events.pull_request(1, base, action, changed))

    on = "{pull_request: {branches: [main]}}"
    assert starting(on, "main", "synchronize")
    assert not starting(on, "next", "synchronize")
    assert not starting(on, "main", "closed")
    assert starting("{pull_request: {types: [closed]}}", "main", "closed")
    assert not starting("{pull_request: {paths: [b]}}", "main", "opened")
    assert not starting("push", "main", "opened")


@pytest.mark.parametrize(
    ("on", "action", "starting"),
    [
        ("release", "published", True),
        ("{release: null}", "created", True),
        ("{release: {types: [published]}}", "published", True),
        ("{release: {types: [published]}}", "created", False),
        ("{release: {types: edited}}", "published", False),
        ("push", "published", False),
    ],
)
def test_a_release_is_judged_by_what_happened_to_it(on, action, starting):
    assert starts(workflow(on).triggers, events.release("v1", action)) is starting


def test_a_workflow_may_wait_for_the_run_of_another():
    on = "{workflow_run: {workflows: [Wheels], types: [completed]}}"
    assert starts(workflow(on).triggers, events.finished_run("Wheels", "v1"))
    assert not starts(workflow(on).triggers, events.finished_run("Docs", "v1"))


def test_which_runs_a_push_starts_is_one_question():
    files = {
        name: read_workflow(name, f"on: {on}{JOBS}".encode())
        for name, on in {
            "always": "push",
            "code": "{push: {branches: [main], paths: ['src/**']}}",
            "tags": "{push: {tags: ['v*']}}",
            "nightly": "{schedule: [{cron: '0 0 * * *'}]}",
            "broken": "[push",
        }.items()
    }
    assert started(files, events.push("refs/heads/main", ["src/lib.rs"])) == {"always": True, "code": True}
    assert started(files, events.push("refs/heads/main", ["README.md"])) == {"always": True}
    assert started(files, events.push("refs/heads/main")) == {"always": True, "code": UNKNOWN}
    assert started(files, events.push_of_tag("v1")) == {"always": True, "tags": True}


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (".github/workflows/a.yml", True),
        (".github/workflows/a.yaml", True),
        (".github/workflows/a.sh", False),
        (".github/workflows/deep/a.yml", False),
        (".github/actions/a.yml", False),
    ],
)
def test_which_files_are_workflows(path, is_one):
    assert is_workflow(path) is is_one


@pytest.mark.parametrize("message", ["docs [skip ci]", "x\n\n[CI SKIP]", "x\n\nskip-checks: true"])
def test_a_commit_message_can_skip_ci(message):
    assert skips_ci(message)
    assert not skips_ci("skip ci in this")


@pytest.mark.parametrize(
    "content",
    [
        b"on: [push\njobs",
        b"\xff\xfe",
        b"- a",
        b"",
        b"on: push",
        b"jobs: {a: {runs-on: x}}",
        b"on: push\njobs: {a: {needs: b, runs-on: x}}",
        b"on: push\njobs: {a: {needs: b, runs-on: x}, b: {needs: a, runs-on: x}}",
        b"on: {push: {tags: [a], tags-ignore: [b]}}\njobs: {a: {runs-on: x}}",
    ],
)
def test_a_file_that_is_no_workflow_has_a_problem_and_is_not_an_error(content):
    assert read_workflow(".github/workflows/w.yml", content).problem


@pytest.mark.parametrize(
    ("on", "base", "starting"),
    [
        ("merge_group", "main", True),
        ("{merge_group: {types: [checks_requested]}}", "main", True),
        ("{merge_group: {types: [destroyed]}}", "main", False),
        ("{merge_group: {branches: [main]}}", "main", True),
        ("{merge_group: {branches: [main]}}", "other", False),
        ("{merge_group: {branches-ignore: [main]}}", "main", False),
        ("push", "main", False),
    ],
)
def test_a_merge_queue_starts_workflows_by_the_branch_that_it_merges_into(on, base, starting):
    assert starts(workflow(on).triggers, events.merge_group(base)) is starting
