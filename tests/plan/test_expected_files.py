"""The files that a publish workflow promises: cibuildwheel's selectors, generated targets, jobs that may fail."""

import pytest

from bot.plan.matrix import may_be_true
from bot.plan.wheels import Expected, expected_files, generated_files
from bot.plan.workflows import read_workflows

UNIX = {"linux-x86_64", "musllinux-x86_64"}


def workflow(jobs):
    """A workflow that a tag starts, with these jobs as YAML."""
    text = f"on: {{push: {{tags: ['v*']}}}}\njobs:\n{jobs}"
    (found,), problems = read_workflows({".github/workflows/publish.yml": text.encode()})
    assert problems == []
    return found


def wheels(os="ubuntu-latest", env="", uses="pypa/cibuildwheel@v3.1", **pyproject):
    job = f"""
  wheels:
    runs-on: {os}
    steps:
      - uses: {uses}
        env: {{{env}}}
"""
    return expected_files(workflow(job), extension=False, pyproject={"tool": {"cibuildwheel": pyproject}})


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
    found = expected_files(workflow(job), extension=False)
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
    assert expected_files(workflow(job), extension=False).files == (
        "linux-x86_64",
        "musllinux-aarch64",
        "windows-i686",
    )


def test_what_only_a_run_can_tell_promises_nothing():
    assert wheels(env="CIBW_ARCHS: '${{ inputs.archs }}'") == Expected()
    assert wheels("${{ inputs.os }}") == Expected()


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
    assert set(expected_files(workflow(job), extension=True).files) == keys


def test_a_plain_build_beside_cibuildwheel_makes_no_wheel_for_any_platform():
    jobs = """
  sdist:
    steps: [{run: python -m build --sdist}]
  check:
    steps: [{run: python -m build}]
  wheels:
    runs-on: windows-latest
    steps: [{uses: pypa/cibuildwheel@v3, env: {CIBW_ARCHS: AMD64}}]
"""
    assert expected_files(workflow(jobs), extension=False).files == ("sdist", "windows-x86_64")


def test_the_inspecting_action_builds_a_pure_project():
    job = "\n  build:\n    steps: [{uses: hynek/build-and-inspect-python-package@v2}]\n"
    assert expected_files(workflow(job), extension=False).files == ("sdist", "any")


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
    found = expected_files(workflow(job), extension=True)
    assert found.files == ("linux-x86_64", "linux-aarch64", "musllinux-aarch64")
    assert found.may_fail == ("linux-aarch64",)


@pytest.mark.parametrize(
    ("condition", "can"),
    [
        ("", False),
        ("true", True),
        ("false", False),
        ("${{ matrix.soft }}", True),
        ("${{ !matrix.soft }}", False),
        ("${{ matrix.absent || false }}", False),
        ("${{ matrix.os == 'macos' }}", True),
        ("${{ matrix.os != 'macos' }}", False),
        ("${{ matrix.deep.er == true }}", True),
        ("${{ contains(matrix.os, 'mac') }}", True),
    ],
)
def test_a_condition_is_read_with_the_matrix(condition, can):
    matrix = {"soft": "true", "os": "macos", "deep": {"er": "true"}}
    assert may_be_true(condition, matrix) is can


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
    assert expected_files(workflow(job), extension=False).files == keys


@pytest.mark.parametrize(
    ("condition", "architectures"),
    [
        ("matrix.target != 's390x'", ("x86_64", "aarch64")),
        ("${{ startsWith(matrix.target, 'X86') }}", ("x86_64",)),
        ("${{ !contains(matrix.target, '86') && matrix.target != 'aarch64' }}", ("s390x",)),
        ("github.ref_type == 'tag' && matrix.target == 'AARCH64'", ("aarch64",)),
        ("matrix.target == 's390x' || inputs.all", ("x86_64", "aarch64", "s390x")),
        ("inputs.musl", ("x86_64", "aarch64", "s390x")),
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
    assert set(expected_files(workflow(job), extension=True).files) == keys


@pytest.mark.parametrize("condition", ["false", "${{ false }}", "github.event_name == 'pull_request'"])
def test_a_job_that_never_runs_for_a_tag_promises_nothing(condition):
    job = f"""
  wheels:
    if: {condition}
    runs-on: ubuntu-latest
    steps: [{{uses: PyO3/maturin-action@v1}}]
"""
    assert expected_files(workflow(job), extension=True) == Expected()


@pytest.mark.parametrize("platform", ["ios", "pyodide", "android"])
def test_a_platform_that_is_not_known_here_promises_nothing_of_its_runners(platform):
    assert wheels("macos-latest", f"CIBW_PLATFORM: {platform}").files == ()


def maturin(os, **inputs):
    said = ", ".join(f"{name}: {value}" for name, value in inputs.items())
    return expected_files(
        workflow(f"""
  wheels:
    runs-on: {os}
    steps: [{{uses: PyO3/maturin-action@v1, with: {{{said}}}}}]
"""),
        extension=True,
    ).files


@pytest.mark.parametrize(
    "target", ["wasm32-unknown-emscripten", "aarch64-linux-android", "aarch64-apple-ios", "x86_64-unknown-linux-ohos"]
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


def test_an_sdist_beside_wheels_of_an_unknown_platform_is_not_all_that_is_expected():
    job = """
  build:
    runs-on: ubuntu-latest
    steps:
      - run: maturin build --release --sdist
      - run: maturin upload target/wheels/*
"""
    assert expected_files(workflow(job), extension=True) == Expected()
