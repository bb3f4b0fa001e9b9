"""Which jobs run: conditions in both polarities, what is skipped with what, called workflows.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif, #jobsjob_idneeds;
status functions: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions;
the github context: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
"""

import json

import pytest

from bot.workflows import events
from bot.workflows.files import read_workflow
from bot.workflows.runs import holds, run_of
from bot.workflows.values import UNKNOWN

TAG = events.push_of_tag("v0.5.0", repository="octo/lamp", repository_owner="octo")
BRANCH = events.push("refs/heads/main", ["src/lib.rs"], repository="octo/lamp")
RELEASE = events.release("v0.5.0")


def run(text, event=TAG, **others):
    """The jobs of a run; `others` are the YAML of files by name without `.yml`."""
    files = {
        path: read_workflow(path, content.encode())
        for name, content in {"w": text, **others}.items()
        for path in [f".github/workflows/{name}.yml"]
    }
    workflow = files[".github/workflows/w.yml"]
    assert workflow.problem is None, workflow.problem
    return run_of(workflow, event, files)


def states(text, event=TAG, **others):
    return {job.id: job.runs for job in run(text, event, **others)}


def state(condition, event=TAG):
    """Whether a job with this condition runs."""
    (job,) = run(f"on: push\njobs: {{a: {{runs-on: x, if: {json.dumps(condition)}}}}}", event)
    return job.runs


@pytest.mark.parametrize(
    ("condition", "tag", "branch", "release"),
    [
        # The conditions of finding F1 of the architecture's review.
        ("github.event_name == 'workflow_dispatch'", False, False, False),
        ("github.ref == 'refs/heads/main'", False, True, False),
        ("!startsWith(github.ref,'refs/tags/')", False, True, False),
        ("github.event_name != 'push'", False, False, True),
        # The same the other way round.
        ("github.event_name != 'workflow_dispatch'", True, True, True),
        ("github.ref != 'refs/heads/main'", True, False, True),
        ("startsWith(github.ref,'refs/tags/')", True, False, True),
        ("github.event_name == 'push'", True, True, False),
        # Contexts.
        ("github.ref == 'refs/tags/v0.5.0'", True, False, True),
        ("github.ref_name == 'v0.5.0'", True, False, True),
        ("github.ref_name == 'main'", False, True, False),
        ("github.ref_type == 'tag'", True, False, True),
        ("github.ref_type == 'TAG'", True, False, True),
        ("github.ref_type == 'branch'", False, True, False),
        ("github['ref_type'] == 'tag'", True, False, True),
        ("github.event.ref == 'refs/tags/v0.5.0'", True, False, False),
        ("startsWith(github.event.ref, 'refs/tags')", True, False, False),
        ("github.event.created", True, UNKNOWN, False),
        ("github.event.deleted", False, UNKNOWN, False),
        ("github.event.action == 'published'", False, False, True),
        ("github.event.release.tag_name == 'v0.5.0'", False, False, True),
        ("github.event.release.draft", False, False, False),
        ("github.event.release.prerelease", False, False, UNKNOWN),
        ("github.event.pull_request", False, False, False),
        ("!github.event.pull_request", True, True, True),
        ("github.head_ref || github.base_ref", False, False, False),
        ("github.repository == 'octo/lamp'", True, True, UNKNOWN),
        ("github.repository == 'else/fork'", False, False, UNKNOWN),
        ("github.repository_owner == 'octo'", True, UNKNOWN, UNKNOWN),
        ("github.actor != 'dependabot[bot]'", UNKNOWN, UNKNOWN, UNKNOWN),
        ("contains(github.event.head_commit.message, 'release')", UNKNOWN, UNKNOWN, False),
        (
            "contains(github.event.pull_request.labels.*.name, 'full') || github.event_name != 'pull_request'",
            True,
            True,
            True,
        ),
        ("contains(github.event.pull_request.labels.*.name, 'full')", False, False, False),
        ("!contains(github.ref, 'rc')", True, True, True),
        ("contains(github.ref, '0.5')", True, False, True),
        ("endsWith(github.ref, '.0')", True, False, True),
        ("!endsWith(github.ref, '.0')", False, True, False),
        ('contains(fromJSON(\'["push", "release"]\'), github.event_name)', True, True, True),
        ("contains(fromJSON('[\"schedule\"]'), github.event_name)", False, False, False),
        ("format('refs/tags/{0}', 'v0.5.0') == github.ref", True, False, True),
        ('join(fromJSON(\'["refs", "heads", "main"]\'), \'/\') == github.ref', False, True, False),
        ("toJSON(github.event_name) == '\"push\"'", True, True, False),
        ("case(github.ref_type == 'tag', true, false)", True, False, True),
        ("inputs.dry-run", False, False, False),
        ("inputs.dry-run != true", True, True, True),
        ("github.event.inputs.version == ''", True, True, True),
        # Operators.
        ("github.ref_type == 'tag' && github.event_name == 'push'", True, False, False),
        ("github.ref_type == 'tag' || github.event_name == 'push'", True, True, True),
        ("(github.ref_type == 'tag' || vars.FORCE) && github.event_name == 'push'", True, UNKNOWN, False),
        ("vars.FORCE && github.event_name == 'schedule'", False, False, False),
        ("vars.FORCE || github.event_name == 'push'", True, True, UNKNOWN),
        ("vars.FORCE == 'true'", UNKNOWN, UNKNOWN, UNKNOWN),
        ("1 < 2", True, True, True),
        ("2 <= 1", False, False, False),
        ("'b' > 'A'", True, True, True),
        ("'a' >= 'B'", False, False, False),
        # Status functions: nothing is needed, and nothing has failed.
        ("success()", True, True, True),
        ("failure()", False, False, False),
        ("always()", True, True, True),
        ("cancelled()", False, False, False),
        ("!cancelled()", True, True, True),
        ("always() && github.ref_type == 'tag'", True, False, True),
        # Forms.
        ("", True, True, True),
        ("true", True, True, True),
        ("false", False, False, False),
        ("${{ false }}", False, False, False),
        ("${{ github.ref_type == 'branch' }}", False, True, False),
        ("${{ github.ref_type }} == 'nothing'", True, True, True),
        (" ${{ false }}", True, True, True),
        ("'false'", True, True, True),
        ("0", False, False, False),
        ("what? is: this", UNKNOWN, UNKNOWN, UNKNOWN),
        ("matrix.os == 'linux'", UNKNOWN, UNKNOWN, UNKNOWN),
        ("hashFiles('Cargo.lock') != ''", UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_a_condition_is_judged_for_a_tag_a_branch_and_a_release(condition, tag, branch, release):
    assert (state(condition, TAG), state(condition, BRANCH), state(condition, RELEASE)) == (tag, branch, release)


@pytest.mark.parametrize(("written", "runs"), [("true", True), ("false", False), ("1", True), ("null", True)])
def test_a_condition_may_be_no_text(written, runs):
    (job,) = run(f"on: push\njobs: {{a: {{runs-on: x, if: {written}}}}}")
    assert job.runs is runs


NEVER, MAYBE = "if: false", "if: vars.X"


@pytest.mark.parametrize(
    ("jobs", "wanted"),
    [
        # A skip goes down the chain of those that need the job, unless their condition lets them go on.
        ("a: {NEVER}; b: {needs: a}; c: {needs: b}", {"a": False, "b": False, "c": False}),
        ("a: {NEVER}; b: {needs: a, if: always()}", {"a": False, "b": True}),
        ("a: {NEVER}; b: {needs: a, if: '!cancelled()'}", {"a": False, "b": True}),
        ("a: {NEVER}; b: {needs: a, if: '!failure()'}", {"a": False, "b": True}),
        ("a: {NEVER}; b: {needs: a, if: success()}", {"a": False, "b": False}),
        ("a: {NEVER}; b: {needs: a, if: failure()}", {"a": False, "b": False}),
        ("a: {NEVER}; b: {needs: a, if: 'true'}", {"a": False, "b": False}),
        # https://github.com/actions/runner/issues/491: it goes on behind a job that ran in spite of it.
        ("a: {NEVER}; b: {needs: a, if: always()}; c: {needs: b}", {"a": False, "b": True, "c": False}),
        ("a: {NEVER}; b: {needs: a, if: always()}; c: {needs: b, if: always()}", {"a": False, "b": True, "c": True}),
        ("a: {}; b: {NEVER}; c: {needs: [a, b]}; d: {needs: a}", {"a": True, "b": False, "c": False, "d": True}),
        ("a: {NEVER}; b: {needs: a, if: always() && needs.a.result == 'skipped'}", {"a": False, "b": True}),
        ("a: {NEVER}; b: {needs: a, if: always() && needs.a.result == 'success'}", {"a": False, "b": False}),
        ("a: {}; b: {needs: a, if: needs.a.result == 'success'}", {"a": True, "b": True}),
        ("a: {}; b: {needs: a, if: \"contains(needs.*.result, 'failure')\"}", {"a": True, "b": False}),
        ("a: {}; b: {needs: a, if: \"contains(needs.*.result, 'success')\"}", {"a": True, "b": True}),
        # What is not known goes down the chain, too.
        ("a: {MAYBE}; b: {needs: a}", {"a": UNKNOWN, "b": UNKNOWN}),
        ("a: {MAYBE}; b: {needs: a, if: always()}", {"a": UNKNOWN, "b": True}),
        ("a: {MAYBE}; b: {needs: a, if: always() && needs.a.result != 'x'}", {"a": UNKNOWN, "b": UNKNOWN}),
        ("a: {MAYBE}; b: {needs: a, if: false}", {"a": UNKNOWN, "b": False}),
        # Outputs: text that is known, steps that are not, nothing of a job that does not run.
        ("a: {outputs: {x: yes}}; b: {needs: a, if: needs.a.outputs.x == 'yes'}", {"a": True, "b": True}),
        (
            "a: {outputs: {x: '${{ github.ref_type }}'}}; b: {needs: a, if: needs.a.outputs.x == 'tag'}",
            {"a": True, "b": True},
        ),
        (
            "a: {outputs: {x: '${{ steps.s.outputs.x }}'}}; b: {needs: a, if: needs.a.outputs.x}",
            {"a": True, "b": UNKNOWN},
        ),
        ("a: {outputs: {x: yes}}; b: {needs: a, if: needs.a.outputs.z}", {"a": True, "b": False}),
        ("a: {NEVER, outputs: {x: yes}}; b: {needs: a, if: always() && needs.a.outputs.x}", {"a": False, "b": False}),
    ],
)
def test_what_a_job_needs_decides_with_its_condition(jobs, wanted):
    listed = jobs.replace("NEVER", NEVER).replace("MAYBE", MAYBE).split("; ")
    text = "\n".join(f"  {job.replace('{', '{runs-on: x, ', 1)}" for job in listed)
    assert states(f"on: push\njobs:\n{text}\n") == wanted


def test_jobs_stand_in_the_order_of_the_file():
    assert list(states("on: push\njobs: {z: {runs-on: x, needs: a}, a: {runs-on: x}}")) == ["z", "a"]


def test_after_a_failure_only_conditions_that_ask_for_it_hold():
    text = """
on: push
jobs:
  a: {runs-on: x}
  b: {runs-on: x, needs: a}
  c: {runs-on: x, needs: b, if: failure()}
  d: {runs-on: x, needs: b, if: always()}
  e: {runs-on: x, needs: b, if: "!cancelled() && needs.b.result == 'skipped'"}
"""
    jobs = {job.id: job for job in run(text)}
    ended = {"a": {"failure"}, "b": {"skipped"}}
    assert {key: holds(jobs[key].gates, ended) for key in "bcde"} == {"b": False, "c": True, "d": True, "e": True}
    assert {key: holds(jobs[key].gates, ended, cancelled=True) for key in "bcde"} == {
        "b": False, "c": True, "d": True, "e": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("jobs", "names"),
    [
        ("{build: {runs-on: x}}", ["build"]),
        ("{build: {runs-on: x, name: Build}}", ["Build"]),
        (
            "{t: {runs-on: x, strategy: {matrix: {os: [a, b], v: [1, 2]}}}}",
            ["t (a, 1)", "t (a, 2)", "t (b, 1)", "t (b, 2)"],
        ),
        ("{t: {runs-on: x, name: T, strategy: {matrix: {os: [a]}}}}", ["T (a)"]),
        ("{t: {runs-on: x, name: 'T ${{ matrix.os }}', strategy: {matrix: {os: [a, b]}}}}", ["T a", "T b"]),
        ("{t: {runs-on: x, strategy: {matrix: {os: [a], include: [{os: a, n: 1}, {os: c, n: 2}]}}}}",
            ["t (a)", "t (c, 2)"]),
        ("{t: {runs-on: x, strategy: {matrix: '${{ fromJSON(needs.a.outputs.m) }}'}}}", ["t"]),
        ("{t: {runs-on: x, name: '%s'}}" % ("n" * 120), ["n" * 97 + "..."]),
    ],
)  # fmt: skip
def test_jobs_are_named_as_github_names_them(jobs, names):
    assert [job.name for job in run(f"on: push\njobs: {jobs}\n")] == names


STEPS = """
on: push
env: {LEVEL: file, FILE: f}
jobs:
  a:
    runs-on: ${{ matrix.os }}
    env: {LEVEL: job}
    continue-on-error: ${{ matrix.soft }}
    environment: {name: "${{ github.ref_type }}-env"}
    permissions: {id-token: write}
    strategy: {matrix: {include: [{os: ubuntu-latest, soft: true}, {os: windows-11-arm, soft: false}]}}
    steps:
      - {run: "one ${{ env.LEVEL }} ${{ env.FILE }} ${{ secrets.X }}", if: runner.os == 'Linux'}
      - {uses: a/b@v1, with: {arch: "${{ runner.arch }}", n: 1.50}, if: env.LEVEL == 'job', env: {LEVEL: step}}
"""


def test_a_job_is_filled_in_for_each_combination():
    linux, windows = run(STEPS)
    assert (linux.name, windows.name) == ("a (ubuntu-latest, true)", "a (windows-11-arm, false)")
    assert (linux.may_fail, windows.may_fail) == (True, False)
    assert (linux.environment, linux.may_identify, linux.host.system) == ("tag-env", True, "linux")
    assert [step.runs for step in linux.steps] == [True, False]
    assert [step.runs for step in windows.steps] == [False, False]
    assert linux.steps[0].run == "one job f ${{ secrets.X }}"
    assert linux.steps[0].name == "Run one job f ${{ secrets.X }}"
    assert windows.steps[1].inputs == {"arch": "ARM64", "n": "1.5"}
    assert windows.steps[1].env == {"LEVEL": "step", "FILE": "f"}


def test_a_variable_is_not_known_where_a_script_sets_some():
    steps = "[{run: echo A=y >> $GITHUB_ENV}, {run: t, if: env.A == 'x'}]"
    text = f"on: push\nenv: {{A: x}}\njobs: {{a: {{runs-on: x, steps: {steps}}}}}"
    assert [step.runs for step in run(text)[0].steps] == [True, UNKNOWN]


CALLER = """
on: push
permissions: {contents: read}
jobs:
  first: {runs-on: x, if: IF}
  call:
    needs: first
    if: CALL
    uses: ./.github/workflows/called.yml
    with: {word: "${{ github.ref_type }}", on: true}
  last: {runs-on: x, needs: call}
"""
CALLED = """
on: {workflow_call: {inputs: {word: {type: string}, on: {type: boolean}, other: {type: number, default: 3}}}}
jobs:
  one: {name: One, runs-on: x, if: inputs.word == 'tag' && inputs.on && inputs.other == 3}
  two: {runs-on: x, needs: one, if: always(), permissions: {}}
"""


def call(first="true", condition="true"):
    return run(CALLER.replace("IF", first).replace("CALL", condition), called=CALLED)


def test_a_called_workflow_stands_in_the_callers_place():
    jobs = call()
    assert [(job.id, job.name, job.runs) for job in jobs] == [
        ("first", "first", True),
        ("call/one", "call / One", True),
        ("call/two", "call / two", True),
        ("last", "last", True),
    ]
    assert jobs[1].needs == {"first"}
    assert jobs[2].needs == {"first", "call/one"}
    assert jobs[3].needs == {"call/one", "call/two"}
    assert jobs[1].permissions == {"contents": "read"}
    assert jobs[2].permissions == {}


@pytest.mark.parametrize(("first", "condition"), [("false", "true"), ("true", "false")])
def test_a_caller_that_is_skipped_skips_all_that_it_calls(first, condition):
    assert {job.id: job.runs for job in call(first, condition)} == {
        "first": first == "true",
        "call": False,
        "last": False,
    }


def test_a_caller_that_may_run_makes_all_that_it_calls_unknown():
    assert {job.id: job.runs for job in call("vars.X")} == {
        "first": UNKNOWN, "call/one": UNKNOWN, "call/two": UNKNOWN, "last": UNKNOWN,
    }  # fmt: skip


def test_a_called_workflow_has_jobs_of_its_own_for_each_combination():
    text = """
on: push
jobs:
  call:
    strategy: {matrix: {word: [tag, branch]}}
    uses: ./.github/workflows/called.yml
    with: {word: "${{ matrix.word }}", on: true}
"""
    assert states(text, called=CALLED) == {
        "call (tag)/one": True, "call (tag)/two": True, "call (branch)/one": False, "call (branch)/two": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "uses", ["./.github/workflows/gone.yml", "octo/x/.github/workflows/a.yml@v1", "./.github/workflows/w.yml"]
)
def test_a_call_of_what_is_not_there_is_unknown_and_said_so(uses):
    (job,) = run(f"on: [push, workflow_call]\njobs: {{a: {{uses: {uses}}}}}")
    assert (job.runs, job.unknown) == (True, f"it calls {uses}, which is not known here")


def test_a_matrix_that_only_the_run_knows_makes_one_job_of_which_that_is_said():
    (job,) = run(
        "on: push\njobs: {a: {runs-on: x, name: 'n ${{ matrix.v }}', strategy: {matrix: '${{ fromJSON(vars.M) }}'}}}"
    )
    assert (job.name, job.unknown) == ("n ${{ matrix.v }}", "its matrix is computed, or larger than GitHub allows")


def test_a_matrix_without_a_combination_runs_nothing():
    assert states("on: push\njobs: {a: {runs-on: x, strategy: {matrix: {v: []}}}, b: {runs-on: x, needs: a}}") == {
        "a": False, "b": False,
    }  # fmt: skip


MANY = ", ".join(
    f"j{at}: {{runs-on: x, strategy: {{matrix: {{v: [{', '.join(map(str, range(250)))}]}}}}}}" for at in range(40)
)
LONG = "on: push\njobs:\n" + "".join(
    f"  j{at}: {{runs-on: x, needs: [{f'j{at - 1}' if at else ''}]}}\n" for at in range(1_500)
)
VALUES = ", ".join(map(str, range(200)))
STEP = f"[{{run: '{'x' * 300_000}'}}]"
BIG = f"on: push\njobs: {{a: {{runs-on: x, strategy: {{matrix: {{v: [{VALUES}]}}}}, steps: {STEP}}}}}"
NESTED = "on: [push, workflow_call]\njobs: {%s}"


@pytest.mark.parametrize(
    ("text", "others"),
    [
        (f"on: push\njobs: {{{MANY}}}", {}),
        (LONG, {}),
        (BIG, {}),
        (
            NESTED % ", ".join(f"j{at}: {{uses: ./.github/workflows/a0.yml}}" for at in range(30)),
            {
                f"a{level}": NESTED
                % ", ".join(f"j{at}: {{uses: ./.github/workflows/a{level + 1}.yml}}" for at in range(30))
                for level in range(8)
            },
        ),
    ],
    ids=["matrices", "chain", "text", "calls"],
)
def test_a_hostile_run_ends_and_says_what_it_left_out(text, others):
    jobs = run(text, **others)
    assert len(jobs) < 5_000
    assert any(job.unknown for job in jobs)
