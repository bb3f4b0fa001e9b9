"""`cargo publish` and `cargo yank`, for real."""

import hashlib
import json

import pytest

from bot.release.verification.judge import Mark, State
from bot.sandbox.registries.crate_file import read
from tests.uploads.conftest import CRATE, MANIFEST, README, crate_package, publisher, texts

pytestmark = pytest.mark.slow  # each starts cargo, twine or uv: `make uploads`

PUBLISH = ("publish", "--no-verify")


async def packaged(shop, version="0.1.0"):
    """The .crate that is served, read."""
    return read(await shop.read(f"{shop.crates_url}/static/crates/{CRATE}/{CRATE}-{version}.crate"))


async def test_a_published_crate_is_verified(shop):
    commit = await shop.new_crate()
    done = await shop.cargo("publish")
    assert done.code == 0, done.output
    assert "Published edge-demo v0.1.0 at registry `local`" in done.output
    verdict = await shop.judge(crate_package(), commit)
    assert verdict.state is State.COMPLETE, verdict
    told = texts(verdict, Mark.OK)
    assert "README is rendered" in told
    assert f"packaged from {commit[:12]}, the tag's commit" in told
    assert "docs.rs has built its documentation" in told
    file = await packaged(shop)
    assert (file.commit, file.dirty, file.readme) == (commit, False, README)


async def test_a_trusted_publish_names_its_run_and_commit(shop):
    commit = await shop.new_crate()
    await shop.cargo(*PUBLISH)  # a first version cannot be a trusted publisher's
    await shop.commit({"Cargo.toml": MANIFEST.replace("0.1.0", "0.2.0")})
    shop.token = shop.crates.issue_trusted_token(publisher(commit).trustpub_data())
    done = await shop.cargo(*PUBLISH)
    assert done.code == 0, done.output
    body = await shop.read(f"{shop.crates_url}/api/v1/crates/{CRATE}/0.2.0")
    found = json.loads(body)["version"]
    expected = {"provider": "github", "repository": "octo/edge-demo", "run_id": "7", "sha": commit}
    assert (found["trustpub_data"], found["published_by"]) == (expected, None)
    assert found["checksum"] == hashlib.sha256(shop.crates.versions[1].content).hexdigest()
    assert found["crate_size"] == len(shop.crates.versions[1].content)
    verdict = await shop.judge(crate_package("0.2.0"))
    assert "published by run 7 of octo/edge-demo" in texts(verdict, Mark.OK)


async def test_a_fork_that_publishes_is_caught(shop):
    commit = await shop.new_crate()
    await shop.cargo(*PUBLISH)
    commit = await shop.commit({"Cargo.toml": MANIFEST.replace("0.1.0", "0.2.0")})
    shop.token = shop.crates.issue_trusted_token(publisher(commit, repository="eve/edge-demo").trustpub_data())
    await shop.cargo(*PUBLISH)
    verdict = await shop.judge(crate_package("0.2.0"), commit)
    assert texts(verdict, Mark.FAILED) == ["published by run 7 of eve/edge-demo, not by octo/edge-demo"]


async def test_a_version_cannot_be_published_twice(shop):
    await shop.new_crate()
    await shop.cargo(*PUBLISH)
    again = await shop.cargo(*PUBLISH)
    assert again.code != 0
    assert "edge-demo@0.1.0 already exists" in again.words


async def test_a_retry_that_the_index_hides_is_refused_by_the_registry(shop):
    await shop.new_crate()
    await shop.cargo(*PUBLISH)
    shop.crates.index_delay = 3600
    again = await shop.cargo(*PUBLISH)
    assert again.code != 0
    assert "crate version `0.1.0` is already uploaded" in again.words
    verdict = await shop.judge(crate_package())
    assert any("sparse index" in text for text in texts(verdict, Mark.FAILED))


async def test_a_dirty_tree_is_refused_and_told_by_the_crate_when_it_is_forced(shop):
    commit = await shop.new_crate()
    shop.write(shop.crate, {"src/lib.rs": "// not committed\n"})
    refused = await shop.cargo(*PUBLISH)
    assert "contain changes that were not yet committed" in refused.words
    assert not shop.crates.versions
    assert (await shop.cargo(*PUBLISH, "--allow-dirty")).code == 0
    file = await packaged(shop)
    assert (file.commit, file.dirty) == (commit, True)
    verdict = await shop.judge(crate_package(), commit)
    assert texts(verdict, Mark.FAILED) == ["the .crate was packaged from a tree with uncommitted changes"]


async def test_a_tag_whose_version_was_not_published_is_caught(shop):
    await shop.new_crate()
    await shop.cargo(*PUBLISH)  # the tag v0.2.0 was pushed before the version was raised
    verdict = await shop.judge(crate_package("0.2.0"))
    assert verdict.state is State.INCOMPLETE
    assert "crates.io does not have 0.2.0" in texts(verdict, Mark.FAILED)


async def test_a_crate_of_another_commit_than_the_tagged_one_tells_so(shop):
    tagged = await shop.new_crate()
    published = await shop.commit({"src/lib.rs": "// after the tag\n"})
    await shop.cargo(*PUBLISH)
    assert (await packaged(shop)).commit == published != tagged
    verdict = await shop.judge(crate_package(), tagged)
    expected = f"packaged from {published[:12]}, but the tag stands on {tagged[:12]}"
    assert (verdict.state, texts(verdict, Mark.FAILED)) == (State.INCOMPLETE, [expected])


async def test_a_missing_readme_is_caught(shop):
    await shop.new_crate({"Cargo.toml": MANIFEST + "readme = false\n"})
    await shop.cargo(*PUBLISH)
    verdict = await shop.judge(crate_package())
    assert (await shop.look(crate_package())).readme is False
    assert texts(verdict, Mark.FAILED) == ["the tree has a README, and the .crate has none"]
    assert (await packaged(shop)).readme is None


async def test_a_yanked_version_is_caught_and_a_yank_taken_back_is_forgotten(shop):
    await shop.new_crate()
    await shop.cargo(*PUBLISH)
    yanked = await shop.cargo("yank", "edge-demo@0.1.0")
    assert yanked.code == 0, yanked.output
    verdict = await shop.judge(crate_package())
    assert verdict.state is State.INCOMPLETE
    assert any("yanked" in text for text in texts(verdict, Mark.FAILED))
    assert (await shop.cargo("yank", "--undo", "edge-demo@0.1.0")).code == 0
    assert (await shop.judge(crate_package())).state is State.COMPLETE


async def test_a_token_that_may_only_publish_cannot_yank(shop):
    await shop.new_crate()
    shop.token = shop.crates.issue_token("ada", scopes=("publish-new", "publish-update"))
    await shop.cargo(*PUBLISH)
    refused = await shop.cargo("yank", "edge-demo@0.1.0")
    assert refused.code != 0
    assert "does not have the required permissions" in refused.words
