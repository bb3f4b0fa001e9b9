"""GitHub Actions: runs, jobs and what they publish, by the workflow files at the pushed commit."""

import asyncio
from dataclasses import dataclass

import pytest

from bot.sandbox.actions.dispatcher import Actions
from bot.sandbox.actions.scenario import Outcome, Scenario
from bot.sandbox.errors import StandInFailed
from bot.sandbox.model import Repository
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.world import World

CI = """
name: CI
on: {push: {branches: [main]}, pull_request: null}
jobs:
  lint: {name: Lint, runs-on: ubuntu-latest, steps: [{name: Check, run: make lint}]}
  test: {name: Test, runs-on: ubuntu-latest, needs: lint, steps: [{run: make test}, {name: Report, run: report}]}
"""
PUBLISH = """
name: Publish
on: {push: {tags: ['v*']}}
jobs:
  check: {name: Check, runs-on: ubuntu-latest, steps: [{run: cargo publish --dry-run}]}
  publish: {name: Publish, needs: check, runs-on: ubuntu-latest, steps: [{name: Upload, run: cargo publish}]}
"""
PYTHON_PUBLISH = """
name: Publish Python
on: {push: {tags: ['py-v*']}}
jobs:
  wheels:
    name: Wheel ${{ matrix.platform }}
    runs-on: ${{ matrix.os }}
    continue-on-error: ${{ matrix.can-fail }}
    strategy:
      matrix:
        include:
          - {platform: linux-x86_64, os: ubuntu-latest, target: x86_64, can-fail: false}
          - {platform: linux-aarch64, os: ubuntu-latest, target: aarch64, can-fail: true}
    steps:
      - {name: Build, uses: PyO3/maturin-action@v1, with: {target: '${{ matrix.target }}', working-directory: py}}
  sdist:
    runs-on: ubuntu-latest
    steps: [{uses: PyO3/maturin-action@v1, with: {command: sdist, working-directory: py}}]
  upload:
    name: Upload
    needs: [wheels, sdist]
    runs-on: ubuntu-latest
    steps: [{name: Send, uses: pypa/gh-action-pypi-publish@release/v1}]
"""
FILES = {
    ".github/workflows/ci.yml": CI,
    ".github/workflows/publish.yml": PUBLISH,
    ".github/workflows/python-publish.yml": PYTHON_PUBLISH,
    "Cargo.toml": '[package]\nname = "thing"\nversion = "1.0.0"\ndescription = "d"\nlicense = "MIT"\n',
    "README.md": "# thing\n",
    "py/Cargo.toml": '[package]\nname = "thing-py"\nversion = "1.0.0-rc.1"\n'
    '[dependencies]\npyo3 = { version = "0.28", features = ["abi3-py39"] }\n',
    "py/pyproject.toml": '[build-system]\nbuild-backend = "maturin"\n[project]\nname = "thing-py"\n'
    'dynamic = ["version"]\nrequires-python = ">=3.9"\n',
}


@dataclass
class Play:
    """A repository with the workflows above, and all that they touch."""

    world: World
    repo: Repository
    actions: Actions
    crates: CratesIO
    pypi: PyPI
    events: list[tuple[str, str]]

    async def push(self, files, branch="main", message="Change"):
        sha = await self.world.push(self.repo, branch, files, message, by="ann")
        await self.actions.idle()
        return sha

    async def tag(self, name):
        head = await self.world.git(self.repo).resolve("main") or ""
        await self.world.push_tag(self.repo, name, head, by="ann")
        await self.actions.idle()
        return self.runs[-1]

    async def rerun(self, run):
        for listener in self.world.on_rerun:
            await listener(self.repo, run, self.world.user("ann"))
        await self.actions.idle()

    @property
    def runs(self):
        return list(self.repo.runs.values())

    @property
    def uploaded(self):
        return [file.filename for file in self.pypi.projects.get("thing-py", [])]


@pytest.fixture
async def play(world, clock):
    repo = await world.create_repository("octo/thing", files=FILES)
    crates, pypi, events = CratesIO(clock), PyPI(clock), []

    async def hear(event, payload):
        events.append((event, payload.get("action", "")))

    world.listeners.append(hear)
    actions = Actions(world, Scenario(job_seconds=0, publish_seconds=0), crates, pypi)
    yield Play(world, repo, actions, crates, pypi, events)
    await actions.close()


def ends(run):
    return {job.name: job.conclusion for job in run.jobs}


async def test_a_push_runs_what_it_triggers_and_nothing_else(play):
    sha = await play.push({"a": "1"})
    (run,) = play.runs
    assert (run.name, run.event, run.head_branch, run.head_sha) == ("CI", "push", "main", sha)
    assert (run.status, run.conclusion) == ("completed", "success")
    assert ends(run) == {"Lint": "success", "Test": "success"}


async def test_a_run_is_told_as_github_tells_it(play):
    await play.push({"a": "1"})
    assert [each for each in play.events if each[0] in ("workflow_run", "check_run", "check_suite")] == [
        ("workflow_run", "requested"),
        ("workflow_run", "in_progress"),
        ("check_run", "created"),
        ("check_run", "completed"),
        ("check_run", "created"),
        ("check_run", "completed"),
        ("workflow_run", "completed"),
        ("check_suite", "completed"),
    ]


async def test_every_webhook_of_a_run_is_one_that_github_sends(play, webhook_contract):
    play.actions.scenario.failures.add("wheel=linux-aarch64")
    await play.push({"a": "1"})
    await play.rerun(await play.tag("py-v1.0.0rc1"))
    await play.push({".github/workflows/ci.yml": "nonsense"})
    for delivery in play.world.deliveries:
        webhook_contract.check(delivery.event, delivery.action, delivery.payload)


async def test_a_pull_request_runs_at_its_head(play):
    sha = await play.push({"a": "1"}, branch="topic")
    await play.world.open_pull_request(play.repo, head="topic", base="main", title="T", by="ann")
    await play.actions.idle()
    (run,) = play.runs
    assert (run.event, run.head_branch, run.head_sha) == ("pull_request", "topic", sha)


async def test_the_workflow_files_of_the_pushed_commit_count(play):
    await play.push({".github/workflows/ci.yml": None, ".github/workflows/other.yaml": CI.replace("CI", "Other")})
    assert [run.name for run in play.runs] == ["Other"]


async def test_a_workflow_keeps_its_id_and_counts_its_runs(play):
    await play.push({"a": "1"})
    await play.push({"a": "2"})
    assert len({run.workflow_id for run in play.runs}) == 1
    assert [run.number for run in play.runs] == [1, 2]


async def test_a_broken_workflow_file_is_a_startup_failure(play):
    await play.push({".github/workflows/ci.yml": "on: [push\n"})
    (run,) = play.runs
    assert (run.path, run.conclusion, run.jobs) == (".github/workflows/ci.yml", "startup_failure", [])


async def test_skip_ci_in_the_message_starts_nothing(play):
    await play.push({"a": "1"}, message="x [skip ci]")
    assert play.runs == []


async def test_a_failed_job_skips_what_needs_it_and_fails_the_run(play):
    play.actions.scenario.script = lambda run, job, attempt: Outcome("failure", 0) if job.name == "Lint" else None
    await play.push({"a": "1"})
    assert play.runs[0].conclusion == "failure"
    assert ends(play.runs[0]) == {"Lint": "failure", "Test": "skipped"}


async def test_the_failed_step_is_named_and_those_after_it_are_skipped(play):
    play.actions.scenario.script = lambda run, job, attempt: (
        Outcome("failure", 0, "Run make test") if job.name == "Test" else None
    )
    await play.push({"a": "1"})
    assert [(step.name, step.conclusion) for step in play.runs[0].jobs[-1].steps] == [
        ("Set up job", "success"),
        ("Run make test", "failure"),
        ("Report", "skipped"),
        ("Complete job", "success"),
    ]


async def test_a_rerun_repeats_only_what_failed_and_what_needs_it(play):
    play.actions.scenario.script = lambda run, job, attempt: (
        Outcome("failure", 0) if job.name == "Test" and attempt == 1 else None
    )
    await play.push({"a": "1"})
    (run,) = play.runs
    lint, test = run.jobs
    await play.rerun(run)
    assert (run.attempt, run.conclusion) == (2, "success")
    assert run.jobs[0] is lint
    assert run.jobs[1].id != test.id


async def test_idle_raises_what_broke_inside(play):
    def broken(run, job, attempt):
        raise ZeroDivisionError

    play.actions.scenario.script = broken
    with pytest.raises(StandInFailed, match=r"could not play \.github/workflows/ci\.yml: ZeroDivisionError"):
        await play.push({"a": "1"})
    (run,) = play.repo.runs.values()
    assert (run.status, run.conclusion) == ("completed", "failure")
    assert {job.status for job in run.jobs} == {"completed"}


async def test_a_tag_publishes_the_crate_of_its_commit(play):
    run = await play.tag("v1.0.0")
    assert (run.event, run.head_branch, run.conclusion) == ("push", "v1.0.0", "success")
    version = play.crates.find("thing", "1.0.0")
    assert version.file.commit == run.head_sha
    assert version.file.readme == "# thing\n"


async def test_publishing_a_crate_twice_fails_in_the_words_of_crates_io(play):
    await play.tag("v1.0.0")
    run = await play.tag("v1.0.0-again")
    assert (run.conclusion, ends(run)["Publish"]) == ("failure", "failure")
    assert "crate version `1.0.0` is already uploaded" in run.jobs[-1].log
    assert next(step.name for step in run.jobs[-1].steps if step.conclusion == "failure") == "Upload"


async def test_a_python_tag_publishes_a_wheel_for_each_build_and_the_sdist(play):
    run = await play.tag("py-v1.0.0rc1")
    assert run.conclusion == "success"
    assert play.uploaded == [
        "thing_py-1.0.0rc1-cp39-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
        "thing_py-1.0.0rc1-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "thing_py-1.0.0rc1.tar.gz",
    ]


async def test_a_wheel_that_may_fail_is_missing_from_the_upload(play):
    play.actions.scenario.failures.add("wheel=linux-aarch64")
    run = await play.tag("py-v1.0.0rc1")
    assert run.conclusion == "success"
    assert ends(run)["Wheel linux-aarch64"] == "failure"
    assert len(play.uploaded) == 2


async def test_a_rerun_adds_the_missing_wheel(play):
    play.actions.scenario.failures.add("wheel=linux-aarch64")
    run = await play.tag("py-v1.0.0rc1")
    play.actions.scenario.failures.clear()
    await play.rerun(run)
    assert run.conclusion == "success"
    assert len(play.uploaded) == 3


async def test_a_wheel_that_must_not_fail_stops_the_upload(play):
    play.actions.scenario.failures.add("wheel=linux-x86_64")
    run = await play.tag("py-v1.0.0rc1")
    assert run.conclusion == "failure"
    assert ends(run)["Upload"] == "skipped"
    assert play.uploaded == []


async def test_rebuilt_wheels_are_other_bytes_and_refused(play):
    await play.tag("py-v1.0.0rc1")
    run = await play.tag("py-v1.0.0rc1-again")
    assert ends(run)["Upload"] == "failure"
    assert "File already exists" in run.jobs[-1].log


async def test_the_publish_failure_is_of_the_first_publish_workflow(play):
    play.actions.scenario.failures.add("publish")
    assert (await play.tag("v1.0.0")).conclusion == "failure"
    assert (await play.tag("py-v1.0.0rc1")).conclusion == "success"


async def test_the_ci_failure_is_of_the_commit_that_merging_the_apps_pull_request_makes(play):
    play.actions.scenario.failures.add("ci")
    world, repo = play.world, play.repo
    for author, branch in (("ann", "topic"), (world.app.bot, "release/x")):
        await play.push({branch: "1"}, branch=branch)
        issue = await world.open_pull_request(repo, head=branch, base="main", title="T", by=author)
        await play.actions.idle()
        await world.merge(repo, issue.number, by="ann")
        await play.actions.idle()
    assert [run.conclusion for run in play.runs] == ["success", "success", "success", "failure"]
    assert ends(play.runs[-1]) == {"Lint": "success", "Test": "failure"}


async def test_close_stops_what_runs(play, clock):
    async def forever(seconds):
        await never.wait()

    never = asyncio.Event()
    clock.sleep = forever
    await play.world.push(play.repo, "main", {"a": "1"}, by="ann")
    await play.actions.close()
    await play.actions.idle()
    assert play.runs[0].status != "completed"


def test_failures_are_given_in_words():
    assert Scenario.parse(["ci", "wheel=macos-arm64"]).failures == {"ci", "wheel=macos-arm64"}
    for word in ("nonsense", "wheel=", "wheel=amiga-68k"):
        with pytest.raises(ValueError, match="wheel=linux-aarch64"):
            Scenario.parse([word])


async def test_a_cancelled_run_publishes_nothing_and_can_be_run_again(play):
    play.actions.scenario.publish_seconds = 0.2
    head = await play.world.git(play.repo).resolve("main") or ""
    await play.world.push_tag(play.repo, "v1.0.0", head, by="ann")
    run = play.runs[-1]
    for listener in play.world.on_cancel:
        await listener(play.repo, run, play.world.user("ann"))
    await play.actions.idle()
    assert (run.status, run.conclusion) == ("completed", "cancelled")
    assert ends(run) == {"Check": "cancelled", "Publish": "cancelled"}
    assert play.crates.of("thing") == []
    await play.rerun(run)
    assert run.conclusion == "success"
    assert [version.num for version in play.crates.of("thing")] == ["1.0.0"]


THREE_OF_ONE_NAME = """
on: {push: {tags: ['py-v*']}}
jobs:
  wheels:
    name: Build
    runs-on: ubuntu-latest
    strategy: {matrix: {target: [x86_64, aarch64, riscv64gc-unknown-linux-gnu]}}
    steps: [{uses: PyO3/maturin-action@v1, with: {target: '${{ matrix.target }}', working-directory: py}}]
  upload:
    needs: wheels
    runs-on: ubuntu-latest
    steps: [{uses: pypa/gh-action-pypi-publish@release/v1}]
"""
SCRIPTED = """
on: {push: {tags: ['v*']}}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps: [{name: Ship it, run: node tools/ship.js, env: {CARGO_REGISTRY_TOKEN: secret}}]
"""
LOCAL = """
on: {push: {tags: ['v*']}}
jobs:
  publish: {runs-on: ubuntu-latest, steps: [{uses: ./.github/actions/ship}]}
"""
COMPOSITE = """
name: Ship
runs: {using: composite, steps: [{name: Send, run: cargo publish, shell: bash}]}
"""


async def test_jobs_of_one_name_keep_their_files_apart(play):
    await play.push({".github/workflows/python-publish.yml": THREE_OF_ONE_NAME})
    await play.tag("py-v1.0.0")
    names = [file.filename for file in play.pypi.projects["thing-py"]]
    assert sorted(name.rpartition("_")[2] for name in names) == ["64.whl", "aarch64.whl", "riscv64.whl"]


async def test_a_step_that_cannot_be_run_is_taken_as_what_it_would_publish_and_said_so(play):
    await play.push({".github/workflows/publish.yml": SCRIPTED})
    await play.tag("v1.0.0")
    assert play.crates.find("thing", "1.0.0")
    assert any("“Ship it” cannot be run here" in line and "thing 1.0.0" in line for line in play.actions.assumed)


async def test_a_local_action_is_run(play):
    await play.push({".github/workflows/publish.yml": LOCAL, ".github/actions/ship/action.yml": COMPOSITE})
    await play.tag("v1.0.0")
    assert play.crates.find("thing", "1.0.0")
    assert play.actions.assumed == []


UNSURE = """
on: {push: {branches: [main], tags: ['v*']}}
jobs:
  plan: {runs-on: ubuntu-latest, outputs: {go: '${{ steps.look.outputs.go }}'}, steps: [{id: look, run: look}]}
  publish:
    needs: plan
    if: needs.plan.outputs.go == 'true'
    runs-on: ubuntu-latest
    steps: [{run: cargo publish}]
"""


async def test_what_may_publish_or_not_publishes_for_a_tag_only(play):
    await play.push({".github/workflows/publish.yml": UNSURE})
    assert play.crates.find("thing", "1.0.0") is None
    await play.tag("v1.0.0")
    assert play.crates.find("thing", "1.0.0")
