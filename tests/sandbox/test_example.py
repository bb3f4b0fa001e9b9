"""The demo's repository, and the workflows for a repository that has none."""

import shutil
import subprocess
import tomllib

import pytest

from bot.sandbox import Sandbox, example
from bot.sandbox.actions.minimal import minimal_workflows
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.actions.steps import builds
from bot.workflows.events import push, push_of_tag
from bot.workflows.files import read_workflow
from bot.workflows.publishing import publishes
from bot.workflows.runs import run_of
from bot.workflows.triggers import starts

PLATFORMS = [
    "linux-x86_64",
    "linux-aarch64",
    "musllinux-x86_64",
    "musllinux-aarch64",
    "macos-x86_64",
    "macos-arm64",
    "windows-x86_64",
    "sdist",
]
CRATE = b'[package]\nname = "thing"\nversion = "0.1.0"\n'
MATURIN = b'[build-system]\nbuild-backend = "maturin"\n[project]\nname = "thing-py"\nversion = "0.1.0"\n'


def workflows(files):
    return {path: read_workflow(path, data) for path, data in files.items() if path.startswith(".github/workflows/")}


def starts_on_push(workflow, ref):
    return starts(workflow.triggers, push(ref, ["a"]))


def run(workflow, tag="v1"):
    return run_of(workflow, push_of_tag(tag), {})


def built(workflow):
    return [build.platform for job in run(workflow) for build in builds(job, {})]


def test_its_versions_agree_everywhere():
    files = {path: data.decode() for path, data in example.files().items()}
    crate, bindings = tomllib.loads(files["Cargo.toml"]), tomllib.loads(files["tidewater-py/Cargo.toml"])
    project, lock = tomllib.loads(files["tidewater-py/pyproject.toml"]), tomllib.loads(files["Cargo.lock"])
    assert crate["package"]["version"] == bindings["dependencies"]["tidewater"]["version"] == "0.4.0"
    assert bindings["package"]["version"] == project["project"]["version"] == "0.3.0"
    locked = {each["name"]: each["version"] for each in lock["package"]}
    assert locked == {"tidewater": "0.4.0", "tidewater-py": "0.3.0"}


def test_one_changelog_has_something_to_release_and_the_other_has_not():
    files = example.files()
    assert b"## [Unreleased]\n\n### Added\n" in files["CHANGELOG.md"]
    assert b"## [Unreleased]\n\n## [0.3.0]" in files["tidewater-py/CHANGELOG.md"]


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
@pytest.mark.parametrize("files", [example.base, example.files])
def test_cargo_takes_its_lock_file_and_its_code(tmp_path, files):
    for path, data in files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    for command in ("metadata --format-version 1 --locked --offline", "check --workspace --locked --offline --quiet"):
        subprocess.run(["cargo", *command.split()], cwd=tmp_path, check=True, capture_output=True)


def test_its_workflows_test_main_and_publish_tags():
    found = {path.rpartition("/")[2]: each for path, each in workflows(example.files()).items()}
    assert not any(each.problem for each in found.values())
    for ref, names in (
        ("refs/heads/main", ["ci.yml", "python-ci.yml"]),
        ("refs/tags/v0.5.0", ["publish.yml"]),
        ("refs/tags/py-v0.4.0", ["python-publish.yml"]),
    ):
        assert [name for name, each in found.items() if starts_on_push(each, ref)] == names
    assert built(found["python-publish.yml"]) == PLATFORMS


async def test_it_is_built_with_history_tags_registries_and_a_green_main(tmp_path):
    async with Sandbox.open(scenario=Scenario(0, 0), folder=tmp_path) as sandbox:
        repo = await example.build(sandbox)
        await sandbox.actions.idle()
        git = sandbox.world.git(repo)
        tree = {path: await git.read_file("main", path) for path in example.files()}
        runs = [run for run in repo.runs.values() if run.head_sha == await git.resolve("main")]
        tags = await sandbox.world.tags(repo)
    assert tree == example.files()
    assert set(tags) == {"v0.4.0", "py-v0.3.0"}
    assert [(run.path.rpartition("/")[2], run.conclusion) for run in runs] == [
        ("ci.yml", "success"),
        ("python-ci.yml", "success"),
    ]
    assert [issue.title for issue in repo.issues.values()] == [merged.title for merged in example.HISTORY]
    assert all(issue.pull_request and issue.pull_request.merged for issue in repo.issues.values())
    assert [(each.num, each.file.commit) for each in sandbox.crates.of("tidewater")] == [("0.4.0", tags["v0.4.0"])]
    assert len(sandbox.pypi.release("tidewater-py", "0.3.0")) == len(PLATFORMS)


def test_a_crate_with_bindings_gets_four_workflows():
    found = workflows(minimal_workflows({"Cargo.toml": CRATE, "py/Cargo.toml": CRATE, "py/pyproject.toml": MATURIN}))
    assert not any(each.problem for each in found.values())
    names = [path.rpartition("/")[2] for path in found]
    assert names == ["ci.yml", "publish.yml", "python-ci.yml", "python-publish.yml"]
    python = found[".github/workflows/python-publish.yml"]
    assert starts_on_push(python, "refs/tags/py-v1")
    assert not starts_on_push(python, "refs/tags/v1")
    assert built(python) == PLATFORMS


@pytest.mark.parametrize(
    ("files", "names", "tag"),
    [
        ({"Cargo.toml": CRATE}, ["ci.yml", "publish.yml"], "v1"),
        ({"pyproject.toml": MATURIN, "Cargo.toml": CRATE}, ["ci.yml", "python-publish.yml"], "v1"),
        ({"pyproject.toml": b'[project]\nname = "a"\nversion = "1"\n'}, ["ci.yml", "python-publish.yml"], "v1"),
        ({"pyproject.toml": b"[tool.ruff]\n", "README.md": b""}, [], None),
    ],
)
def test_only_what_is_published_gets_workflows(files, names, tag):
    found = workflows(minimal_workflows(files))
    assert [path.rpartition("/")[2] for path in found] == names
    uploading = [each for each in found.values() if any(publishes(job) for job in run(each))]
    assert all(starts_on_push(each, f"refs/tags/{tag}") for each in uploading)


def test_in_a_virtual_workspace_the_first_crate_that_may_be_published_is():
    members = {"a/Cargo.toml": CRATE + b"publish = false\n", "b/Cargo.toml": CRATE.replace(b"thing", b"b")}
    found = minimal_workflows({"Cargo.toml": b'[workspace]\nmembers = ["*"]\n', **members})
    assert b"cargo publish --locked -p b" in found[".github/workflows/publish.yml"]
