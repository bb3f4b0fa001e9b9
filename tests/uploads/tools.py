"""cargo, twine, uv and git as programs: found or missed, run with a time limit and without the person's settings."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

REQUIRE = "SHIPMATE_REQUIRE_UPLOADS"
"""Set where all tools must be there, as in CI."""
SECONDS = 600
"""Ends a program that hangs; it is no measure of speed."""
_PERSONAL = ("CARGO_", "PIP_", "PYTHON", "TWINE_", "UV_", "GIT_", "RUSTUP_TOOLCHAIN", "RUSTFLAGS")


def tool(name: str) -> str:
    """Where a program is: beside Python, else on the PATH. The test skips without it, or fails where it is required."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        if os.environ.get(REQUIRE):
            pytest.fail(f"{REQUIRE} is set, but there is no {name}")
        pytest.skip(f"there is no {name}")
    return found


@dataclass(frozen=True)
class Ended:
    """What came of a program."""

    code: int
    output: str
    """Both streams."""

    @property
    def words(self) -> str:
        """The output on one line, without the frames that tools draw around it."""
        return " ".join(self.output.replace("│", " ").split())


async def run(*words: str, cwd: Path, home: Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run a program in `cwd` with its settings and caches in `home`; it is killed when it takes too long."""
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=cwd,
        env={**_environment(home), **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode or 0, output.decode("utf-8", "replace"))


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_PERSONAL)}
    kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
    # Where `cargo` is rustup's, it finds its toolchains below the person's home.
    rustup = os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup")
    person = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in _WHO.items()}
    return {
        **kept,
        **person,
        "HOME": str(home),
        "RUSTUP_HOME": rustup,
        "CARGO_HOME": str(home / "cargo"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "UV_CACHE_DIR": str(home / "uv"),
        "UV_NO_CONFIG": "1",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


_WHO = {"NAME": "Ada", "EMAIL": "ada@example.com"}
