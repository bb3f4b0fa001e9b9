"""`twine upload` and `uv publish`, for real."""

import json

import pytest

from bot.release.verification.judge import Mark, State
from bot.sandbox.clock import MachineClock
from bot.sandbox.registries.provenance import Signer
from bot.sandbox.registries.wheels import Project, platform_tag, sdist, wheel
from tests.sandbox.registries.test_provenance import certificate, claims
from tests.uploads.conftest import PROJECT, README, publisher, pypi_package, texts

pytestmark = pytest.mark.slow  # each starts cargo, twine or uv: `make uploads`

PLATFORMS = ("linux-x86_64", "linux-aarch64", "macos-arm64", "windows-x86_64")
NATIVE = Project(PROJECT, "0.1.0", "A project with compiled code", ">=3.9", readme=README)


def native(folder, stamp="first", project=NATIVE):
    """Wheels of compiled code for four platforms and an sdist, as maturin names them."""
    folder.mkdir(exist_ok=True)
    made = [
        wheel(project, f"cp39-abi3-{platform_tag(platform)}", {"edge_demo_py/_native.bin": stamp.encode()})
        for platform in PLATFORMS
    ]
    made.append(sdist(project, {"pyproject.toml": b""}))
    for name, content in made:
        (folder / name).write_bytes(content)
    return sorted(folder / name for name, _ in made)


@pytest.fixture(params=["twine", "uv"])
def upload(request, shop):
    """One of the two tools."""
    return shop.twine if request.param == "twine" else shop.uv_publish


async def test_a_real_build_is_verified(shop, upload):
    files = await shop.built()
    assert [path.name for path in files] == ["edge_demo_py-0.1.0-py3-none-any.whl", "edge_demo_py-0.1.0.tar.gz"]
    done = await upload(*files)
    assert done.code == 0, done.output
    verdict = await shop.judge(pypi_package("any", "sdist"))
    assert verdict.state is State.COMPLETE, verdict
    found = await shop.look(pypi_package())
    assert (found.requires_python, found.has_description) == (">=3.9", True)


async def test_wheels_for_every_platform_are_verified(shop, tmp_path, upload):
    done = await upload(*native(tmp_path / "dist"))
    assert done.code == 0, done.output
    assert (await shop.judge(pypi_package(*PLATFORMS, "sdist"))).state is State.COMPLETE


async def test_a_wheel_that_was_not_uploaded_is_caught(shop, tmp_path):
    files = [path for path in native(tmp_path / "dist") if "aarch64" not in path.name]
    assert (await shop.twine(*files)).code == 0
    verdict = await shop.judge(pypi_package(*PLATFORMS, "sdist"))
    assert verdict.state is State.INCOMPLETE
    assert "linux-aarch64 wheel is missing" in texts(verdict, Mark.FAILED)


async def test_a_rebuilt_wheel_with_other_bytes_is_refused(shop, upload):
    await upload(*await shop.built())
    first = [file.sha256 for file in (await shop.look(pypi_package())).files]
    again = await upload(*await shop.built("one = 2\n"))
    assert again.code != 0
    assert "File already exists" in again.words
    assert [file.sha256 for file in (await shop.look(pypi_package())).files] == first


async def test_the_same_bytes_can_be_uploaded_again(shop, upload):
    files = await shop.built()
    assert (await upload(*files)).code == (await upload(*files)).code == 0
    assert len((await shop.look(pypi_package())).files) == 2


async def test_uv_sees_by_the_index_that_a_rebuilt_wheel_has_other_bytes(shop):
    check = f"--check-url={shop.pypi_url}/simple/"
    files = await shop.built()
    await shop.uv_publish(*files)
    assert (await shop.uv_publish(check, *files)).code == 0
    again = await shop.uv_publish(check, *await shop.built("one = 2\n"))
    assert again.code != 0
    assert "Local file and index file do not match" in again.words


async def test_a_missing_description_is_caught(shop, tmp_path):
    files = native(tmp_path / "dist", project=Project(PROJECT, "0.1.0", "No README", ">=3.9"))
    done = await shop.uv_publish(*files)
    assert done.code == 0, done.output
    assert not (await shop.look(pypi_package())).has_description
    verdict = await shop.judge(pypi_package())
    assert texts(verdict, Mark.FAILED) == ["the project page has no description"]


async def test_a_wrong_version_is_caught(shop):
    await shop.uv_publish(*await shop.built())
    verdict = await shop.judge(pypi_package(version="0.2.0"))
    assert (verdict.state, texts(verdict, Mark.FAILED)) == (State.INCOMPLETE, ["PyPI does not have 0.2.0"])


async def test_a_yanked_release_is_caught(shop):
    await shop.uv_publish(*await shop.built())
    shop.pypi.yank(PROJECT, "0.1.0", "It eats cats")
    verdict = await shop.judge(pypi_package())
    assert verdict.state is State.INCOMPLETE
    assert any("yanked" in text for text in texts(verdict, Mark.FAILED))


async def test_an_upload_with_a_wrong_token_is_refused_in_words(upload, tmp_path):
    refused = await upload(*native(tmp_path / "dist"), token="pypi-nonsense")
    assert refused.code != 0
    assert "Invalid or non-existent authentication information" in refused.words


async def attested(shop, tmp_path, commit="c" * 40):
    """Files and their attestations, and the token of who signed."""
    who = publisher(commit, tag="py-v0.1.0")
    signer, files = Signer(who, MachineClock().now()), native(tmp_path / "dist")
    signed = [path.with_name(f"{path.name}.publish.attestation") for path in files]
    for path, beside in zip(files, signed, strict=True):
        beside.write_text(json.dumps(signer.attest(path.name, path.read_bytes())))
    return files, signed, shop.pypi.issue_token(who)


async def test_attestations_become_the_provenance_of_each_file(shop, tmp_path, upload):
    option = ["--attestations"] if upload == shop.twine else []
    files, signed, token = await attested(shop, tmp_path)
    done = await upload(*option, *files, *signed, token=token)
    assert done.code == 0, done.output
    for path in files:
        url = f"{shop.pypi_url}/integrity/{PROJECT}/0.1.0/{path.name}/provenance"
        provenance = json.loads(await shop.read(url))
        assert provenance["attestation_bundles"][0]["publisher"]["repository"] == "octo/edge-demo"
        told = claims(certificate(provenance))
        assert (told[12], told[13]) == ("https://github.com/octo/edge-demo", "c" * 40)
    verdict = await shop.judge(pypi_package(*PLATFORMS, "sdist"), "c" * 40)
    built = f"PyPI says that publish.yml of octo/edge-demo built it at {'c' * 12}"
    assert (verdict.state, built in texts(verdict, Mark.OK)) == (State.COMPLETE, True), verdict
    wrong = await shop.judge(pypi_package(*PLATFORMS, "sdist"), "d" * 40)
    assert texts(wrong, Mark.FAILED) == [f"{built}, but the tag stands on {'d' * 12}"]


async def test_attestations_need_a_trusted_publisher(shop, tmp_path, upload):
    option = ["--attestations"] if upload == shop.twine else []
    files, signed, _ = await attested(shop, tmp_path)
    refused = await upload(*option, *files, *signed)
    assert refused.code != 0
    assert "only supported when using Trusted Publishing" in refused.words
