"""Packages and registry facts, complete unless a test says otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from packaging.utils import canonicalize_name

from bot.packaging.registry import Registry
from bot.plan.model import Promises
from bot.registries.crates_io.facts import CrateArchive
from bot.registries.crates_io.found import CrateVersion
from bot.registries.pypi.facts import IndexRelease, ReleaseFile
from bot.registries.pypi.found import PyPIRelease
from bot.release.facts import Timeouts
from bot.release.model import ReleasePackage
from bot.release.verification.judge import Mark, Origin, Verdict, judge

ENDED = datetime(2026, 4, 4, 16, tzinfo=UTC)
"""When the publish run ended."""
SUM = "ab" * 32
TAG, OTHER = "1" * 40, "2" * 40
"""The tag's commit, and another one."""
TAILS = {
    "sdist": ".tar.gz",
    "linux-x86_64": "-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "linux-aarch64": "-cp39-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "musllinux-x86_64": "-cp39-abi3-musllinux_1_2_x86_64.whl",
    "macos-x86_64": "-cp39-abi3-macosx_10_12_x86_64.whl",
    "macos-arm64": "-cp39-abi3-macosx_11_0_arm64.whl",
    "windows-x86_64": "-cp39-abi3-win_amd64.whl",
}
"""How the file names of a complete release end."""


def package(name: str = "edge-demo", version: str = "0.5.0", *, crate: bool = False, **more: object) -> ReleasePackage:
    """A package of a release."""
    whole = ReleasePackage(
        name=name,
        registry=Registry.CRATES_IO if crate else Registry.PYPI,
        path=".",
        manifest="",
        old="",
        new=version,
        tag=f"v{version}",
        workflow="publish.yml",
        files=(),
        notes="",
        drafted=False,
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def names(version: str = "0.5.0", *, without: tuple[str, ...] = (), **instead: str) -> tuple[str, ...]:
    """The file names of a complete release; `linux_x86_64="-cp38-cp38-….whl"` puts another in its place."""
    tails = TAILS | {key.replace("_", "-", 1): tail for key, tail in instead.items()}
    return tuple(f"edge_demo-{version}{tail}" for key, tail in tails.items() if key not in without)


def file(name: str, **more: object) -> ReleaseFile:
    """A file that was uploaded a minute before the run ended."""
    whole = ReleaseFile(name, SUM, 1_000_000, ENDED - timedelta(minutes=1), ">=3.9", yanked=False)
    return replace(whole, **more)  # type: ignore[arg-type]


def indexed(version: str, *filenames: str, **more: object) -> IndexRelease:
    """A release as pip's index has it; a complete one unless file names are given."""
    return IndexRelease(version, tuple(file(name, **more) for name in filenames or names(version)))


def release(
    *filenames: str, version: str = "0.5.0", others: tuple[IndexRelease, ...] = (), **more: object
) -> PyPIRelease:
    """A release that both of PyPI's sides have alike."""
    files = tuple(file(name) for name in filenames or names(version))
    this = IndexRelease(version, files)
    whole = PyPIRelease(
        name="edge-demo",
        version=version,
        in_json=True,
        files=files,
        index_files=tuple(each.filename for each in files),
        yanked=False,
        has_description=True,
        requires_python=">=3.9",
        url=f"https://pypi.org/project/edge-demo/{version}/",
        releases=(*others, this),
        project_url=f"https://pypi.org/project/{canonicalize_name('edge-demo')}/",
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def crate(**more: object) -> CrateVersion:
    """A version of a crate that is complete."""
    whole = CrateVersion(
        name="edge-demo",
        version="0.5.0",
        in_api=True,
        in_index=True,
        api_checksum=SUM,
        index_checksum=SUM,
        yanked=False,
        readme=True,
        url="https://crates.io/crates/edge-demo/0.5.0",
        created_at=ENDED - timedelta(minutes=1),
        size=20_000,
        readme_text_size=900,
        gets="0.5.0",
        archive=archive(),
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def archive(**more: object) -> CrateArchive:
    """A .crate from the tag's commit."""
    whole = CrateArchive(SUM, 20_000, name="edge-demo", version="0.5.0", readme="README.md", commit=TAG)
    return replace(whole, **more)  # type: ignore[arg-type]


def verdict(
    found: CrateVersion | PyPIRelease,
    *,
    files: tuple[str, ...] = (),
    after: timedelta = timedelta(minutes=1),
    promises: Promises | None = None,
    origin: Origin | None = None,
    run_known: bool = True,
) -> Verdict:
    """The verdict `after` the publish run ended."""
    about = package(
        version=found.version, crate=isinstance(found, CrateVersion), files=files, promises=promises or Promises()
    )
    return judge(
        about,
        found,
        published_at=ENDED if run_known else None,
        now=ENDED + after,
        timeouts=Timeouts(),
        origin=origin or Origin(),
    )


def texts(found: Verdict, mark: Mark) -> list[str]:
    """The lines with that mark."""
    return [line.text for line in found.lines if line.mark is mark]


def then(found: Verdict, text: str) -> str:
    """What to do about a line."""
    (line,) = [line for line in found.lines if line.text == text]
    return line.then
