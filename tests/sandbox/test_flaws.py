"""What `--fail` does to what is published: each flaw is on the registries, and nothing else is."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography import x509

from bot.sandbox import example
from bot.sandbox.actions.dispatcher import Actions
from bot.sandbox.actions.scenario import Scenario
from bot.sandbox.model import Repository
from bot.sandbox.registries.crate_records import Version
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.registries.pypi_records import File
from tests.sandbox.registries.test_provenance import certificate, claims

PROJECT, NUMBER = "tidewater-py", "0.4.0"


@dataclass
class Published:
    """The new release of the example, as the registries have it."""

    repository: Repository
    head: str
    parent: str
    crates: CratesIO
    pypi: PyPI

    @property
    def crate(self) -> Version:
        return self.crates.version("tidewater", "0.5.0")

    @property
    def files(self) -> list[File]:
        return self.pypi.release(PROJECT, NUMBER)

    def wheel(self, part: str) -> File:
        (found,) = (file for file in self.files if part in file.filename)
        return found

    @property
    def certificates(self) -> list[x509.Certificate]:
        return [certificate(file.provenance) for file in self.files if file.provenance]


@pytest.fixture
async def publish(world, clock):
    """Release the example with these failures and look at what came of it."""
    started = []

    async def release(*fail: str) -> Published:
        crates, pypi, scenario = CratesIO(clock), PyPI(clock), Scenario.parse(fail)
        scenario.job_seconds = scenario.publish_seconds = 0
        files = example.base()
        for path in ("Cargo.toml", "tidewater-py/pyproject.toml"):
            old, new = ('version = "0.4.0"', 'version = "0.5.0"') if path == "Cargo.toml" else ('"0.3.0"', '"0.4.0"')
            assert old in files[path].decode()
            files[path] = files[path].decode().replace(old, new).encode()
        actions = Actions(world, scenario, crates, pypi)
        started.append(actions)
        repository = await world.create_repository("morgan/tidewater", files={**files, "NEWS": b"soon"})
        head = await world.push(repository, "main", {"NEWS": b"now"}, "Release", by="morgan")
        for tag in ("v0.5.0", "py-v0.4.0"):
            await world.push_tag(repository, tag, head, by="morgan")
        await actions.idle()
        assert scenario.struck == set(fail)
        commit = await world.git(repository).commit(head)
        return Published(repository, head, commit.parents[0], crates, pypi)

    yield release
    for actions in started:
        await actions.close()


async def test_a_release_without_flaws_is_whole_and_tells_who_published_it(publish):
    done = await publish()
    assert (done.crate.file.commit, done.crate.file.dirty) == (done.head, False)
    run = next(run for run in done.repository.runs.values() if run.head_branch == "v0.5.0")
    expected = {"provider": "github", "repository": "morgan/tidewater", "run_id": str(run.id), "sha": done.head}
    assert done.crate.trustpub == expected
    assert len(done.files) == len(done.certificates) == 8
    told = claims(done.certificates[0])
    assert (told[12], told[13]) == ("https://github.com/morgan/tidewater", done.head)
    assert (told[14], told[20]) == ("refs/tags/py-v0.4.0", "push")
    assert told[18].endswith("/.github/workflows/python-publish.yml@refs/tags/py-v0.4.0")
    assert "/actions/runs/" in told[21]


async def test_a_workflow_that_uses_a_token_leaves_no_trace_of_its_run(publish):
    done = await publish("token")
    assert (done.crate.trustpub, done.crate.published_by) == (None, "morgan")
    assert not done.certificates


async def test_a_dirty_tree_is_told_by_the_crate(publish):
    assert (await publish("dirty")).crate.file.dirty


async def test_another_commit_is_told_by_the_crate_and_by_who_published(publish):
    done = await publish("commit")
    assert (done.crate.file.commit, done.crate.trustpub["sha"]) == (done.parent, done.parent)
    assert {claims(each)[13] for each in done.certificates} == {done.parent}


async def test_a_fork_is_told_by_who_published(publish):
    done = await publish("fork")
    assert done.crate.trustpub["repository"] == "somebody-else/tidewater"
    assert {claims(each)[12] for each in done.certificates} == {"https://github.com/somebody-else/tidewater"}


async def test_the_readmes_are_missing(publish):
    done = await publish("readme")
    assert done.crate.file.readme is None
    assert not any(file.metadata.get("description") for file in done.files)


async def test_the_files_exclude_new_pythons(publish):
    assert {file.metadata["requires_python"] for file in (await publish("pythons")).files} == {">=3.10,<3.12"}


async def test_a_wheel_has_tags_that_nobody_can_use(publish):
    done = await publish("abi=linux-x86_64")
    assert "-cp38-cp38-" in done.wheel("manylinux_2_17_x86_64").filename
    assert len(done.files) == 8


async def test_the_sdist_is_missing(publish):
    done = await publish("sdist")
    assert [file.kind for file in done.files] == ["bdist_wheel"] * 7


async def test_one_wheel_comes_late(publish):
    done = await publish("late")
    last, before = sorted((file.uploaded_at for file in done.files), reverse=True)[:2]
    assert last - before == timedelta(minutes=16)
    assert done.wheel("manylinux_2_17_aarch64").uploaded_at == last
    assert len(done.files) == 8


async def test_wheels_of_an_earlier_attempt_stay(publish):
    done, clean = await publish("rebuilt"), await publish()
    old = [file for file in done.files if file.uploaded_at < max(each.uploaded_at for each in done.files)]
    assert len(done.files) == 8
    assert len(old) == 4
    assert b"an earlier attempt" not in clean.wheel("win_amd64").content
    assert {file.sha256 for file in old}.isdisjoint(file.sha256 for file in clean.files)


async def test_docs_rs_fails(publish):
    assert (await publish("docs")).crate.docs is False


async def test_both_versions_are_yanked_with_a_reason(publish):
    done = await publish("yanked")
    assert (done.crate.yanked, done.crate.yank_message) == (True, "Published by mistake")
    assert {file.yanked for file in done.files} == {"Published by mistake"}


async def test_the_indexes_lag_behind(publish, clock):
    done = await publish("stale")
    assert done.pypi.shown(PROJECT).files
    assert not done.pypi.indexed(PROJECT).files
    assert not done.crates.is_indexed(done.crate)
    await clock.sleep(4)
    assert done.pypi.indexed(PROJECT).files
    assert done.crates.is_indexed(done.crate)


async def test_the_project_is_in_quarantine(publish):
    assert (await publish("quarantined")).pypi.state(PROJECT).status == "quarantined"


async def test_the_release_is_gone_and_its_names_stay_taken(publish):
    done = await publish("deleted")
    assert not done.files
    assert len(done.pypi._deleted) == 8


async def test_an_upload_that_timed_out_is_there_and_not_in_the_index_yet(publish, clock):
    done = await publish("publish=timed-out")
    run = next(run for run in done.repository.runs.values() if run.head_branch == "v0.5.0")
    assert run.conclusion == "failure"
    assert "timed out waiting for tidewater v0.5.0 to be available" in run.jobs[-1].log
    assert not done.crates.is_indexed(done.crate)
    await clock.sleep(4)
    assert done.crates.is_indexed(done.crate)


async def test_the_metadata_has_drifted_from_the_tree(publish):
    done = await publish("metadata")
    package, other = done.crate.file.manifest["package"], "https://github.com/somebody-else/tidewater"
    assert (package["license"], package["repository"]) == ("ISC", other)
    assert {file.metadata["project_urls"]["Repository"] for file in done.files} == {other}


async def test_the_crate_needs_a_version_that_was_never_published(publish):
    done = await publish("dependency")
    assert done.crate.file.manifest["dependencies"] == {"tidewater-sibling": {"version": "0.5.0"}}
    assert [each.num for each in done.crates.of("tidewater-sibling")] == ["0.0.0-reserved"]
