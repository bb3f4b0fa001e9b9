"""Shipmate as it is installed: the wheel holds every file, and its commands run from it, outside of the checkout."""

import asyncio
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.registries.recorded import serving

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installed:
    """The wheel, and the command that it installs."""

    wheel: Path
    command: Path


def listed() -> list[str]:
    """The files of `bot` that git knows, and those that it would take."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "bot"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, encoding="utf-8").stdout.splitlines()
    return [path for path in found if (ROOT / path).is_file()]


def pip(*args: str | Path) -> None:
    """Run pip without an index; a failure shows what it printed."""
    done = subprocess.run([sys.executable, "-m", "pip", *args], capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Installed:
    """Built from a copy, so that the checkout stays as it is; the dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    source, environment = folder / "source", folder / "environment"
    for path in ("pyproject.toml", "README.md", "LICENSE", *listed()):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)
    pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("*.whl")
    venv.create(environment, with_pip=False)
    pip("--python", environment, "install", "--no-deps", "--no-index", wheel)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(wheel, environment / "bin" / "shipmate")


async def run(installed: Installed, folder: Path, *args: str) -> tuple[int | None, str]:
    """The exit code and all that is printed, called in `folder`."""
    env = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    process = await asyncio.create_subprocess_exec(
        installed.command, *args, cwd=folder, env=env, stdout=PIPE, stderr=STDOUT
    )
    shown, _ = await process.communicate()
    return process.returncode, shown.decode()


def test_the_wheel_holds_every_file_that_git_has(installed):
    assert set(ZipFile(installed.wheel).namelist()) >= set(listed())


def test_the_code_that_is_run_is_the_wheel_s(installed, tmp_path):
    python = installed.command.with_name("python")
    asked = [python, "-c", "import bot; print(bot.__file__)"]
    shown = subprocess.run(asked, cwd=tmp_path, capture_output=True, check=True, encoding="utf-8").stdout
    assert Path(shown.strip()).is_relative_to(installed.command.parents[1])


async def test_demo_releases_from_the_wheel(installed, tmp_path):
    code, shown = await run(installed, tmp_path, "demo", "--keep", str(tmp_path / "kept"))
    assert (code, shown.splitlines()[-1].partition(" ")[0]) == (0, "released"), shown


async def test_plan_plans_from_the_wheel(installed, tmp_path):
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "lamp"\nversion = "0.1.0"\n')
    code, shown = await run(installed, tmp_path, "plan", "minor")
    assert code == 0, shown
    assert "0.1.0 → 0.2.0" in shown


async def test_verify_verifies_from_the_wheel(installed, tmp_path):
    files = [{"filename": "lamp-1.0.tar.gz", "url": "lamp-1.0.tar.gz", "hashes": {"sha256": "ab" * 32}}]
    async with serving("lamp", {"meta": {"api-version": "1.1"}, "name": "lamp", "files": files}, None) as url:
        code, shown = await run(installed, tmp_path, "verify", "pypi", "lamp", "1.0", "--pypi-url", url)
    assert (code, shown.partition("\n")[0]) == (0, "lamp 1.0 on PyPI: verified"), shown
