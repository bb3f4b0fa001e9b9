"""Who publishes a package, on what trigger: each kind of workflow that real projects have, in small."""

import pytest

from bot.packaging.registry import Registry
from bot.plan import discover
from bot.plan.model import Package, Refusal, Tree
from bot.workflows.releasing import Start
from tests.plan.trees import crate, outcome, plan, tree

TAGGED = "push: {tags: ['v*']}"
ANY_TAG = "push: {tags: ['**']}"
PURE = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "NAME"
version = "0.4.0"
"""


def pure(name: str = "lamp") -> str:
    return PURE.replace("NAME", name)


def workflow(on: str, *steps: str, job: str = "", jobs: str = "") -> str:
    """A workflow with one job of these steps (as flow mappings), and more jobs as YAML."""
    listed = "".join(f"      - {{{step}}}\n" for step in steps)
    return f"on: {{{on}}}\njobs:\n{jobs}  ship:\n    runs-on: ubuntu-latest\n{job}    steps:\n{listed}"


def found(files: dict[str, str], *, of: str = "lamp", registry: Registry = Registry.CRATES_IO) -> Package:
    """The package with its publisher; files without a folder are workflows, if they are YAML."""
    packages = discover(made(files), ["v0.4.0"]).packages
    return next(each for each in packages if each.name == of and each.registry is registry)


def made(files: dict[str, str]) -> Tree:
    named = {f".github/workflows/{path}" if path.endswith(".yml") and "/" not in path else path: text
             for path, text in files.items()}  # fmt: skip
    return tree({"Cargo.toml": crate(), **named})


def publisher(files: dict[str, str], **about: object) -> tuple[str | None, Start]:
    package = found(files, **about)  # type: ignore[arg-type]
    return package.workflow, package.start


PYPI = {"of": "lamp", "registry": Registry.PYPI}


@pytest.mark.parametrize(
    ("on", "job", "start"),
    [
        (TAGGED, "", Start.TAG),
        ("push: null", "    if: startsWith(github.ref, 'refs/tags/')\n", Start.TAG),
        (f"{TAGGED}, workflow_dispatch: null", "    if: github.event_name == 'workflow_dispatch'\n", Start.HAND),
        (f"{TAGGED}, release: {{types: [published]}}", "    if: github.event_name == 'release'\n", Start.RELEASE),
        (f"{TAGGED}, release: null", "    if: github.event.action == 'published'\n", Start.RELEASE),
        ("release: {types: [released]}, workflow_dispatch: null", "", Start.RELEASE),
        ("workflow_dispatch: {inputs: {ref: {required: true}}}", "", Start.HAND),
        ("push: {branches: [main]}", "", Start.BRANCH),
        ("push: {branches: [main], tags: ['v*']}", "    if: github.ref == 'refs/heads/main'\n", Start.BRANCH),
        ("push: {branches: [release]}", "", Start.ROBOT),
        ("push: {branches: ['release/**']}", "", Start.ROBOT),
        ("pull_request: {types: [closed]}", "    if: github.event.pull_request.merged\n", Start.BRANCH),
        ("schedule: [{cron: x}]", "", Start.UNKNOWN),
        ("repository_dispatch: null", "", Start.UNKNOWN),
        (TAGGED, "    if: vars.PUBLISH == 'true'\n", Start.TAG),
    ],
)
def test_the_trigger_is_read_from_on_and_the_condition_of_the_publishing_job(on, job, start):
    assert publisher({"ship.yml": workflow(on, "run: cargo publish", job=job)}) == ("ship.yml", start)


def test_the_condition_of_the_publishing_step_counts_as_that_of_its_job():
    step = "run: cargo publish, if: github.event_name == 'release'"
    assert publisher({"ship.yml": workflow(f"{TAGGED}, release: null", step)}) == ("ship.yml", Start.RELEASE)


def test_a_workflow_that_follows_another_one_is_found_through_it():
    first = "name: Wheels\n" + workflow(TAGGED, "run: cargo build")
    then = workflow("workflow_run: {workflows: [Wheels]}", "run: cargo publish")
    assert publisher({"a.yml": first, "b.yml": then}) == ("b.yml", Start.RUN)
    second = workflow("workflow_dispatch: null", "run: cargo publish")
    starts = workflow(TAGGED, "run: gh workflow run second.yml --ref $TAG")
    assert publisher({"first.yml": starts, "second.yml": second}) == ("second.yml", Start.RUN)


@pytest.mark.parametrize("says", ["./", "$/"])
def test_a_workflow_that_is_called_publishes_for_its_caller(says):
    called = workflow("workflow_call: null", "run: cargo publish")
    calls = f"on: {{{TAGGED}}}\njobs: {{all: {{uses: {says}.github/workflows/called.yml}}}}\n"
    assert publisher({"called.yml": called, "tag.yml": calls}) == ("tag.yml", Start.TAG)


@pytest.mark.parametrize("says", ["./", "$/"])
def test_a_local_action_is_read(says):
    action = (
        "inputs: {what: {default: publish}}\nruns: {using: composite, steps: [{run: 'cargo ${{ inputs.what }}'}]}\n"
    )
    uses = workflow(TAGGED, f"uses: {says}.github/actions/ship")
    assert publisher({".github/actions/ship/action.yml": action, "ship.yml": uses}) == ("ship.yml", Start.TAG)
    other = workflow(TAGGED, f"uses: {says}.github/actions/ship, with: {{what: build}}")
    assert publisher({".github/actions/ship/action.yml": action, "ship.yml": other}) == (None, Start.NOBODY)


@pytest.mark.parametrize(
    ("run", "path", "text"),
    [
        ("./scripts/publish.sh", "scripts/publish.sh", "#!/bin/sh\ncargo publish\n"),
        ("bash ci/release", "ci/release", "set -e\nfor x in lamp shade; do\n  cargo publish -p $x\ndone\n"),
        ("cd ci && ./publish.sh", "ci/publish.sh", 'cd "$(dirname "$0")/.."\ncargo publish\n'),
        ("python scripts/release.py", "scripts/release.py", "import subprocess as s\ns.run(['cargo', 'publish'])\n"),
        ("bin/publish", "bin/publish", "cargo publish\n"),
        ("make publish", "Makefile", "all:\n\ttrue\n\npublish: check\n\t@cargo publish\n"),
        ("make release", "Makefile", "release: publish\n\npublish:\n\t$(CARGO) publish\n\nCARGO = cargo\n".replace(
            "$(CARGO)", "cargo")),
        ("just ship", "justfile", "name := 'lamp'\n\nship: test\n    cargo publish -p {{name}}\n\ntest:\n    true\n"),
        ("uvx nox -s publish", "noxfile.py",
         "import nox\n@nox.session\ndef publish(session):\n    _do(session, 'lamp')\n\n\n"
         "def _do(session, package):\n    session.run('cargo', 'publish', f'--package={package}', external=True)\n"),
        ("nox --session ship-it", "noxfile.py",
         "import nox\n@nox.session(name='ship-it')\ndef ship(session):\n"
         "    for each in ('lamp', 'x'):\n        session.run('cargo', 'publish', '-p', each)\n"),
        ("tox -e publish", "tox.ini", "[testenv:publish]\ncommands =\n    true\n    cargo publish\n"),
        ("pixi run publish", "pixi.toml", "[tasks]\npublish = 'cargo publish'\n"),
        ("./scripts/build.sh", "scripts/build.sh", "cargo build\n./scripts/publish.sh\n"),
    ],
)  # fmt: skip
def test_what_a_step_runs_of_the_repository_is_read(run, path, text):
    more = {"scripts/publish.sh": "cargo publish\n"} if "scripts/publish.sh" in text else {}
    assert publisher({"ship.yml": workflow(TAGGED, f"run: {run}"), path: text, **more}) == ("ship.yml", Start.TAG)


@pytest.mark.parametrize(
    ("run", "path", "text"),
    [
        ("make test", "Makefile", "test:\n\ttrue\n\npublish:\n\tcargo publish\n"),
        ("just", "justfile", "test:\n    true\n\npublish:\n    cargo publish\n"),
        ("nox -s test", "noxfile.py",
         "import nox\n@nox.session\ndef publish(session):\n    session.run('cargo', 'publish')\n"),
        ("./scripts/publish.sh", "scripts/publish.sh", "echo cargo publish\ncargo publish --dry-run\n"),
        ("cargo dist build", "dist-workspace.toml", ""),
        ("dist host --steps=upload --steps=release", "dist-workspace.toml", ""),
        ("gh release create v1", "x.sh", ""),
        ("./scripts/publish.sh", "scripts/other.sh", "cargo publish\n"),
    ],
)  # fmt: skip
def test_a_workflow_that_publishes_nothing_is_never_named(run, path, text):
    files = {"ship.yml": workflow(TAGGED, f"run: {run}"), path: text}
    assert publisher(files) == (None, Start.NOBODY)


def test_where_nothing_publishes_the_plan_says_what_it_does_not_see():
    (told,) = [each for each in plan(made({}), "0.5.0").warnings if "publish" in each]
    assert told == "I do not see what publishes lamp: publish it when the tag v0.5.0 stands, and I look at crates.io."
    files = {"ship.yml": workflow(TAGGED, "run: ./ci/publish-it", "run: cargo xtask release")}
    (told,) = [each for each in plan(made(files), "0.5.0").warnings if "publish" in each]
    assert "ship.yml runs `./ci/publish-it`, which I cannot read" in told
    files = {"ship.yml": f"on: {{{TAGGED}}}\njobs: {{all: {{uses: octo/else/.github/workflows/publish.yml@v1}}}}\n"}
    (told,) = [each for each in plan(made(files), "0.5.0").warnings if "publish" in each]
    assert "calls octo/else/.github/workflows/publish.yml@v1, which I cannot read" in told


@pytest.mark.parametrize(
    ("env", "registry"),
    [
        ("{CARGO_REGISTRY_TOKEN: '${{ secrets.T }}'}", Registry.CRATES_IO),
        ("{TWINE_PASSWORD: '${{ secrets.T }}'}", Registry.PYPI),
    ],
)
def test_a_token_tells_what_a_script_that_cannot_be_read_may_publish(env, registry):
    files = {"ship.yml": workflow(ANY_TAG, f"run: ./ci/do-it, env: {env}"), "pyproject.toml": pure()}
    assert publisher(files, registry=registry) == ("ship.yml", Start.TAG)
    files["ship.yml"] = workflow(ANY_TAG, "run: ./ci/publish-all", job=f"    env: {env}\n")
    assert publisher(files, registry=registry) == ("ship.yml", Start.TAG)
    files["ship.yml"] = workflow(ANY_TAG, "run: ./ci/test", job=f"    env: {env}\n")
    assert publisher(files, registry=registry) == (None, Start.NOBODY)
    checks = {"ship.yml": workflow(ANY_TAG, f"run: cargo package, env: {env}"), "pyproject.toml": pure()}
    assert publisher(checks, registry=registry) == (None, Start.NOBODY)


@pytest.mark.parametrize(
    "uses",
    ["katyo/publish-crates@v2", "someone/publish-crates@v1", "rust-lang/crates-io-auth-action@v1",
     "actions-rs/cargo@v1, with: {command: publish}"],
)  # fmt: skip
def test_actions_that_publish_crates_are_known_by_name(uses):
    assert publisher({"ship.yml": workflow(TAGGED, f"uses: {uses}")}) == ("ship.yml", Start.TAG)


# --- which package ---


WORKSPACE = '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n'
CRATES = {f"crates/{name}/Cargo.toml": crate(name) for name in ("lamp", "shade")}


@pytest.mark.parametrize(
    ("run", "both"),
    [
        ("cargo publish -p lamp", False),
        ("cargo publish --manifest-path crates/lamp/Cargo.toml", False),
        ("cd crates/lamp && cargo publish", False),
        ("cargo publish --workspace", True),
        ("cargo ws publish --from-git", True),
        ("cargo release publish --execute", True),
        ("for x in lamp shade; do cargo publish -p $x; done", True),
        ("for x in lamp; do cargo publish -p $x; done", False),
        ("for x in $(cat order); do cargo publish -p $x; done", True),
    ],
)
def test_the_publisher_of_a_crate_is_the_workflow_that_publishes_it(run, both):
    files = {"Cargo.toml": WORKSPACE, **CRATES, "ship.yml": workflow(ANY_TAG, f"run: '{run}'")}
    assert publisher(files, of="lamp") == ("ship.yml", Start.TAG)
    assert publisher(files, of="shade") == (("ship.yml", Start.TAG) if both else (None, Start.NOBODY))


def test_a_matrix_names_the_crates_that_it_publishes():
    text = workflow(ANY_TAG, "run: cargo publish, working-directory: '${{ matrix.it }}'",
                    job="    strategy: {matrix: {it: [crates/shade]}}\n")  # fmt: skip
    files = {"Cargo.toml": WORKSPACE, **CRATES, "ship.yml": text}
    assert publisher(files, of="shade") == ("ship.yml", Start.TAG)
    assert publisher(files, of="lamp") == (None, Start.NOBODY)


@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_workflows_for_pypi_each_has_the_package_that_it_builds(swapped):
    names = ("b.yml", "a.yml") if swapped else ("a.yml", "b.yml")
    upload = "uses: pypa/gh-action-pypi-publish@release/v1"
    one = workflow(ANY_TAG, "run: python -m build, working-directory: lamp", upload)
    other = workflow(ANY_TAG, "run: uv build --package shade", upload)
    files = {"lamp/pyproject.toml": pure(), "shade/pyproject.toml": pure("shade"), names[0]: one, names[1]: other}
    assert publisher(files, **PYPI) == (names[0], Start.TAG)
    assert publisher(files, of="shade", registry=Registry.PYPI) == (names[1], Start.TAG)


def test_the_address_of_an_environment_names_the_package():
    job = "    environment: {name: pypi, url: 'https://pypi.org/p/shade'}\n"
    text = workflow(ANY_TAG, "uses: pypa/gh-action-pypi-publish@v1", job=job)
    files = {"lamp/pyproject.toml": pure(), "shade/pyproject.toml": pure("shade"), "ship.yml": text}
    assert publisher(files, of="shade", registry=Registry.PYPI) == ("ship.yml", Start.TAG)
    assert publisher(files, **PYPI) == (None, Start.NOBODY)


def test_another_index_is_not_pypi():
    for run in ("twine upload --repository-url https://pypi.example.org/x dist/*", "uv publish --index ours"):
        assert publisher({"pyproject.toml": pure(), "ship.yml": workflow(ANY_TAG, f"run: {run}")}, **PYPI)[0] is None


# --- robots ---


@pytest.mark.parametrize(
    ("step", "robot"),
    [
        ("uses: release-plz/action@v0.5", "release-plz"),
        ("uses: MarcoIeni/release-plz-action@v0.5, with: {command: release}", "release-plz"),
        ("run: release-plz release --git-token x", "release-plz"),
        ("run: npx semantic-release", "semantic-release"),
        ("run: semantic-release version", "semantic-release"),
        ("uses: python-semantic-release/python-semantic-release@v9", "python-semantic-release"),
        ("uses: cycjimmy/semantic-release-action@v4", "semantic-release"),
        ("uses: getsentry/craft@v2", "craft"),
        ("uses: someone/action-release/merge@v1", "its own release workflow"),
    ],
)
def test_another_robot_refuses_the_request_with_the_choice(step, robot):
    files = {"robot.yml": workflow("push: {branches: [main]}", step)}
    package = found(files)
    assert (package.workflow, package.start, package.robot) == ("robot.yml", Start.ROBOT, robot)
    answer = outcome(made(files), "0.5.0")
    assert isinstance(answer, Refusal)
    (problem,) = answer.problems
    assert problem.where == ".github/workflows/robot.yml"
    assert problem.what == f"lets {robot} tag and publish lamp by itself"
    assert "`/release verify`" in problem.fix and "switch it off" in problem.fix and 'robot = "ignore"' in problem.fix
    on = {**files, ".github/release.toml": '[release]\nrobot = "ignore"\n'}
    assert plan(made(on), "0.5.0").bumps[0].new == "0.5.0"


@pytest.mark.parametrize(
    "more",
    [
        {
            "robot.yml": workflow(
                "push: {branches: [main]}", "uses: release-plz/action@v0.5, with: {command: release-pr}"
            )
        },
        {"release-plz.toml": "[workspace]\nrelease = false\n"},
        {"release-plz.toml": "[workspace]\npublish = false\n"},
        {"release-plz.toml": "[[package]]\nname = 'lamp'\nrelease = false\n"},
        {"robot.yml": workflow("push: {branches: [main]}", "run: semantic-release --noop version")},
    ],
)
def test_a_robot_that_leaves_the_package_alone_refuses_nothing(more):
    robot = workflow("push: {branches: [main]}", "uses: release-plz/action@v0.5")
    files = {"robot.yml": robot, "ship.yml": workflow(ANY_TAG, "run: cargo publish"), **more}
    assert publisher(files) == ("ship.yml", Start.TAG)


def test_release_plz_is_a_robot_of_crates_only():
    robot = workflow("push: {branches: [main]}", "uses: release-plz/action@v0.5")
    ship = workflow(ANY_TAG, "run: uv build", "run: uv publish")
    files = {"robot.yml": robot, "ship.yml": ship, "py/pyproject.toml": pure("lamp")}
    assert publisher(files, **PYPI) == ("ship.yml", Start.TAG)
    assert publisher(files) == ("robot.yml", Start.ROBOT)


def test_release_please_is_a_robot_where_its_workflow_publishes():
    step = "uses: googleapis/release-please-action@v4"
    both = workflow("push: {branches: [main]}", step, "run: cargo publish")
    assert publisher({"robot.yml": both}) == ("robot.yml", Start.ROBOT)
    files = {"robot.yml": workflow("push: {branches: [main]}", step), "s.yml": workflow(ANY_TAG, "run: cargo publish")}
    assert publisher(files) == ("s.yml", Start.TAG)


def test_a_robot_that_a_person_starts_is_one_where_nothing_else_publishes():
    robot = {"robot.yml": workflow("workflow_dispatch: null", "uses: getsentry/craft@v2")}
    assert publisher(robot) == ("robot.yml", Start.ROBOT)
    assert publisher({**robot, "s.yml": workflow(ANY_TAG, "run: cargo publish")}) == ("s.yml", Start.TAG)


def test_a_workflow_that_would_publish_and_does_not_hear_the_tag_is_named():
    deaf = {"ship.yml": workflow("push: {tags: ['release-*']}", "run: cargo publish")}
    answer = outcome(made(deaf), "0.5.0", tags=["v0.4.0"])
    assert not isinstance(answer, Refusal)
    assert any("does not run for the tag v0.5.0" in each and "v0.4.0" in each for each in answer.warnings)
    unheard = {"ship.yml": workflow("push: {tags: ['[0-9]+.*']}", "run: cargo publish")}
    refused = outcome(made(unheard), "0.5.0")
    assert isinstance(refused, Refusal)
    assert "does not run for the tag" in refused.problems[0].what
    assert "another `tag`" in refused.problems[0].fix
