"""The commands that run for ever."""

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", ["serve", "web", "worker"])
def test_all_mistakes_in_the_settings_are_told_and_the_exit_code_is_2(command, monkeypatch):
    monkeypatch.setenv("GITHUB_APP_ID", "mine")
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "")
    done = CliRunner().invoke(main, [command])
    assert done.exit_code == 2
    assert "GITHUB_APP_ID must be a whole number" in done.output
    assert "GITHUB_WEBHOOK_SECRET is not set" in done.output


def test_the_procfile_runs_commands_that_there_are():
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert set(lines) == {"web", "worker"}
    for line in lines.values():
        assert shlex.split(line)[:-1] == ["python", "-m", "bot"]
        assert shlex.split(line)[-1] in main.commands
