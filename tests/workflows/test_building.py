"""What builds for PyPI besides maturin's action and cibuildwheel: plain tools, containers, scripts, local actions."""

import pytest

from bot.workflows.releasing import read_workflows


def expected(steps, *, os="ubuntu-latest", job="", extension=True, jobs="", folder=None, **files):
    """What a tag promises whose one job has these steps, as flow mappings; `files` by path, `__` for a slash."""
    listed = "".join(f"      - {{{step}}}\n" for step in steps)
    text = f"on: {{push: {{tags: ['v*']}}}}\njobs:\n{jobs}  build:\n    runs-on: {os}\n{job}    steps:\n{listed}"
    tree = {".github/workflows/w.yml": text.encode()}
    tree |= {path.replace("__", "/").replace("_dot_", "."): content.encode() for path, content in files.items()}
    found, problems = read_workflows(tree)
    assert problems == []
    (workflow,) = [each for each in found if each.name == "w.yml"]
    return workflow.expected("v1.0.0", extension=extension, own=lambda build: folder in (None, build.folder))


@pytest.mark.parametrize(
    ("run", "keys"),
    [
        ("python -mbuild -s", ("sdist",)),
        ("python3.12 -m build", ("sdist", "any")),
        (".venv/bin/python -m build --sdist", ("sdist",)),
        ("${PREFIX}python -m build", ("sdist", "any")),
        ("uvx --from build pyproject-build --wheel", ("any",)),
        ("uv run --locked --only-dev python -m build", ("sdist", "any")),
        ("pipx run build", ("sdist", "any")),
        ("hatch build", ("sdist", "any")),
        ("uv build --wheel -o dist", ("any",)),
        ("python setup.py sdist", ("sdist",)),
        ("python setup.py sdist bdist_wheel", ("sdist", "any")),
        ("pip wheel --no-deps -w dist .", ("any",)),
        ("pip wheel -r requirements.txt", ()),
        ("pip install build", ()),
        ("python -m build.tools", ()),
    ],
)
def test_a_plain_build_is_known_in_its_forms(run, keys):
    assert expected([f"run: '{run}'"], extension=False).files == keys


@pytest.mark.parametrize(
    ("os", "job", "env", "keys"),
    [
        ("ubuntu-latest", "", "", ()),
        ("macos-latest", "", "", ("macos-arm64",)),
        ("macos-latest", "", "ARCHFLAGS: -arch arm64 -arch x86_64", ("macos-x86_64", "macos-arm64")),
        ("windows-latest", "", "", ("windows-x86_64",)),
        ("ubuntu-latest", "    container: quay.io/pypa/manylinux_2_28_x86_64\n", "", ("linux-x86_64",)),
        ("ubuntu-24.04-arm", "    container: {image: 'a/b-musllinux_1_2:aarch64'}\n", "", ("musllinux-aarch64",)),
        ("ubuntu-24.04-arm", "    container: quay.io/pypa/manylinux_2_28\n", "", ("linux-aarch64",)),
        ("ubuntu-latest", "    container: python:3.12\n", "", ()),
    ],
)
def test_compiled_code_is_for_the_machine_or_the_container(os, job, env, keys):
    for run in ("pip wheel . -w dist", "python -m build --wheel"):
        assert expected([f"run: {run}, env: {{{env}}}"], os=os, job=job).files == keys


def test_a_wheel_for_32_bit_windows_is_made_by_its_interpreter():
    steps = ["uses: actions/setup-python@v6, with: {architecture: x86}", "run: pip wheel ."]
    assert expected(steps, os="windows-latest").files == ("windows-i686",)


def test_a_script_that_a_container_runs_builds_for_its_image():
    script = "cd /io/python\nmaturin build --release --compatibility pypi\ncd ../cli && maturin build\n"
    run = 'docker run -v "$(pwd)":/io quay.io/pypa/musllinux_1_2_aarch64 /bin/sh /io/ci/wheels.sh'
    found = expected([f"run: '{run}'"], ci__wheels_dot_sh=script)
    assert (found.files, found.guessed) == (("musllinux-aarch64",), True)
    assert expected([f"run: '{run}'"], ci__wheels_dot_sh=script, folder="python").files == ("musllinux-aarch64",)
    assert expected([f"run: '{run}'"], ci__wheels_dot_sh=script, folder="js").files == ()


def test_a_script_that_is_made_of_another_one_is_read():
    steps = ["run: 'sed s/%a%/x86_64/ ci/build.sh > ci/build_now.sh'", "run: bash ci/build_now.sh"]
    assert expected(steps, ci__build_dot_sh="python -m build --sdist\n").files == ("sdist",)


def test_a_local_action_builds_for_the_machine_of_its_job():
    action = """
inputs: {python: {required: true}}
runs:
  using: composite
  steps:
    - uses: PyO3/maturin-action@v1
      with: {args: "--interpreter ${{ inputs.python }}", working-directory: py}
    - uses: ./.github/actions/sdist
      if: runner.os == 'Linux'
"""
    other = "runs: {using: composite, steps: [{run: python -m build --sdist, shell: bash}]}"
    tree = {
        ".github/workflows/w.yml": b"on: push\njobs:\n  a:\n    strategy: {matrix: {os: [ubuntu-latest, macos-14]}}\n"
        b"    runs-on: ${{ matrix.os }}\n    steps: [{uses: ./.github/actions/wheel, with: {python: '3.12'}}]\n",
        ".github/actions/wheel/action.yml": action.encode(),
        ".github/actions/sdist/action.yaml": other.encode(),
    }
    (workflow,) = read_workflows(tree)[0]
    assert workflow.expected("v1", extension=True).files == ("sdist", "linux-x86_64", "macos-arm64")


def test_an_action_that_uses_itself_ends():
    action = "runs: {using: composite, steps: [{uses: ./a}, {run: python -m build --sdist, shell: sh}]}"
    assert expected(["uses: ./a"], a__action_dot_yml=action).files == ("sdist",)


@pytest.mark.parametrize(
    ("session", "keys"), [("release_build", ("sdist", "any")), ("docs", ()), ("'release_build(x)'", ("sdist", "any"))]
)
def test_a_session_of_nox_builds(session, keys):
    file = (
        "import nox\n\n\n@nox.session\ndef release_build(session):\n    session.run('python', '-m', 'build')\n\n\n"
        "@nox.session\ndef docs(session):\n    session.run('sphinx-build')\n"
    )
    assert expected([f"run: nox -s {session}"], extension=False, noxfile_dot_py=file).files == keys


def test_a_pyodide_wheel_is_promised_where_it_gets_a_name_that_pypi_takes():
    uses = "uses: PyO3/maturin-action@v1, with: {target: wasm32-unknown-emscripten}"
    assert expected([uses]).files == ()
    found = expected([f"{uses}, env: {{MATURIN_PYEMSCRIPTEN_PLATFORM_VERSION: '2026_0'}}"])
    assert found.files == ("pyemscripten-wasm32",)


def test_the_settings_of_cibuildwheel_may_lie_in_a_file_of_their_own():
    config = '[tool.cibuildwheel]\nskip = ["*musllinux*"]\n'
    step = "uses: pypa/cibuildwheel@v3, with: {config-file: ci/wheels.toml}"
    assert expected([step], ci__wheels_dot_toml=config).files == ("linux-x86_64",)
    assert expected([step]).unknown == ("of the job `build` it is not known for which platform it builds",)
    run = "run: cibuildwheel --platform linux --archs aarch64 python"
    assert expected([run], folder="python").files == ("linux-aarch64", "musllinux-aarch64")


@pytest.mark.parametrize(
    "step",
    [
        "uses: actions/upload-artifact@v4, with: {path: 'wheelhouse/*.whl'}",
        "run: delocate-wheel -w dist build/x.whl",
        "run: ./build-it && auditwheel repair dist/x.whl",
    ],
)
def test_a_job_that_clearly_builds_and_is_not_understood_makes_the_promise_a_part(step):
    jobs = "  sdist:\n    runs-on: ubuntu-latest\n    steps: [{uses: PyO3/maturin-action@v1}]\n"
    found = expected([step], jobs=jobs)
    assert found.files == ("linux-x86_64",)
    assert found.unknown == ("of the job `build` it is not known what it builds",)
    collects = expected(["uses: actions/download-artifact@v4", step], jobs=jobs)
    assert collects.unknown == () or "upload-artifact" not in step


def test_what_the_upload_waits_for_is_taken_to_run():
    jobs = """
  plan:
    runs-on: ubuntu-latest
    outputs: {ship: "${{ steps.it.outputs.ship }}"}
    steps: [{run: "true", id: it}]
  wheels:
    needs: plan
    if: needs.plan.outputs.ship == 'true'
    runs-on: ubuntu-latest
    steps: [{uses: PyO3/maturin-action@v1}]
  beside:
    needs: plan
    if: needs.plan.outputs.ship == 'true'
    runs-on: macos-14
    steps: [{uses: PyO3/maturin-action@v1}]
"""
    found = expected(["uses: pypa/gh-action-pypi-publish@v1"], job="    needs: wheels\n", jobs=jobs)
    assert (found.files, found.guessed) == (("linux-x86_64",), True)
    assert found.unknown == ("of the job `beside` it is not known whether it runs",)


def test_one_wheel_may_be_for_both_c_libraries():
    run = "run: maturin build --target aarch64-unknown-linux-musl --compatibility manylinux2014 musllinux_1_1 -o dist"
    assert expected([run]).files == ("linux-aarch64", "musllinux-aarch64")
    assert expected([run.replace("manylinux2014 ", "")]).files == ("musllinux-aarch64",)


def test_what_the_upload_waits_for_and_nobody_can_read_is_a_part_that_is_missing():
    jobs = """
  own:
    runs-on: ubuntu-latest
    steps: [{run: cargo run -- build -o dist}, {uses: actions/upload-artifact@v4, with: {name: wheels-x, path: dist}}]
  docs:
    runs-on: ubuntu-latest
    steps: [{run: make docs}, {uses: actions/upload-artifact@v4, with: {name: docs, path: site}}]
"""
    steps = ["run: python -m build", "uses: pypa/gh-action-pypi-publish@v1"]
    found = expected(steps, job="    needs: [own, docs]\n", jobs=jobs, extension=False)
    assert found.unknown == ("of the job `own` it is not known what it builds",)
