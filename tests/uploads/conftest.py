"""The registry stand-ins on loopback, and the workshop where packages are made and published with real tools."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.clock import SystemClock
from bot.packaging.registry import Registry
from bot.plan.model import Promises
from bot.registries import Access, Registries
from bot.registries.crates_io.found import CrateVersion
from bot.registries.pypi.found import PyPIRelease
from bot.release.facts import Timeouts
from bot.release.model import ReleasePackage
from bot.release.verification.judge import Mark, Verdict, judge
from bot.release.verification.verdict import Origin
from bot.sandbox.clock import MachineClock
from bot.sandbox.http_server import serving
from bot.sandbox.registries.crates import CratesIO
from bot.sandbox.registries.crates_web import crates_app
from bot.sandbox.registries.provenance import Identity
from bot.sandbox.registries.pypi import PyPI
from bot.sandbox.registries.pypi_web import pypi_app
from tests.uploads.tools import Ended, run, tool

CRATE, PROJECT = "edge-demo", "edge-demo-py"
MANIFEST = """\
[package]
name = "edge-demo"
version = "0.1.0"
edition = "2021"
description = "A crate that is published for real"
license = "MIT"
repository = "https://github.com/octo/edge-demo"
"""
README = f"# Edge demo\n\nThe crate `edge-demo` is *published*, {'again and ' * 30} again.\n"
LIBRARY = "/// One.\npub fn one() -> u32 {\n    1\n}\n"
PYPROJECT = """\
[build-system]
requires = ["uv_build"]
build-backend = "uv_build"

[project]
name = "edge-demo-py"
version = "0.1.0"
description = "A project that is published for real"
readme = "README.md"
requires-python = ">=3.9"
"""


@dataclass
class Shop:
    """Where packages are made and published, and the bot's view of what is published then."""

    home: Path
    crates: CratesIO
    pypi: PyPI
    crates_url: str
    pypi_url: str
    registries: Registries
    session: aiohttp.ClientSession
    token: str
    """For crates.io."""

    # Making

    @property
    def crate(self) -> Path:
        """The folder of the crate."""
        return self.home / CRATE

    async def commit(self, files: Mapping[str, str]) -> str:
        """Commit files to the crate's repository; the new head."""
        self.write(self.crate, files)
        if not (self.crate / ".git").is_dir():
            await self.must("git", "init", "-q", "-b", "main", cwd=self.crate)
        await self.must("git", "add", "--all", cwd=self.crate)
        await self.must("git", "commit", "-q", "-m", "Change", cwd=self.crate)
        return (await self.must("git", "rev-parse", "HEAD", cwd=self.crate)).output.strip()

    async def new_crate(self, files: Mapping[str, str] | None = None) -> str:
        """A crate in a repository with a clean tree; `files` go over the usual ones. Its commit."""
        usual = {"Cargo.toml": MANIFEST, "README.md": README, "src/lib.rs": LIBRARY, ".gitignore": "target\n"}
        return await self.commit({**usual, **(files or {})})

    async def built(self, module: str = "one = 1\n") -> list[Path]:
        """A real sdist and wheel of a project, made anew by uv with the build backend that is inside of it."""
        folder = self.home / PROJECT
        self.write(folder, {"pyproject.toml": PYPROJECT, "README.md": README, "src/edge_demo_py/__init__.py": module})
        await self.must(tool("uv"), "build", "--offline", "--quiet", "--clear", cwd=folder)
        return sorted(path for path in (folder / "dist").iterdir() if path.name != ".gitignore")

    def write(self, folder: Path, files: Mapping[str, str]) -> None:
        """Put files into a folder."""
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    # Publishing

    async def cargo(self, *words: str) -> Ended:
        """Run cargo on the crate, with the stand-in as the registry `local`."""
        env = {
            "CARGO_REGISTRIES_LOCAL_INDEX": f"sparse+{self.crates_url}/index/",
            "CARGO_REGISTRIES_LOCAL_TOKEN": self.token,
            "CARGO_NET_RETRY": "0",
        }
        return await run(tool("cargo"), *words, "--registry", "local", cwd=self.crate, home=self.home, env=env)

    async def twine(self, *files: Path | str, token: str | None = None) -> Ended:
        """`twine upload`; options may be among the files."""
        env = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": token or self.pypi.issue_token()}
        words = [
            "upload",
            "--non-interactive",
            "--disable-progress-bar",
            "--repository-url",
            f"{self.pypi_url}/legacy/",
        ]
        return await run(tool("twine"), *words, *map(str, files), cwd=self.home, home=self.home, env=env)

    async def uv_publish(self, *files: Path | str, token: str | None = None) -> Ended:
        """`uv publish`; options may be among the files."""
        words = ["publish", "--publish-url", f"{self.pypi_url}/legacy/", "--token", token or self.pypi.issue_token()]
        return await run(tool("uv"), *words, *map(str, files), cwd=self.home, home=self.home)

    async def must(self, *words: str, cwd: Path) -> Ended:
        """Run a program that has to succeed."""
        ended = await run(*words, cwd=cwd, home=self.home)
        assert ended.code == 0, ended.output
        return ended

    # Looking

    async def look(self, package: ReleasePackage) -> CrateVersion | PyPIRelease:
        """The bot's facts."""
        found = await self.registries.look(package)
        assert isinstance(found, CrateVersion | PyPIRelease), found
        return found

    async def judge(self, package: ReleasePackage, commit: str | None = None) -> Verdict:
        """The bot's verdict, an hour after the publish run, on what was built from a tag that stands on `commit`."""
        now = SystemClock().now()
        found = await self.registries.look(package)
        origin = Origin(("octo/edge-demo",) if commit else (), commit)
        published = now - timedelta(hours=1)
        return judge(package, found, published_at=published, now=now, timeouts=Timeouts(), origin=origin)

    async def read(self, url: str) -> bytes:
        """What is served there."""
        async with self.session.get(url) as answer:
            assert answer.status == 200, url
            return await answer.read()


def texts(verdict: Verdict, mark: Mark) -> list[str]:
    """The lines that stand so."""
    return [line.text for line in verdict.lines if line.mark is mark]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Everything that is up while a test runs."""
    clock = MachineClock()
    crates, pypi = CratesIO(clock), PyPI(clock)
    async with (
        serving(crates_app(crates)) as crates_url,
        serving(pypi_app(pypi)) as pypi_url,
        aiohttp.ClientSession() as session,
    ):
        registries = Registries(
            Access(
                session,
                user_agent="shipmate-tests",
                clock=SystemClock(),
                crates_api_url=crates_url,
                crates_index_url=f"{crates_url}/index",
                crates_static_url=f"{crates_url}/static",
                crates_api_interval=0.0,
                docs_url=f"{crates_url}/docs.rs",
                pypi_url=pypi_url,
            )
        )
        yield Shop(tmp_path, crates, pypi, crates_url, pypi_url, registries, session, crates.issue_token("ada"))


def crate_package(version: str = "0.1.0") -> ReleasePackage:
    """The crate as a release knows it."""
    return _package(CRATE, Registry.CRATES_IO, version, f"v{version}", ())


def pypi_package(*files: str, version: str = "0.1.0") -> ReleasePackage:
    """The Python project as a release knows it; `files` are expected."""
    return _package(PROJECT, Registry.PYPI, version, f"py-v{version}", files)


def _package(name: str, registry: Registry, version: str, tag: str, files: tuple[str, ...]) -> ReleasePackage:
    return ReleasePackage(
        name=name,
        registry=registry,
        path=".",
        manifest="Cargo.toml" if registry is Registry.CRATES_IO else "pyproject.toml",
        old="0.0.9",
        new=version,
        tag=tag,
        workflow=None,
        files=files,
        notes="",
        drafted=False,
        promises=Promises(readme=True),
    )


def publisher(commit: str, *, repository: str = "octo/edge-demo", tag: str = "v0.1.0") -> Identity:
    """The publish job of a release's tag."""
    return Identity(repository, ".github/workflows/publish.yml", f"refs/tags/{tag}", commit, run_id=7)
