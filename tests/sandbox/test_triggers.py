"""Workflow files: what they are started by, which jobs they have, what their steps publish."""

import pytest

from bot.sandbox.actions.steps import builds, platform, publishes
from bot.sandbox.expressions import Context, may_run
from bot.sandbox.triggers import matches, parse, skips_ci, starts_on_pull_request, starts_on_push
from bot.sandbox.workflows import Job, Step

JOBS = "\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"


def workflow(on, jobs=JOBS):
    return parse(".github/workflows/w.yml", f"on: {on}{jobs}".encode())


def job_names(jobs):
    return [job.name for job in workflow("push", f"\njobs: {jobs}\n").jobs]


def step(run="", **fields):
    return Job("a", "a", runs_on="ubuntu-latest", steps=(Step("s", run=run, **fields),))


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("v*", "v0.5.0", True),
        ("v*", "py-v0.5.0", False),
        ("*", "feature/x", False),
        ("**", "feature/x", True),
        ("v[0-9]+.[0-9]+.[0-9]+", "v0.10.0", True),
        ("v[0-9]+.[0-9]+.[0-9]+", "v0.10.0-rc.1", False),
        ("**/docs/**", "docs/a.md", True),
        ("**.rs", "src/lib.rs", True),
        ("*.rs", "src/lib.rs", False),
        ("*.jsx?", "page.js", True),
        ("a.b", "aXb", False),
        (r"a\*", "a*", True),
        ("[", "[", True),
    ],
)
def test_a_pattern_fits_as_github_says(pattern, name, fits):
    assert matches([pattern], name) is fits


def test_the_last_pattern_that_fits_decides():
    assert not matches(["v*", "!v0.*"], "v0.5.0")
    assert matches(["v*", "!v0.*", "v0.5.0"], "v0.5.0")


@pytest.mark.parametrize(
    ("on", "ref", "starts"),
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
def test_branches_and_tags_decide_which_push_starts_a_workflow(on, ref, starts):
    assert starts_on_push(workflow(on), ref, ["a"]) is starts


@pytest.mark.parametrize(
    ("filters", "changed", "starts"),
    [
        ("paths: ['src/**']", ["src/lib.rs", "README.md"], True),
        ("paths: ['src/**']", ["README.md"], False),
        ("paths: ['src/**', '!src/*.md']", ["src/a.md"], False),
        ("paths-ignore: ['**.md']", ["README.md", "src/lib.rs"], True),
        ("paths-ignore: ['**.md']", ["README.md"], False),
    ],
)
def test_paths_decide_too(filters, changed, starts):
    assert starts_on_push(workflow(f"{{push: {{{filters}}}}}"), "refs/heads/main", changed) is starts


def test_paths_play_no_part_for_tags():
    assert starts_on_push(workflow("{push: {paths: [src/lib.rs]}}"), "refs/tags/v1", ["README.md"])


def test_a_pull_request_is_judged_by_its_base_and_what_happened():
    on = workflow("{pull_request: {branches: [main]}}")
    assert starts_on_pull_request(on, "main", "synchronize", ["a"])
    assert not starts_on_pull_request(on, "next", "synchronize", ["a"])
    assert not starts_on_pull_request(on, "main", "closed", ["a"])
    assert starts_on_pull_request(workflow("{pull_request: {types: [closed]}}"), "main", "closed", ["a"])


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
    assert parse("w.yml", content).problem


def test_yaml_words_that_github_does_not_know_stay_words():
    found = workflow("push", "\njobs: {a: {runs-on: x, strategy: {matrix: {v: [on, 1.10, 2026-01-01]}}}}\n")
    assert [job.matrix["v"] for job in found.jobs] == ["on", 1.1, "2026-01-01"]


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
        ("{t: {runs-on: x, strategy: {matrix: {p: [{os: a, arch: c}]}}}}", ["t (a, c)"]),
        ("{t: {runs-on: x, strategy: {matrix: {os: [a, b], exclude: [{os: a}]}}}}", ["t (b)"]),
        ("{t: {runs-on: x, strategy: {matrix: {include: [{os: a}, {os: b}]}}}}", ["t (a)", "t (b)"]),
        ("{t: {runs-on: x, strategy: {matrix: {os: [a], include: [{os: a, n: 1}, {os: c}]}}}}", ["t (a, 1)", "t (c)"]),
        ("{t: {runs-on: x, strategy: {matrix: '${{ fromJSON(needs.a.outputs.m) }}'}}}", ["t"]),
    ],
)
def test_jobs_are_named_as_github_names_them(jobs, names):
    assert job_names(jobs) == names


def test_continue_on_error_may_come_from_the_matrix():
    jobs = "{t: {runs-on: x, continue-on-error: '${{ matrix.e }}', strategy: {matrix: {e: [true, false]}}}}"
    assert [job.can_fail for job in workflow("push", f"\njobs: {jobs}\n").jobs] == [True, False]


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("", True),
        ("github.event_name == 'pull_request'", False),
        ("${{ startsWith(github.ref, 'refs/tags/') || github.event_name == 'workflow_dispatch' }}", True),
        ("!startsWith(github.ref, 'refs/tags/')", False),
        ("always() && github.ref_type == 'TAG'", True),
        ("inputs.dry-run != true", True),
        ("secrets.TOKEN && github.event_name == 'release'", False),
        ("matrix.publish == true", False),
        ("what? is: this", True),
    ],
)
def test_a_condition_is_read_as_far_as_it_can_be(condition, runs):
    context = Context({"ref": "refs/tags/v1", "event_name": "push", "ref_type": "tag"}, matrix={"publish": False})
    assert may_run(condition, context) is runs


def test_after_a_failure_only_conditions_that_ask_for_it_hold():
    failed = Context({}, failed=True)
    assert not may_run("", failed)
    assert may_run("failure()", failed)
    assert may_run("!cancelled()", failed)


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
    assert [(each.registry, each.folder, each.package) for each in found] == uploads


def test_a_publishing_action_is_recognised():
    assert publishes(step(uses="pypa/gh-action-pypi-publish@release/v1"))[0].registry == "pypi"
    test_index = {"repository-url": "https://test.pypi.org/legacy/"}
    assert not publishes(step(uses="pypa/gh-action-pypi-publish@v1", inputs=test_index))
    assert publishes(step(uses="PyO3/maturin-action@v1", inputs={"command": "upload"}))[0].registry == "pypi"


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
    (upload,) = publishes(parse("x.yml", text.encode()).jobs[0])
    assert (upload.trusted, upload.attests) == told


def test_the_permissions_of_a_job_take_the_place_of_those_of_its_file():
    text = "on: push\npermissions: {id-token: write}\njobs:\n  a: {runs-on: x}\n  b: {runs-on: x, permissions: {}}\n"
    assert [job.may_identify for job in parse("x.yml", text.encode()).jobs] == [True, False]


def test_a_build_is_recognised():
    inputs = {"target": "aarch64", "args": "--sdist -i 3.12 3.13t --out dist"}
    maturin = step(uses="PyO3/maturin-action@v1", inputs=inputs)
    assert [(each.platform, each.interpreters) for each in builds(maturin)] == [
        ("sdist", ()),
        ("linux-aarch64", ("3.12", "3.13t")),
    ]
    assert [each.platform for each in builds(step("python -m build"))] == ["sdist", "linux-x86_64"]
    assert builds(step("make build")) == ()


@pytest.mark.parametrize(
    ("target", "manylinux", "runner", "key"),
    [
        ("x86_64", "auto", "ubuntu-latest", "linux-x86_64"),
        ("aarch64", "musllinux_1_2", "ubuntu-latest", "musllinux-aarch64"),
        ("x86_64-unknown-linux-musl", "", "ubuntu-latest", "musllinux-x86_64"),
        ("", "", "ubuntu-24.04-arm", "linux-aarch64"),
        ("aarch64-apple-darwin", "", "macos-15-intel", "macos-arm64"),
        ("", "", "macos-latest", "macos-arm64"),
        ("", "", "macos-13", "macos-x86_64"),
        ("", "", "macos-14-large", "macos-x86_64"),
        ("x64", "", "windows-latest", "windows-x86_64"),
        ("universal2-apple-darwin", "", "macos-latest", "macos-universal2"),
        ("armv7", "auto", "ubuntu-latest", "linux-armv7l"),
        ("", "", "macos-13-xlarge", "macos-arm64"),
        ("", "", "a-box-of-ones-own", "linux-x86_64"),
        ("wasm32-unknown-emscripten", "", "ubuntu-latest", None),
        ("aarch64-linux-android", "", "ubuntu-latest", None),
        ("powerpc64le-unknown-linux-gnu", "", "ubuntu-latest", "linux-ppc64le"),
        ("riscv64gc-unknown-linux-gnu", "", "ubuntu-latest", "linux-riscv64"),
    ],
)
def test_a_platform_is_known_by_target_and_runner(target, manylinux, runner, key):
    assert platform(target, manylinux, runner) == key
