"""`bot live-check` as a person runs it, against a sandbox, in real time."""

import asyncio

from click.testing import CliRunner

from bot.cli import main
from bot.cli.live_check.run import prepare
from bot.sandbox import Sandbox
from tests.play import registered


async def test_the_command_tries_its_steps_prints_a_table_and_exits_by_the_outcome(tmp_path, monkeypatch):
    prepare(tmp_path / "source")
    async with Sandbox.open(folder=tmp_path / "sandbox", app=registered()) as sandbox:
        await sandbox.world.create_repository("ann/throw-away", source=tmp_path / "source")
        for name, value in {
            "GITHUB_APP_ID": str(sandbox.app_id),
            "GITHUB_PRIVATE_KEY": sandbox.private_key_pem,
            "GITHUB_API_URL": sandbox.github_url,
        }.items():
            monkeypatch.setenv(name, value)

        async def tried(*only: str) -> tuple[int, str]:
            folder = tmp_path / "-".join(only)
            named = [argument for step in only for argument in ("--only", step)]
            command = ["live-check", "ann/throw-away", "--record", str(folder), "--yes", *named]
            done = await asyncio.to_thread(CliRunner().invoke, main, command)
            assert bool(list(folder.iterdir())), done.output
            return done.exit_code, done.output

        code, shown = await tried("file-mode", "rulesets")
        assert code == 0, shown
        assert shown.count("as believed") == 4
        assert (await tried("rulesets", "merge"))[0] == 3
