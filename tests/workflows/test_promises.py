"""The files that a publish workflow promises: cibuildwheel's selectors, generated targets, jobs that may fail."""

import pytest

from bot.workflows.building.promises import Expected, generated_files
from bot.workflows.releasing import read_workflows

UNIX = {"linux-x86_64", "musllinux-x86_64"}


def expected(jobs, tag="v1.0.0", repository="", others=(), **about):
    """What is promised by a workflow that a tag starts, with these jobs as YAML; `others` are files by name."""
    text = f"on: {{push: {{tags: ['v*']}}}}\njobs:\n{jobs}"
    files = {"publish.yml": text, **dict(others)}
    tree = {f".github/workflows/{name}": content.encode() for name, content in files.items()}
    found, problems = read_workflows(tree, repository)
    assert problems == []
    (workflow,) = [each for each in found if each.name == "publish.yml"]
    return workflow.expected(tag, **{"extension": True, **about})


def wheels(os="ubuntu-latest", env="", uses="pypa/cibuildwheel@v3.1", **pyproject):
    job = f"""
  wheels:
    runs-on: {os}
    steps:
      - uses: {uses}
        env: {{{env}}}
"""
    return expected(job, extension=False, pyproject={"tool": {"cibuildwheel": pyproject}})


def test_cibuildwheel_builds_for_its_runner_and_both_c_libraries():
    assert set(wheels().files) == UNIX


@pytest.mark.parametrize(
    ("os", "uses", "keys"),
    [
        ("ubuntu-latest", "pypa/cibuildwheel@v2.22.0", UNIX | {"linux-i686", "musllinux-i686"}),
        ("ubuntu-24.04-arm", "pypa/cibuildwheel@v3", {"linux-aarch64", "musllinux-aarch64"}),
        ("windows-latest", "pypa/cibuildwheel@v3", {"windows-x86_64", "windows-i686"}),
        ("windows-11-arm", "pypa/cibuildwheel@v3", {"windows-arm64"}),
        ("macos-14", "pypa/cibuildwheel@v3", {"macos-arm64"}),
        ("macos-13", "pypa/cibuildwheel@v3", {"macos-x86_64"}),
    ],
)
def test_the_architecture_is_the_runners_unless_something_else_is_asked_for(os, uses, keys):
    assert set(wheels(os, uses=uses).files) == keys


@pytest.mark.parametrize(
    ("os", "archs", "keys"),
    [
        ("macos-latest", "x86_64 arm64", {"macos-x86_64", "macos-arm64"}),
        ("macos-latest", "universal2", {"macos-x86_64", "macos-arm64"}),
        ("windows-latest", "AMD64, ARM64", {"windows-x86_64", "windows-arm64"}),
        ("ubuntu-latest", "aarch64", {"linux-aarch64", "musllinux-aarch64"}),
        ("windows-latest", "auto64", {"windows-x86_64"}),
    ],
)
def test_architectures_are_taken_from_the_environment(os, archs, keys):
    assert set(wheels(os, f"CIBW_ARCHS: '{archs}'").files) == keys


def test_the_environment_of_one_system_wins_and_pyproject_comes_last():
    env = "CIBW_ARCHS_LINUX: aarch64, CIBW_ARCHS: x86_64"
    assert set(wheels(env=env).files) == {"linux-aarch64", "musllinux-aarch64"}
    assert set(wheels(linux={"archs": ["i686"]}).files) == {"linux-i686", "musllinux-i686"}


def test_what_is_skipped_is_not_expected():
    assert wheels(env="CIBW_SKIP: '*-musllinux_* pp*'").files == ("linux-x86_64",)
    assert wheels(skip="*musllinux*").files == ("linux-x86_64",)
    assert wheels(env="CIBW_BUILD: 'cp3*-manylinux_x86_64'").files == ("linux-x86_64",)


def test_interpreters_that_are_named_one_by_one_are_expected():
    assert wheels(build=["cp310-*", "cp3{11,12}-*", "cp313t-*"]).pythons == ("cp310", "cp311", "cp312", "cp313t")
    assert wheels(env="CIBW_BUILD: 'cp3*'").pythons == ()


def test_the_matrix_is_expanded_in_selectors():
    job = """
  wheels:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        include:
          - {os: ubuntu-latest, build: manylinux_x86_64}
          - {os: macos-14, build: macosx_arm64}
    steps:
      - uses: pypa/cibuildwheel@v3
        env: {CIBW_BUILD: "cp312-${{ matrix.build }}"}
"""
    found = expected(job, extension=False)
    assert (found.files, found.pythons) == (("linux-x86_64", "macos-arm64"), ("cp312",))


def test_a_matrix_may_name_each_wheel():
    job = """
  wheels:
    runs-on: ubuntu-latest
    strategy: {matrix: {only: [cp39-manylinux_x86_64, cp39-musllinux_aarch64, cp39-win32]}}
    steps:
      - uses: pypa/cibuildwheel@v3
        with: {only: "${{ matrix.only }}"}
"""
    assert expected(job, extension=False).files == (
        "linux-x86_64",
        "musllinux-aarch64",
        "windows-i686",
    )


def test_what_only_a_run_can_tell_promises_nothing():
    for found in (
        wheels(env="CIBW_ARCHS: '${{ vars.ARCHS }}'"),
        wheels("${{ vars.RUNNER }}"),
        wheels("my-own-machine"),
    ):
        assert found == Expected(unknown=("of the job `wheels` it is not known for which platform it builds",))


def test_an_input_that_no_push_has_is_empty():
    assert set(wheels(env="CIBW_ARCHS: '${{ inputs.archs }}'").files) == UNIX


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("python -m cibuildwheel --output-dir dist", UNIX),
        ("pipx run cibuildwheel", UNIX),
        ("pip install cibuildwheel==3.1", set()),
        ("python -m build --sdist", {"sdist"}),
    ],
)
def test_cibuildwheel_may_be_a_command(run, keys):
    job = f"\n  wheels:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {run}\n"
    assert set(expected(job, extension=True).files) == keys


def test_a_plain_build_beside_cibuildwheel_makes_no_wheel_for_any_platform():
    jobs = """
  sdist:
    runs-on: ubuntu-latest
    steps: [{run: python -m build --sdist}]
  check:
    runs-on: ubuntu-latest
    steps: [{run: python -m build}]
  wheels:
    runs-on: windows-latest
    steps: [{uses: pypa/cibuildwheel@v3, env: {CIBW_ARCHS: AMD64}}]
"""
    assert expected(jobs, extension=False).files == ("sdist", "windows-x86_64")


def test_the_inspecting_action_builds_a_pure_project():
    job = "\n  build:\n    runs-on: x\n    steps: [{uses: hynek/build-and-inspect-python-package@v2}]\n"
    assert expected(job, extension=False).files == ("sdist", "any")


def test_a_job_that_may_fail_is_expected_and_remembered():
    job = """
  wheels:
    runs-on: ubuntu-latest
    continue-on-error: ${{ matrix.can-fail == true }}
    strategy:
      matrix:
        include:
          - {target: x86_64}
          - {target: aarch64, can-fail: true}
          - {target: aarch64, can-fail: true, manylinux: musllinux_1_2}
          - {target: aarch64, manylinux: musllinux_1_2}
    steps:
      - uses: PyO3/maturin-action@v1
        with: {target: "${{ matrix.target }}", manylinux: "${{ matrix.manylinux }}"}
"""
    found = expected(job, extension=True)
    assert found.files == ("linux-x86_64", "linux-aarch64", "musllinux-aarch64")
    assert found.may_fail == ("linux-aarch64",)


def test_targets_that_maturin_generates_are_expected_with_the_sdist():
    github = {
        "linux": {"targets": ["x86_64", {"target": "aarch64"}]},
        "musllinux": {"targets": ["x86_64"]},
        "macos": {"targets": ["aarch64"]},
        "windows": {"targets": ["x64"]},
    }
    found = generated_files({"tool": {"maturin": {"generate-ci": {"github": github}}}})
    assert found.files == (
        "sdist",
        "linux-x86_64",
        "linux-aarch64",
        "musllinux-x86_64",
        "macos-arm64",
        "windows-x86_64",
    )
    assert generated_files({}) == Expected()


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("python -m build", ("sdist", "any")),
        ("python -m build --wheel --outdir dist", ("any",)),
        ("python3 -m build \\\n  --wheel", ("any",)),
        ("uv build --sdist", ("sdist",)),
        ("hatch build -t wheel", ("any",)),
        ("poetry build --format=sdist", ("sdist",)),
        ("python -m build --sdist && python -m build --wheel", ("sdist", "any")),
        ("python -m build --sdist --wheel", ("sdist", "any")),
    ],
)
def test_a_build_of_one_kind_promises_nothing_of_the_other(run, keys):
    lines = run.replace("\n", "\n          ")
    job = f"""
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          {lines}
"""
    assert expected(job, extension=False).files == keys


@pytest.mark.parametrize(
    ("condition", "architectures"),
    [
        ("matrix.target != 's390x'", ("x86_64", "aarch64")),
        ("${{ startsWith(matrix.target, 'X86') }}", ("x86_64",)),
        ("${{ !contains(matrix.target, '86') && matrix.target != 'aarch64' }}", ("s390x",)),
        ("github.ref_type == 'tag' && matrix.target == 'AARCH64'", ("aarch64",)),
        ("matrix.target == 's390x' || vars.ALL", ("s390x",)),
        ("matrix.target == 's390x' || inputs.all", ("s390x",)),
        ("vars.MUSL", ()),
        ("inputs.musl", ()),
        ("${{ !inputs.skip }}", ("x86_64", "aarch64", "s390x")),
        ("github.event_name == 'pull_request'", ()),
        ("matrix.else", ()),
        ("'false'", ()),
    ],
)
def test_a_step_promises_nothing_where_its_condition_does_not_hold(condition, architectures):
    job = f"""
  wheels:
    runs-on: ubuntu-latest
    strategy: {{matrix: {{target: [x86_64, aarch64, s390x]}}}}
    steps:
      - uses: PyO3/maturin-action@v1
        if: {condition}
        with: {{target: "${{{{ matrix.target }}}}", manylinux: musllinux_1_2}}
"""
    keys = {f"musllinux-{architecture}" for architecture in architectures}
    assert set(expected(job, extension=True).files) == keys


@pytest.mark.parametrize("condition", ["false", "${{ false }}", "github.event_name == 'pull_request'"])
def test_a_job_that_never_runs_for_a_tag_promises_nothing(condition):
    job = f"""
  wheels:
    if: {condition}
    runs-on: ubuntu-latest
    steps: [{{uses: PyO3/maturin-action@v1}}]
"""
    assert expected(job, extension=True) == Expected()


@pytest.mark.parametrize(
    ("os", "env", "keys"),
    [
        ("macos-latest", "CIBW_PLATFORM: ios", {"ios-arm64_iphoneos", "ios-arm64_iphonesimulator"}),
        ("macos-15-intel", "CIBW_PLATFORM: ios", {"ios-x86_64_iphonesimulator"}),
        ("macos-latest", "CIBW_PLATFORM: ios, CIBW_ARCHS: arm64_iphoneos", {"ios-arm64_iphoneos"}),
        ("ubuntu-latest", "CIBW_PLATFORM: android", {"android-x86_64"}),
        ("ubuntu-latest", "CIBW_PLATFORM: android, CIBW_ARCHS: all", {"android-x86_64", "android-arm64_v8a"}),
        ("ubuntu-latest", "CIBW_PLATFORM: pyodide", {"pyemscripten-wasm32"}),
        ("ubuntu-latest", "CIBW_PLATFORM: pyodide, CIBW_BUILD: 'cp313-*'", set()),
        ("ubuntu-latest", "CIBW_PLATFORM: ios, CIBW_BUILD: 'cp312-*', CIBW_ARCHS: arm64_iphoneos", set()),
        ("ubuntu-latest", "CIBW_PLATFORM: potato", set()),
    ],
)
def test_a_platform_that_is_no_runners_is_the_one_that_is_named(os, env, keys):
    assert set(wheels(os, env).files) == keys


@pytest.mark.parametrize(("uses", "builds"), [("pypa/cibuildwheel@v3.2", False), ("pypa/cibuildwheel@v4.1", True)])
def test_all_architectures_are_those_of_the_tools_version(uses, builds):
    assert ("linux-riscv64" in wheels(env="CIBW_ARCHS: all", uses=uses).files) is builds


def maturin(os, **inputs):
    said = ", ".join(f"{name}: {value}" for name, value in inputs.items())
    step = f"{{uses: PyO3/maturin-action@v1, with: {{{said}}}}}"
    return expected(f"  wheels:\n    runs-on: {os}\n    steps: [{step}]\n").files


@pytest.mark.parametrize(
    "target", ["wasm32-unknown-emscripten", "x86_64-unknown-freebsd", "wasm32-wasip1", "x86_64-unknown-linux-ohos"]
)
@pytest.mark.parametrize("os", ["ubuntu-latest", "macos-14"])
def test_a_target_that_is_not_known_promises_nothing_of_its_runners(os, target):
    assert maturin(os, target=target) == ()
    assert maturin(os, args=f"--release --target {target}") == ()


@pytest.mark.parametrize("os", ["my-arm-box", "ubuntu-latest-8-cores", "[self-hosted, gpu]", "{group: linux-builders}"])
def test_a_runner_of_ones_own_tells_no_platform_but_a_whole_target_does(os):
    assert maturin(os) == () and maturin(os, target="x64") == () and wheels(os).files == ()
    assert maturin(os, target="x86_64-unknown-linux-gnu") == ("linux-x86_64",)


@pytest.mark.parametrize(
    ("os", "keys"),
    [
        ("[self-hosted, linux, ARM64]", ("linux-aarch64",)),
        ("macos-13-xlarge", ("macos-arm64",)),
        ("macos-14-large", ("macos-x86_64",)),
    ],
)
def test_the_labels_of_a_runner_tell_what_it_builds_for(os, keys):
    assert maturin(os) == keys


def test_a_wheel_that_maturin_makes_on_the_machine_itself_is_a_guess():
    job = "\n  build:\n    runs-on: ubuntu-latest\n    steps: [{run: maturin build --release --sdist}]\n"
    found = expected(job, extension=True)
    assert (found.files, found.guessed) == (("sdist", "linux-x86_64"), True)
    assert not expected(job.replace("run: maturin build --release --sdist", "uses: PyO3/maturin-action@v1")).guessed


def test_an_sdist_beside_wheels_of_an_unknown_platform_is_not_all_that_is_expected():
    job = """
  build:
    runs-on: my-own
    steps:
      - run: maturin build --release --sdist
      - run: maturin upload target/wheels/*
"""
    assert expected(job, extension=True) == Expected(
        unknown=("of the job `build` it is not known for which platform it builds",)
    )


F1 = (
    "github.event_name == 'workflow_dispatch'",
    "github.ref == 'refs/heads/main'",
    "!startsWith(github.ref,'refs/tags/')",
    "github.event_name != 'push'",
)
"""Conditions of jobs that no push of a tag runs, which a reader before this one took for true."""


@pytest.mark.parametrize("condition", F1)
def test_a_job_that_a_tag_does_not_run_promises_no_file(condition):
    jobs = f"""
  linux:
    runs-on: ubuntu-latest
    steps: [{{uses: PyO3/maturin-action@v1}}]
  windows:
    if: "{condition}"
    runs-on: windows-latest
    steps: [{{uses: PyO3/maturin-action@v1}}]
  after:
    needs: windows
    runs-on: macos-latest
    steps: [{{uses: PyO3/maturin-action@v1}}]
"""
    assert expected(jobs).files == ("linux-x86_64",)


def test_the_tag_itself_decides():
    job = """
  wheels:
    if: ${{ !contains(github.ref_name, 'rc') && github.repository == 'octo/lamp' }}
    runs-on: ubuntu-latest
    steps: [{uses: PyO3/maturin-action@v1}]
"""
    assert expected(job, "v1.0.0", "octo/lamp").files == ("linux-x86_64",)
    assert expected(job, "v1.0.0-rc.1", "octo/lamp") == Expected()
    assert expected(job, "v1.0.0", "else/fork") == Expected()
    assert expected(job, "v1.0.0").unknown == ("of the job `wheels` it is not known whether it runs",)


def test_a_computed_matrix_is_unknown_and_said_so():
    job = """
  wheels:
    strategy: {matrix: "${{ fromJSON(needs.plan.outputs.matrix) }}"}
    needs: plan
    runs-on: ubuntu-latest
    steps: [{uses: PyO3/maturin-action@v1, with: {target: "${{ matrix.target }}"}}]
  plan:
    runs-on: ubuntu-latest
    outputs: {matrix: "${{ steps.it.outputs.matrix }}"}
    steps: [{run: "true", id: it}]
"""
    found = expected(job)
    assert found.files == ()
    assert found.unknown[0].startswith("of the job `wheels` it is not known what it builds: its matrix is computed")


def test_a_target_that_is_not_known_is_not_the_runners_platform():
    job = """
  wheels:
    runs-on: ubuntu-latest
    steps: [{uses: PyO3/maturin-action@v1, with: {target: wasm32-unknown-emscripten}}]
"""
    assert expected(job).files == ()
    assert expected(job).unknown == ("of the job `wheels` it is not known for which platform it builds",)


CALLED = """
on: {workflow_call: {inputs: {all: {type: boolean, default: false}, os: {type: string}}}}
jobs:
  wheels:
    runs-on: ${{ inputs.os }}
    steps:
      - uses: PyO3/maturin-action@v1
      - uses: PyO3/maturin-action@v1
        if: inputs.all
        with: {manylinux: musllinux_1_2}
"""


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ("os: ubuntu-latest", ("linux-x86_64",)),
        ("os: ubuntu-latest, all: true", ("linux-x86_64", "musllinux-x86_64")),
        ("os: ubuntu-latest, all: \"${{ github.ref_type == 'tag' }}\"", ("linux-x86_64", "musllinux-x86_64")),
        ("os: ubuntu-latest, all: \"${{ github.event_name == 'release' }}\"", ("linux-x86_64",)),
    ],
)
def test_a_called_workflow_sees_its_inputs(given, files):
    job = f"  call: {{uses: ./.github/workflows/build.yml, with: {{{given}}}}}\n"
    assert expected(job, others={"build.yml": CALLED}).files == files


@pytest.mark.parametrize("uses", ["octo/else/.github/workflows/build.yml@v1", "./.github/workflows/gone.yml"])
def test_a_called_workflow_that_is_not_in_the_tree_is_unknown_and_said_so(uses):
    (why,) = expected(f"  call: {{uses: {uses}}}\n").unknown
    assert why == f"of the job `call` it is not known what it builds: it calls {uses}, which is not known here"
