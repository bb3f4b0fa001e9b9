"""What steps do: uploads to the registries, files for PyPI."""

import pytest

from bot.packaging.runners import of_runner
from bot.workflows.building.builds import How, builds
from bot.workflows.events import push_of_tag
from bot.workflows.files import RunStep, read_workflow
from bot.workflows.publishing import publishes, registries
from bot.workflows.runs import RunJob, run_of


def step(run="", runner="ubuntu-latest", **fields):
    """A job of one step."""
    return RunJob("a", "a", "w.yml", host=of_runner([runner]), steps=(RunStep("s", run=run, folder=".", **fields),))


def jobs_of(text):
    return run_of(read_workflow(".github/workflows/w.yml", text.encode()), push_of_tag("v1"), {})


@pytest.mark.parametrize(
    ("run", "uploads"),
    [
        ("cargo publish --locked", [("crates.io", ".", None)]),
        ("cd crates/a && cargo +stable publish", [("crates.io", "crates/a", None)]),
        ("cargo publish -p a \\\n  --token ${{ secrets.A || secrets.B }}", [("crates.io", ".", "a")]),
        ("cargo publish --manifest-path py/Cargo.toml", [("crates.io", "py", None)]),
        ("if ! cargo publish; then\n  echo 'cargo publish failed'\nfi", [("crates.io", ".", None)]),
        ("cargo publish --dry-run", []),
        ("# cargo publish\necho cargo publish", []),
        ("python -m twine upload dist/*", [("pypi", ".", None)]),
        ("twine upload -r testpypi dist/*", []),
        ("uv run twine upload dist/*", [("pypi", ".", None)]),
        ("uv publish", [("pypi", ".", None)]),
        ("maturin upload --skip-existing dist/*", [("pypi", ".", None)]),
    ],
)
def test_a_publishing_command_is_recognised(run, uploads):
    found = publishes(step(run))
    assert [(str(each.registry), each.folder, each.package) for each in found] == uploads


def test_a_publishing_action_is_recognised():
    assert publishes(step(uses="pypa/gh-action-pypi-publish@release/v1"))[0].registry.word == "pypi"
    test_index = {"repository-url": "https://test.pypi.org/legacy/"}
    assert not publishes(step(uses="pypa/gh-action-pypi-publish@v1", inputs=test_index))
    assert publishes(step(uses="PyO3/maturin-action@v1", inputs={"command": "upload"}))[0].registry.word == "pypi"


AUTH = "      - uses: rust-lang/crates-io-auth-action@v1\n"
UPLOAD = "      - uses: pypa/gh-action-pypi-publish@release/v1\n"


@pytest.mark.parametrize(
    ("permissions", "steps", "told"),
    [
        ("{id-token: write}", f"{AUTH}      - run: cargo publish\n", (True, False)),
        ("{contents: read}", f"{AUTH}      - run: cargo publish\n", (False, False)),
        ("{id-token: write}", "      - run: cargo publish\n", (False, False)),
        ("{id-token: write}", UPLOAD, (True, True)),
        ("write-all", UPLOAD, (True, True)),
        ("{}", UPLOAD, (False, False)),
        ("{id-token: write}", f"{UPLOAD}        with: {{attestations: false}}\n", (True, False)),
        ("{id-token: write}", f"{UPLOAD}        with: {{password: secret}}\n", (False, False)),
        ("{id-token: write}", "      - run: uv publish\n", (True, False)),
    ],
)
def test_a_trusted_publisher_is_recognised_by_its_permission(permissions, steps, told):
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    permissions: {permissions}\n    steps:\n{steps}"
    (upload,) = publishes(jobs_of(text)[0])
    assert (upload.trusted, upload.attests) == told


def test_the_permissions_of_a_job_take_the_place_of_those_of_its_file():
    text = "on: push\npermissions: {id-token: write}\njobs:\n  a: {runs-on: x}\n  b: {runs-on: x, permissions: {}}\n"
    assert [job.may_identify for job in jobs_of(text)] == [True, False]


def test_a_token_for_crates_io_is_publishing_whatever_the_script_is_called():
    (job,) = jobs_of(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{AUTH}      - run: ./publish.sh\n")
    assert {each.word for each in registries([job])} == {"crates.io"}


def test_what_does_not_run_publishes_and_builds_nothing():
    text = (
        "on: push\njobs: {a: {runs-on: x, steps: [{run: cargo publish, if: false}, {run: maturin build, if: false}]}}"
    )
    (job,) = jobs_of(text)
    assert (publishes(job), builds(job)) == ((), ())
    assert registries(jobs_of("on: push\njobs: {a: {runs-on: x, if: false, steps: [{run: cargo publish}]}}")) == set()


@pytest.mark.parametrize(
    ("run", "uploads"),
    [
        ("cargo ws publish --from-git", 1),
        ("cargo workspaces publish", 1),
        ("(cd a && cargo publish)", 1),
        ("for x in a b; do cargo publish -p $x; done", 2),
        ("for x in $(cat crates); do cargo publish -p $x; done", 1),
        ("cargo --locked publish", 1),
        ("cargo +nightly -Z unstable publish -p a", 1),
        ("cargo publish \\\n  --dry-run", 0),
        ("cargo publish --registry our-own", 0),
        ("cargo release publish --execute", 1),
        ("cargo release patch --execute --no-confirm", 1),
        ("cargo release patch", 0),
        ("cargo release tag --execute", 0),
        ("uv run --locked --with x==1 twine upload dist/*", 1),
        ("uvx --from flit flit publish", 1),
        (".venv/bin/python -m twine upload dist/*", 1),
        ("python3.12 -mtwine upload dist/*", 1),
        ("${PREFIX}twine upload dist/*", 1),
        ("docker run -v $PWD:/io image:tag twine upload dist/*", 1),
        ("bash -c 'cargo publish'", 1),
        ("python setup.py sdist upload", 1),
        ("twine upload --repository our-own dist/*", 0),
        ("UV_PUBLISH_URL=https://pypi.example.org/simple uv publish", 0),
        ("uv publish --dry-run", 0),
        ("twine check dist/*", 0),
        ("FOO=bar cargo publish", 1),
        ("pipx run twine upload dist/*", 1),
        ("poetry publish --build", 1),
        ("git commit -m 'cargo publish'", 0),
        ("twine upload --repository-url https://test.pypi.org/legacy/ dist/*", 0),
        ("cargo publish -n", 0),
        ("cargo build", 0),
    ],
)
def test_a_publishing_command_is_recognised_in_its_forms(run, uploads):
    assert len(publishes(step(run))) == uploads


def test_a_build_is_recognised():
    inputs = {"target": "aarch64", "args": "--sdist -i 3.12 3.13t --out dist"}
    made = builds(step(uses="PyO3/maturin-action@v1", inputs=inputs))
    assert [(each.how, each.keys, each.interpreters) for each in made] == [
        (How.MATURIN_ACTION, ("sdist",), ()),
        (How.MATURIN_ACTION, ("linux-aarch64",), ("3.12", "3.13t")),
    ]
    assert [each.keys for each in builds(step("python -m build"))] == [("sdist",), ("any",)]
    assert builds(step("make build")) == ()


@pytest.mark.parametrize(
    ("target", "manylinux", "runner", "keys"),
    [
        ("x86_64", "auto", "ubuntu-latest", ("linux-x86_64",)),
        ("aarch64", "musllinux_1_2", "ubuntu-latest", ("musllinux-aarch64",)),
        ("x86_64-unknown-linux-musl", "", "ubuntu-latest", ("musllinux-x86_64",)),
        ("", "", "ubuntu-24.04-arm", ("linux-aarch64",)),
        ("aarch64-apple-darwin", "", "macos-15-intel", ("macos-arm64",)),
        ("", "", "macos-latest", ("macos-arm64",)),
        ("", "", "macos-13", ("macos-x86_64",)),
        ("", "", "macos-14-large", ("macos-x86_64",)),
        ("x64", "", "windows-latest", ("windows-x86_64",)),
        ("universal2-apple-darwin", "", "macos-latest", ("macos-x86_64", "macos-arm64")),
        ("armv7", "auto", "ubuntu-latest", ("linux-armv7l",)),
        ("x86_64", "auto", "my-own", None),
        ("", "", "my-own", None),
        ("potato", "", "ubuntu-latest", None),
        ("aarch64-linux-android", "", "ubuntu-latest", ("android-arm64_v8a",)),
        ("armv7-linux-androideabi", "", "ubuntu-latest", ("android-armeabi_v7a",)),
        ("aarch64-apple-ios-sim", "", "macos-15", ("ios-arm64_iphonesimulator",)),
        ("x86_64-unknown-freebsd", "", "ubuntu-latest", None),
        ("loongarch64-unknown-linux-gnu", "", "ubuntu-latest", ("linux-loongarch64",)),
        ("arm-unknown-linux-gnueabihf", "", "ubuntu-latest", ("linux-armv6l",)),
        ("riscv64", "auto", "ubuntu-latest", ("linux-riscv64",)),
        ("wasm32-unknown-emscripten", "", "ubuntu-latest", None),
        ("${{ needs.a.outputs.target }}", "", "ubuntu-latest", None),
        ("x86_64", "${{ vars.LINUX }}", "ubuntu-latest", None),
    ],
)
def test_a_platform_is_known_by_target_and_runner_or_not_at_all(target, manylinux, runner, keys):
    inputs = {"target": target, "manylinux": manylinux}
    (build,) = builds(step(runner=runner, uses="PyO3/maturin-action@v1", inputs=inputs))
    assert build.keys == keys
