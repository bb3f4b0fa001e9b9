"""The verifier on a real project's whole history: fourteen releases, of which two are broken and one came late."""

import asyncio
import json
from datetime import UTC, datetime

import aiohttp
import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.registries.access import Access
from bot.registries.pypi.client import PyPI
from bot.release.facts import Timeouts
from bot.release.verification.judge import Mark, State, judge
from tests.registries.recorded import serving
from tests.release.verification.building import package
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

DATA = SHARED / "data/registries"
NAME = "edgequake-litellm"
EXPECTED = (
    *("sdist", "linux-x86_64", "linux-aarch64", "musllinux-x86_64", "musllinux-aarch64"),
    *("macos-x86_64", "macos-arm64", "windows-x86_64"),
)
UNUSABLE = "linux-x86_64 wheel cannot be used: it is tagged cp38-cp38, expected is cp39-abi3"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def recorded(kind):
    return json.loads((DATA / f"pypi-{kind}-{NAME}.json").read_text("utf-8"))


@pytest.fixture(params=["json and index", "index alone"])
async def pypi(request, clock):
    project = recorded("json") if request.param == "json and index" else None
    async with serving(NAME, recorded("simple"), project) as url, aiohttp.ClientSession() as session:
        yield PyPI(Access(session, "shipmate/0 (+here)", clock, pypi_url=url))


async def judged(pypi, expect):
    """The verdict on each release."""
    return {
        version: judge(
            package(NAME, version, files=expect),
            await pypi.look(NAME, version),
            published_at=None,
            now=NOW,
            timeouts=Timeouts(),
        )
        for version in recorded("simple")["versions"]
    }


def told(verdicts, mark):
    lines = {version: [line.text for line in found.lines if line.mark is mark] for version, found in verdicts.items()}
    return {version: texts for version, texts in lines.items() if texts}


@pytest.mark.parametrize(("expect", "why"), [(EXPECTED, ""), ((), ", which releases before had")])
async def test_of_fourteen_real_releases_the_two_broken_ones_are_found(pypi, expect, why):
    verdicts = await judged(pypi, expect)
    assert len(verdicts) == 14
    missing = f"linux-aarch64 wheel is missing{why}"
    assert told(verdicts, Mark.FAILED) == {"0.2.0": [UNUSABLE, missing], "0.3.0": [missing]}
    assert {version for version, found in verdicts.items() if found.state is State.COMPLETE} == {
        version for version in verdicts if version not in ("0.2.0", "0.3.0")
    }


async def test_of_fourteen_real_releases_the_late_wheel_is_noted(pypi):
    notes = told(await judged(pypi, EXPECTED), Mark.NOTE)
    late = {version: text for version, texts in notes.items() for text in texts if text.startswith("late")}
    assert late == {"0.4.0": "late by 16 min 3 s: linux-aarch64 wheel"}


async def test_the_command_line_says_the_same():
    async with serving(NAME, recorded("simple"), recorded("json")) as url:
        ask = ["verify", "pypi", NAME, "0.2.0", "--pypi-url", url, "--expect", ",".join(EXPECTED)]
        result = await asyncio.to_thread(CliRunner().invoke, main, ask)
    assert result.exit_code == 1
    assert UNUSABLE in result.stdout
