import pytest

from bot.packaging.registry import Registry
from bot.plan import discover
from bot.workflows.releasing import Start, read_workflows
from tests.plan.trees import lamp, plan, refusal, tree

RUST = """
on:
  push:
    tags: ["v[0-9]+.[0-9]+.[0-9]+"]
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - run: cargo publish --locked
"""
PYTHON = """
on:
  push:
    tags:
      - 'py-v*'
jobs:
  sdist:
    runs-on: ubuntu-latest
    steps:
      - run: maturin sdist --out dist
  wheels:
    strategy:
      matrix:
        include:
          - {os: ubuntu-latest, target: x86_64, manylinux: auto}
          - {os: ubuntu-24.04-arm, target: aarch64, manylinux: auto, can-fail: true}
          - {os: ubuntu-latest, target: x86_64, manylinux: musllinux_1_2}
          - {os: ubuntu-latest, target: aarch64-unknown-linux-musl}
          - {os: macos-latest, target: x86_64}
          - {os: macos-latest, target: aarch64}
          - {os: windows-latest, target: x64}
    runs-on: ${{ matrix.os }}
    continue-on-error: ${{ matrix.can-fail == true }}
    steps:
      - uses: PyO3/maturin-action@v1
        with:
          target: ${{ matrix.target }}
          manylinux: ${{ matrix.manylinux }}
          args: --release --out dist
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
GENERATED = """
on: {push: {tags: ['*']}}
jobs:
  linux:
    runs-on: ${{ matrix.platform.runner }}
    strategy:
      matrix:
        platform:
          - {runner: ubuntu-22.04, target: x86_64}
          - {runner: ubuntu-22.04, target: armv7}
    steps:
      - uses: PyO3/maturin-action@v1
        with: {target: '${{ matrix.platform.target }}', args: --release --find-interpreter}
  macos:
    runs-on: macos-14
    steps:
      - uses: PyO3/maturin-action@v1
        with: {args: --release --target universal2-apple-darwin}
  sdist:
    runs-on: ubuntu-latest
    steps:
      - uses: PyO3/maturin-action@v1
        with: {command: sdist}
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: PyO3/maturin-action@v1
        with: {command: upload}
"""
ALL: tuple[str, ...] = ("sdist", "linux-x86_64", "linux-aarch64", "musllinux-x86_64", "musllinux-aarch64")
ALL += ("macos-x86_64", "macos-arm64", "windows-x86_64")
FILES = {".github__workflows__publish.yml": RUST, ".github__workflows__python-publish.yml": PYTHON}


def with_workflows():
    return {
        **lamp(),
        ".github/workflows/publish.yml": RUST.encode(),
        ".github/workflows/python-publish.yml": PYTHON.encode(),
    }


def files_of(text: str, *, extension: bool = True) -> tuple[str, ...]:
    workflows, problems = read_workflows(tree({".github/workflows/publish.yml": text}))
    assert problems == []
    return workflows[0].expected("py-v1.0.0", extension=extension).files


def test_each_package_finds_its_publish_workflow_and_its_tags():
    rust, python = discover(with_workflows()).packages
    assert (rust.workflow, rust.tag) == ("publish.yml", "v{version}")
    assert (python.workflow, python.tag) == ("python-publish.yml", "py-v{version}")


def test_the_wheels_of_the_matrix_are_expected_also_those_that_may_fail():
    python = discover(with_workflows()).packages[1]
    assert python.files == ALL
    assert python.sources["files"] == ".github/workflows/python-publish.yml"


def test_what_maturin_generates_is_read_too():
    assert files_of(GENERATED) == ("sdist", "linux-x86_64", "linux-armv7l", "macos-x86_64", "macos-arm64")


def test_a_pure_python_build_promises_an_sdist_and_one_wheel():
    text = "on: push\njobs: {x: {runs-on: x, steps: [{run: python -m build}, {run: twine upload dist/*}]}}"
    assert files_of(text, extension=False) == ("sdist", "any")


def test_a_computed_matrix_promises_nothing():
    text = PYTHON.replace(
        "matrix:\n        include:", "matrix: ${{ fromJSON(needs.plan.outputs.matrix) }}\n      x:\n        include:"
    )
    assert files_of(text) == ()  # not the sdist alone either: the releases before tell more


def test_include_and_exclude_work_as_on_github():
    text = """
on: push
jobs:
  wheels:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
        target: [x86_64, aarch64]
        exclude: [{os: windows-latest, target: aarch64}]
        include: [{os: macos-latest, target: aarch64}]
    steps:
      - uses: PyO3/maturin-action@v1
        with: {target: "${{ matrix.target }}"}
"""
    assert files_of(text) == ("linux-x86_64", "linux-aarch64", "macos-arm64", "windows-x86_64")


def test_publishing_to_the_test_index_or_trying_it_out_is_not_publishing():
    runs = ["cargo publish --dry-run", "twine upload -r https://test.pypi.org/legacy/ x"]
    text = "on: push\njobs:\n  x:\n    runs-on: x\n    steps:\n" + "".join(f"      - run: {run}\n" for run in runs)
    assert read_workflows(tree({".github/workflows/release.yml": text}))[0][0].publishes == frozenset()


def test_a_called_workflow_counts_for_its_caller():
    caller = "on: {push: {tags: ['v*']}}\njobs:\n  x:\n    uses: ./.github/workflows/publish.yml\n"
    workflows, _ = read_workflows(tree({".github/workflows/tag.yml": caller, ".github/workflows/publish.yml": RUST}))
    assert {workflow.name: workflow.publishes for workflow in workflows}["tag.yml"] == {Registry.CRATES_IO}


def test_a_tag_that_would_start_nothing_is_refused_with_the_patterns():
    answer = refusal(with_workflows(), "rc")
    assert ".github/workflows/publish.yml" in answer
    assert "v0.5.0-rc.1" in answer
    assert "v[0-9]+.[0-9]+.[0-9]+" in answer


def wheels_on(event):
    """The tree whose wheels are published by another event than their tag."""
    content = PYTHON.replace("  push:\n    tags:\n      - 'py-v*'\n", f"  {event}\n")
    return {**with_workflows(), ".github/workflows/python-publish.yml": content.encode()}


@pytest.mark.parametrize(
    ("on", "start"),
    [
        ("push: {tags: ['py-v*']}", Start.TAG),
        ("push: {tags: ['py-v*']}, workflow_dispatch: null, release: {types: [published]}", Start.TAG),
        ("push: null", Start.TAG),
        ("release: {types: [published]}", Start.RELEASE),
        ("push: {branches: [main]}, release: null, workflow_dispatch: null", Start.RELEASE),
        ("release: {types: [edited]}, workflow_dispatch: null", Start.HAND),
        ("workflow_dispatch: {inputs: {tag: {required: true}}}", Start.HAND),
        ("workflow_run: {workflows: [first]}, workflow_dispatch: null", Start.RUN),
        ("push: {branches: [main]}, workflow_dispatch: null", Start.BRANCH),
        ("schedule: [{cron: x}]", Start.UNKNOWN),
    ],
)
def test_what_starts_a_publish_workflow(on, start):
    first = "name: first\non: {push: {tags: ['py-v*']}}\njobs: {a: {runs-on: u, steps: [{run: cargo publish}]}}"
    whole = f"on: {{{on}}}\njobs: {{a: {{runs-on: u, steps: [{{run: maturin upload}}]}}}}"
    files = {".github/workflows/first.yml": first, ".github/workflows/publish.yml": whole}
    workflows = {workflow.name: workflow for workflow in read_workflows(tree(files))[0]}
    assert workflows["publish.yml"].start_for("py-v1.0.0") is start


def test_a_workflow_that_a_published_release_starts_is_said_and_refused_only_beside_a_draft():
    made = plan(wheels_on("release: {types: [published]}"), "lamp-py 0.4.0")
    assert any("I publish it right after the tag py-v0.4.0" in warning for warning in made.warnings)
    config = {".github/release.toml": b'[release]\nrelease = "draft-first"\n'}
    answer = refusal({**wheels_on("release: {types: [published]}"), **config}, "lamp-py 0.4.0")
    assert ".github/workflows/python-publish.yml:3" in answer
    assert "when a GitHub Release is published" in answer


def test_a_workflow_that_only_a_person_starts_is_said_before_and_planned():
    made = plan(wheels_on("workflow_dispatch: {inputs: {tag: {}, dry-run: {type: boolean}}}"), "lamp-py 0.4.0")
    wheels = next(bump.package for bump in made.bumps if bump.package.registry is Registry.PYPI)
    assert (wheels.workflow, wheels.start, wheels.asks) == ("python-publish.yml", Start.HAND, ("tag", "dry-run"))
    told = f".github/workflows/python-publish.yml publishes {wheels.name} only when it is started by hand"
    assert [warning for warning in made.warnings if warning.startswith(told)]


def test_a_broken_workflow_is_a_problem_that_names_it():
    for content in (b"on: [push\njobs: release", b"\xff release", b"release: " + b"[" * 5000, b"on: release"):
        problems = discover({**lamp(), ".github/workflows/publish.yml": content}).problems
        assert [problem.where.partition(":")[0] for problem in problems] == [".github/workflows/publish.yml"]
